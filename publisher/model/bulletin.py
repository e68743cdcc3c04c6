"""What is a warning made of? Sections, texts and the bulletin: one full-state version in a warning's chain."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from publisher.model.words import (
    Act,
    AreaCode,
    BulletinId,
    HazardCode,
    Language,
    LevelId,
    Mode,
    OfficerId,
    SourceId,
    UnitId,
    WarningId,
)


@dataclass(frozen=True, slots=True)
class Words:
    """The officer's own texts of one section in one language; what channels say is rendered from these."""

    headline: str
    description: str
    instruction: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """A drawn or received outline in WGS-84 degrees: polygon rings of (lat, lon), or circles (lat, lon, km)."""

    polygons: tuple[tuple[tuple[float, float], ...], ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Level + areas + texts; a bulletin may hold several levels by area."""

    level: LevelId
    areas: tuple[AreaCode, ...]
    words: Mapping[Language, Words]
    shape: Shape = Shape()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a relayed text comes from; a relay's words are immutable and keep the source's station and time."""

    source: SourceId
    alert: str
    sender: str
    identifier: str
    sent: datetime
    relay: bool


@dataclass(frozen=True, slots=True)
class Content:
    """Everything an officer may edit in a bulletin. Times are aware; `onset` None means at once."""

    act: Act
    mode: Mode
    hazard: HazardCode
    unit: UnitId
    sections: tuple[Section, ...]
    expires: datetime
    onset: datetime | None = None
    review_by: datetime | None = None
    until_lifted: bool = False
    urgency: str = "Immediate"
    certainty: str = "Likely"
    note: str = ""
    web: str = ""
    contact: str = ""
    origin: Origin | None = None
    names: BulletinId | None = None
    """For `retract`: the bulletin taken back; for `lift` and `update`: the one that stood."""


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A version in a warning's chain with the people who touched it."""

    id: BulletinId
    warning: WarningId
    version: int
    state: str
    content: Content
    pack: str
    drafter: OfficerId
    editor: OfficerId
    submitter: OfficerId | None = None
    digest: str = ""
    valid_until: datetime | None = None
    public_id: str = ""
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A bulletin that went out, as later ones and public renderings need to name it."""

    bulletin: Bulletin
    public_id: str
    sent: datetime


@dataclass(frozen=True, slots=True)
class Chain:
    """What stands before a new bulletin: `standing` is in force now, `restores` what a retract puts back."""

    issued: tuple[Issued, ...] = ()
    standing: Issued | None = None
    restores: Issued | None = None
    reached: frozenset[str] = field(default_factory=frozenset)
    """Endpoint ids that got, or may have got, the standing bulletin."""
