"""Does the public get onto the list only with a code of its own, off it again, and is a number nowhere to be read?"""

import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from channels.sandbox.browsers import Browser
from publisher.model.delivery import Answer, Message, Sent, Target
from publisher.model.pack import Pack
from publisher.model.words import EndpointId, Medium, Mode
from publisher.store import clock, directory, duty
from publisher.store.tables import artefact, endpoint, metadata, subscription
from publisher.work import reports, roster, subscriptions
from publisher.work.sealed import Opening, opened, sealed
from publisher.work.submit import Blocked
from tests.kit.county import county
from tests.kit.window import PUBLIC, Window, rain

NUMBER = "+44 7700 900123"
PLAIN = "+447700900123"
ASKED = {"wish": "join", "medium": "sms", "address": NUMBER, "area": "EX-01-003", "language": "en"}


def pushing() -> Pack:
    """The county with a way that tells browsers, too."""
    pack = county()
    first, *rest = pack.waves
    way = next(one for one in first.ways if one.audience == "subscribers")
    return replace(pack, waves=(replace(first, ways=(*first.ways, replace(way, medium=Medium.APP))), *rest))


async def post(at: Window, path: str, fields: dict[str, str], **headers: str) -> tuple[int, str, str]:
    """(status, where to, cookie) of a form sent by the site's own page."""
    sent = {"Origin": PUBLIC, **headers}
    answer = await at.client.post(path, data=fields, headers=sent, allow_redirects=False)
    cookie = answer.headers.get("Set-Cookie", "").partition(";")[0]
    return answer.status, answer.headers.get("Location", ""), cookie


async def code_sent(at: Window) -> str:
    """The code as the newest notice carries it, after the worker looked."""
    await subscriptions.send_codes(at.hub)
    async with at.hub.db.read() as tx:
        rows = await tx.execute(select(artefact.c.final).where(artefact.c.kind == "notice"))
        found = [match[0] for row in rows if (match := re.search(r"\b\d{6}\b", row.final.decode()))]
    return found[-1] if found else ""


async def subscribed(at: Window) -> Sequence[str]:
    """Endpoints of subscribers that a plan would see."""
    async with at.hub.db.read() as tx:
        return [one.id for one in await directory.endpoints(tx, mode=Mode.ACTUAL) if "subscriber" in one.tags]


async def everything_kept(at: Window) -> str:
    """Every row of every table, as text."""
    async with at.hub.db.read() as tx:
        rows = [row for table in metadata.sorted_tables for row in (await tx.execute(select(table))).all()]
    return repr(rows)


async def nobodys_staff(at: Window, mine: str) -> None:
    """A subscriber is on no duty, in no unit's list, and is sent no report."""
    ops = b"id,name,role,unit,on_duty,deputies,endpoints,officer\ndesk-drafter,Duty Officer,desk,ops,yes,,,drafter\n"
    async with at.hub.db.read() as tx:
        pack = await at.hub.packs.active(tx)
        admin = next(one for one in await directory.officers(tx) if one.id == "admin")
        assert mine in await duty.contacts(tx) and mine not in await duty.on_duty(tx)
        assert mine not in await reports.people_of(tx, [pack.about.centre])
        diff = await roster.compare(tx, ops, pack=pack, by=admin)
        assert mine not in [one.id for one in diff.removed] and diff.removed
        with pytest.raises(Blocked, match="the public's"):
            await roster.compare(tx, ops + f"{mine},X,desk,ops,yes,,,\n".encode(), pack=pack, by=admin)


async def test_who_proves_an_address_joins_and_may_leave_and_is_forgotten(both: Window) -> None:
    status, where, cookie = await post(both, "/subscribe", ASKED)
    assert (status, where) == (303, "/subscribe/code")
    assert (await both.client.get(where)).status == 200
    code = await code_sent(both)
    assert await subscribed(both) == []
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert (await post(both, "/subscribe/code", {"code": wrong}, Cookie=cookie))[1] == "/subscribe/wrong"
    assert (await post(both, "/subscribe/code", {"code": code}, Cookie=cookie))[1] == "/subscribe/joined"
    [mine] = await subscribed(both)
    await nobodys_staff(both, mine)
    kept = await everything_kept(both)
    assert PLAIN not in kept and NUMBER not in kept and "7700 900123" not in kept
    async with both.hub.db.read() as tx:
        address = (await tx.execute(select(endpoint.c.address).where(endpoint.c.id == mine))).scalar_one()
    assert opened(both.hub.vault, address) == PLAIN
    _, _, cookie = await post(both, "/subscribe", {**ASKED, "wish": "leave"})
    code = await code_sent(both)
    assert (await post(both, "/subscribe/code", {"code": code}, Cookie=cookie))[1] == "/subscribe/left"
    assert await subscribed(both) == [] and address not in await everything_kept(both)


