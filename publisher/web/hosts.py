"""Under which names is the console reached? Its own addresses, this machine, and bare IP addresses.

Any other name may be somebody else's that was made to point here (DNS rebinding), and no page of ours is shown under it.
"""

import ipaddress
from urllib.parse import urlsplit

from aiohttp import web

from publisher.web.errors import Problem, simple
from publisher.work.context import Hub

LOCAL = "localhost"


def name_of(address: str) -> str:
    """The host name of an address or of a Host header, without its port."""
    return (urlsplit(address if "//" in address else f"//{address}").hostname or "").lower()


def refused(hub: Hub, request: web.Request) -> Problem | None:
    """What to answer when the request was sent to a name that is not the console's."""
    name = name_of(request.host)
    if name == LOCAL or name.endswith(f".{LOCAL}") or _bare(name) or name in _own(hub):
        return None
    return simple(
        421, "misdirected", f"the console does not answer to {name}; its names: {', '.join(sorted(_own(hub)))}"
    )


def _own(hub: Hub) -> frozenset[str]:
    addresses = (hub.public_url, hub.desk_url, hub.sign_url, hub.drill_url)
    return frozenset(name for name in (*map(name_of, addresses), *map(name_of, hub.hosts)) if name)


def _bare(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
