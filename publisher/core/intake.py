"""What does an incoming alert mean here? Hazard, level, areas, act and times by the pack's rules, and what stands against it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from publisher.core import places, recognise
from publisher.core.recognise import Found
from publisher.model.alert import Alert, AlertArea, Info, Reading
from publisher.model.bulletin import Section, Shape, Words
from publisher.model.directory import Source
from publisher.model.finding import Finding, Layer
from publisher.model.pack import Pack, PackArea
from publisher.model.plan import Why
from publisher.model.words import Act, AreaCode, HazardCode, Language, LevelId, Mode, UnitId

MODES = {"Actual": Mode.ACTUAL, "Exercise": Mode.EXERCISE, "Test": Mode.TEST}


@dataclass(frozen=True, slots=True)
class Classified:
    """What was made of a reading; the results are None or empty only where a finding refuses it."""

    outcome: str
    findings: tuple[Finding, ...]
    hazard: HazardCode | None
    sections: tuple[Section, ...]
    act: Act
    mode: Mode
    onset: datetime | None
    expires: datetime | None
    until_lifted: bool
    urgency: str
    certainty: str
    relay: bool
    unit: UnitId
    extra_areas: tuple[PackArea, ...]
    why: tuple[Why, ...]


@dataclass(slots=True)
class _Work:
    """The alert under examination and everything found so far."""

    alert: Alert
    source: Source
    pack: Pack
    now: datetime
    anywhere: bool
    findings: list[Finding] = field(default_factory=list)
    why: list[Why] = field(default_factory=list)
    extra: dict[AreaCode, PackArea] = field(default_factory=dict)

    def say(self, code: str, layer: Layer, path: str, message: str, *, refuses: bool = False) -> None:
        refuses = refuses or code in self.pack.intake.refuse
        self.findings.append(Finding(code, layer, refuses, path, message))


def classify(reading: Reading, source: Source, pack: Pack, now: datetime, *, anywhere: bool = False) -> Classified:
    """Classify a reading that holds an alert. Total: whatever the alert says, the answer is findings, never an error."""
    alert = reading.alert or Alert("", "", None, "", "", "")
    on = _Work(alert, source, pack, now, anywhere)
    refused_here = frozenset(pack.intake.refuse)
    on.findings += [replace(one, refuses=one.refuses or one.code in refused_here) for one in reading.findings]
    infos = alert.infos or (Info("", (), "", (), "", "", ""),)
    act, mode = _act(on, infos[0]), _mode(on)
    _sender(on)
    found = _hazard(on, infos[0])
    sections = tuple(_sections(on, infos, found)) if alert.infos else ()
    if not alert.infos:
        on.say(
            "INFO_MISSING",
            "policy",
            "/alert/info",
            "says nothing: an alert needs an info to be published",
            refuses=True,
        )
    onset, expires, until_lifted = _times(on, infos, sections, found, act)
    refused = any(one.refuses for one in on.findings)
    outcome = "refused" if refused else "accepted with findings" if on.findings else "accepted"
    return Classified(
        outcome=outcome,
        findings=tuple(on.findings),
        hazard=found,
        sections=sections,
        act=act,
        mode=mode,
        onset=onset,
        expires=expires,
        until_lifted=until_lifted,
        urgency=infos[0].urgency or "Unknown",
        certainty=infos[0].certainty or "Unknown",
        relay=source.relay,
        unit=UnitId(source.unit),
        extra_areas=tuple(on.extra.values()),
        why=tuple(on.why),
    )


def _act(on: _Work, info: Info) -> Act:
    found = recognise.act(on.alert, info, on.pack)
    if found is None:
        says = f"msgType {on.alert.msg_type or 'none'} is no warning; Alert, Update or Cancel can be published"
        on.say("NOT_A_WARNING", "policy", "/alert/msgType", says, refuses=True)
        return Act.ISSUE
    if found is Act.UPDATE and not on.alert.references:
        on.say(
            "ORPHAN_UPDATE", "state", "/alert/references", "updates nothing it names; it is linked by issuer and hazard"
        )
    return found


def _mode(on: _Work) -> Mode:
    found = MODES.get(on.alert.status)
    if found is None:
        says = f"status {on.alert.status or 'none'} is not publishable; Actual, Exercise or Test would be"
        on.say("STATUS_NOT_PUBLISHABLE", "policy", "/alert/status", says, refuses=True)
        return Mode.TEST
    return found


def _sender(on: _Work) -> None:
    names = (on.alert.sender, *on.alert.codes)
    patterns = sorted(on.source.senders)
    if on.anywhere or any(fnmatchcase(name.casefold(), one.casefold()) for name in names for one in patterns):
        return
    says = f"{on.alert.sender!r} does not send for source {on.source.id}, whose senders are: {', '.join(patterns)}"
    on.say("SENDER_NOT_OF_SOURCE", "policy", "/alert/sender", says, refuses=True)


def _hazard(on: _Work, info: Info) -> HazardCode | None:
    found = recognise.hazard(info, on.alert, on.pack)
    if found is None and on.anywhere:
        found = _fallback(on, info)
    if found is None:
        says = f"no event code or word of {info.event!r} is in hazards.yaml; send a code, or add the word to the pack"
        on.say("HAZARD_UNKNOWN", "policy", "/alert/info/event", says, refuses=True)
        return None
    on.why.append(Why("which hazard", found.value, "hazards.yaml", True, f"from {found.where}"))
    wanted = on.source.hazards
    if not on.anywhere and wanted and not any(fnmatchcase(found.value, one) for one in wanted):
        says = f"source {on.source.id} may not warn of {found.value}; it may of: {', '.join(wanted)}"
        on.say("HAZARD_NOT_OF_SOURCE", "policy", "/alert/info/event", says, refuses=True)
    return HazardCode(found.value)


def _fallback(on: _Work, info: Info) -> Found | None:
    """Any sender's event under the pack's nearest hazard of the same CAP category."""
    graded = [one for one in on.pack.hazards.values() if len(one.levels) > 2]
    same = [one for one in graded if one.cap_category in info.categories]
    chosen = next(iter(same or graded), None)
    if chosen is None:
        return None
    on.say(
        "HAZARD_INFERRED", "policy", "/alert/info/event", f"{info.event!r} is not in the pack: taken as {chosen.code}"
    )
    return Found(chosen.code, "CAP category", sure=False)


def _sections(on: _Work, infos: Sequence[Info], hazard: HazardCode | None) -> Iterator[Section]:
    """One section for each distinct level and set of areas; infos that differ in language only share one."""
    made: dict[tuple[LevelId, tuple[AreaCode, ...]], Section] = {}
    seen: dict[str, tuple[LevelId, tuple[AreaCode, ...]]] = {}
    for number, info in enumerate(infos, 1):
        language = _language(on, info, number)
        found = _level(on, info, number, hazard)
        areas = _areas(on, info, number)
        if found is None or not areas:
            continue
        key = (found, areas)
        if language not in seen and seen and key not in made:
            key = next(iter(made))
        seen.setdefault(language, key)
        old = made.get(key) or Section(found, areas, {}, _shape(info.areas))
        if language not in old.words:
            made[key] = replace(old, words={**old.words, language: _words(on, info, number)})
    yield from made.values()


def _language(on: _Work, info: Info, number: int) -> Language:
    tag = info.language or on.pack.language
    for one in on.pack.about.languages:
        if tag.casefold().partition("-")[0] == one.casefold().partition("-")[0]:
            return one
    says = f"{tag} is not a language of this pack ({', '.join(on.pack.about.languages)}); its text is kept as it is"
    on.say("TEXT_LANGUAGE_NOT_OF_PACK", "policy", f"/alert/info[{number}]/language", says)
    return on.pack.language


def _words(on: _Work, info: Info, number: int) -> Words:
    text = info.description or info.headline or info.event
    if not info.description:
        on.say(
            "DESCRIPTION_MISSING",
            "policy",
            f"/alert/info[{number}]/description",
            "no description: the headline stands for it",
        )
    area = "、".join(dict.fromkeys(one.description for one in info.areas if one.description))
    separator = "、" if any("\u4e00" <= letter <= "\u9fff" for letter in area) else ", "
    return Words(info.headline or info.event, text, info.instruction, area.replace("、", separator))


def _shape(areas: Sequence[AlertArea]) -> Shape:
    return Shape(
        tuple(ring for area in areas for ring in area.polygons), tuple(one for area in areas for one in area.circles)
    )


def _level(on: _Work, info: Info, number: int, hazard: HazardCode | None) -> LevelId | None:
    path = f"/alert/info[{number}]"
    found = recognise.level(info, on.alert, on.pack)
    if found is None:
        if on.anywhere:
            chosen = min(on.pack.levels, key=lambda one: (one.rank == 0, one.rank))
            on.say("LEVEL_INFERRED", "policy", path, f"no level is named: taken as {chosen.id}")
            return _existing(on, chosen.id, hazard, path)
        names = ", ".join(one.id for one in on.pack.levels)
        on.say("LEVEL_UNKNOWN", "policy", path, f"no level is named; the pack has: {names}", refuses=True)
        return None
    on.why.append(Why("which level", found.value, "levels.yaml", True, f"from {found.where}"))
    if not found.sure:
        on.say(
            "LEVEL_INFERRED",
            "policy",
            f"{path}/severity",
            f"no level is named: {found.value} follows from {found.where}",
        )
    rank = on.pack.level[LevelId(found.value)].rank
    if rank > on.source.max_rank and not on.anywhere:
        says = f"source {on.source.id} may issue up to rank {on.source.max_rank}; {found.value} is rank {rank}"
        on.say("LEVEL_ABOVE_SOURCE", "policy", path, says, refuses=True)
    return _existing(on, LevelId(found.value), hazard, path)


def _existing(on: _Work, level: LevelId, hazard: HazardCode | None, path: str) -> LevelId:
    exists = on.pack.hazards[hazard].levels if hazard else ()
    if not exists or level in exists or on.alert.msg_type == "Cancel":
        return level
    if on.anywhere:
        return min(exists, key=lambda one: abs(on.pack.level[one].rank - on.pack.level[level].rank))
    says = f"{hazard} has no level {level}; it has: {', '.join(exists)}"
    on.say("LEVEL_NOT_FOR_HAZARD", "policy", path, says, refuses=True)
    return level


def _areas(on: _Work, info: Info, number: int) -> tuple[AreaCode, ...]:
    if on.anywhere:
        return _as_given(on, info, number)
    path = f"/alert/info[{number}]/area"
    found = places.find(info.areas, info.description, on.pack)
    if not found.areas:
        _nowhere(on, found, path)
        return ()
    allowed = frozenset(on.source.areas) or frozenset({on.pack.about.root_area})
    kept = _clipped(found.areas, allowed, on.pack)
    dropped = tuple(code for code in found.areas if code not in kept)
    if not kept:
        says = f"source {on.source.id} may warn for {', '.join(sorted(allowed))}, not for {', '.join(found.areas)}"
        on.say("AREA_OUTSIDE_JURISDICTION", "policy", path, says, refuses=True)
    elif dropped or found.elsewhere or found.wider:
        out = ", ".join((*dropped, *found.elsewhere)) or "what lies around it"
        on.say("AREA_CLIPPED", "policy", path, f"kept {', '.join(kept)}; left out, not ours: {out}")
    for word in found.unsure:
        on.say("AREA_PROPOSED", "policy", path, f"{word!r} was read as {len(found.areas)} area(s): please confirm")
    on.why.append(Why("which areas", ", ".join(kept), "areas.csv", bool(kept), f"from a {found.how}"))
    return kept


def _nowhere(on: _Work, found: places.Places, path: str) -> None:
    if found.elsewhere:
        says = f"outside {on.pack.about.root_area}: {', '.join(found.elsewhere)}"
        on.say("AREA_OUTSIDE_JURISDICTION", "policy", path, says, refuses=True)
    else:
        says = "no known place is named by code, name, phrase or shape; an unknown area never means everywhere"
        on.say("AREA_UNKNOWN", "policy", path, says, refuses=True)


def _clipped(areas: Sequence[AreaCode], allowed: frozenset[AreaCode], pack: Pack) -> tuple[AreaCode, ...]:
    """The part of `areas` that lies in `allowed`: an area that holds an allowed one shrinks to it."""
    kept: list[AreaCode] = []
    for code in areas:
        if pack.inside(code, allowed):
            kept.append(code)
        else:
            kept += [one for one in sorted(allowed) if pack.inside(one, frozenset({code}))]
    return tuple(dict.fromkeys(kept))


def _as_given(on: _Work, info: Info, number: int) -> tuple[AreaCode, ...]:
    """The alert's own areas as the jurisdiction: known ones as they are, others added under the pack's root."""
    known = places.find(info.areas, "", on.pack).areas
    if known:
        return known
    codes: list[AreaCode] = []
    for at, area in enumerate(info.areas or (AlertArea("everywhere it says"),), 1):
        code = AreaCode(f"given-{number}-{at}")
        name = area.description or code
        names: dict[str, str] = {language: name for language in on.pack.about.languages}
        same = next((one.code for one in on.extra.values() if one.name == names), None)
        if same is None:
            on.extra[code] = PackArea(code, names, "given", on.pack.about.root_area)
        codes.append(same or code)
    return tuple(codes)


def _times(
    on: _Work, infos: Sequence[Info], sections: Sequence[Section], hazard: HazardCode | None, act: Act
) -> tuple[datetime | None, datetime | None, bool]:
    _sent(on)
    ends = [info.expires for info in infos if info.expires is not None]
    onset = next((info.onset for info in infos if info.onset is not None), None)
    rank_first = sorted(sections, key=lambda one: -on.pack.level[one.level].rank)
    level = on.pack.level[rank_first[0].level] if rank_first else on.pack.levels[0]
    until_lifted = not ends and (on.source.relay or (hazard is not None and on.pack.hazards[hazard].until_lifted))
    if not ends:
        end = on.now + timedelta(minutes=level.default_minutes)
        says = "until it is lifted" if until_lifted else f"{level.default_minutes} minutes from now (levels.yaml)"
        on.say("EXPIRES_ASSUMED", "policy", "/alert/info/expires", f"says no end: it stands {says}")
        return onset, end, until_lifted
    end = max(ends)
    if end <= on.now and not act.ends:
        if not any(one.code == "ALREADY_EXPIRED" for one in on.findings):
            on.say("ALREADY_EXPIRED", "policy", "/alert/info/expires", f"ended at {end.isoformat()}; send a later end")
        on.findings = [replace(one, refuses=True) if one.code == "ALREADY_EXPIRED" else one for one in on.findings]
    elif end - on.now > timedelta(minutes=level.max_minutes) and not any(
        f.code == "DURATION_TOO_LONG" for f in on.findings
    ):
        says = f"stands until {end.isoformat()}; {level.id} may stand {level.max_minutes} minutes"
        on.say("DURATION_TOO_LONG", "policy", "/alert/info/expires", says)
    return onset, max(end, on.now + timedelta(minutes=1)) if act.ends else end, False


def _sent(on: _Work) -> None:
    sent = on.alert.sent
    if sent is None:
        return
    skew, path = sent - on.now, "/alert/sent"
    if skew > timedelta(minutes=on.pack.intake.skew_minutes):
        says = f"sent {sent.isoformat()} lies ahead of now by more than {on.pack.intake.skew_minutes} minutes"
        on.say("SENT_IN_FUTURE", "policy", path, says, refuses=True)
    elif skew > timedelta(0):
        on.say("CLOCK_SKEW", "policy", path, f"the sender's clock is {skew.total_seconds():.0f} s ahead of ours")
    elif -skew > timedelta(minutes=on.pack.intake.old_minutes):
        on.say(
            "ALREADY_OLD",
            "policy",
            path,
            f"sent {sent.isoformat()}, longer ago than {on.pack.intake.old_minutes} minutes",
        )
