"""How is it put to an officer? Titles, places, times and the consequence of a yes, in the console's language."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from publisher.model.bulletin import Content
from publisher.model.pack import Level, Pack, said
from publisher.model.words import Act, AreaCode, HazardCode, LevelId, UnitId
from publisher.web.console.words import Words

FEW = 3
MANY = 12
MYRIAD = 10_000
SHOWN = {"screen": "screens", "station": "studios"}
"""Media counted as what they are: a screen is no person."""
ABOUT = re.compile(r"([abw])-[0-9a-f]+")
PLACES = {"a": "alerts", "b": "bulletins", "w": "warnings"}
"""Which page shows what an id names, by the letter it begins with."""
FILED = re.compile(r"(.*) \((\w+) (.*)\)")
"""A provider's number of a text, its state with them, and the day, as `publisher.work.owed` writes them."""
OF_WAVE = {r"who signs (.*)": "who_signs", r"may (.*) go without a click": "goes_without_click"}
"""Questions of a decision's trace that name a wave."""


@dataclass(frozen=True, slots=True)
class Say:
    """The pack's names in the console's language."""

    words: Words
    pack: Pack
    now: datetime
    people: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, UnitId] = field(default_factory=dict)

    def person(self, who: str) -> str:
        """An officer's name, or what else acted."""
        kind, _, name = who.partition(":")
        return self.source(name) if kind == "source" else self.people.get(who) or self.words.code("actor", who)

    def source(self, wanted: str) -> str:
        """A source, by the name of its unit."""
        return self.unit(self.sources[wanted]) if wanted in self.sources else wanted

    def unit(self, wanted: str) -> str:
        """A unit's name."""
        found = self.pack.units.get(UnitId(wanted))
        return self.name(found.name) if found else wanted

    def matter(self, what: str, row: Any) -> str:
        """An alarm or task in words, from its kind and facts; the bare kind and subject where there are no words."""
        key = f"{what}.{row.kind}"
        if not self.words.has(key):
            return f"{row.kind} {row.subject}"
        facts = dict(row.facts)
        for name, words in (("counted", "counted"), ("what", "task_kind"), ("why", "trouble")):
            if name in facts:
                facts[name] = self.words.code(words, facts[name])
        for name, named in (("who", self.unit), ("source", self.source)):
            if name in facts:
                facts[name] = named(facts[name])
        if "areas" in facts:
            facts["areas"] = self.words("listed").join(map(self.area, facts["areas"])) or self.words("nowhere")
        return self.words(key, subject=row.subject, **facts)

    def why(self, line: Any) -> str:
        """A line of a decision's trace: why its rule did not hold, with the pack's names; else what the rule says for itself."""
        told = line.get("told") if isinstance(line, Mapping) else line.told
        if not told:
            return str(line["says"] if isinstance(line, Mapping) else line.says)
        wanted = self.words("or").join(self._case(told["what"], one) for one in told["wanted"])
        got = self._case(told["what"], told["got"]) or self.words("why_not.nothing")
        return self.words(f"why_not.{told['what']}", got=got, wanted=wanted)

    def fact(self, name: str, value: str) -> str:
        """A fact beside a text; of one that a provider must have on file, its number and whether it is filed."""
        if name.startswith("template ") and (told := FILED.fullmatch(value)):
            status = self.words.code("filing", told[2])
            return self.words("fact_filed", channel=name.partition(" ")[2], number=told[1], status=status, on=told[3])
        return f"{self.words.code('fact', name)} {self.words.code('fact_value', value.removesuffix(' bytes'))}"

    def asked(self, question: str) -> str:
        """The question that a line of a decision's trace answers."""
        for pattern, key in OF_WAVE.items():
            if about := re.fullmatch(pattern, question):
                return self.words(f"asked.{key}", wave=self.wave(None, about[1]))
        return self.words.code("asked", question.replace(" ", "_"), question)

    def _case(self, what: str, code: str) -> str:
        """One value that a rule asks about, by name; a pattern such as `11A*` and what has no name stay as written."""
        match what:
            case "level":
                return self.level(code)
            case "unit":
                return self.unit(code)
            case "hazard":
                return self.hazard(code)
            case "area":
                return self.area(code)
            case "wave":
                return self.wave(None, code)
            case "act" | "mode" | "class":
                return self.words.code("hazard_class" if what == "class" else what, code)
            case _:
                return code

    def address(self, subject: str) -> str:
        """The console page of what an alarm or task is about, from the form of its id; empty where there is none.

        What belongs to a bulletin is named by it first, a task as `b-1f:report:unit`, a batch as `b-1f.publish.3`.
        """
        about = ABOUT.match(subject)
        return f"/console/{PLACES[about[1]]}/{about[0]}" if about else ""

    def name(self, names: Mapping[str, str]) -> str:
        """A pack's name in this language."""
        return said(names, self.words.language)

    def levels(self, content: Content) -> list[Level]:
        """The content's levels, gravest first."""
        named = dict.fromkeys(one.level for one in content.sections)
        known = [self.pack.level[one] for one in named if one in self.pack.level]
        return sorted(known, key=lambda one: -one.rank)

    def hazard(self, code: str) -> str:
        """A hazard's name, or its code where the pack has none."""
        found = self.pack.hazards.get(HazardCode(code))
        return self.name(found.name) if found else code

    def level(self, wanted: str) -> str:
        """A level's name."""
        found = self.pack.level.get(LevelId(wanted))
        return self.name(found.name) if found else wanted

    def title(self, content: Content) -> str:
        """暴雨红色预警 / Red rain warning: the episode as people call it, whatever the act."""
        levels = self.words("join").join(self.name(one.name) for one in self.levels(content))
        grave = any(one.rank for one in self.levels(content))
        return self.words(
            "title.warning" if grave else "title.notice", hazard=self.hazard(content.hazard), level=levels
        )

    def headline(self, content: Content) -> str:
        """The act and the title."""
        return self.words(f"title.{content.act.value}", title=self.title(content))

    def confirmation(self, content: Content) -> str:
        """What must be typed for the gravest level: hazard and level words."""
        top = self.levels(content)[0]
        return self.words("confirm.phrase", hazard=self.hazard(content.hazard), level=self.name(top.name))

    def must_type(self, content: Content) -> bool:
        """Whether a yes needs the words typed: the pack's gravest level, unless something is taken away."""
        top = max(one.rank for one in self.pack.levels)
        return not content.act.ends and any(one.rank == top for one in self.levels(content))

    def area(self, code: str) -> str:
        """An area's name."""
        found = self.pack.areas.get(AreaCode(code))
        return self.name(found.name) if found else code

    def place(self, wanted: str) -> str:
        """An area's or a unit's name, for what may be either."""
        return self.area(wanted) if AreaCode(wanted) in self.pack.areas else self.unit(wanted)

    def places(self, codes: Sequence[str]) -> str:
        """A few by name, many by number: 花木街道、张江镇 / 12 个街镇."""
        codes = tuple(dict.fromkeys(codes))
        if len(codes) <= FEW:
            return self.words("join").join(self.area(one) for one in codes)
        return self.words("places.many", n=len(codes))

    def step(self, flow: str, step: str) -> str:
        """A signature place's name in a flow of the pack."""
        steps = (one for found in self.pack.flows if found.id == flow for one in found.steps if one.id == step)
        return next((self.name(one.name) for one in steps), step)

    def wave(self, plan: Mapping[str, Any] | None, wanted: str) -> str:
        """A wave's name in a frozen plan; in the pack, for one that was added to the release later."""
        names = {one.id: one.name for one in self.pack.waves}
        names |= {one["id"]: one.get("name", {}) for one in (plan or {}).get("waves", ())}
        return self.name(names.get(wanted, {})) or wanted

    def all_places(self, content: Content) -> str:
        """The places by name, as many as a line holds."""
        codes = list(dict.fromkeys(code for one in content.sections for code in one.areas))
        names = self.words("join").join(self.area(one) for one in codes[:MANY])
        return self.words("places.some", names=names, n=len(codes)) if len(codes) > MANY else names

    def where(self, content: Content) -> str:
        """The places of all sections."""
        return self.places([code for one in content.sections for code in one.areas])

    def consequence(self, content: Content, waves: Sequence[Mapping[str, Any]], restores: Content | None) -> str:
        """One sentence: to how many places, people, screens and studios what is done."""
        key = f"consequence.{content.act.value}"
        if content.act is Act.RETRACT and restores is not None:
            key = "consequence.restore"
        return self.words(
            key,
            whom=self.reach(content, waves),
            title=self.title(content),
            restored=self.title(restores) if restores else "",
        )

    def reach(self, content: Content, waves: Sequence[Mapping[str, Any]]) -> str:
        """Whom it reaches: 12 个街镇、3 万人、412 块屏; what nobody gets is left out."""
        told: dict[str, int] = {}
        for way in (way for wave in waves for way in wave["ways"]):
            kind = SHOWN.get(way["medium"], "people")
            told[kind] = told.get(kind, 0) + (max(way["people"], way["count"]) if kind == "people" else way["count"])
        counts = [self.count(kind, told[kind]) for kind in ("people", *SHOWN.values()) if told.get(kind)]
        return self.words("join").join((self.where(content), *counts))

    def count(self, kind: str, n: int) -> str:
        """A number of people, screens or studios; many people are told in round numbers."""
        if kind == "people" and n >= MYRIAD:
            about = round(n, -3) / int(self.words("consequence.crowd_unit"))
            return self.words("consequence.crowd", n=f"{about:,.10g}")
        return self.words(f"consequence.{kind}", n=f"{n:,}")

    def at(self, moment: datetime | None) -> str:
        """An instant in the pack's zone: the time today, else the date too."""
        if moment is None:
            return self.words("never")
        zone = ZoneInfo(self.pack.about.time_zone)
        local = moment.astimezone(zone)
        today = local.date() == self.now.astimezone(zone).date()
        values = {"month": local.month, "day": local.day, "time": f"{local:%H:%M}", "year": local.year}
        return self.words("time.today" if today else "time.other", **values)

    def instant(self, written: str) -> str:
        """An instant that was written down (ISO 8601), as `at` tells one."""
        return self.at(datetime.fromisoformat(written))

    def full(self, written: str | None) -> str:
        """An instant that was written down, with its day and second; a report must not depend on when it is read."""
        if not written:
            return ""
        local = datetime.fromisoformat(written).astimezone(ZoneInfo(self.pack.about.time_zone))
        return f"{local:%Y-%m-%d %H:%M:%S}"

    def between(self, begun: str, ended: str) -> str:
        """How long it was from one written instant to another."""
        return self.span(datetime.fromisoformat(ended) - datetime.fromisoformat(begun))

    def since(self, moment: datetime | None) -> str:
        """How long ago, in minutes, hours or days."""
        return self.span(self.now - moment) if moment else ""

    def until(self, moment: datetime | None) -> str:
        """How long until then; what has passed says so."""
        if moment is None:
            return ""
        return self.span(moment - self.now) if moment > self.now else self.words("time.passed")

    def clock(self, seconds: int) -> str:
        """A length of time as minutes and seconds."""
        return self.words("time.clock", m=seconds // 60, s=f"{seconds % 60:02}")

    def span(self, length: timedelta) -> str:
        """A length of time by its largest unit."""
        minutes = int(max(length, timedelta(0)).total_seconds() // 60)
        if minutes < 60:
            return self.words("time.minutes", n=minutes)
        if minutes < 24 * 60:
            return self.words("time.hours", n=minutes // 60, m=minutes % 60)
        return self.words("time.days", n=minutes // (24 * 60))
