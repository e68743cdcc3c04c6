"""What do screens tell? "This is now shown", as a receipt."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from publisher.model.delivery import Receipt
from publisher.model.words import Medium
from publisher.store.database import Tx
from publisher.store.tables import bulletin, delivery, endpoint
from publisher.web.context import Call
from publisher.web.errors import simple
from publisher.web.routes import Reply
from publisher.web.tokens import SCREEN
from publisher.work import receipts


class Shown(BaseModel):
    """What a screen now shows: the `id` of a playlist item."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=80, description="The item's `id` from the screen's playlist.")
    state: Literal["shown"] = "shown"


class Heard(BaseModel):
    """What became of it."""

    delivery: str = Field(description="The delivery this is evidence for.")
    moved: bool = Field(description="Whether it said something new.")


async def shown(call: Call) -> Reply:
    """A screen's own word that a text is on it. Only that screen's token may say so: evidence is not hearsay."""
    screen = call.path("screen")
    if call.who.source != SCREEN + screen:
        raise simple(403, "not-allowed", f"this token belongs to {call.who.id}, not to screen {screen}")
    async with call.hub.db.read() as tx:
        found = await _delivery(tx, screen, call.body.id)
    if found is None:
        says = f"nothing with id {call.body.id!r} was released to screen {screen}; take `id` from /led/{screen}.json"
        raise simple(404, "missing", says, where="id")
    name, channel = found
    moved = await receipts.apply(call.hub.db, channel, [Receipt("shown", delivery=name)])
    return Reply(Heard(delivery=name, moved=bool(moved)))


async def _delivery(tx: Tx, screen: str, item: str) -> tuple[str, str] | None:
    """(delivery, channel) of the newest text under this public id that went to this screen."""
    public_id = item.rpartition(".")[0] or item
    wanted = (
        select(delivery.c.id, delivery.c.channel)
        .join(endpoint, endpoint.c.id == delivery.c.endpoint)
        .join(bulletin, bulletin.c.id == delivery.c.bulletin)
        .where(
            endpoint.c.medium == Medium.SCREEN.value,
            endpoint.c.address == screen,
            bulletin.c.public_id.in_((public_id, item)),
        )
        .order_by(delivery.c.created.desc())
    )
    row = (await tx.execute(wanted)).first()
    return (row.id, row.channel) if row else None
