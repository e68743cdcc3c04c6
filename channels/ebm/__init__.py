"""How does a warning reach an emergency-broadcast platform (应急广播)? The kind `ebm`: an EBD package by multipart POST."""

from channels.base import Setup
from channels.ebm.channel import TRAITS, Ebm
from channels.ebm.config import Config

__all__ = ["TRAITS", "Config", "Ebm", "build"]


def build(setup: Setup) -> Ebm:
    """A broadcast platform. Raises `pydantic.ValidationError` naming every mistake."""
    return Ebm(setup, Config.model_validate(dict(setup.config)))
