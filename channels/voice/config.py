"""What must an operator say about a voice line?"""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from channels.http import Address, Common, SendKey


class Config(Common):
    """One line. `style` says whose contract it keeps: a voice `gateway`'s (docs/channels/voice.md), or `twilio`'s.

    `key` sends; `receipt_key` proves what the line tells us (for Twilio: the auth token that signs its callbacks).
    """

    base_url: Address
    style: Literal["gateway", "twilio"] = "gateway"
    account: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,64}$")
    key: SendKey = Field(min_length=8)
    receipt_key: SecretStr = Field(min_length=8)
    caller: str = Field(pattern=r"^\+?[0-9]{3,20}$")
    ring_seconds: int = Field(default=30, ge=5, le=120)
    times: int = Field(default=2, ge=1, le=5)
    """How often the text is read in one call."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.style == "twilio" and not self.account.startswith("AC"):
            raise ValueError("account: Twilio Voice needs the account's id, which begins with AC")
        return self
