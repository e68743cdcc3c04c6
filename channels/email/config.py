"""What must an operator say about an SMTP account?"""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from channels.http import Common, SendKey
from channels.server import Authority, Mail


class Config(Common):
    """One account. A password is never sent without TLS: `smtp://` begins it by STARTTLS, `smtps://` at once.

    `ca`: the authority of a server of one's own, PEM. `plain`: no TLS at all, for a server on our own machine only.
    """

    server: Mail
    ca: Authority = ""
    sender: str = Field(pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+$")
    name: str = Field(default="", max_length=60)
    username: str = ""
    password: SendKey = Field(default=SecretStr(""))
    plain: bool = False

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.plain and not self.server.startswith(("smtp://127.", "smtp://localhost:", "smtp://[::1]:")):
            raise ValueError("plain: only for a server on this machine")
        return self
