"""What is a way out? The contract every kind keeps: Push sends to targets, Pull makes pages that others fetch.

Failure tree of `Push.send`, each leaf a different remedy:

    per target   Sent | Refused | Unsent | Unknown        (values; see publisher.model.delivery)
    per channel  Unavailable     nothing in this call was sent to the remaining targets; try later or fail over
                 Misconfigured   nothing was sent and nothing will be until a person mends the configuration
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol, runtime_checkable

from publisher.model.bulletin import Bulletin, Chain, Content
from publisher.model.delivery import Answer, Message, Receipt, Target
from publisher.model.directory import Endpoint
from publisher.model.pack import Pack
from publisher.model.words import Medium, World


class Unavailable(Exception):
    """The provider cannot be reached; the remaining targets were certainly not sent to."""


class Misconfigured(Exception):
    """Credentials, address or account are wrong; the remaining targets were certainly not sent to."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What planning and delivery must know of a kind.

    `repeat`: `keyed` = sending again with the same key cannot repeat; `queryable` = the provider can be asked first;
    `blind` = neither. `window` = most targets in flight at once. `rate` = sends a second the account allows; `quota` =
    sends a day (0 = no limit known), whose day begins at midnight in `quota_zone`. `region` = where the provider keeps
    numbers (a pack may demand one). `receipt_minutes` = after which a missing receipt is suspicious. `recall_hours` =
    how long a sent message can be taken back (0 = never).
    `carries`: the kind hands on a file of the release instead of a text of its own: the signed `cap`, or `cap-cn`.
    `callback_bytes`: the largest call on the hook; a photo needs more than a provider's report.
    `line`: receipts come over a connection that a worker keeps open (`Reports`).
    """

    kind: str
    medium: Medium
    pull: bool = False
    repeat: Literal["keyed", "queryable", "blind"] = "blind"
    window: int = 64
    rate: float = 50.0
    timeout: float = 10.0
    quota: int = 0
    quota_zone: str = "UTC"
    region: str = ""
    receipts: bool = False
    receipt_minutes: float = 2.5
    recall_hours: float = 0.0
    limits: Mapping[str, int] = field(default_factory=dict)
    carries: Literal["", "cap", "cap-cn"] = ""
    line: bool = False
    callback_bytes: int = 64 * 1024


@dataclass(frozen=True, slots=True)
class Health:
    """A probe's answer: whether the account works, and what an officer should read."""

    ok: bool
    says: str


@dataclass(frozen=True, slots=True)
class Callback:
    """A provider's call on `/hooks/{channel}`, raw: verification needs the exact bytes and the public address."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer a callback."""

    status: int = 200
    body: bytes = b""
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Page:
    """One materialised public resource. `path` is absolute (`/feeds/warnings.rss`); `expires` None = stands.

    The same path written again replaces the page. `gone` removes it (404 with the new state's address in `body`).
    `sealed`: the body is a JSON object that the hub numbers and seals when it writes it (`publisher.formats.bundle`).
    """

    path: str
    media_type: str
    body: bytes
    expires: datetime | None = None
    gone: bool = False
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One released bulletin with its final bytes, as pull kinds see it.

    `active`: in force (issue or update); a lift or retract is listed until `shown_until` and never active.
    `files`: artefact name -> (media type, final bytes).
    """

    bulletin: Bulletin
    public_id: str
    issued: datetime
    active: bool
    shown_until: datetime
    files: Mapping[str, tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened to the public: `seq` counts up by one for each, actual and exercise apart.

    `event`: an act of `publisher.model.words.Act`, or `lapse`, which leaves no entry in any feed. `page`: the public
    number of the warning's first bulletin, which names its page; `told`: language -> headline.
    """

    seq: int
    at: datetime
    event: str
    public_id: str
    page: str = ""
    rank: int = 0
    told: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trust:
    """How a public file proves where it is from. `seal` gives the Ed25519 seal of bytes (`publisher.formats.seal`).

    `public`: that key's public half, base64url; `certificate`: the CAP signing certificate, PEM.
    """

    seal: Callable[[bytes], str]
    public: str
    certificate: bytes


@dataclass(frozen=True, slots=True)
class Surface:
    """What a pull kind is given: every listed entry (newest first), the places it serves and the clock.

    `news`: what happened last, oldest first; its last `seq` says how much ever did.
    """

    entries: Sequence[Entry]
    endpoints: Sequence[Endpoint]
    pack: Pack
    now: datetime
    public_url: str
    exercise: bool
    sequence: int
    trust: Trust
    news: Sequence[News] = ()


