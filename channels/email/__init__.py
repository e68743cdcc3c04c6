"""How does a warning leave by e-mail? The kind `email`: one message a mailbox, through one SMTP server."""

from channels.base import Setup
from channels.email.channel import TRAITS, Email
from channels.email.config import Config

__all__ = ["TRAITS", "Config", "Email", "build"]


def build(setup: Setup) -> Email:
    """An SMTP account. Raises `pydantic.ValidationError` naming every mistake."""
    return Email(setup, Config.model_validate(dict(setup.config)))
