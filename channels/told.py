"""What does another system tell us of a delivery? One small JSON shape, for every kind whose protocol we wrote.

`{"delivery": "…", "state": "delivered", "detail": "…", "count": 12}`; states as in `Receipt`.
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from channels.base import Callback, Reply
from channels.signing import Gate
from publisher.model.delivery import Receipt

FORGED = Reply(403, b"signature")
UNREADABLE = Reply(400, b"unreadable")
_MOST_BYTES = 16 * 1024


class Told(BaseModel):
    """One report. `delivery` is what we sent along; `count` the people it stands for."""

    model_config = ConfigDict(extra="ignore")

    delivery: str = Field(min_length=1, max_length=60)
    state: Literal["accepted", "delivered", "shown", "acknowledged", "failed"]
    reason: str = Field(default="", max_length=60)
    detail: str = Field(default="", max_length=300)
    count: int | None = Field(default=None, ge=0)


def read(gate: Gate, callback: Callback) -> tuple[Reply, Sequence[Receipt]]:
    """The receipt in a signed call; 403 for a signature that is not theirs, stale or repeated, 400 for nonsense."""
    if (
        callback.method != "POST"
        or len(callback.body) > _MOST_BYTES
        or not gate.admits(callback.headers, callback.body)
    ):
        return FORGED, ()
    try:
        told = Told.model_validate_json(callback.body)
    except ValidationError:
        return UNREADABLE, ()
    reason = told.reason or ("undeliverable" if told.state == "failed" else "")
    return Reply(200, b"ok"), (Receipt(told.state, told.delivery, "", reason, told.detail, told.count),)
