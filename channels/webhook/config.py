"""What must an operator say about a partner's system?"""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from channels.http import SEND, Address, Common, SendKey


class Config(Common):
    """One partner. Both `key` and `new_key` sign while a key is being changed; `receipt_key` proves its reports.

    `private`: the partner lives on a network of our own; otherwise an address there is never called (SSRF).
    """

    base_url: Address
    format: Literal["cap", "json"] = "cap"
    key: SendKey = Field(min_length=16)
    new_key: Annotated[SecretStr | None, SEND] = Field(default=None, min_length=16)
    receipt_key: SecretStr | None = Field(default=None, min_length=16)
    private: bool = False

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if not self.private and not self.base_url.startswith("https://"):
            raise ValueError("base_url: only https:// leaves our own network")
        return self
