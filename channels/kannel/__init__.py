"""How does an SMS leave through a Kannel gateway? The kind `kannel`."""

from channels.base import Setup
from channels.kannel.channel import TRAITS, Kannel
from channels.kannel.config import Config

__all__ = ["TRAITS", "Config", "Kannel", "build"]


def build(setup: Setup) -> Kannel:
    """A Kannel channel. Raises `pydantic.ValidationError` naming every mistake."""
    return Kannel(setup, Config.model_validate(dict(setup.config)))