async def test_a_code_is_good_once_for_a_while_and_for_few_tries(at: Window) -> None:
    _, _, cookie = await post(at, "/subscribe", ASKED)
    code = await code_sent(at)
    async with at.hub.db.write() as tx:
        await clock.shift(tx, timedelta(minutes=16))
    assert (await post(at, "/subscribe/code", {"code": code}, Cookie=cookie))[1] == "/subscribe/wrong"
    _, _, cookie = await post(at, "/subscribe", ASKED)
    async with at.hub.db.read() as tx:
        row = (await tx.execute(select(subscription).order_by(subscription.c.asked.desc()))).first()
    assert row is not None
    code = at.hub.vault.open(row.code, "code")
    await code_sent(at)
    for _ in range(subscriptions.TRIES):
        await post(at, "/subscribe/code", {"code": "x"}, Cookie=cookie)
    assert (await post(at, "/subscribe/code", {"code": code}, Cookie=cookie))[1] == "/subscribe/wrong"


async def test_a_browser_fits_and_what_cannot_be_sent_keeps_nobody_waiting(both: Window) -> None:
    browser = Browser("phone")
    mine = json.dumps(json.loads(browser.address), separators=(",", ":"), sort_keys=True)
    asked = [
        subscriptions.checked(pushing(), "join", medium, address, "", "en")
        for medium, address in (("sms", PLAIN), ("app", mine), ("sms", "+447700900124"))
    ]
    async with both.hub.db.write() as tx:
        ids = [await subscriptions.ask(both.hub, tx, one) for one in asked]
        spoilt = update(subscription).where(subscription.c.id == ids[0])
        await tx.execute(spoilt.values(address=b"not sealed by this hub"))
    resting: subscriptions.Resting = {}
    assert await subscriptions.send_codes(both.hub, resting) == 2
    for pause, tries in ((0, 1), (3, 2), (3, 2), (3, 3)):
        async with both.hub.db.write() as tx:
            await clock.shift(tx, timedelta(seconds=pause))
        await subscriptions.send_codes(both.hub, resting)
        assert {one: rest.tries for one, rest in resting.items()} == {ids[0]: tries}
    async with both.hub.db.read() as tx:
        rows = await tx.execute(select(subscription.c.id, subscription.c.state))
        assert {row.id: row.state for row in rows} == dict(zip(ids, ("asked", "sent", "sent"), strict=True))
        kept = (await tx.execute(select(endpoint.c.address).where(endpoint.c.medium == "app"))).scalars().all()
    assert mine in [opened(both.hub.vault, one) for one in kept]


async def test_nobody_is_flooded_with_codes_and_nothing_tells_who_is_on_the_list(at: Window) -> None:
    answers = [await post(at, "/subscribe", ASKED) for _ in range(subscriptions.CODES_AN_HOUR + 1)]
    assert [where for _, where, _ in answers] == ["/subscribe/code"] * 3 + ["/subscribe/busy"]
    stranger = {**ASKED, "wish": "leave", "address": "+44 7700 900999"}
    assert (await post(at, "/subscribe", stranger))[1] == "/subscribe/code"
    before = await everything_kept(at)
    await subscriptions.send_codes(at.hub)
    assert before.count("n-") <= (await everything_kept(at)).count("n-")
    assert await subscribed(at) == []


