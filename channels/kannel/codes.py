"""What do Kannel's answers and delivery reports mean? (Kannel user guide, reply codes, DLR mask)"""

from collections.abc import Mapping
from typing import Literal

from channels.http import Got, Verdict, by_status

_SAYINGS: tuple[tuple[int, str, Verdict], ...] = (
    (403, "not routable", Verdict("refused", "unroutable")),
    (400, "receiver number", Verdict("refused", "invalid_address")),
    (400, "black-list", Verdict("refused", "invalid_address")),
    (400, "sender missing", Verdict("misconfigured", "no sender")),
    (400, "dlr-url", Verdict("misconfigured", "receipts address")),
    (400, "empty text", Verdict("refused", "content")),
)
"""403 says two different things, so the words decide where the status does not."""

REPORTS: Mapping[int, Literal["delivered", "failed", "accepted"] | None] = {
    1: "delivered",
    2: "failed",
    4: None,
    8: "accepted",
    16: "failed",
    34: "failed",
}
"""`%d` of a delivery report -> the receipt's state; None tells nothing new (buffered). 34 is 2, and 32 for expired there."""

ENDINGS: Mapping[str, str] = {
    "UNDELIV": "undeliverable",
    "EXPIRED": "expired",
    "DELETED": "deleted",
    "REJECTD": "rejected",
}
"""`stat:` of the centre's own report (SMPP 3.4 appendix B) -> our reason."""


def verdict(got: Got) -> Verdict | None:
    """What `got` means for the target; None when the gateway took the message (any 202)."""
    if got.status == 202:
        return None
    said = got.text.lower()
    for status, words, meaning in _SAYINGS:
        if got.status == status and words in said:
            return meaning
    return by_status(got.status)
