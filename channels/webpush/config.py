"""What must an operator say about pushes to browsers?"""

from typing import Annotated

from pydantic import Field, SecretStr

from channels.http import SEND, Address, Common

Host = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]


class Config(Common):
    """One VAPID identity (RFC 8292).

    `key`: the private P-256 key, base64url of its 32 bytes or of PKCS#8; browsers subscribe with its public half.
    `subject`: `mailto:` or `https:` address at which a push service finds us. `services`: host -> where it is
    reached instead: a proxy of a closed network. Hosts of other push services are never called.
    """

    key: Annotated[SecretStr, SEND]
    subject: str = Field(pattern=r"^(mailto:[^@\s]+@[^@\s]+|https://\S+)$")
    services: dict[Host, Address] = Field(default_factory=dict)
