"""How does a warning reach a browser that subscribed on the public site? The kind `webpush`: one sealed push a browser."""

from channels.base import Setup
from channels.webpush.channel import TRAITS, Webpush
from channels.webpush.config import Config

__all__ = ["TRAITS", "Config", "Webpush", "build"]


def build(setup: Setup) -> Webpush:
    """Our side of every push service. Raises `pydantic.ValidationError` naming every mistake."""
    return Webpush(setup, Config.model_validate(dict(setup.config)))
