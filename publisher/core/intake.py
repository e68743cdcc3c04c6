"""What does an incoming alert mean here? Hazard, level, places, act and times by the pack's rules, and what is against it.

Rules and words come from `intake.yaml`, `hazards.yaml`, `levels.yaml`, `areas.csv` and `phrases.yaml`; what a source may
send from the source itself. Every refusal is a finding that says what would be accepted, all of them at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase

from publisher.core import decision, recognise
from publisher.core.classify_sections import by_language, hazard_of, sections_of
from publisher.core.classify_times import times_of
from publisher.core.classify_work import Work, listed
from publisher.core.lexicon import lexicon
from publisher.core.policy import Fact
from publisher.core.recognise import Message
from publisher.core.vocabulary import fold
from publisher.formats.paths import in_12379, in_json
from publisher.model.alert import Alert, Info, Outcome, Reading, Reference
from publisher.model.bulletin import Content, Origin, Section
from publisher.model.directory import Source
from publisher.model.finding import Finding
from publisher.model.pack import Pack, PackArea
from publisher.model.plan import Why
from publisher.model.words import Act, HazardCode, Mode, SourceId, UnitId

MODES = {"Actual": Mode.ACTUAL, "Exercise": Mode.EXERCISE, "Test": Mode.TEST}

DOUBTS = frozenset(
    {
        "HAZARDS_DISAGREE",
        "HAZARD_INFERRED",
        "HAZARD_LEFT_OUT",
        "LEVELS_DISAGREE",
        "LEVEL_INFERRED",
        "TEXT_SAYS_MORE",
    }
)

_NO_ALERT = Alert("", "", None, "", "", "")
_NO_INFO = Info("", (), "", (), "", "", "")
_SENDER_CODE = "12379:senderCode"


@dataclass(frozen=True, slots=True)
class Classified:
    """What was made of a reading. Results may be None or empty only where a finding refuses it.

    Each section holds its level, places and texts. `clipped`: places that are not the source's were left out.
    `extra_areas`: places an alert from anywhere brought along, to be added to the pack's for this one story.
    """

    outcome: Outcome
    findings: tuple[Finding, ...]
    hazard: HazardCode | None
    sections: tuple[Section, ...]
    act: Act
    mode: Mode
    onset: datetime | None
    expires: datetime
    until_lifted: bool
    urgency: str
    certainty: str
    references: tuple[Reference, ...]
    relay: bool
    unit: UnitId
    headline: str
    clipped: bool
    extra_areas: tuple[PackArea, ...]
    why: tuple[Why, ...]

    @property
    def doubts(self) -> tuple[str, ...]:
        """Codes of the findings that leave open what it warns of, how gravely, or where."""
        return tuple(dict.fromkeys(one.code for one in self.findings if one.code in DOUBTS))

    def content(self, origin: Origin) -> Content:
        """The bulletin content it proposes. There must be a hazard."""
        assert self.hazard is not None
        return Content(
            act=self.act,
            mode=self.mode,
            hazard=self.hazard,
            unit=self.unit,
            sections=self.sections,
            onset=self.onset,
            expires=self.expires,
            until_lifted=self.until_lifted,
            urgency=self.urgency,
            certainty=self.certainty,
            origin=origin,
        )


def classify(reading: Reading, source: Source, pack: Pack, now: datetime, *, anywhere: bool = False) -> Classified:
    """Classify a reading. Total: whatever the alert says, the answer is findings, never an error.

    `now` is aware. With `anywhere` any sender's alert is taken for its own places, under the pack's nearest hazard and
    level; that is for trying out foreign alerts, never for publishing them.
    """
    on = Work(reading.alert or _NO_ALERT, source, pack, now, anywhere, path_in=_OWN_PATHS.get(reading.format, str))
    on.findings += (_carried(on, one) for one in reading.findings)
    if not on.alert.infos:
        _without_info(on)
    return _classified(on)


def gravest_heard(text: str, pack: Pack) -> int:
    """The highest rank that any level's words in `text` name, 0 when none do: for a message that nobody could read."""
    severities = {one.cap_severity.casefold(): one.id for one in pack.levels}
    words = fold(text)
    named = [hit.value for hit in lexicon(pack).levels.find(words)]
    named += [level for severity, level in severities.items() if f"<severity>{severity}" in words.replace("cap:", "")]
    return max((pack.level[one].rank for one in named), default=0)


_OWN_PATHS: dict[str, Callable[[str], str]] = {"json": in_json, "12379": in_12379}


def _carried(on: Work, one: Finding) -> Finding:
    refuses = one.refuses or (not on.anywhere and one.code in on.pack.intake.refuse)
    return replace(one, refuses=refuses)


