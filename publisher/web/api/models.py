"""Which shapes go over the wire? Pydantic models of requests and answers; OpenAPI is made from them."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from publisher.model.words import Medium
from publisher.web.drafting import ContentIn, ContentPatch

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the manifest, hexadecimal.")]


class Asked(BaseModel):
    """A request: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Nothing(Asked):
    """No body is needed; an empty object is accepted."""


class Why(Asked):
    """A reason in words, for the ledger."""

    reason: str = Field("", max_length=1000)


class Because(Asked):
    """A reason that must be given."""

    reason: str = Field(min_length=1, max_length=1000)


class ChannelIn(Asked):
    """How a way out is configured."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)

    kind: str = Field(max_length=40, description="A kind of `docs/channels/`.")
    config: dict[str, Any] = Field(
        default_factory=dict, description="The keys of its page; a secret as `{secret:NAME}`, kept in a file."
    )


class ResendIn(Because):
    """Why everyone without a receipt is sent the text again; `medium` narrows it to one."""

    medium: str = Field(default="", max_length=12)


class OnBehalfIn(Because):
    """Which contact has answered, and how the officer knows."""

    contact: str = Field(min_length=1, max_length=80)


class CloseIn(Because):
    """Which endpoints show nothing old any more, and how somebody knows."""

    endpoints: list[str] = Field(min_length=1, max_length=2000)


class Note(Asked):
    """Words that may be left out."""

    note: str = Field("", max_length=1000)


class DraftIn(Asked):
    """Where a draft comes from: an accepted alert, or a content written here. Exactly one."""

    alert: str | None = Field(None, description="An alert's id: draft what it asks for.")
    readable: bool = Field(False, description="Draft a refused alert from what could be made out of it, as own text.")
    content: ContentIn | None = None


class EditIn(Asked):
    """What to change, and the revision it was read at: somebody else's save in between is a conflict."""

    revision: int = Field(ge=1)
    content: ContentPatch


class SubmitIn(Asked):
    """How to submit."""

    hold: bool = Field(False, description="Sign now, release later by `fire`.")
    revision: int | None = Field(None, ge=1, description="The revision that was looked at.")


class ConfirmIn(Asked):
    """Words that stand for places, as `told.phrases` of the preview names them."""

    section: int = Field(0, ge=0)
    words: str = Field(min_length=1, max_length=200)
    revision: int = Field(ge=1, description="The revision that was looked at.")


class IntoIn(Asked):
    """A warning in force that `told.met` of the preview names."""

    warning: str = Field(min_length=1, max_length=40)


class ApproveIn(Asked):
    """One person's yes to one digest."""

    digest: Digest
    waves: list[str] | None = Field(
        None, description="Rule ids of the waves meant; none: every wave that waits for you."
    )
    kind: Literal["signed", "attested"] = "signed"
    evidence: dict[str, str] = Field(
        default_factory=dict,
        description="For `attested`: `who` said yes, `how` (`phone` with `number`, `paper` with `scan`), `when`, `note`.",
    )


class WayIn(Asked):
    """One medium of an added wave, as in the pack's channels.yaml."""

    medium: Medium
    channels: list[str] = Field(min_length=1, max_length=10, description="In failover order.")
    audience: str = Field(description="An audience's id in audiences.yaml.")
    uncertain: Literal["repeat", "leave"] = "leave"
    repeat_minutes: int = Field(0, ge=0, le=1440)


class WaveIn(Asked):
    """A wave of the pack by its id, or ways of your own under a name of your own."""

    wave: str = Field(pattern=r"^[a-z0-9-]{1,30}$")
    ways: list[WayIn] | None = Field(None, min_length=1, max_length=20)


class CountersignIn(Asked):
    """The digest that was agreed to."""

    digest: Digest


