"""What happened to a target? Four answers, because four different things happen next; and receipts.

Sent     the provider took it            -> wait for a receipt, keep the reference
Refused  this target can never get it    -> stop, count as not covered
Unsent   certainly not sent              -> retry after a while, or fail over
Unknown  may have been sent              -> never shown as delivered, never silently repeated; policy decides
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from publisher.model.words import EndpointId


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider accepted it; `ref` is the provider's own reference, `count` the people it says it reaches."""

    ref: str
    count: int | None = None
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """This target will never get it: a closed reason word and the provider's words."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unsent:
    """Certainly not sent; `after` seconds is the provider's own wish, None to leave it to back-off."""

    reason: str
    after: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """May have been sent."""

    reason: str
    detail: str = ""


Answer = Sent | Refused | Unsent | Unknown


@dataclass(frozen=True, slots=True)
class Target:
    """One recipient of one send. `key` is the provider's idempotency key, the same for every try of a delivery.

    `delivery` identifies our row and is what a receipt address carries.
    """

    delivery: str
    endpoint: EndpointId
    address: str
    key: str


@dataclass(frozen=True, slots=True)
class Message:
    """The final, slot-filled bytes for a group of targets, and the moment after which they must not start."""

    media_type: str
    body: bytes
    expires: datetime
    exercise: bool
    name: str
    sha256: str
    attachments: tuple[tuple[str, bytes], ...] = ()
    """Scans of the approval (media type, bytes), for kinds that carry the 12379 file."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Evidence about one delivery, by our own id (`delivery`) or the provider's reference (`ref`).

    Where a provider names neither (a person's reply), `address` is who answered: it means the newest
    unanswered delivery to that address through this channel. `attachment` is a photo that a person added.
    """

    state: Literal["accepted", "delivered", "shown", "acknowledged", "failed"]
    delivery: str = ""
    ref: str = ""
    reason: str = ""
    detail: str = ""
    count: int | None = None
    address: str = ""
    attachment: bytes = b""
