"""What would go out, to whom, after whose yes? The plan that preview and release share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from publisher.model.pack import FlowStep, Way
from publisher.model.words import EndpointClass, EndpointId, Lane, Language, Medium

Told = Mapping[str, int | str | tuple[str, ...]]
"""The figures and names of a message by name. A tuple is a list, whose items may be keys of the console's catalogues."""


@dataclass(frozen=True, slots=True)
class Why:
    """One line of a decision's trace: the rule tried, where it is written, whether it held, and what it gave.

    `says` is English where a rule does not hold; `told` then has what was asked (`what`), `got` and `wanted`, for other readers.
    """

    question: str
    rule: str
    where: str
    held: bool
    says: str
    told: Told = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the plan cannot carry out as written. `blocks` stops submission; the rest are shown.

    `message` is English, for programs and logs; people read `plan_says.<code>` of a catalogue, filled with `told`.
    """

    code: str
    where: str
    message: str
    blocks: bool
    told: Told = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class TextKey:
    """Which text is owed: one channel kind, one section, one language, one class of endpoint, one look.

    `look` tells renderings of one kind apart (`192x18` of a screen), empty where there is only one. `past`: the section
    counts `Chain.past`, for an endpoint that no section of the bulletin covers any more. `whole`: the endpoint's places
    see other sections too, and the text names them.
    """

    kind: str
    medium: Medium
    section: int
    language: Language
    endpoint_class: EndpointClass
    look: str = ""
    past: bool = False
    whole: bool = False

    @property
    def name(self) -> str:
        """A file-like name, stable across runs: the artefact's key in manifest and store."""
        section = f"{'p' if self.past else 's'}{self.section}"
        parts = (self.kind, section, self.language, self.endpoint_class.value, self.look, "whole" * self.whole)
        return ".".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Group:
    """Endpoints of one way that get the same text; the first `canaries` of them are the centre's own."""

    text: TextKey
    endpoints: tuple[EndpointId, ...]
    canaries: int = 0


@dataclass(frozen=True, slots=True)
class PlannedWay:
    """A way with its audience resolved; `people` counts those whom tags and parties stand for.

    `unchanged` counts endpoints that are not told because nothing changes for them.
    `wait_minutes` and `stands_for` (endpoint -> contacts) make it a stand-in: it is sent that long after the release,
    and only where none of those contacts has answered. `only_reached`: an end goes only to whoever may have the text.
    `asks`: the contacts that are to answer -> the place each answers for.
    """

    way: Way
    kinds: tuple[str, ...]
    groups: tuple[Group, ...]
    people: int
    unchanged: int = 0
    wait_minutes: int = 0
    stands_for: Mapping[EndpointId, tuple[str, ...]] = field(default_factory=dict)
    only_reached: bool = True
    asks: Mapping[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many endpoints."""
        return sum(len(group.endpoints) for group in self.groups)


@dataclass(frozen=True, slots=True)
class PlannedWave:
    """A wave: what must be signed for it and the ways it goes."""

    id: str
    name: Mapping[str, str]
    flow: str
    flow_name: Mapping[str, str]
    steps: tuple[FlowStep, ...]
    standing: str
    lane: Lane
    ways: tuple[PlannedWay, ...]


@dataclass(frozen=True, slots=True)
class Artefact:
    """Bytes that will go out. `body` may hold slots; `bound` is the hash that the digest covers.

    `derived` names the renderer, its version and parameters where the bytes are media made from a slotted text.
    """

    name: str
    kind: str
    media_type: str
    body: bytes
    section: int = 0
    language: str = ""
    derived: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What the preview shows beside it: characters, SMS parts, pages, seconds to read."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole plan: waves, artefacts by name, problems and the trace; `digest` binds manifest and mode.

    `told` is for those who approve: counts by medium and unit, the law's items, proposals; plain JSON.
    """

    waves: tuple[PlannedWave, ...]
    artefacts: Mapping[str, Artefact]
    problems: tuple[Problem, ...]
    why: tuple[Why, ...]
    manifest: Mapping[str, object]
    digest: str
    valid_until: datetime
    told: Mapping[str, object] = field(default_factory=dict)

    @property
    def blocked(self) -> bool:
        """Whether any problem stops submission."""
        return any(problem.blocks for problem in self.problems)
