"""How does a warning reach officials in WeCom (企业微信, 政务微信)? The kind `wecom`."""

from channels.base import Setup
from channels.wecom.channel import TRAITS, Wecom
from channels.wecom.config import Config

__all__ = ["TRAITS", "Config", "Wecom", "build"]


def build(setup: Setup) -> Wecom:
    """A WeCom application. Raises `pydantic.ValidationError` naming every mistake."""
    return Wecom(setup, Config.model_validate(dict(setup.config)))
