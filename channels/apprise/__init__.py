"""How does a warning reach chat rooms and apps that we have no kind for? The kind `apprise`: through the Apprise library."""

from channels.apprise.channel import TRAITS, Apprise
from channels.apprise.config import Config
from channels.base import Setup

__all__ = ["TRAITS", "Apprise", "Config", "build"]


def build(setup: Setup) -> Apprise:
    """Named rooms and apps. Raises `pydantic.ValidationError` naming every mistake."""
    return Apprise(setup, Config.model_validate(dict(setup.config)))
