"""How does a display that subscribes get its state? The kind `mqtt`: one retained message a display and warning."""

from channels.base import Setup
from channels.mqtt.channel import TRAITS, Mqtt
from channels.mqtt.config import Config

__all__ = ["TRAITS", "Config", "Mqtt", "build"]


def build(setup: Setup) -> Mqtt:
    """A broker. Raises `pydantic.ValidationError` naming every mistake."""
    return Mqtt(setup, Config.model_validate(dict(setup.config)))
