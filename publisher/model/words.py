"""Which closed words does the whole hub share? Acts, modes, media, lanes and the identifiers' types."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import NewType

AreaCode = NewType("AreaCode", str)
UnitId = NewType("UnitId", str)
SourceId = NewType("SourceId", str)
OfficerId = NewType("OfficerId", str)
ContactId = NewType("ContactId", str)
EndpointId = NewType("EndpointId", str)
HazardCode = NewType("HazardCode", str)
LevelId = NewType("LevelId", str)
Language = NewType("Language", str)
ChannelName = NewType("ChannelName", str)
WarningId = NewType("WarningId", str)
BulletinId = NewType("BulletinId", str)

Rank = int
"""0 notice to 4 gravest; the pack's `levels.yaml` names and colours each rank."""

Names = Mapping[str, str]
"""A word in each of the pack's languages: language tag -> text."""


class Act(StrEnum):
    """What a bulletin does to its warning (DESIGN §2)."""

    ISSUE = "issue"
    UPDATE = "update"
    LIFT = "lift"
    RETRACT = "retract"

    @property
    def ends(self) -> bool:
        """Whether the act takes a warning, or one bulletin of it, away."""
        return self in (Act.LIFT, Act.RETRACT)


class Mode(StrEnum):
    """What a bulletin and an endpoint are for; they must be equal or nothing is sent."""

    ACTUAL = "actual"
    EXERCISE = "exercise"
    TEST = "test"


class World(StrEnum):
    """What the whole hub is for, written into the database at first start."""

    LIVE = "live"
    SANDBOX = "sandbox"


class Medium(StrEnum):
    """How something can arrive at an endpoint."""

    SMS = "sms"
    VOICE = "voice"
    WECHAT = "wechat"
    WECOM = "wecom"
    SCREEN = "screen"
    STATION = "station"
    FEED = "feed"
    PARTNER = "partner"
    MANUAL = "manual"
    EMAIL = "email"
    APP = "app"


class HazardClass(StrEnum):
    """The four classes of 突发事件应对法 Art. 2, and none for notices."""

    NATURAL = "natural"
    ACCIDENT = "accident"
    PUBLIC_HEALTH = "public_health"
    SOCIAL_SECURITY = "social_security"
    NONE = "none"


class EndpointClass(StrEnum):
    """What an update means to one endpoint: from its old section, its new one and whether it was reached."""

    NEW = "new"
    RAISED = "raised"
    LOWERED = "lowered"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    LEFT = "left"


class Lane(IntEnum):
    """The order in which batches are claimed; a smaller number goes first."""

    WITHDRAWAL = 0
    RED = 1
    ORANGE = 2
    OTHER = 3
    EXERCISE = 4


class ApprovalKind(StrEnum):
    """How a person's yes was given: by hand, attested by phone or paper, or by a signed standing rule."""

    SIGNED = "signed"
    ATTESTED = "attested"
    STANDING = "standing"
