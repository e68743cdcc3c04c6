"""What do Twilio's error codes and message states mean? (twilio.com/docs/api/errors)"""

from collections.abc import Mapping
from typing import Literal

from twilio.base.exceptions import TwilioException

from channels.http import Verdict, by_status


class Throttled(Exception):
    """Twilio took nothing: too many calls (429) or not now (503); `after`: its wish in seconds."""

    def __init__(self, status: int, words: str, after: float | None) -> None:
        super().__init__(f"HTTP {status}: {words}")
        self.status, self.after = status, after


_RETRY = {20429: "rate", 30001: "busy", 30003: "unreachable_phone", 30008: "unknown_error"}
_NEVER = {
    21211: "invalid_address",
    21614: "invalid_address",
    30005: "invalid_address",
    30006: "landline",
    21610: "opted_out",
    21408: "region_closed",
    30002: "suspended",
    30004: "blocked",
    30007: "filtered",
    21617: "content",
    21602: "content",
}
_MEND = {
    20003: "credentials",
    20404: "account or service not found",
    21606: "sender",
    21608: "trial account",
    21703: "no sender in the service",
}
CODES: Mapping[int, Verdict] = {
    **{code: Verdict("unsent", word) for code, word in _RETRY.items()},
    **{code: Verdict("refused", word) for code, word in _NEVER.items()},
    **{code: Verdict("misconfigured", word) for code, word in _MEND.items()},
}

STATES: Mapping[str, Literal["accepted", "delivered", "shown", "failed"]] = {
    "accepted": "accepted",
    "scheduled": "accepted",
    "queued": "accepted",
    "sending": "accepted",
    "sent": "accepted",
    "partially_delivered": "accepted",
    "delivered": "delivered",
    "read": "shown",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
"""MessageStatus -> the receipt's state. `sent` means passed on to the carrier, no more; a word not known here proves as little."""


def verdict(status: int, code: object) -> Verdict:
    """What an error answer means: the code decides, an unknown one leaves it to the HTTP status."""
    found = CODES.get(code) if isinstance(code, int) else None
    return found if found and status < 500 else by_status(status)


def refusal(error: TwilioException) -> tuple[Verdict, str]:
    """What the library's exception means, and the provider's own words with its code."""
    status, code = getattr(error, "status", 500), getattr(error, "code", None)
    words = getattr(error, "msg", "") or getattr(error, "detail", "") or type(error).__name__
    return verdict(status, code), f"{code}: {words}"


def reason(code: str) -> str:
    """Our word for the ErrorCode of a callback; an unknown code is kept as it is."""
    found = CODES.get(int(code)) if code.isdecimal() else None
    return found.reason if found else f"code_{code}" if code else "undeliverable"
