"""Does another's message centre get our parts as we counted them, and are its answers and reports understood?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any, cast

import pytest

from channels.base import Misconfigured, Setup
from channels.smpp import Smpp, build
from channels.sms import segments
from publisher.model.delivery import Receipt, Refused, Sent, Unknown, Unsent
from publisher.model.words import World
from tests.kit.authority import authority
from tests.kit.outside import message, send, targets
from tests.kit.smsc import Centre, centre

pytestmark = pytest.mark.peer

TEXTS = (
    "短",
    "警" * 70,
    "警" * 71,
    "【浦东预警】暴雨红色预警：请立即转移到安全地带。" * 6,
    "plain {text} with 100% € @ £",
    "a" * 161,
    "a" * 152 + "€" + "a" * 40,
)


@pytest.fixture
async def smsc(tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(tmp_path) as made:
        yield made


def channel(smsc: Centre, **more: object) -> Smpp:
    config = {"server": f"smpp://127.0.0.1:{smsc.port}", "system_id": "hub", "password": "secret", "sender": "PDWARN"}
    return build(Setup("smpp-a", World.SANDBOX, {**config, "timeout": 2, **more}, ""))


async def told(made: Smpp, many: int) -> list[Receipt]:
    found: list[Receipt] = []
    async with asyncio.timeout(20), aclosing(cast("Any", made.reports())) as reports:
        async for one in reports:
            found.append(one)
            if len(found) == many:
                break
    return found


async def test_texts_arrive_whole_in_as_many_parts_as_we_counted_and_are_reported_once(smsc: Centre) -> None:
    made, refs = channel(smsc), dict[str, str]()
    for number, text in enumerate(TEXTS):
        outcome = await send(made, message(text.encode(), "text/plain"), targets([f"+861000000{number:04}1"]))
        answer = outcome.answers[0][1]
        assert isinstance(answer, Sent)
        refs[answer.ref] = text
    receipts = await told(made, len(TEXTS))
    assert {(one.state, one.ref) for one in receipts} == {("delivered", ref) for ref in refs}
    for number, text in enumerate(TEXTS):
        mine = [one for one in smsc.taken if one["to"] == f"861000000{number:04}1"]
        assert len(mine) == segments(text).parts
        assert "".join(one["text"] for one in mine) == text
        assert [one["report"] for one in mine] == [0] * (len(mine) - 1) + [1]
        assert {one["coding"] for one in mine} == {8 if segments(text).encoding == "ucs2" else 0}
    await made.close()


async def test_each_status_means_what_it_says_for_its_number_only(smsc: Centre) -> None:
    made = channel(smsc)
    ends = ("00000", "07777", "08888", "09999", "00001", "06666")
    there = targets([*(f"+86100000{end}" for end in ends), "x"])
    found = (await send(made, message(b"x", "text/plain"), there)).by_target
    assert [type(found[one]) for one in there] == [Unsent, Refused, Unknown, Sent, Sent, Unsent, Refused]
    receipts = {one.ref: (one.state, one.reason) for one in await told(made, 2)}
    ended = [receipts[answer.ref] for answer in (found[there[3]], found[there[4]]) if isinstance(answer, Sent)]
    assert ended == [("failed", "undeliverable"), ("delivered", "")]
    await made.close()


async def test_a_centre_that_went_away_is_bound_to_again(tmp_path: Path) -> None:
    async with centre(tmp_path) as smsc:
        made = channel(smsc)
        assert (await made.probe()).ok
    down = await send(made, message(b"x", "text/plain"), targets(["+8610000000001"]))
    assert isinstance(down.answers[0][1], Unsent | Unknown)
    async with centre(tmp_path) as again:
        made._line._config = channel(again)._config
        outcome = await send(made, message(b"x", "text/plain"), targets(["+8610000000001"]))
        assert isinstance(outcome.answers[0][1], Sent)
        await made.close()


async def test_a_centre_that_unbinds_is_bound_to_again(smsc: Centre) -> None:
    """The next one may still go out on the old line and be told so; the one after it does not."""
    made, found = channel(smsc), []
    for end in ("5555", "0001", "0002"):
        outcome = await send(made, message(b"x", "text/plain"), targets([f"+861000000{end}"]))
        found.append(type(outcome.answers[0][1]))
    assert found in ([Sent, Sent, Sent], [Sent, Unsent, Sent])
    await made.close()


async def test_an_encrypted_bind_is_trusted_only_by_its_own_authority(tmp_path: Path) -> None:
    vouched, stranger = authority(tmp_path), authority(tmp_path, "stranger")
    async with centre(tmp_path, vouched) as smsc:
        for ca, expected in ((vouched.pem, Sent), ("", Unsent), (stranger.pem, Unsent)):
            made = channel(smsc, server=f"smpps://127.0.0.1:{smsc.port}", ca=ca)
            outcome = await send(made, message(b"x", "text/plain"), targets(["+8610000000001"]))
            assert [type(answer) for _, answer in outcome.answers] == [expected]
            assert (await made.probe()).ok == (ca == vouched.pem)
            await made.close()
        assert len(smsc.taken) == 1


async def test_a_hundred_numbers_share_one_bind_within_its_window(smsc: Centre) -> None:
    made = channel(smsc, window=8, timeout=20)
    outcome = await send(
        made, message("暴雨".encode(), "text/plain"), targets([f"+86100000{n:05}1" for n in range(100)])
    )
    assert {type(answer) for _, answer in outcome.answers} == {Sent}
    assert len({answer.ref for _, answer in outcome.answers if isinstance(answer, Sent)}) == 100
    await made.close()


async def test_two_texts_at_once_share_the_bind_window(smsc: Centre) -> None:
    made = channel(smsc, window=4, timeout=20)
    both = [targets([f"+861000{n:03}4444" for n in range(at, at + 12)]) for at in (100, 200)]
    outcomes = await asyncio.gather(*(send(made, message(b"x", "text/plain"), there) for there in both))
    assert {type(answer) for outcome in outcomes for _, answer in outcome.answers} == {Sent}
    assert max(one["open"] for one in smsc.taken) == 4
    await made.close()


async def test_reports_that_nobody_writes_down_hold_up_no_answer(smsc: Centre) -> None:
    made = channel(smsc, window=1)
    made._line.told = asyncio.Queue(1)
    outcome = await send(made, message(b"x", "text/plain"), targets([f"+86100000{n:05}1" for n in range(400)]))
    assert {type(answer) for _, answer in outcome.answers} == {Sent}
    assert made._line.told.full()
    await made.close()


async def test_a_wrong_password_is_for_a_person_to_mend(smsc: Centre) -> None:
    made = channel(smsc, password="guess")
    outcome = await send(made, message(b"x", "text/plain"), targets(["+8610000000001"]))
    assert isinstance(outcome.raised, Misconfigured)
    health = await made.probe()
    assert not health.ok and "guess" not in health.says
    await made.close()