def _machine_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Setup:
    """What a channel is built from. `receipts_url` is the public address at which the provider calls us back.

    `clock` is the hub's (its offset included): a text's expiry is judged by it, never by the machine's.
    """

    name: str
    world: World
    config: Mapping[str, object]
    receipts_url: str
    clock: Callable[[], datetime] = _machine_clock


@dataclass(frozen=True, slots=True)
class About:
    """What a text is about, for kinds that state facts beside words: one section of a bulletin, in its chain and pack."""

    content: Content
    section: int
    chain: Chain
    pack: Pack


@dataclass(frozen=True, slots=True)
class Fields:
    """Rendered words for one text: named by the medium's template (`body`, `title`, `area` …), slots still inside.

    `level`, `colour` (hex) and `rank` name the section's level; `url` is the public page of the warning.
    """

    words: Mapping[str, str]
    language: str
    level: str
    colour: str
    rank: int
    exercise: bool
    url: str
    about: About | None = None


@dataclass(frozen=True, slots=True)
class Composed:
    """A provider-shaped body, what the preview says beside it, and what does not fit (never cut in silence).

    `marked`: a text that is too long, by its part, with what goes beyond the limit in ⟪brackets⟫.
    """

    media_type: str
    body: bytes
    facts: Mapping[str, str] = field(default_factory=dict)
    overflow: tuple[str, ...] = ()
    marked: Mapping[str, str] = field(default_factory=dict)


class Composes(Protocol):
    """What planning needs of a way out that we call; it works without the keys that send (`channels.http.SendKey`)."""

    traits: Traits

    def compose(self, fields: Fields) -> Composed:
        """See `Push`."""
        ...


@runtime_checkable
class Push(Protocol):
    """A way out that we call."""

    traits: Traits

    def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """Try each target once and yield each answer as it is known: exactly one per target, in any order.

        Raises Unavailable or Misconfigured for the targets not yet answered. Cancellation-safe; never longer than
        `traits.timeout` per provider call.
        """
        ...

    def compose(self, fields: Fields) -> Composed:
        """Shape rendered words as the provider wants them, without recipients; pure, called when planning."""
        ...

    async def probe(self) -> Health:
        """Check credentials and reachability without sending anything to anyone."""
        ...

    async def close(self) -> None:
        """Release sockets; the channel is not used afterwards."""
        ...


@runtime_checkable
class Pull(Protocol):
    """A way out that others fetch: pure, no I/O."""

    traits: Traits

    def materialise(self, surface: Surface) -> Sequence[Page]:
        """Every page this kind serves for the given state, whole: pages of a former state that are not among them go."""
        ...

    def proof(self, endpoint: Endpoint) -> str:
        """The path (without the `/exercise` prefix) whose page in the store proves that `endpoint` is served."""
        ...


@runtime_checkable
class Reconciles(Protocol):
    """Can be asked whether an earlier send arrived, before anything is sent again."""

    async def reconcile(self, message: Message, target: Target, since: datetime) -> Answer:
        """Sent if the provider has it, Unsent if it certainly has not, Unknown if it cannot tell."""
        ...


@runtime_checkable
class Recalls(Protocol):
    """Can take a sent message back."""

    async def recall(self, ref: str) -> bool:
        """Whether the provider took it back."""
        ...


@runtime_checkable
class Reports(Protocol):
    """Gets receipts over a line of its own, which a worker keeps open."""

    def reports(self) -> AsyncIterator[Receipt]:
        """Every receipt, for ever; one is confirmed to the provider when the next is asked for, so none is lost."""
        ...


@runtime_checkable
class Invites(Protocol):
    """A person reports on a delivery by a link of their own."""

    def link(self, delivery: str) -> str:
        """The address of the form, signed for this delivery alone."""
        ...


@runtime_checkable
class Hears(Protocol):
    """Gets receipts by callback."""

    traits: Traits

    def hear(self, callback: Callback) -> tuple[Reply, Sequence[Receipt]]:
        """Verify first, then read. A forged or stale call answers 403 with no receipts; never raises on bad input."""
        ...


Channel = Push | Pull
Desk = Composes | Pull
"""A channel opened without the keys that send, as the web process has it."""
