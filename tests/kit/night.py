"""A whole hub at night: officers draft, sign, change and end warnings, and every phone's letters can be read."""

import itertools
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from channels.sandbox import Rule
from channels.sandbox.world import Letter
from publisher.intake.accept import receive
from publisher.model.bulletin import Bulletin, Content, Section, Words
from publisher.model.directory import Endpoint, Officer
from publisher.model.pack import Pack
from publisher.model.words import Act, AreaCode, HazardCode, Language, LevelId, Medium, Mode, UnitId
from publisher.store import clock, directory
from publisher.store.tables import delivery
from publisher.story.options import Options
from publisher.story.run import Stage, settle, stage
from publisher.work import approve, bulletins, chains, submit
from publisher.work.approve import Yes

_NUMBERS = itertools.count(1)


def part(level: str, *areas: str, zh: str = "预计将出现强降水", en: str = "Heavy rain is expected") -> Section:
    """A section in the pack's languages."""
    words = {
        Language("zh"): Words("", zh, "请避免外出，远离低洼积水处"),
        Language("en"): Words("", en, "Stay indoors and off low ground"),
    }
    return Section(LevelId(level), tuple(AreaCode(one) for one in areas), words)


@dataclass(slots=True)
class Night:
    """One running hub in the sandbox world."""

    on: Stage

    @property
    def pack(self) -> Pack:
        """The pack in use."""
        return self.on.pack

    def who(self, name: str) -> Officer:
        """A demo officer by id."""
        return next(one for one in self.on.officers if one.id == name)

    def fault(self, **rule: Any) -> None:
        """Let a provider misbehave."""
        assert self.on.run.sandbox is not None
        self.on.run.sandbox.rules.add(Rule(**rule))

    def well(self) -> None:
        """Everything goes well again."""
        assert self.on.run.sandbox is not None
        self.on.run.sandbox.rules.clear()

    async def now(self) -> datetime:
        """The hub's clock."""
        async with self.on.run.hub.db.read() as tx:
            return await clock.now(tx)

    async def later(self, by: timedelta) -> None:
        """Let time pass."""
        async with self.on.run.hub.db.write() as tx:
            await clock.shift(tx, by)

    async def content(
        self, *sections: Section, hazard: str = "11B03", unit: str = "", mode: Mode = Mode.ACTUAL, hours: int = 6
    ) -> Content:
        """A first issue."""
        return Content(
            act=Act.ISSUE,
            mode=mode,
            hazard=HazardCode(hazard),
            unit=UnitId(unit or self.pack.about.centre),
            sections=sections,
            expires=await self.now() + timedelta(hours=hours),
        )

    async def hear(self, source: str, alert: Mapping[str, Any]) -> str:
        """A JSON alert comes in from a source now; its id. It must have been taken."""
        async with self.on.run.hub.db.read() as tx:
            known = (await directory.sources(tx))[source]
        now = await self.now()
        body = {"identifier": f"n-{next(_NUMBERS)}", "sent": now.isoformat(timespec="seconds"), **alert}
        raw = json.dumps(body, ensure_ascii=False).encode()
        got = await receive(self.on.run.hub.db, raw, source=known, pack=self.pack, media_type="application/json")
        assert got.content is not None, got.findings
        return got.id

    async def from_alert(self, alert: str) -> Bulletin:
        """The draft of an alert, or the bulletin it joined."""
        async with self.on.run.hub.db.write() as tx:
            return await chains.draft_from_alert(tx, alert, by=self.who("drafter"), pack=self.pack)

    async def phones(self, mode: Mode = Mode.ACTUAL) -> Sequence[Endpoint]:
        """Every phone of a mode."""
        async with self.on.run.hub.db.read() as tx:
            found = await directory.endpoints(tx, mode=mode.value)
        return [one for one in found if one.medium is Medium.SMS]

    async def draft(self, content: Content, of_warning: str | None = None, by: str = "drafter") -> Bulletin:
        """A draft of `content`."""
        async with self.on.run.hub.db.write() as tx:
            return await bulletins.draft(tx, content, by=self.who(by), pack=self.pack, of_warning=of_warning)

    async def publish(self, content: Content, of_warning: str | None = None) -> Bulletin:
        """Draft, submit, sign by whoever may, send, and hear every receipt."""
        return await self.through(await self.draft(content, of_warning))

    async def through(self, one: Bulletin, by: str = "drafter") -> Bulletin:
        """Submit a draft and let every officer sign whatever waits for them."""
        done = await submit.submit(self.on.run.hub, one.id, by=self.who(by))
        while any([await self.sign(done, officer) for officer in self.on.officers]):
            continue
        await self.settle()
        return await self.seen(one.id)

    async def sign(self, one: Bulletin, officer: Officer) -> bool:
        """Whether this officer's yes counted."""
        try:
            await approve.approve(self.on.run.hub, one.id, Yes(one.digest), by=officer)
        except (bulletins.Refused, bulletins.Conflict):
            return False
        return True

    async def update(self, one: Bulletin, *sections: Section, **changes: Any) -> Bulletin:
        """The next version of a live bulletin."""
        content = replace(one.content, act=Act.UPDATE, names=one.id, origin=None, sections=sections, **changes)
        return await self.publish(content, one.warning)

    async def end(self, one: Bulletin, act: Act, note: str = "") -> Bulletin:
        """A lift or a retract by one signer."""
        async with self.on.run.hub.db.write() as tx:
            content, warning = await bulletins.end_of(tx, one.id, act, note, pack=self.pack)
            made = await bulletins.draft(tx, content, by=self.who("signer"), pack=self.pack, of_warning=warning)
        await submit.submit(self.on.run.hub, made.id, by=self.who("signer"))
        await self.settle()
        return await self.seen(made.id)

    async def seen(self, wanted: str) -> Bulletin:
        """A bulletin as it is now."""
        async with self.on.run.hub.db.read() as tx:
            return await bulletins.get(tx, wanted)

    async def settle(self) -> None:
        """Let workers and providers finish."""
        await settle(self.on)

    async def told(self, one: Bulletin, medium: str = "sms") -> Mapping[str, str]:
        """Endpoint id -> state of everybody whom this version was sent to by one medium."""
        wanted = select(delivery.c.endpoint, delivery.c.state).where(
            delivery.c.bulletin == one.id, delivery.c.medium == medium
        )
        async with self.on.run.hub.db.read() as tx:
            return {row.endpoint: row.state for row in await tx.execute(wanted)}

    def letters(self, address: str) -> Sequence[Letter]:
        """What arrived at a phone or a member, oldest first."""
        assert self.on.run.sandbox is not None
        return [one for one in self.on.run.sandbox.letters if one.address == address]

    def newest(self, address: str) -> str:
        """The text that arrived last."""
        found = self.letters(address)
        return found[-1].text if found else ""


@asynccontextmanager
async def night(pack: str = "pudong") -> AsyncIterator[Night]:
    """A fresh hub that runs in this process, its worker driven by hand."""
    async with stage(Options(pack=pack, redis=False, now=True)) as on:
        yield Night(on)
