"""What must an operator say about a carrier's message centre?"""

from typing import Literal

from pydantic import Field

from channels.http import Common, SendKey
from channels.server import Authority, Centre


class Config(Common):
    """One bind. `smpps://` is encrypted; `ca` is the authority of a centre of one's own, PEM.

    `ids`: how the centre writes a message's id in its answer and in its report."""

    server: Centre
    ca: Authority = ""
    system_id: str = Field(min_length=1, max_length=15, pattern=r"^[\x21-\x7e]+$")
    password: SendKey = Field(max_length=8)
    system_type: str = Field(default="", max_length=12)
    sender: str = Field(min_length=1, max_length=20, pattern=r"^[\x20-\x7e]+$")
    sender_ton: int = Field(default=5, ge=0, le=6)
    """Type of the sender's number: 5 letters, 1 international, 3 a short code."""
    ids: Literal["same", "hex_then_decimal"] = "same"
    max_parts: int = Field(default=10, ge=1, le=255)
    enquire_seconds: float = Field(default=30.0, gt=0, le=600)
