"""Who may act in this hub? An officer is added with a first password, told once."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select

from publisher.store import ledger
from publisher.store.database import Tx
from publisher.store.tables import officer
from publisher.web.errors import simple

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,58}")
"""A sign-in name."""


async def add(tx: Tx, wanted: str, hashed: str, values: Mapping[str, Any], *, by: str) -> None:
    """A new officer. `values`: name, unit, roles, scope and what vouches for them. Raises Problem 409 for a name in use."""
    if (await tx.execute(select(officer.c.id).where(officer.c.id == wanted))).first() is not None:
        raise simple(409, "taken", wanted, where="id")
    await tx.execute(insert(officer).values(id=wanted, password=hashed, active=True, **values))
    body = {"roles": values["roles"], "scope": values["scope"]}
    await ledger.append(tx, actor=by, act="officer.add", subject=wanted, body=body)
