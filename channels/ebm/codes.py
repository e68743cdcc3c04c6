"""What do a platform's answers and play states mean? (EBDResponse/ResultCode, BrdStateCode)"""

from collections.abc import Mapping
from typing import Literal

from channels.http import Verdict

RESULTS: Mapping[str, Verdict | None] = {
    "0": Verdict("unsent", "busy"),
    "1": None,
    "2": Verdict("refused", "content"),
    "3": Verdict("refused", "area"),
    "4": Verdict("misconfigured", "signature"),
    "5": Verdict("misconfigured", "resource code"),
}
"""ResultCode -> what it means; None is taken. Others are refusals, their words kept."""

STATES: Mapping[str, tuple[Literal["accepted", "delivered", "shown", "failed"], str]] = {
    "1": ("accepted", ""),
    "2": ("delivered", ""),
    "3": ("shown", ""),
    "4": ("failed", "not_played"),
    "5": ("failed", "cancelled"),
}
"""Play state -> (receipt, reason): 1 waiting, 2 on the air, 3 played to its end."""
