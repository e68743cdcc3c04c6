"""Which papers and pictures does the hub keep? By their SHA-256: a signed paper, a photo of work that was done."""

import hashlib
from collections.abc import Mapping

from publisher.store import clock
from publisher.store.conflict import insert_if_new
from publisher.store.database import Tx
from publisher.store.tables import scan

KINDS: Mapping[bytes, str] = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}


def kind_of(body: bytes) -> str:
    """Its media type by its first bytes; empty for what is not kept."""
    return next((named for mark, named in KINDS.items() if body.startswith(mark)), "")


async def keep(tx: Tx, body: bytes, *, by: str) -> tuple[str, bool]:
    """(its id, whether it is new). The caller has checked `kind_of`."""
    mine = hashlib.sha256(body).hexdigest()
    row = {"id": mine, "media_type": kind_of(body), "body": body, "by": by, "at": await clock.now(tx)}
    return mine, bool(await insert_if_new(tx, scan, row))
