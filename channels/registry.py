"""Which kinds exist, and how is one opened? Adding a kind costs its folder and one line here."""

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, cast

from pydantic import BaseModel

from channels.base import Channel, Setup, Traits
from channels.http import WITHHELD, send_keys

KINDS = (
    "kannel",
    "twilio",
    "wechat_official",
    "wecom",
    "feed",
    "broadcast",
    "led",
    "webhook",
    "voice",
    "manual",
    "cap12379",
    "ebm",
    "email",
    "mqtt",
    "smpp",
    "webpush",
    "apprise",
)
"""Each name is a folder under `channels/` whose package offers `TRAITS` and `build`."""


class Kind(Protocol):
    """What a kind's package offers. Imported when first used: some client libraries are slow to load."""

    TRAITS: Traits

    def build(self, setup: Setup) -> Channel:
        """A channel from its configuration; raises `pydantic.ValidationError` naming every mistake in it."""
        ...


def kind(name: str) -> Kind:
    """The package of `name`. Raises LookupError naming the kinds that exist."""
    if name not in KINDS:
        raise LookupError(f"no channel kind {name!r}; there are: {', '.join(KINDS)}")
    return cast("Kind", import_module(f"channels.{name}"))


def without_keys(one: Kind, config: Mapping[str, object]) -> Mapping[str, object]:
    """`config` as a desk may have it: every key that only sending needs is withheld."""
    kept: type[BaseModel] | None = getattr(one, "Config", None)
    keys = send_keys(kept) if kept is not None else frozenset()
    return {name: _withheld(value) if name in keys and value else value for name, value in config.items()}


def _withheld(value: object) -> object:
    return dict.fromkeys(value, WITHHELD) if isinstance(value, Mapping) else WITHHELD
