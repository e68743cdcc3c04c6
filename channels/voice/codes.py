"""What do a voice line's words mean? The gateway's call states, and Twilio's CallStatus."""

from collections.abc import Mapping
from typing import Literal

State = Literal["accepted", "delivered", "shown", "acknowledged", "failed"]

GATEWAY: Mapping[str, tuple[State, str]] = {
    "called": ("accepted", ""),
    "answered": ("accepted", ""),
    "said": ("delivered", ""),
    "pressed": ("acknowledged", ""),
    "busy": ("failed", "busy_line"),
    "no_answer": ("failed", "no_answer"),
    "hung_up": ("failed", "hung_up"),
    "failed": ("failed", "undeliverable"),
}
"""State of a call -> (receipt, reason). Answered is not told: only a text read to its end counts as delivered."""

TWILIO: Mapping[str, tuple[State, str]] = {
    "queued": ("accepted", ""),
    "initiated": ("accepted", ""),
    "ringing": ("accepted", ""),
    "in-progress": ("accepted", ""),
    "completed": ("delivered", ""),
    "busy": ("failed", "busy_line"),
    "no-answer": ("failed", "no_answer"),
    "canceled": ("failed", "undeliverable"),
    "failed": ("failed", "undeliverable"),
}
"""CallStatus -> (receipt, reason). `completed` says that the call was answered and ended by itself or by the person; a word
not known here claims nothing."""
