"""How does a warning leave where no machine reaches? By hand: fax, telephone tree, vehicles, sirens, door to door."""

from channels.base import Setup
from channels.manual.channel import TRAITS, Manual
from channels.manual.config import Config

__all__ = ["TRAITS", "Config", "Manual", "build"]


def build(setup: Setup) -> Manual:
    """A list of things to do by hand. Raises `pydantic.ValidationError` naming every mistake."""
    return Manual(setup, Config.model_validate(dict(setup.config)))
