"""What must an operator say about a Kannel gateway?"""

from pydantic import Field, SecretStr

from channels.http import Address, Common, SendKey


class Config(Common):
    """One `sendsms-user` of one smsbox. `receipt_secret` is ours: it signs the report addresses."""

    base_url: Address
    username: str = Field(min_length=1, pattern=r"^[\x21-\x7e]+$")
    password: SendKey
    receipt_secret: SecretStr = Field(min_length=16)
    sender: str = Field(default="", pattern=r"^[\x20-\x7e]{0,20}$")
    smsc: str = Field(default="", pattern=r"^[\x21-\x7e]*$")
    path: str = Field(default="/cgi-bin/sendsms", pattern=r"^/[\x21-\x7e]*$")
    max_parts: int = Field(default=10, ge=1, le=255)
    """The gateway's own `max-messages`: it drops what is beyond without a word."""
