"""What must an operator say about a carrier's message centre?"""

from typing import Literal

from pydantic import Field, SecretStr, field_validator

from channels.http import WITHHELD, Common, SendKey
from channels.server import Authority, Centre

LONGEST_PASSWORD = 8
"""Characters, SMPP 3.4 §5.2.2."""


class Config(Common):
    """One bind. `smpps://` is encrypted; `ca` is the authority of a centre of one's own, PEM.

    `ids`: how the centre writes a message's id in its answer and in its report."""

    server: Centre
    ca: Authority = ""
    system_id: str = Field(min_length=1, max_length=15, pattern=r"^[\x21-\x7e]+$")
    password: SendKey
    system_type: str = Field(default="", max_length=12)
    sender: str = Field(min_length=1, max_length=20, pattern=r"^[\x20-\x7e]+$")
    sender_ton: int = Field(default=5, ge=0, le=6)
    """Type of the sender's number: 5 letters, 1 international, 3 a short code."""
    ids: Literal["same", "hex_then_decimal"] = "same"
    max_parts: int = Field(default=10, ge=1, le=255)
    enquire_seconds: float = Field(default=30.0, gt=0, le=600)

    @field_validator("password")
    @classmethod
    def _as_a_bind_takes_it(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) > LONGEST_PASSWORD and value.get_secret_value() != WITHHELD:
            raise ValueError(f"a bind's password has at most {LONGEST_PASSWORD} characters")
        return value
