"""What do the platform's answers and states mean? Requested, accepted, then how many people each method reached."""

from collections.abc import Mapping
from typing import Literal

from channels.http import Verdict

REQUESTS: Mapping[str, str] = {"platform": "publish", "sms-all": "all-network-sms"}
"""An endpoint's address -> what is asked: publication by the platform, or an SMS to every telephone in the area.

What follows a colon only tells endpoints of different modes apart."""

RESULTS: Mapping[str, Verdict | None] = {
    "requested": None,
    "repeated": None,
    "invalid": Verdict("refused", "content"),
    "area": Verdict("refused", "area"),
    "level": Verdict("refused", "level"),
    "signature": Verdict("misconfigured", "signature"),
    "sender": Verdict("misconfigured", "sender code"),
    "busy": Verdict("unsent", "busy"),
}
"""`result` of an answer -> what it means; None is taken. `repeated` is the same file again."""

STATES: Mapping[str, tuple[Literal["accepted", "delivered", "shown", "failed"], str]] = {
    "requested": ("accepted", ""),
    "accepted": ("accepted", ""),
    "reached": ("delivered", ""),
    "shown": ("shown", ""),
    "refused": ("failed", "refused_by_platform"),
}
"""State of a report -> (receipt, reason). Accepted is a carrier's promise; only reached people count as delivered."""

COLOURS: Mapping[str, str] = {"Red": "RED", "Orange": "ORANGE", "Yellow": "YELLOW", "Blue": "BLUE"}
"""`severity` -> the colour in a file's name; anything else is UNKNOWN."""