def _classified(on: Work) -> Classified:
    tongues = by_language(on)
    first = next((info for infos in tongues.values() for _, info in infos), _NO_INFO)
    act, mode = _act(on, first), _mode(on)
    _sender(on)
    _scope(on)
    hazard = hazard_of(on, first)
    _hazard_of_source(on, hazard)
    sections = sections_of(on, tongues, hazard, ends=act.ends)
    _issuing(on, hazard, sections, act, mode)
    times = times_of(on, on.alert.infos, sections, hazard, ends=act.ends)
    return Classified(
        outcome=_outcome(on),
        findings=tuple(on.findings),
        hazard=hazard,
        sections=sections,
        act=act,
        mode=mode,
        onset=times.onset,
        expires=times.expires,
        until_lifted=times.until_lifted,
        urgency=first.urgency or "Unknown",
        certainty=first.certainty or "Unknown",
        references=on.alert.references,
        relay=on.source.relay,
        unit=UnitId(on.source.unit),
        headline=first.headline or first.event,
        clipped=on.clipped,
        extra_areas=tuple(on.extra.values()),
        why=tuple(on.why),
    )


def _without_info(on: Work) -> None:
    """An alert that says nothing; from anywhere its note, or who sent it, stands for what it would say."""
    says = "says nothing: an alert needs an info to be published"
    on.say("INFO_MISSING", "/alert/info", says, refuses=not on.anywhere)
    if on.anywhere:
        text = on.alert.note or f"{on.alert.sender} {on.alert.identifier}"
        on.alert = replace(on.alert, infos=(replace(_NO_INFO, event=text),))


def _outcome(on: Work) -> Outcome:
    if any(one.refuses for one in on.findings):
        return "refused"
    return "accepted with findings" if on.findings else "accepted"


def _act(on: Work, info: Info) -> Act:
    found = recognise.act(Message.of(on.alert, info, on.pack))
    if found is None:
        says = f"msgType {on.alert.msg_type or 'none'} warns of nothing; Alert, Update and Cancel can be published"
        on.say("NOT_A_WARNING", "/alert/msgType", says, refuses=True)
        return Act.ISSUE
    on.because("which act", found)
    act = Act(found.value)
    if act is Act.UPDATE and not on.alert.references:
        says = "names no earlier alert: linked by issuer, hazard and place, or else it opens a warning of its own"
        on.say("ORPHAN_UPDATE", "/alert/references", says, layer="state")
    return act


def _mode(on: Work) -> Mode:
    found = MODES.get(on.alert.status)
    if found is None:
        says = f"status {on.alert.status or 'none'} cannot be published; {', '.join(MODES)} can"
        on.say("STATUS_NOT_PUBLISHABLE", "/alert/status", says, refuses=True)
        return Mode.TEST
    return found


def _sender(on: Work) -> None:
    """The sender, or in the 12379 dialect its code, must be one of the source's."""
    codes = (value for info in on.alert.infos for name, value in info.parameters if name == _SENDER_CODE)
    names = dict.fromkeys((on.alert.sender, *codes))
    patterns = sorted(on.source.senders)
    if on.anywhere or any(fnmatchcase(name.casefold(), one.casefold()) for name in names for one in patterns):
        return
    says = f"{listed(names) or 'nobody'} does not send for source {on.source.id}; its senders: {listed(patterns)}"
    on.say("SENDER_NOT_OF_SOURCE", "/alert/sender", says, refuses=True)
    on.forbidden("who sends", "senders", says)


def _issuing(on: Work, hazard: HazardCode | None, sections: Sequence[Section], act: Act, mode: Mode) -> None:
    """Whether the pack lets the source's unit issue this, and this high; the rule is named."""
    elsewhere = any(one.code == "HAZARD_NOT_OF_SOURCE" for one in on.findings)
    if hazard is None or not sections or on.anywhere or elsewhere:
        return
    level = max((on.pack.level[one.level] for one in sections), key=lambda one: one.rank).id
    areas = tuple(dict.fromkeys(area for one in sections for area in one.areas))
    kind = on.pack.hazards[hazard].hazard_class
    unit, source = UnitId(on.source.unit), SourceId(on.source.id)
    may = decision.issuing(on.pack, Fact(hazard, kind, level, unit, areas, source, act, mode, "", on.now))
    on.why += may.why
    if not may.allowed:
        on.say("ISSUER_NOT_ALLOWED", "/alert/info", may.says, refuses=True)


def _scope(on: Work) -> None:
    if on.alert.scope in ("Public", "") and not on.alert.restriction:
        return
    says = f"scope {on.alert.scope}{' (restricted)' if on.alert.restriction else ''}: only Public may be published"
    on.say("SCOPE_NOT_PUBLIC", "/alert/scope", says, refuses=not on.anywhere)


def _hazard_of_source(on: Work, hazard: HazardCode | None) -> None:
    wanted = on.source.hazards
    if on.anywhere or hazard is None or not wanted or any(fnmatchcase(hazard, one) for one in wanted):
        return
    says = f"source {on.source.id} may not warn of {hazard}; it may of: {listed(wanted)}"
    on.say("HAZARD_NOT_OF_SOURCE", "/alert/info/event", says, refuses=True)
    on.forbidden("which hazard", "hazards", says)
