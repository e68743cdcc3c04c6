"""Which bytes came from the source of a relay? Kept beside our own CAP, never filled and never changed."""

from collections.abc import Sequence

from sqlalchemy import select

from publisher.model.bulletin import Content
from publisher.model.plan import Artefact
from publisher.store.database import Tx
from publisher.store.tables import alert

SOURCE, NAME = "source", "cap.source"
"""Kind and name of the artefact that holds a relayed signal's own bytes."""
TYPES = frozenset({"application/cap+xml", "application/xml", "text/xml", "application/json"})
"""What they are served as; anything else is served as bytes, for a browser must not run it."""


async def source(tx: Tx, content: Content) -> Sequence[Artefact]:
    """The signal that `content` passes on, as it was received; nothing for any other bulletin."""
    if content.origin is None or not content.origin.relay:
        return ()
    row = (await tx.execute(select(alert.c.raw, alert.c.media_type).where(alert.c.id == content.origin.alert))).first()
    if row is None:
        return ()
    plain = row.media_type.partition(";")[0].strip().lower()
    media_type = plain if plain in TYPES else "application/octet-stream"
    return (Artefact(NAME, SOURCE, media_type, bytes(row.raw)),)
