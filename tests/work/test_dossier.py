"""Can anything that was done be changed, dropped or reordered later without its being found?"""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from publisher.formats import seal
from publisher.store import heads, ledger
from publisher.store.tables import ledger as rows
from publisher.store.tables import ledger_head
from publisher.work import approve, dossier, dossier_check, sealing
from publisher.work.approve import Yes
from publisher.work.context import Hub
from tests.kit.desk import desk, people, submitted

TAMPERINGS = 1000


async def busy(hub: Hub) -> None:
    """A release with everybody's acts, and its head sealed."""
    who = await people(hub)
    one = await submitted(hub, who["drafter"])
    await approve.approve(hub, one.id, Yes(one.digest), by=who["reviewer"])
    await approve.approve(hub, one.id, Yes(one.digest), by=who["leader"])
    await sealing.seal_now(hub, None)


async def told(hub: Hub, file: Path) -> dict[str, bytes]:
    async with hub.db.read() as tx:
        await dossier.export(tx, file, hub.keys.display, made_by="test")
    return dossier_check.read(file)


async def test_the_chain_and_its_sealed_head_hold_on_both_databases(database_url: str, tmp_path: Path) -> None:
    async with desk(database_url, tmp_path) as hub:
        await busy(hub)
        public = seal.public_of(hub.keys.display)
        async with hub.db.read() as tx:
            count, breaks = await ledger.verify(tx)
            assert (count > 5, breaks) == (True, ())
            assert len(await heads.heads(tx)) == 1
            assert await heads.verify(tx, public) == ()
        assert await sealing.seal_now(hub, None) is None
        judged = dossier_check.judge(await told(hub, tmp_path / "d.zip"), key=public)
        assert (judged.rows, judged.breaks) == (count, ())


async def test_a_chain_written_anew_does_not_fit_its_sealed_heads(tmp_path: Path) -> None:
    async with desk(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path) as hub:
        await busy(hub)
        public = seal.public_of(hub.keys.display)
        async with hub.db.write() as tx:
            prev = ledger.GENESIS
            for row in (await tx.execute(select(rows).order_by(rows.c.seq))).all():
                actor = "somebody else" if row.act == "bulletin.approve" else row.actor
                made = ledger._hash(prev, row.seq, row.at, actor, row.act, row.subject, row.body)
                changed = {"actor": actor, "prev": prev, "hash": made}
                await tx.execute(update(rows).where(rows.c.seq == row.seq).values(**changed))
                prev = made
        async with hub.db.read() as tx:
            assert (await ledger.verify(tx))[1] == ()
            assert [one.says for one in await heads.verify(tx, public)] == [
                "the chain is not the one that was sealed here"
            ]


async def test_a_head_of_another_key_does_not_hold(tmp_path: Path) -> None:
    async with desk(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path) as hub:
        await busy(hub)
        async with hub.db.write() as tx:
            await tx.execute(delete(ledger_head))
            await heads.sign(tx, seal.make_key())
            assert len(await heads.verify(tx, seal.public_of(hub.keys.display))) == 1


async def test_a_thousand_tamperings_with_the_table_are_all_found(tmp_path: Path) -> None:
    async with desk(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path) as hub:
        await busy(hub)
        public = seal.public_of(hub.keys.display)
        async with hub.db.read() as tx:
            good = [dict(row) for row in await ledger.export(tx)]
            (head,) = await heads.heads(tx)
    chance = random.Random(20260721)
    missed = [number for number in range(TAMPERINGS) if not found(_tampered(good, chance), head, public)]
    assert missed == []


def found(chain: list[dict[str, Any]], head: heads.Head, public: str) -> bool:
    hashes = {row["seq"]: row["hash"] for row in chain}
    return any(ledger.chain(chain)) or heads.judge(head, hashes.get(head.seq), public) is not None


def _tampered(good: list[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    """Change a field, drop, double, swap or cut off."""
    chain = [dict(row) for row in good]
    at = chance.randrange(len(chain))
    match chance.choice(["change", "change", "drop", "double", "swap", "cut"]):
        case "change":
            name = chance.choice(["at", "actor", "act", "subject", "body", "prev", "hash"])
            old = chain[at][name]
            chain[at][name] = old + 1 if isinstance(old, int) else _flip(old, chance)
        case "drop":
            del chain[at]
        case "double":
            chain.insert(at, dict(chain[at]))
        case "swap":
            other = (at + 1) % len(chain)
            chain[at], chain[other] = chain[other], chain[at]
        case _:
            del chain[at:]
    return chain


def _flip(text: str, chance: random.Random) -> str:
    at = chance.randrange(max(1, len(text)))
    return text[:at] + ("x" if text[at : at + 1] != "x" else "y") + text[at + 1 :]


async def test_a_thousand_tamperings_with_the_file_are_all_found(tmp_path: Path) -> None:
    async with desk(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path) as hub:
        await busy(hub)
        public = seal.public_of(hub.keys.display)
        good = await told(hub, tmp_path / "d.zip")
    chance = random.Random(20260722)
    missed: list[str] = []
    for number in range(TAMPERINGS):
        files = dict(good)
        name = chance.choice(sorted(files))
        if chance.random() < 0.1:
            del files[name]
        else:
            body = bytearray(files[name] or b"\0")
            at = chance.randrange(len(body))
            body[at] ^= 1 << chance.randrange(8)
            files[name] = bytes(body)
        if files != good and not dossier_check.judge(files, key=public).breaks:
            missed.append(f"{number} {name}")
    assert missed == []


def test_a_seal_is_written_in_one_way_only() -> None:
    """Base64 has spare bits at its end and passes over what is no letter of it."""
    key = seal.make_key()
    good, public = seal.seal(b"x", key), seal.public_of(key)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = letters[letters.index(good[-1]) ^ 1]
    for bad in (good[:-1] + last, good[:40] + "!" + good[40:], good + "==", f"{good}\n"):
        assert not seal.holds(b"x", bad, public)
    assert seal.holds(b"x", good, public)


async def test_a_dossier_sealed_anew_by_a_forger_fails_under_the_hubs_own_key(tmp_path: Path) -> None:
    async with desk(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path) as hub:
        await busy(hub)
        public = seal.public_of(hub.keys.display)
        files = await told(hub, tmp_path / "d.zip")
    forger = seal.make_key()
    index = {**json.loads(files[dossier.INDEX]), "public_key": seal.public_of(forger)}
    body = json.dumps(index).encode()
    files |= {dossier.INDEX: body, dossier.SEAL: seal.seal(body, forger).encode()}
    assert dossier_check.judge(files, key=public).breaks
    assert dossier_check.judge(files).breaks


@pytest.mark.parametrize("body", [b"", b"no zip at all", b"PK\x03\x04"])
def test_what_is_no_dossier_is_named_as_such(tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(body)
    with pytest.raises(ValueError, match="no zip"):
        dossier_check.read(file)
