"""What does written policy hold? The types of a policy pack, as its YAML and CSV files spell them.

A pack is read and checked by `publisher.core.packs`; unknown keys are refused there. Words for people are `Names`
(language tag -> text). Durations are whole minutes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import ClassVar, Literal

from publisher.model.matcher import STRICT as _STRICT
from publisher.model.matcher import Matcher as Matcher
from publisher.model.measures import Duty, Example, Grade, Heard, Issuer, ReportRule, ResponseRule
from publisher.model.subjects import Subject
from publisher.model.words import (
    Act,
    AreaCode,
    EndpointClass,
    HazardClass,
    HazardCode,
    Language,
    LevelId,
    Medium,
    Names,
    Rank,
    SourceId,
    UnitId,
)


@dataclass(frozen=True, slots=True)
class Notices:
    """`notices` of `pack.yaml`: how the hub's own messages reach its people.

    `channels`: medium -> channels in failover order; a medium that is not listed is not used for them.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    answer_minutes: int = 3
    channels: Mapping[Medium, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Same:
    """`stations.same`: SAME headers before spoken bulletins, for receivers that listen for them (47 CFR 11.31).

    `places`: area -> six digits; an area without its own takes the nearest one's around it. `events`: hazard -> three
    letters; a hazard without gets no header.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    originator: str
    sender: str
    places: Mapping[AreaCode, str] = field(default_factory=dict)
    events: Mapping[HazardCode, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ebm:
    """`stations.ebm`: emergency-broadcast packages; the resource codes (EBRID) of this centre and of the platform."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Stations:
    """`stations` of `pack.yaml`: how soon a studio must say that it has a bulletin, and what it gets beside the script.

    A studio that is silent at `from_rank` or above is called; `call` is what it is told, with `{minutes}`.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    received_minutes: int = 10
    from_rank: Rank = 0
    call: Names = field(default_factory=dict)
    same: Same | None = None
    ebm: Ebm | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """`desk` of `pack.yaml`: the officers' room in its routine mode, and what its emergency mode (平战) changes.

    `answer_minutes` counts from the source's own time of sending to a decision. A message of `unopened_rank` or above
    that nobody opens for `unopened_seconds` telephones those on duty. A live warning of `emergency_rank` puts the room
    in emergency mode by itself, where `emergency_minutes` and one rank lower take the place of the first two.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    answer_minutes: int = 30
    unopened_seconds: int = 60
    unopened_rank: Rank = 4
    emergency_rank: Rank = 4
    emergency_minutes: int = 10


@dataclass(frozen=True, slots=True)
class About:
    """`pack.yaml`: whose pack this is and the few numbers that hold for all of it.

    An audience `large_factor` times as large as usual is a finding; so is a push within `quiet_hours` up to
    `quiet_rank`, and more than `weekly_messages` of one level in seven days (0: never).
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    name: Names
    centre: UnitId
    languages: tuple[Language, ...]
    time_zone: str
    root_area: AreaCode
    identifier_prefix: str
    cap_sender: str
    area_scheme: str
    legal_basis: tuple[str, ...] = ()
    single_signer_rank: Rank = 0
    lift_shown_minutes: int = 360
    stale_after_minutes: int = 30
    heartbeat_minutes: int = 1
    sms_signature: Names = field(default_factory=dict)
    exercise_signature: Names = field(default_factory=dict)
    exercise_mark: Names = field(default_factory=dict)
    exercise_mark_sms: Names = field(default_factory=dict)
    large_factor: int = 3
    quiet_hours: str = ""
    quiet_rank: Rank = 2
    weekly_messages: int = 0
    cn_dialect: bool = False
    cn_sender_code: str = ""
    notices: Notices = field(default_factory=Notices)
    stations: Stations = field(default_factory=Stations)
    desk: Room = field(default_factory=Room)


@dataclass(frozen=True, slots=True)
class Level:
    """One row of `levels.yaml`. `words` are what senders write for it; `closing` ends its texts."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: LevelId
    rank: Rank
    name: Names
    numeral: Names
    colour: str
    ink: str
    glyph: str
    cap_severity: Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"]
    words: tuple[str, ...] = ()
    closing: Names = field(default_factory=dict)
    fresh_minutes: int = 60
    stale_after_minutes: int = 60
    lease_minutes: int = 60
    at_lease_end: Literal["as_of", "safe"] = "as_of"
    review_minutes: int = 120
    default_minutes: int = 360
    max_minutes: int = 4320
    nudge_minutes: int = 30


@dataclass(frozen=True, slots=True)
class Criterion:
    """When a level is reached, in force between two dates (ISO, inclusive; empty = open)."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    level: LevelId
    text: Names
    since: str = ""
    until: str = ""
    source: str = ""

    def in_force(self, day: date) -> bool:
        """Whether the row holds on a day."""
        return (not self.since or self.since <= day.isoformat()) and (not self.until or day.isoformat() <= self.until)


@dataclass(frozen=True, slots=True)
class Hazard:
    """One row of `hazards.yaml`: an event type, the levels that exist for it and who leads."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    code: HazardCode
    name: Names
    hazard_class: HazardClass
    levels: tuple[LevelId, ...]
    lead: UnitId
    cap_category: str
    words: tuple[str, ...] = ()
    cap_response: str = "Prepare"
    until_lifted: bool = False
    guidance: Mapping[LevelId, Names] = field(default_factory=dict)
    criteria: tuple[Criterion, ...] = ()


@dataclass(frozen=True, slots=True)
class PackArea:
    """One row of `areas.csv`: a place. `overlaps` names areas it shares ground with outside the tree.

    `point` is (longitude, latitude) in WGS-84 degrees.
    """

    code: AreaCode
    name: Names
    kind: str
    parent: AreaCode | None
    overlaps: tuple[AreaCode, ...] = ()
    point: tuple[float, float] | None = None


Ring = tuple[tuple[float, float], ...]
"""A closed outline: (longitude, latitude) in WGS-84 degrees."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One row of `units.csv`: an organisation; its jurisdiction is a set of areas (with all below them).

    `short` is the name the pack approves where the whole one does not fit.
    """

    id: UnitId
    name: Names
    kind: str
    parent: UnitId | None
    jurisdiction: tuple[AreaCode, ...]
    tags: tuple[str, ...] = ()
    short: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Phrase:
    """One row of `phrases.yaml`: words that stand for places; `sure` false means an officer must confirm."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    words: tuple[str, ...]
    areas: tuple[AreaCode, ...]
    sure: bool = True
    since: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One signature place in a flow.

    `unit`: `centre`, `issuer` (the bulletin's own unit) or `any`. `attested`: whether a leader's yes by phone or
    paper may be recorded by an officer, whose real signature is then owed within `signature_minutes`.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    name: Names
    roles: tuple[str, ...]
    unit: Literal["centre", "issuer", "any"] = "any"
    quorum: int = 1
    deadline_minutes: int = 30
    escalate_to: tuple[str, ...] = ()
    attested: bool = False
    signature_minutes: int = 1440


@dataclass(frozen=True, slots=True)
class Flow:
    """A rule of `flows.yaml`: which waves take which steps. No steps means the act needs only its drafter."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    name: Names
    when: Matcher
    steps: tuple[FlowStep, ...]
    why: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule signed ahead by two: what `when` names goes out unchanged without a click (relays only)."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    name: Names
    when: Matcher
    signed_by: tuple[str, str]
    signed_on: str


@dataclass(frozen=True, slots=True)
class Answers:
    """By when how many of those asked must have answered (叫应), and who is tried for whoever has not.

    `counted`: contacts, or the villages they answer for. Each step of `then` comes one deadline after the one before.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    within_minutes: int
    percent: int = 100
    counted: Literal["contacts", "villages"] = "contacts"
    then: tuple[Literal["endpoints", "deputies", "unit"], ...] = ()


@dataclass(frozen=True, slots=True)
class StandbyWords:
    """The words of a standby text in one language; `{blank}` stands for what is filled in when it is prepared."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    headline: str
    description: str
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class Blank:
    """What may be filled into a standby text: one of `options`, or anything short on one line.

    `spoken`: how an option reads in each language; in a language that is not there it reads as it is chosen.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    name: Names
    options: tuple[str, ...] = ()
    longest: int = 40
    spoken: Mapping[str, Names] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A stage of a standby text that waits for its moment: the whole set of its areas when it is fired."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    name: Names
    areas: tuple[AreaCode, ...]


@dataclass(frozen=True, slots=True)
class Standby:
    """A file of `standby/`: a text signed ahead by two, with its blanks and its limits (areas, minutes).

    Within them one person releases it; a review of that release is owed within `review_minutes`.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    name: Names
    hazard: HazardCode
    level: LevelId
    unit: UnitId
    words: Mapping[Language, StandbyWords]
    areas: tuple[AreaCode, ...]
    minutes: int
    signed_by: tuple[str, str]
    signed_on: str
    blanks: Mapping[str, Blank] = field(default_factory=dict)
    envelopes: tuple[Envelope, ...] = ()
    review_minutes: int = 60


@dataclass(frozen=True, slots=True)
class Way:
    """One medium of a wave: its channels in failover order, its audience and what to do about doubt.

    `unchanged`: whether an update is also told (`tell`) to those for whom it changes nothing.
    `weights`: how often each channel comes first, where they share the load instead of standing by.
    `ends`: whether a lift or retract also goes to those who certainly never got what it ends (`all`).
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    medium: Medium
    channels: tuple[str, ...]
    audience: str
    uncertain: Literal["repeat", "leave"] = "leave"
    unchanged: Literal["spare", "tell"] = "spare"
    ends: Literal["reached", "all"] = "reached"
    repeat_minutes: int = 0
    deadline_minutes: int = 30
    weights: tuple[int, ...] = ()
    answers: Answers | None = None


@dataclass(frozen=True, slots=True)
class WaveRule:
    """A rule of `channels.yaml`: one wave (批次) of a release; `go_on` lets later rules add further waves."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    name: Names
    when: Matcher
    ways: tuple[Way, ...]
    go_on: bool = True
    why: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Audience:
    """A selector of `audiences.yaml` over the endpoint registry; every list that is given must let the endpoint in.

    `scope`: `within` = the endpoint's area lies in a warned area; `touching` = also endpoints whose area holds a
    warned one (a department covering the district); `all` = everyone with the right medium and mode. `areas` and
    `under` narrow it to parts of the two trees: places inside these, units below these. `place_kinds` are kinds of
    place: of the endpoint's unit, of one of its areas, or a tag `place:<kind>`. `regions`: only
    providers that keep numbers there may be given these; empty = any.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    name: Names
    scope: Literal["within", "touching", "all"] = "within"
    roles: tuple[str, ...] = ()
    unit_kinds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    languages: tuple[Language, ...] = ()
    place_kinds: tuple[str, ...] = ()
    areas: tuple[AreaCode, ...] = ()
    under: tuple[UnitId, ...] = ()
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Display:
    """A rule of `displays.yaml`: what a screen shows when several warnings live; a screen may name its own rule.

    A screen that has not asked for `missed_polls` times `poll_seconds` rings an alarm. `as_of` holds `{time}`: what a
    screen adds to a text that it could not confirm in time.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    preempt_rank: Rank = 4
    page_seconds: int = 6
    max_items: int = 6
    poll_seconds: int = 30
    missed_polls: int = 6
    as_of: Names = field(default_factory=dict)
    idle: Names = field(default_factory=dict)
    safe: Names = field(default_factory=dict)
    more: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CodeMap:
    """A normaliser of `intake.yaml`: event codes under one CAP `valueName` (lower-case) -> our hazard codes."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    value_name: str
    codes: Mapping[str, HazardCode] = field(default_factory=dict)
    same: bool = False


@dataclass(frozen=True, slots=True)
class IntakeRule:
    """A classification rule: when every given test holds, the given results are set; first match wins a result."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    words: tuple[str, ...] = ()
    sender: tuple[str, ...] = ()
    parameter: Mapping[str, str] = field(default_factory=dict)
    hazard: HazardCode | None = None
    level: LevelId | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """`intake.yaml`: how an alert becomes hazard, level, areas and act, and which findings refuse."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    skew_minutes: int = 5
    old_minutes: int = 1440
    refuse: tuple[str, ...] = ()
    event_codes: tuple[CodeMap, ...] = ()
    area_value_names: tuple[str, ...] = ()
    level_parameters: tuple[str, ...] = ()
    severity_levels: Mapping[str, LevelId] = field(default_factory=dict)
    act_words: Mapping[Act, tuple[str, ...]] = field(default_factory=dict)
    rules: tuple[IntakeRule, ...] = ()
    coexist: tuple[tuple[SourceId, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Lint:
    """`lint.yaml`: mandatory items (突发事件应对法 Art. 64) and words per mode."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    mandatory: tuple[str, ...] = ()
    not_in_actual: tuple[str, ...] = ()
    not_in_exercise: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filing:
    """One row of `filings.yaml`: a text filed with a provider, which sends no other. An absent list matches all."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    channel: str
    template: str
    status: Literal["filed", "pending", "refused"]
    on: str
    act: tuple[Act, ...] = ()
    endpoint_class: tuple[EndpointClass, ...] = ()
    language: tuple[Language, ...] = ()
    short: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class PublicTest:
    """A row of `public_tests.yaml`: the fixed text of a lawful test, the media it may use and the hours it may go out."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    name: Names
    hazard: HazardCode
    level: LevelId
    media: tuple[Medium, ...]
    hours: str
    headline: Names
    description: Names
    instruction: Names = field(default_factory=dict)


@dataclass(frozen=True)
class Pack:
    """A whole policy pack, checked. `hash` is the content hash of its files and templates (hex SHA-256).

    `lines` maps a rule's path such as `flows.yaml:red` to its line number, so that every decision can name it.
    """

    hash: str
    about: About
    levels: tuple[Level, ...]
    hazards: Mapping[HazardCode, Hazard]
    areas: Mapping[AreaCode, PackArea]
    units: Mapping[UnitId, Unit]
    phrases: tuple[Phrase, ...]
    intake: Intake
    flows: tuple[Flow, ...]
    standing: tuple[Standing, ...]
    waves: tuple[WaveRule, ...]
    audiences: Mapping[str, Audience]
    displays: tuple[Display, ...]
    lint: Lint
    lines: Mapping[str, int]
    filings: tuple[Filing, ...] = ()
    public_tests: tuple[PublicTest, ...] = ()
    subjects: Mapping[str, Subject] = field(default_factory=dict)
    standby: Mapping[str, Standby] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    outlines: Mapping[AreaCode, tuple[Ring, ...]] = field(default_factory=dict)
    outlines_credit: str = ""
    issuers: tuple[Issuer, ...] = ()
    duties: tuple[Duty, ...] = ()
    grades: tuple[Grade, ...] = ()
    responses: tuple[ResponseRule, ...] = ()
    reports: tuple[ReportRule, ...] = ()
    examples: tuple[Example, ...] = ()
    heard: tuple[Heard, ...] = ()

    @cached_property
    def level(self) -> Mapping[LevelId, Level]:
        """Levels by id."""
        return {level.id: level for level in self.levels}

    @cached_property
    def children(self) -> Mapping[AreaCode, tuple[AreaCode, ...]]:
        """Direct children of each area, in file order."""
        found: dict[AreaCode, list[AreaCode]] = {}
        for area in self.areas.values():
            if area.parent is not None:
                found.setdefault(area.parent, []).append(area.code)
        return {parent: tuple(below) for parent, below in found.items()}

    def media_of(self, role: str) -> frozenset[Medium]:
        """By which media the waves tell people of this role."""
        heard = {one.id for one in self.audiences.values() if not one.roles or role in one.roles}
        return frozenset(way.medium for wave in self.waves for way in wave.ways if way.audience in heard)

    def display(self, named: str = "") -> Display:
        """The rule of `displays.yaml` with this id, else the first."""
        found = next((one for one in self.displays if one.id == named), None)
        return found or next(iter(self.displays), Display("default"))

    @property
    def language(self) -> Language:
        """The pack's first language, the one texts are owed in."""
        return self.about.languages[0]

    def where(self, file: str, name: str) -> str:
        """A rule's place as people read it, `flows.yaml:31`; line 0 for one that was not read from a file."""
        return f"{file}:{self.lines.get(f'{file}:{name}', 0)}"

    @cached_property
    def above(self) -> Mapping[AreaCode, tuple[AreaCode, ...]]:
        """Each known area with every area above it, nearest first: asked for every endpoint of every plan."""
        return {code: self._climb(code) for code in self.areas}

    def ancestors(self, code: AreaCode) -> tuple[AreaCode, ...]:
        """`code` and every area above it, nearest first; empty for an unknown code."""
        return self.above.get(code, ())

    def _climb(self, code: AreaCode) -> tuple[AreaCode, ...]:
        chain: list[AreaCode] = []
        at: AreaCode | None = code
        while at is not None and at in self.areas and at not in chain:
            chain.append(at)
            at = self.areas[at].parent
        return tuple(chain)

    def inside(self, code: AreaCode, areas: frozenset[AreaCode]) -> bool:
        """Whether `code` is one of `areas` or lies below one of them."""
        return any(above in areas for above in self.ancestors(code))


def said(names: Names, language: str) -> str:
    """The text in `language`, else the first given, else nothing."""
    return names.get(language) or next(iter(names.values()), "")
