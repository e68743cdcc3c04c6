"""Could the whole chain have been written anew? Its head is sealed every minute, so a forger would need the hub's key too."""

from dataclasses import dataclass
from datetime import datetime

import rfc8785
from sqlalchemy import insert, select

from publisher.formats import seal
from publisher.store import clock
from publisher.store.database import Tx
from publisher.store.ledger import Break
from publisher.store.tables import ledger, ledger_head
from publisher.store.types import micros


@dataclass(frozen=True, slots=True)
class Head:
    """The chain up to row `seq` had this hash at this time; `sealed` is the hub's Ed25519 seal over all three."""

    seq: int
    hash: str
    at: datetime
    sealed: str

    def line(self) -> dict[str, str | int]:
        """As plain JSON values."""
        return {"seq": self.seq, "hash": self.hash, "at": micros(self.at), "seal": self.sealed}


def sealed_bytes(seq: int, digest: str, at: int) -> bytes:
    """What a head's seal is over: RFC 8785 of sequence, hash and microseconds."""
    return rfc8785.dumps({"ledger": {"seq": seq, "hash": digest, "at": str(at)}})


async def sign(tx: Tx, key: bytes) -> Head | None:
    """Seal the newest row if it is not sealed yet; None when there is nothing new."""
    newest = (await tx.execute(select(ledger.c.seq, ledger.c.hash).order_by(ledger.c.seq.desc()).limit(1))).first()
    last = (await tx.execute(select(ledger_head.c.seq).order_by(ledger_head.c.seq.desc()).limit(1))).scalar()
    if newest is None or newest.seq == last:
        return None
    at = await clock.now(tx)
    made = Head(newest.seq, newest.hash, at, seal.seal(sealed_bytes(newest.seq, newest.hash, micros(at)), key))
    await tx.execute(insert(ledger_head).values(seq=made.seq, hash=made.hash, at=made.at, seal=made.sealed))
    return made


async def heads(tx: Tx) -> tuple[Head, ...]:
    """Every sealed head, oldest first."""
    rows = (await tx.execute(select(ledger_head).order_by(ledger_head.c.seq))).all()
    return tuple(Head(row.seq, row.hash, row.at, row.seal) for row in rows)


async def verify(tx: Tx, public: str) -> tuple[Break, ...]:
    """Every sealed head that does not hold: a seal of another key, or a row that is not the one that was sealed."""
    hashes = {row.seq: row.hash for row in await tx.execute(select(ledger.c.seq, ledger.c.hash))}
    return tuple(found for one in await heads(tx) if (found := judge(one, hashes.get(one.seq), public)) is not None)


def judge(one: Head, found: str | None, public: str) -> Break | None:
    """What is wrong with a head, given the hash the chain has at its place."""
    if not seal.holds(sealed_bytes(one.seq, one.hash, micros(one.at)), one.sealed, public):
        return Break(one.seq, "its seal is not the hub's")
    if found != one.hash:
        return Break(one.seq, "the chain is not the one that was sealed here")
    return None