class StandbyIn(Asked):
    """What to fill in, and where: `areas`, or stages of `envelopes`; minutes count from the firing (0: the text's)."""

    blanks: dict[str, str] = Field(default_factory=dict)
    areas: list[str] = Field(default_factory=list, max_length=5000)
    envelopes: list[str] = Field(default_factory=list, max_length=20)
    minutes: int = Field(0, ge=0)


class SeatIn(Asked):
    """One place of a shift: a contact, its role there, and whether it leads the shift."""

    contact: str
    role: str = Field(min_length=1, max_length=60)
    in_command: bool = False


class ShiftIn(Asked):
    """A duty shift; one person of it is in command."""

    unit: str
    starts: AwareDatetime
    ends: AwareDatetime
    seats: list[SeatIn] = Field(min_length=1, max_length=100)


class UpdateIn(Asked):
    """Changes to carry into the draft of the next version."""

    content: ContentPatch | None = None


class ExplainIn(Asked):
    """A content to try against the policy in force; nothing is kept."""

    content: ContentIn


class SendQuery(Asked):
    """In whose name an officer sends."""

    source: str = ""


class ListQuery(Asked):
    """How much of a list, and from where."""

    limit: int = Field(100, ge=1, le=1000)
    after: str = Field("", description="The `next` of the page before.")


class BulletinsQuery(ListQuery):
    """Which bulletins."""

    state: str = ""
    warning: str = ""


class WarningsQuery(ListQuery):
    """Which warnings."""

    live: bool = Field(False, description="Only those with a bulletin in force.")


class DeliveriesQuery(ListQuery):
    """Which deliveries of a warning."""

    bulletin: str = ""
    state: str = ""
    channel: str = ""
    uncertain: bool | None = None


class AuditQuery(Asked):
    """Which ledger rows, oldest first."""

    after: int = Field(0, ge=0)
    limit: int = Field(200, ge=1, le=1000)
    subject: str = ""


class Answer(BaseModel):
    """What the API answers; more keys may be added."""


class FindingOut(Answer):
    """One rule that an alert broke."""

    code: str
    layer: str
    refuses: bool
    path: str
    message: str


class AlertOut(Answer):
    """What became of one message."""

    id: str
    outcome: str
    findings: list[FindingOut]
    repeated: bool = Field(False, description="Whether the very same bytes were taken in before.")
    content: dict[str, Any] | None = Field(None, description="What classification made of it.")


class InboxItem(Answer):
    """One kept message without its bytes."""

    id: str
    source: str
    received: AwareDatetime
    sent: AwareDatetime | None
    sender: str
    identifier: str
    outcome: str
    state: str
    bulletin: str | None
    findings: list[FindingOut]
    content: dict[str, Any] | None = None


class Inbox(Answer):
    """The newest messages first."""

    alerts: list[InboxItem]


class StepOut(Answer):
    """One signature place of a wave."""

    id: str
    wave: str
    state: str
    name: dict[str, str]
    roles: list[str]
    quorum: int
    deadline: AwareDatetime | None
    signed_by: list[str]
    digest: str = Field("", description="What a yes to this step is bound to: the bulletin's, or an added wave's own.")
    reminders: int = Field(0, description="0 in time, 1 reminded, 2 the next person asked, 3 the alarm rung.")


class ScanOut(Answer):
    """A kept paper, by its SHA-256."""

    id: str


class BulletinOut(Answer):
    """One bulletin with the people who touched it."""

    id: str
    warning: str
    version: int
    revision: int
    state: str
    public_id: str | None
    digest: str
    valid_until: AwareDatetime | None
    held_back: bool = Field(description="Submitted to be released later by `fire`.")
    drafter: str
    editor: str
    submitter: str | None
    created: AwareDatetime
    submitted: AwareDatetime | None
    released: AwareDatetime | None
    ended: AwareDatetime | None
    content: dict[str, Any]
    standby: str = Field("", description="The text signed ahead that it follows.")
    let_lapse: str = Field("", description="Who decided that it may end by itself.")
    steps: list[StepOut] = []


