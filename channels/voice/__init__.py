"""How does a telephone ring and a voice read the warning? The kind `voice`: a voice gateway, or Twilio Voice."""

from channels.base import Setup
from channels.voice.channel import TRAITS, Voice
from channels.voice.config import Config

__all__ = ["TRAITS", "Config", "Voice", "build"]


def build(setup: Setup) -> Voice:
    """A voice line. Raises `pydantic.ValidationError` naming every mistake."""
    return Voice(setup, Config.model_validate(dict(setup.config)))
