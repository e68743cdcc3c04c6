"""What is a warning made of? Sections, texts and the bulletin: one full-state version in a warning's chain."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from publisher.model.words import (
    Act,
    AreaCode,
    BulletinId,
    EndpointId,
    HazardCode,
    Language,
    LevelId,
    Medium,
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
    confirmed: tuple[str, ...] = ()
    """Words such as 北部街镇 whose meaning an officer has confirmed for this section."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a relayed text comes from; a relay's words are immutable and keep the source's station and time."""

    source: SourceId
    alert: str
    sender: str
    identifier: str
    sent: datetime
    relay: bool
    orphan: bool = False
    """It changes something that is not in force here: it opens a chain, and says so."""
    doubts: tuple[str, ...] = ()
    """Findings that leave open what it warns of, or how gravely: no rule signed ahead lets it out without a person."""


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
    short: tuple[Medium, ...] = ()
    """Media for which the pack's short form was chosen."""
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
    standby: str = ""
    """The text signed ahead that it follows to the letter; empty for every other bulletin."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A bulletin that went out, as later ones and public renderings need to name it."""

    bulletin: Bulletin
    public_id: str
    sent: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """The versions of a chain that one endpoint got or may have got, oldest first.

    `sure`: the provider took the newest of them; else it is still on its way, or in doubt.
    """

    versions: tuple[int, ...]
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Chain:
    """What stands before a new bulletin: `standing` is in force now, `restores` what a retract puts back."""

    issued: tuple[Issued, ...] = ()
    standing: Issued | None = None
    restores: Issued | None = None
    seen: Mapping[EndpointId, Seen] = field(default_factory=dict)
    response: Mapping[str, str] = field(default_factory=dict)
    """The name of the response declared beside the warning, by language; empty without one."""
    proposed: Mapping[str, str] = field(default_factory=dict)
    """The name of the response that policy proposes for the new bulletin, where none is declared."""

    @property
    def past(self) -> tuple[tuple[Issued, Section], ...]:
        """Every section that ever went out in this chain, in order: what an endpoint that left may still hold."""
        return tuple((one, section) for one in self.issued for section in one.bulletin.content.sections)

    def told(self, version: int) -> Issued | None:
        """What somebody who got `version` takes to be in force: of a retract what it put back, of a lift nothing."""
        one = next((old for old in self.issued if old.bulletin.version == version), None)
        if one is None or not one.bulletin.content.act.ends:
            return one
        return self._restored(one.bulletin) if one.bulletin.content.act is Act.RETRACT else None

    def _restored(self, by: Bulletin) -> Issued | None:
        named = next((one.bulletin.version for one in self.issued if one.bulletin.id == by.content.names), 0)
        good = [
            one
            for one in self.issued
            if one.bulletin.version < named and one.bulletin.state != "retracted" and not one.bulletin.content.act.ends
        ]
        return good[-1] if good else None
