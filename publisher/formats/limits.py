"""How much of one incoming message do we look at?"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one message; beyond them it is refused unread.

    `max_bytes` 2 MiB suits a configured source (the largest real alert seen is 1.7 MB); give unknown sources 512 KiB.
    Depth and nodes count XML elements (JSON: nesting only). `max_validity` only makes a finding, it never refuses.
    """

    max_bytes: int = 2 * 1024 * 1024
    max_depth: int = 32
    max_nodes: int = 20_000
    max_attributes: int = 64
    max_validity: timedelta = timedelta(days=7)


UNKNOWN_SOURCE = Limits(max_bytes=512 * 1024)
