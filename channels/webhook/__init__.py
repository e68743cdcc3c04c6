"""How does a warning reach another organisation's system? The kind `webhook`: signed CAP or JSON by POST."""

from channels.base import Setup
from channels.webhook.channel import TRAITS, Webhook
from channels.webhook.config import Config

__all__ = ["TRAITS", "Config", "Webhook", "build"]


def build(setup: Setup) -> Webhook:
    """A partner's address. Raises `pydantic.ValidationError` naming every mistake."""
    return Webhook(setup, Config.model_validate(dict(setup.config)))
