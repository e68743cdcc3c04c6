"""May this address be called at all? A name that leads into a private network is not, unless the operator says so."""

import ipaddress
import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL


class Forbidden(OSError):
    """The name leads where this channel must not go."""


def public(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_global and not found.is_multicast


def literal(url: str) -> bool:
    """Whether the host of `url` is written as a number that is not public: no resolver is ever asked about it."""
    try:
        return not public(URL(url).host or "")
    except ValueError:
        return False


class PublicOnly(AbstractResolver):
    """Resolves names to public addresses only; the connection goes to what was checked, so no second answer helps."""

    def __init__(self) -> None:
        self._inner: AbstractResolver | None = None

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The public addresses of `host`. Raises Forbidden when any is not public."""
        self._inner = self._inner or ThreadedResolver()
        found = await self._inner.resolve(host, port, family)
        if not all(public(one["host"]) for one in found):
            raise Forbidden(f"{host} is an address of a private network; set `private` if it is meant to be")
        return found

    async def close(self) -> None:
        """Close the resolver beneath."""
        if self._inner is not None:
            await self._inner.close()
