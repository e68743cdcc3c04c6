"""Where is a server that does not speak HTTP? An address with a scheme, a host and a port."""

import ssl
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator
from yarl import URL


def server(*schemes: str) -> Callable[[str], str]:
    """A check that an address has one of `schemes`, a host and a port, and nothing that would hide a password."""

    def check(address: str) -> str:
        url = URL(address)
        if url.scheme not in schemes or not url.host or not url.explicit_port or url.user or url.query_string:
            raise ValueError(f"must be {' or '.join(f'{one}://host:port' for one in schemes)}")
        return address

    return check


def authority(pem: str) -> str:
    """A check that `pem` holds certificates; empty for the authorities this machine knows."""
    if pem:
        try:
            ssl.create_default_context(cadata=pem)
        except (ssl.SSLError, ValueError) as error:
            raise ValueError("must be the PEM certificates of an authority") from error
    return pem


def tls(ca: str) -> ssl.SSLContext:
    """What a server's certificate must prove: its name, by `ca` alone or by an authority this machine knows."""
    return ssl.create_default_context(cadata=ca or None)


Authority = Annotated[str, AfterValidator(authority)]
Mail = Annotated[str, AfterValidator(server("smtp", "smtps"))]
Broker = Annotated[str, AfterValidator(server("mqtt", "mqtts", "ws", "wss"))]
Centre = Annotated[str, AfterValidator(server("smpp", "smpps"))]
