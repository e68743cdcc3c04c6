"""How does a warning go up to the city's warning platform (12379)? The kind `cap12379`: its own file, by multipart POST."""

from channels.base import Setup
from channels.cap12379.channel import TRAITS, Cap12379
from channels.cap12379.config import Config

__all__ = ["TRAITS", "Cap12379", "Config", "build"]


def build(setup: Setup) -> Cap12379:
    """An upper platform. Raises `pydantic.ValidationError` naming every mistake."""
    return Cap12379(setup, Config.model_validate(dict(setup.config)))
