"""How does an SMS leave straight to a carrier's message centre? The kind `smpp`: SMPP 3.4, without a gateway between."""

from channels.base import Setup
from channels.smpp.channel import TRAITS, Smpp
from channels.smpp.config import Config

__all__ = ["TRAITS", "Config", "Smpp", "build"]


def build(setup: Setup) -> Smpp:
    """A bind. Raises `pydantic.ValidationError` naming every mistake."""
    return Smpp(setup, Config.model_validate(dict(setup.config)))
