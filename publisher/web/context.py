"""What do the web handlers share? The hub, the pages in memory, what is live, and one call's view of its request."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aiohttp import web

from publisher.web.fanout import Fanout
from publisher.web.gather import Gather
from publisher.web.idempotency import Once
from publisher.web.live import Live
from publisher.web.metrics import Metrics
from publisher.web.pictures import Pictures
from publisher.web.polls import Polls
from publisher.web.principal import Principal, cookie_name
from publisher.web.public import Follower
from publisher.web.signin.config import PASSWORD_ALONE, SignIn
from publisher.web.statics import Statics
from publisher.web.tallies import Tallies
from publisher.web.throttle import Throttle
from publisher.work.context import Hub

if TYPE_CHECKING:
    from publisher.web.console.hearing import Voice
    from publisher.web.console.room import Rooms
    from publisher.web.console.shell import Console
    from publisher.web.signin.oidc import Identity
    from publisher.web.signin.wecom import Members


@dataclass(frozen=True)
class Web:
    """Everything of one web process."""

    hub: Hub
    pages: Follower
    live: Live
    once: Once
    metrics: Metrics
    statics: Statics
    fanout: Fanout
    receipts: Gather
    polls: Polls
    pictures: Pictures
    throttle: Throttle = field(default_factory=Throttle)
    tallies: Tallies = field(default_factory=Tallies)
    signin: SignIn = PASSWORD_ALONE

    @cached_property
    def console(self) -> "Console":
        """The officers' templates and words; read when the first of their pages is wanted."""
        from publisher.web.console.shell import Console

        return Console(self.hub.templates / "console", self.statics.addresses)

    @cached_property
    def rooms(self) -> "Rooms":
        """What the desks of this process share."""
        from publisher.web.console.room import Rooms

        return Rooms()

    @cached_property
    def voice(self) -> "Voice":
        """What reads a text aloud before it is signed."""
        from publisher.web.console.hearing import Voice

        return Voice()

    @cached_property
    def identity(self) -> "Identity | None":
        """The identity provider, if one is set."""
        from publisher.web.signin.oidc import Identity

        provider = self.signin.provider
        return Identity(provider) if provider else None

    @cached_property
    def members(self) -> "Members | None":
        """The WeCom application that vouches for its members, if one is set."""
        from publisher.web.signin.wecom import Members

        app = self.signin.wecom
        return Members(app) if app else None

    @property
    def cookie(self) -> str:
        """The session cookie's name."""
        return cookie_name(self.hub.desk_url)

    @property
    def secure(self) -> bool:
        """Whether the public address is https, so that cookies may go over https only."""
        return self.hub.public_url.startswith("https://")

    @property
    def desk_secure(self) -> bool:
        """The same for the address officers work at."""
        return self.hub.desk_url.startswith("https://")


WEB = web.AppKey("tocsin", Web)
SIGNING_ONLY = web.AppKey("tocsin-signing-only", bool)
"""Set on the application behind the listener that has only what a signer needs."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request that was let in: who sends it, its checked body and query, and its raw bytes."""

    at: Web
    request: web.Request
    who: Principal
    raw: bytes = b""
    body: Any = None
    query: Any = None

    @property
    def hub(self) -> Hub:
        """The hub."""
        return self.at.hub

    def path(self, name: str) -> str:
        """A part of the path."""
        return self.request.match_info[name]
