"""May this address be called at all? A name that leads into a private network is not, unless the operator says so."""

import ipaddress
import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Forbidden(OSError):
    """The name leads where this channel must not go."""


def public(address: str) -> bool:
    """Whether an IP address is one of the public internet, and the IPv4 address that it may stand for too."""
    found = ipaddress.ip_address(address.partition("%")[0])
    return all(one.is_global and not one.is_multicast for one in (found, *_within(found)))


def _within(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """The IPv4 addresses that a translator would make of it: mapped, 6to4, NAT64 (RFC 6052)."""
    if isinstance(found, ipaddress.IPv4Address):
        return []
    nat64 = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF) if found in _NAT64 else None
    return [one for one in (found.ipv4_mapped, found.sixtofour, nat64) if one is not None]


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
