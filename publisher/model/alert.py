"""What did a source send us? One alert in CAP terms, whatever format it came in, and the outcome of reading it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from publisher.model.finding import Finding

Format = Literal["cap12", "cap11", "12379", "json", "unknown"]
Outcome = Literal["accepted", "accepted with findings", "refused"]
Ring = tuple[tuple[float, float], ...]
"""A closed outline of (latitude, longitude) pairs in WGS-84 degrees; the first point is repeated at the end."""
Circle = tuple[float, float, float]
"""Latitude, longitude in WGS-84 degrees, and a radius in kilometres."""
Pairs = tuple[tuple[str, str], ...]
"""(valueName, value) pairs in the order of the message; a name may repeat."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier alert this one speaks about. The 12379 dialect names only the identifier: the rest is then empty."""

    sender: str
    identifier: str
    sent: datetime | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """An attached file, by address or carried inside as base64; `size` in bytes, None when the sender does not say."""

    description: str
    mime_type: str
    size: int | None = None
    uri: str = ""
    deref_uri: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class AlertArea:
    """A place in the sender's words, shapes and codes. `altitude` and `ceiling` are feet above mean sea level."""

    description: str
    polygons: tuple[Ring, ...] = ()
    circles: tuple[Circle, ...] = ()
    geocodes: Pairs = ()
    altitude: float | None = None
    ceiling: float | None = None


@dataclass(frozen=True, slots=True)
class Info:
    """One language or segment of an alert. A text the sender left out is empty, a time left out is None.

    `sender_name` is the name to show in public: in the 12379 dialect the issuing unit, never the signing officer.
    """

    language: str
    categories: tuple[str, ...]
    event: str
    response_types: tuple[str, ...]
    urgency: str
    severity: str
    certainty: str
    audience: str = ""
    event_codes: Pairs = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    parameters: Pairs = ()
    resources: tuple[Resource, ...] = ()
    areas: tuple[AlertArea, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """One incoming message in CAP 1.2 terms (OASIS CAP 1.2 §3.2), format-neutral."""

    identifier: str
    sender: str
    sent: datetime | None
    status: str
    msg_type: str
    scope: str
    source: str = ""
    restriction: str = ""
    addresses: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    note: str = ""
    references: tuple[Reference, ...] = ()
    incidents: tuple[str, ...] = ()
    infos: tuple[Info, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """The answer to one message: what it says and every finding about it.

    `alert` is None when nothing could be made out. In a refused reading it holds what was readable, for a draft by
    hand, and must never be published as it is. `signed` says an XML signature is present; nobody has verified it here.
    """

    format: Format
    alert: Alert | None
    findings: tuple[Finding, ...]
    sha256: str
    signed: bool = False

    @property
    def refused(self) -> bool:
        """True when at least one finding refuses the message."""
        return any(finding.refuses for finding in self.findings)

    @property
    def outcome(self) -> Outcome:
        """The three answers a source can get."""
        if self.refused:
            return "refused"
        return "accepted with findings" if self.findings else "accepted"