class Bulletins(Answer):
    """Bulletins, newest first."""

    bulletins: list[BulletinOut]
    next: str = ""


class PreviewOut(Answer):
    """What would go out, to whom, after whose yes; and why."""

    digest: str
    valid_until: AwareDatetime | None
    frozen: bool = Field(description="These are the submitted bytes, not a fresh plan.")
    final: bool = Field(description="Released: slots are filled.")
    blocked: bool
    waves: list[dict[str, Any]]
    artefacts: list[dict[str, Any]]
    problems: list[dict[str, Any]]
    why: list[dict[str, Any]]
    told: dict[str, Any] = Field(
        description="Counts by medium, unit and endpoint class; the law's items; phrases to confirm; other warnings met."
    )


class ExplainOut(Answer):
    """What the policy says of a content."""

    waves: list[dict[str, Any]]
    problems: list[dict[str, Any]]
    why: list[dict[str, Any]]
    answers: list[dict[str, Any]] = Field(description="Every answer with its rule, file and line.")
    valid_until: AwareDatetime


class WarningOut(Answer):
    """One hazard episode."""

    id: str
    hazard: str
    mode: str
    opened: AwareDatetime
    current: str | None
    response: str = Field("", description="The response declared beside it, by name, where one warning is asked for.")
    bulletins: list[BulletinOut] = []


class Warnings(Answer):
    """Warnings, newest first."""

    warnings: list[WarningOut]
    next: str = ""


class DeliveryOut(Answer):
    """One delivery's account."""

    id: str
    bulletin: str
    version: int
    wave: str
    endpoint: str
    medium: str
    channel: str
    state: str
    reason: str
    uncertain: bool
    tries: int
    people: int | None
    updated: AwareDatetime


class Deliveries(Answer):
    """Deliveries in the order of their ids."""

    deliveries: list[DeliveryOut]
    next: str = ""


class TallyOut(Answer):
    """Endpoints counted by their strongest evidence; `taken`: a provider has it and nothing says that it arrived."""

    planned: int
    reached: int
    taken: int
    not_reached: int
    open: int
    uncertain: int
    people: int
    states: dict[str, int]


class StillOut(Answer):
    """An endpoint known to show an older version than the newest."""

    endpoint: str
    medium: str
    unit: str
    version: int


class NewestOut(Answer):
    """The account of the newest version that went out."""

    bulletin: str
    version: int
    all: TallyOut
    by_medium: dict[str, TallyOut]
    by_unit: dict[str, TallyOut]
    by_channel: dict[str, TallyOut]
    still_showing: list[StillOut]


class CoverageOut(Answer):
    """Who was reached: the newest version, and every version wave by wave."""

    warning: str
    newest: NewestOut | None
    bulletins: list[dict[str, Any]]
    areas: list[dict[str, Any]]
    seconds_to_reach: dict[str, float | None]
    answers: dict[str, int]
    withdrawal: int


class Sent(Answer):
    """How many endpoints, contacts or entries it was."""

    endpoints: int


class HoldOut(Answer):
    """Whether sending is held."""

    held: bool


class MeOut(Answer):
    """Who you are here."""

    id: str
    name: str
    unit: str
    roles: list[str]
    kind: str
    may: list[str]
    world: str


class HealthOut(Answer):
    """A channel's probe."""

    channel: str
    ok: bool
    says: str


class Done(Answer):
    """What was seen to."""

    id: str


class Listed(Answer):
    """A plain list of records."""

    items: list[dict[str, Any]]
    next: str = ""


class AuditOut(Answer):
    """Ledger rows with their hashes."""

    rows: list[dict[str, Any]]
    next: int | None = None


class PolicyOut(Answer):
    """The policy pack in force: what a program needs to draft."""

    pack: str
    hash: str
    languages: list[str]
    time_zone: str
    centre: str
    levels: list[dict[str, Any]]
    hazards: list[dict[str, Any]]
    areas: list[dict[str, Any]]