async def test_behind_the_proxy_everybody_has_a_turn_and_a_slip_uses_none_up(at: Window) -> None:
    numbers = [{**ASKED, "address": f"+44 7700 900{n}"} for n in range(200, 207)]
    slips = [await post(at, "/subscribe", {**ASKED, "address": "1234"}) for _ in range(6)]
    mine = [await post(at, "/subscribe", one, **{"X-Real-IP": "198.51.100.7"}) for one in numbers[:6]]
    _, theirs, _ = await post(at, "/subscribe", numbers[6], **{"X-Real-IP": "198.51.100.8"})
    assert {where for _, where, _ in slips} == {"/subscribe/refused"}
    assert [where for _, where, _ in mine] == ["/subscribe/code"] * 5 + ["/subscribe/busy"]
    assert theirs == "/subscribe/code"


@pytest.mark.parametrize(
    "fields", [{"address": "call me"}, {"medium": "fax"}, {"area": "NOWHERE"}, {"wish": "x"}, {"language": "xx"}]
)
async def test_what_cannot_be_served_is_refused_with_what_would_be(at: Window, fields: dict[str, str]) -> None:
    assert (await post(at, "/subscribe", {**ASKED, **fields}))[1] == "/subscribe/refused"
    assert "name@example.org" in await (await at.client.get("/subscribe/refused")).text()


def test_a_browser_is_an_address_only_as_it_writes_itself() -> None:
    pack = pushing()
    mine = json.dumps(json.loads(Browser("phone").address), separators=(",", ":"), sort_keys=True)
    assert subscriptions.checked(pack, "join", "app", mine, "", "en").address == mine
    for wrong in (
        mine.replace("https", "http"),
        mine.replace('"auth"', '"other"'),
        mine + " " * 2000 + "x",
        "{}",
        "phone",
    ):
        with pytest.raises(subscriptions.Refused):
            subscriptions.checked(pack, "join", "app", wrong, "", "en")


def test_nobody_is_promised_what_no_wave_sends() -> None:
    mail, mine = (
        "name@example.org",
        json.dumps(json.loads(Browser("phone").address), separators=(",", ":"), sort_keys=True),
    )
    pack = replace(county(), waves=tuple(one for one in county().waves if one.id != "publish"))
    assert subscriptions.checked(pack, "leave", "email", mail, "", "en").address == mail
    with pytest.raises(subscriptions.Refused, match="by email"):
        subscriptions.checked(pack, "join", "email", mail, "", "en")
    with pytest.raises(subscriptions.Refused, match="by app"):
        subscriptions.checked(county(), "join", "app", mine, "", "en")


async def test_who_subscribed_by_mail_is_in_the_plan(at: Window) -> None:
    mail = {**ASKED, "medium": "email", "address": "name@example.org"}
    _, _, cookie = await post(at, "/subscribe", mail)
    await code_sent(at)
    async with at.hub.db.read() as tx:
        code = at.hub.vault.open((await tx.execute(select(subscription.c.code))).scalar_one(), "code")
    assert (await post(at, "/subscribe/code", {"code": code}, Cookie=cookie))[1] == "/subscribe/joined"
    one = await at.draft(rain("yellow", "EX-01-003"))
    told = await at.get(f"/api/v1/bulletins/{one['id']}/preview", "drafter")
    assert any(way["medium"] == "email" and way["count"] for wave in told["waves"] for way in wave["ways"]), told[
        "waves"
    ]


async def test_another_site_cannot_send_the_form(at: Window) -> None:
    assert (await post(at, "/subscribe", ASKED, Origin="https://elsewhere.example"))[0] == 403


async def test_old_requests_are_forgotten(at: Window) -> None:
    await post(at, "/subscribe", ASKED)
    async with at.hub.db.write() as tx:
        await clock.shift(tx, timedelta(days=2))
    await subscriptions.send_codes(at.hub)
    async with at.hub.db.read() as tx:
        assert (await tx.execute(select(subscription.c.id))).all() == []


async def test_a_sealed_address_is_opened_for_the_call_and_answered_as_it_was(at: Window) -> None:
    called: list[str] = []

    class Recording:
        async def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
            for one in targets:
                called.append(one.address)
                yield one, Sent("ref")

    targets = [
        Target("d-1", EndpointId("a"), sealed(at.hub.vault, PLAIN), "k1"),
        Target("d-2", EndpointId("b"), "10086", "k2"),
    ]
    message: Any = None
    answered = [target async for target, _ in Opening(Recording(), at.hub.vault).send(message, targets)]
    assert (called, answered) == ([PLAIN, "10086"], targets)
