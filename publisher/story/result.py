"""What does a story tell? The published shape of `tocsin story --json` (docs/schemas/story.schema.json)."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FindingOut(_Strict):
    """One finding of intake."""

    code: str
    layer: str
    refuses: bool
    path: str
    message: str


class AlertOut(_Strict):
    """What became of the incoming message."""

    outcome: Literal["accepted", "accepted with findings", "refused"]
    findings: list[FindingOut]


class StepOut(_Strict):
    """A signature place and who signed it."""

    id: str
    roles: list[str]
    quorum: int
    signed_by: list[str]


class AudienceOut(_Strict):
    """How many endpoints and people one medium of a wave reaches."""

    medium: str
    endpoints: int
    people: int


class WaveOut(_Strict):
    """A wave as decided: its flow, what must be signed, its channels and audience."""

    id: str
    flow: str
    standing: str
    steps: list[StepOut]
    channels: list[str]
    audience: list[AudienceOut]


class DecisionOut(_Strict):
    """What policy made of the alert, and why: one line a rule tried."""

    act: str
    mode: str
    hazard: str
    level: str
    areas: list[str]
    waves: list[WaveOut]
    problems: list[dict[str, Any]]
    why: list[dict[str, Any]]


class ReleasedWave(_Strict):
    """A wave that went out."""

    id: str
    digest: str
    state: str


class ReleaseOut(_Strict):
    """What was released: the digest approvals bound, and the public identifier."""

    digest: str
    public_id: str
    at: str
    waves: list[ReleasedWave]


class DeliveryOut(_Strict):
    """One delivery's end."""

    wave: str
    channel: str
    endpoint: str
    state: str
    reason: str
    uncertain: bool
    attempts: int


class ArtefactOut(_Strict):
    """A file that went out, under its fixed name; `file` is where `--out` left it."""

    media_type: str
    bytes: int
    sha256: str
    file: str = ""


class Story(_Strict):
    """The whole life of one alert. Later parts are absent when an earlier one refused."""

    alert: AlertOut
    decision: DecisionOut | None = None
    release: ReleaseOut | None = None
    deliveries: list[DeliveryOut] = []
    artefacts: dict[str, ArtefactOut] = {}
    refused: list[str] = []
    seconds: float = 0.0


class Replay(_Strict):
    """A series of stories in one hub, in the order of the lines."""

    stories: list[Story]
