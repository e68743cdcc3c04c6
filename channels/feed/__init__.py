"""How does a warning reach the web? The kind `feed`: RSS, Atom and JSON feeds, CAP files and public pages."""

from channels.base import Setup
from channels.feed.channel import TRAITS, Config, Feed

__all__ = ["TRAITS", "Config", "Feed", "build"]


def build(setup: Setup) -> Feed:
    """The public site. Raises `pydantic.ValidationError` naming every mistake in the configuration."""
    return Feed(Config.model_validate(dict(setup.config)))
