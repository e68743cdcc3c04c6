"""How does a warning reach radio and television? The kind `broadcast`: crawl, lower third and scripts to fetch."""

from channels.base import Setup
from channels.broadcast.channel import TRAITS, Broadcast, Config

__all__ = ["TRAITS", "Broadcast", "Config", "build"]


def build(setup: Setup) -> Broadcast:
    """The studios' pages. Raises `pydantic.ValidationError` for any key: there is nothing to configure."""
    Config.model_validate(dict(setup.config))
    return Broadcast()
