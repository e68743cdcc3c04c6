"""What is around every console page? Templates with strict escaping, words, static addresses, and one page's scene."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from multidict import MultiDict, MultiDictProxy

from publisher.core import approval as rules
from publisher.core.attest import AHEAD
from publisher.model.directory import Officer
from publisher.model.pack import Pack
from publisher.model.words import Mode, UnitId
from publisher.web.console import browsers
from publisher.web.console.say import Say
from publisher.web.console.words import Catalogues, Words
from publisher.web.context import SIGNING_ONLY, Web
from publisher.web.errors import simple
from publisher.web.exercises import drilling, touches
from publisher.web.principal import Principal, may

Form = MultiDictProxy[str]
NO_FORM: Form = MultiDictProxy(MultiDict())
_ONCE = re.compile(r'name="once" value="[^"]*"')


def fingerprint(text: str) -> str:
    """What a part of a page says, without the keys (`Scene.fresh`) that no two renderings share."""
    return hashlib.sha256(_ONCE.sub("", text).encode()).hexdigest()[:16]


class Console:
    """The console's templates and words."""

    def __init__(self, folder: Path, statics: Mapping[str, str]) -> None:
        self.words = Catalogues(folder)
        self.statics = statics
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters["browser"] = browsers.named

    def render(self, template: str, values: Mapping[str, Any]) -> str:
        """A page or a part of one."""
        return self._environment.get_template(template).render(values)


@dataclass(frozen=True, slots=True)
class Scene:
    """One request to the console: who, in which language, under which pack, at what time by the hub's clock."""

    at: Web
    request: web.Request
    who: Principal
    pack: Pack
    words: Words
    now: datetime
    held: bool
    csrf: str
    people: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, UnitId] = field(default_factory=dict)
    form: Form = field(default_factory=lambda: NO_FORM)
    files: Mapping[str, bytes] = field(default_factory=dict)
    from_lock: bool = False
    """Whether the form came from a locked desk, opened by the proof that came with it."""
    only_seen: bool = False
    """Whether the page is about something that is read here and not touched: something live, at the drill desk."""

    @property
    def say(self) -> Say:
        """Names and sentences in this scene's language."""
        return Say(self.words, self.pack, self.now, self.people, self.sources)

    @property
    def me(self) -> Officer:
        """The officer. Raises Problem for anybody else."""
        return self.who.person

    @property
    def signing_only(self) -> bool:
        """Whether this is the listener for signers, which has no other pages to lead to."""
        return self.request.app.get(SIGNING_ONLY, False)

    @property
    def drilling(self) -> bool:
        """Whether this is the drill desk: the console under a host name that is for exercises alone."""
        return drilling(self.at.hub, self.request)

    @property
    def base(self) -> str:
        """The address of the site this page is on, without a trailing slash."""
        if self.drilling:
            return self.at.hub.drill_url
        return self.at.hub.sign_url if self.signing_only else self.at.hub.desk_url

    def may(self, action: str) -> bool:
        """Whether this officer's roles let them, on this page."""
        return may(self.who, action) and not (self.only_seen and touches(action))

    def elsewhere(self, action: str) -> bool:
        """Whether their roles let them, on the pages that links lead to."""
        return may(self.who, action)

    def reaches(self, mode: str) -> bool:
        """Whether what has this mode can be touched here: everything, and at the drill desk exercises alone."""
        return not self.drilling or mode == Mode.EXERCISE.value

    @property
    def ends(self) -> bool:
        """Whether this officer may lift and retract alone: only then are there buttons for it."""
        return self.may("warning.end") and not rules.may_end(self.me)

    def fresh(self) -> str:
        """A key for one form: sent twice, it is carried out once."""
        return secrets.token_urlsafe(12)

    def reason(self) -> str:
        """The reason typed. Raises Problem 422 when there is none."""
        found = str(self.form.get("reason", "")).strip()
        if not found:
            raise simple(422, "invalid", self.words("refusal.reason"), where="reason")
        return found

    def why_ended(self) -> str:
        """Why it is lifted or retracted: from a locked desk it must be said, else it may be."""
        return self.reason() if self.from_lock else str(self.form.get("reason", "")).strip()

    def this_day(self, clock: str) -> datetime | None:
        """A time of day as the last moment that the pack's clocks showed it; None for what is no time."""
        local = self.now.astimezone(ZoneInfo(self.pack.about.time_zone))
        try:
            at = datetime.combine(local.date(), time.fromisoformat(clock), local.tzinfo)
        except ValueError:
            return None
        return at if at <= local + AHEAD else at - timedelta(days=1)

    def path(self, name: str) -> str:
        """A part of the path."""
        return self.request.match_info[name]

    def values(self) -> dict[str, Any]:
        """What every template may use."""
        return {
            "t": self.words,
            "say": self.say,
            "scene": self,
            "statics": self.at.console.statics,
            "choices": self.at.console.words.choices(self.pack.about.languages),
            "world": self.at.hub.world.value,
        }

    def text(self, template: str, **values: Any) -> str:
        """A rendered template."""
        return self.at.console.render(template, {**self.values(), **values})

    def page(self, template: str, *, status: int = 200, **values: Any) -> web.Response:
        """A whole page, never kept by a browser or proxy."""
        body = self.text(template, **values)
        headers = {"Cache-Control": "no-store", "Vary": "Cookie"}
        return web.Response(status=status, text=body, content_type="text/html", headers=headers)

    def part(self, template: str, body: str, **values: Any) -> web.Response:
        """A part of a page as it is now; 204 when the page that asks shows it already."""
        seen = fingerprint(body)
        if self.request.query.get("seen") == seen:
            return web.Response(status=204, headers={"Cache-Control": "no-store"})
        return self.page(template, body=body, seen=seen, **values)
