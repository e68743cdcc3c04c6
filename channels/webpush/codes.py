"""Which push services are there, and what do their answers mean? (RFC 8030 §5, §8; RFC 8292 §4.2)"""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from channels.http import Verdict

HOSTS = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
    "*.push.services.mozilla.com",
)
"""The services of the browsers in use. An address that a stranger gave us leads nowhere else."""
PROBES = ("https://fcm.googleapis.com/fcm/send",)
"""Where a probe asks when no service of our own is named."""

STATUSES: Mapping[int, Verdict] = {
    400: Verdict("refused", "content"),
    401: Verdict("unsent", "misconfigured"),
    403: Verdict("refused", "key"),
    404: Verdict("refused", "gone"),
    410: Verdict("refused", "gone"),
    413: Verdict("refused", "content"),
}
"""What differs from what every kind makes of HTTP. `gone`: the subscription has ended and the endpoint is revoked.
`key`: it was made for another key of ours (RFC 8292 §4.2), which says nothing of the others; its browser renews it when it
comes back."""


def known(host: str) -> bool:
    """Whether `host` is a push service of a browser."""
    return any(fnmatchcase(host, pattern) for pattern in HOSTS)
