"""How does a warning reach followers of a WeChat official account? The kind `wechat_official`."""

from channels.base import Setup
from channels.wechat_official.channel import TRAITS, WechatOfficial
from channels.wechat_official.config import Config

__all__ = ["TRAITS", "Config", "WechatOfficial", "build"]


def build(setup: Setup) -> WechatOfficial:
    """An official account. Raises `pydantic.ValidationError` naming every mistake."""
    return WechatOfficial(setup, Config.model_validate(dict(setup.config)))
