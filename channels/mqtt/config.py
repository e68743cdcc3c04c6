"""What must an operator say about an MQTT broker?"""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from channels.http import Common, SendKey
from channels.server import Authority, Broker


class Config(Common):
    """One broker. `mqtts://` and `wss://` are encrypted; without, a password is only taken to this machine. `ca`:
    the authority of a broker of one's own, PEM."""

    server: Broker
    ca: Authority = ""
    prefix: str = Field(default="tocsin", pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$")
    client: str = Field(default="tocsin-hub", pattern=r"^[A-Za-z0-9_.-]{1,60}$")
    username: str = ""
    password: SendKey = Field(default=SecretStr(""))

    @model_validator(mode="after")
    def _safe(self) -> Self:
        open_line = self.server.startswith(("mqtt://", "ws://"))
        here = self.server.partition("://")[2].startswith(("127.", "localhost:", "[::1]:"))
        if self.username and open_line and not here:
            raise ValueError("password: only over mqtts:// or wss://")
        return self
