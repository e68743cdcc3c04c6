"""What must an operator say about pushes to browsers?"""

import base64
import re
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from channels.http import SEND, WITHHELD, Address, Common

_BARE, _WRAPPED = 32, 67
"""Bytes of a bare key, and of the smallest in PKCS#8."""
Host = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]


def _private(key: SecretStr) -> SecretStr:
    """Raises ValueError for what cannot be one; whether it lies on the curve is seen when it first signs."""
    said = key.get_secret_value()
    size = len(base64.urlsafe_b64decode(said + "===")) if re.fullmatch(r"[\w-]{43,}=*", said) else 0
    if said != WITHHELD and size != _BARE and size < _WRAPPED:
        raise ValueError("must be a private P-256 key: base64url of its 32 bytes, or of PKCS#8")
    return key


class Config(Common):
    """One VAPID identity (RFC 8292).

    `key`: the private P-256 key, base64url of its 32 bytes or of PKCS#8; browsers subscribe with its public half.
    `subject`: `mailto:` or `https:` address at which a push service finds us. `services`: host -> where it is
    reached instead: a proxy of a closed network. Hosts of other push services are never called.
    """

    key: Annotated[SecretStr, SEND, AfterValidator(_private)]
    subject: str = Field(pattern=r"^(mailto:[^@\s]+@[^@\s]+|https://\S+)$")
    services: dict[Host, Address] = Field(default_factory=dict)
