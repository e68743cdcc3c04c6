"""What do a message centre's statuses and reports mean? (SMPP 3.4 §5.1.3, §5.2.28, appendix B)"""

from collections.abc import Mapping
from typing import Literal

from channels.http import Verdict

LOST_BIND = 0x04
"""The centre takes nothing on this line any more: it is bound anew."""
STATUSES: Mapping[int, Verdict] = {
    LOST_BIND: Verdict("unsent", "busy"),
    0x08: Verdict("unsent", "busy"),
    0x0A: Verdict("misconfigured", "sender"),
    0x0B: Verdict("refused", "invalid_address"),
    0x0D: Verdict("misconfigured", "bind failed"),
    0x0E: Verdict("misconfigured", "password"),
    0x0F: Verdict("misconfigured", "system id"),
    0x14: Verdict("unsent", "busy"),
    0x45: Verdict("unsent", "busy"),
    0x58: Verdict("unsent", "rate"),
    0x64: Verdict("unsent", "busy"),
    0x61: Verdict("refused", "content"),
    0x62: Verdict("refused", "content"),
}
"""command_status -> what it means; another one refuses the number, its code kept."""

STATES: Mapping[str, tuple[Literal["accepted", "delivered", "failed"], str]] = {
    "ENROUTE": ("accepted", ""),
    "ACCEPTD": ("accepted", ""),
    "DELIVRD": ("delivered", ""),
    "UNDELIV": ("failed", "undeliverable"),
    "EXPIRED": ("failed", "expired"),
    "DELETED": ("failed", "deleted"),
    "REJECTD": ("failed", "rejected"),
    "UNKNOWN": ("failed", "undeliverable"),
}
"""`stat:` of a report -> (receipt, reason)."""
MESSAGE_STATES: Mapping[int, str] = {
    1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD",
}  # fmt: skip
"""The same as the optional parameter message_state."""


def verdict(status: int) -> Verdict:
    """What a status other than 0 means."""
    return STATUSES.get(status, Verdict("refused", "rejected"))
