"""Who can be told, and who may decide? Officers, contacts and endpoints as the planner and approval see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from publisher.model.words import AreaCode, ContactId, EndpointId, HazardCode, Language, Medium, Mode, OfficerId, UnitId


@dataclass(frozen=True, slots=True)
class Scope:
    """What of the bulletins an officer deals with. Empty means everything; areas include what lies inside them."""

    units: tuple[UnitId, ...] = ()
    areas: tuple[AreaCode, ...] = ()
    hazards: tuple[HazardCode, ...] = ()
    max_rank: int | None = None


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Officer:
    """A person who may act in the hub. Roles: drafter, reviewer, signer, leader, admin, viewer."""

    id: OfficerId
    name: str
    roles: frozenset[str]
    unit: UnitId
    scope: Scope = EVERYTHING


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or post in a unit; acknowledgement (叫应) is counted here, not on phones.

    `endpoints`: in the order to be tried; those not listed follow. `officer`: whose sign-in this person has, if any.
    """

    id: ContactId
    name: str
    role: str
    unit: UnitId
    on_duty: bool = True
    deputies: tuple[ContactId, ...] = ()
    endpoints: tuple[EndpointId, ...] = ()
    officer: OfficerId | None = None


RESIDENT = "resident"
"""The role of the public: somebody who asked for warnings. Nobody's staff: never on duty, in no unit's own list."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where something can arrive. `address` is what the channel needs: a number, a user id, a screen or feed id."""

    id: EndpointId
    medium: Medium
    address: str
    areas: tuple[AreaCode, ...]
    unit: UnitId
    language: Language
    mode: Mode
    contact: ContactId | None = None
    role: str = ""
    tags: frozenset[str] = frozenset()
    state: str = "verified"
    profile: Mapping[str, str] = field(default_factory=dict)
    """For screens: width, height, colours, font, position, display; for tags and parties: `people`, how many they are."""

    @property
    def look(self) -> str:
        """A screen's size, and its letters where asked for, as `192x18` or `1024x512f32`; empty for everything else.

        It tells renderings of one text apart.
        """
        size = self.profile.get("width"), self.profile.get("height")
        letters = self.profile.get("font")
        return self.profile.get("look") or (
            f"{size[0]}x{size[1]}" + (f"f{letters}" if letters else "") if all(size) else ""
        )


@dataclass(frozen=True, slots=True)
class Source:
    """Who may send alerts in. `senders` are the CAP sender values it may use; `max_rank` its highest level."""

    id: str
    unit: UnitId
    senders: frozenset[str]
    hazards: tuple[str, ...]
    max_rank: int
    areas: tuple[AreaCode, ...]
    relay: bool = False
    tolerant: bool = False
