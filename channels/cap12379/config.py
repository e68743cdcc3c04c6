"""What must an operator say about the upper warning platform?"""

from pydantic import Field, SecretStr

from channels.http import Address, Common, SendKey


class Config(Common):
    """One platform. `key` signs what we push; `receipt_key` proves what it tells us of it."""

    base_url: Address
    path: str = Field(default="/alerts", pattern=r"^/[\x21-\x7e]*$")
    key: SendKey = Field(min_length=16)
    receipt_key: SecretStr = Field(min_length=16)
