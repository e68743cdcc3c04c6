"""How does an SMS leave through Twilio? The kind `twilio`: failover for a national gateway."""

from channels.base import Setup
from channels.twilio.channel import TRAITS, Twilio
from channels.twilio.config import Config

__all__ = ["TRAITS", "Config", "Twilio", "build"]


def build(setup: Setup) -> Twilio:
    """A Twilio channel. Raises `pydantic.ValidationError` naming every mistake."""
    return Twilio(setup, Config.model_validate(dict(setup.config)))
