"""Does Kannel's channel read every answer and report as Kannel means it?"""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from channels.base import Callback, Misconfigured
from channels.http import Got
from channels.kannel.codes import verdict
from channels.kannel.receipts import Reports
from publisher.model.delivery import Receipt, Refused, Sent, Unknown, Unsent
from tests.kit.outside import Outside, message, outside, send, targets

SECRET = "receipts-are-signed-with-this"
HOOK = "https://hub.example/hooks/sms-a"


def config(base: str) -> dict[str, object]:
    return {"base_url": base, "username": "hub", "password": "hubpw", "receipt_secret": SECRET}


@pytest.fixture
async def place() -> AsyncIterator[Outside]:
    async with outside("kannel", config("http://127.0.0.1")) as place:
        yield place


@pytest.mark.parametrize("words", ["0: Accepted for delivery", "3: Queued for later delivery", "Sent."])
def test_every_202_is_taken(words: str) -> None:
    assert verdict(Got(202, words.encode())) is None


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (403, "Not routable. Do not try again.", Refused),
        (400, "Number(s) has/have been denied by white- and/or black-lists.", Refused),
        (400, "Empty text not allowed, rejected", Refused),
        (400, "something new, rejected", Refused),
        (503, "Temporal failure, try again later.", Unsent),
        (500, "Sending failed.", Unknown),
        (200, "<html>welcome</html>", Unknown),
    ],
)
def test_the_words_decide_where_the_status_does_not(status: int, words: str, kind: type[object]) -> None:
    found = verdict(Got(status, words.encode()))
    assert found is not None
    assert isinstance(found.answer(words), kind)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "Authorization failed for sendsms"),
        (400, "Sender missing and no global set, rejected"),
        (404, "Not found"),
    ],
)
def test_a_wrong_account_is_for_a_person_to_mend(status: int, words: str) -> None:
    found = verdict(Got(status, words.encode()))
    assert found is not None
    with pytest.raises(Misconfigured, match=words):
        found.answer(words)


@pytest.mark.parametrize("address", ["", "112", "+86 100\r\nX-Kannel-To: 1", "abc", "+" + "1" * 21, "1 2"])
async def test_what_is_no_number_is_refused_without_a_call(place: Outside, address: str) -> None:
    channel = place.build(config(place.base))
    place.sandbox.calls.clear()
    outcome = await send(channel, message(b"x", "text/plain"), targets([address]))
    if address == "112":
        assert isinstance(outcome.answers[0][1], Sent)
    else:
        assert isinstance(outcome.answers[0][1], Refused)
        assert place.sandbox.calls == []


async def test_text_and_address_arrive_unchanged(place: Outside) -> None:
    channel = place.build(config(place.base))
    for text in ("【浦东预警】暴雨 100mm\n立即转移 & 100%", "plain {text} €"):
        await send(channel, message(text.encode(), "text/plain"), targets(["+86 100-0000-0001"]))
    assert [letter.text for letter in place.sandbox.letters] == [
        "【浦东预警】暴雨 100mm\n立即转移 & 100%",
        "plain {text} €",
    ]
    assert place.arrived == ["+8610000000001"] * 2


async def test_the_gateway_is_told_how_long_the_text_is_good_for(place: Outside) -> None:
    channel = place.build(config(place.base))
    soon = datetime.now(UTC) + timedelta(minutes=30, seconds=30)
    for text in ("短", "short"):
        await send(channel, message(text.encode(), "text/plain", soon), targets(["+8610000000001"]))
    assert [letter.asked for letter in place.sandbox.letters] == [
        {"validity": "30", "coding": "2"},
        {"validity": "30", "coding": "0"},
    ]


# Reports

REPORTS = Reports("sms-a", HOOK, SecretStr(SECRET))


def report(delivery: str, kind: int | str, answer: str = "") -> Callback:
    """The call that Kannel makes: it knows `%d`, `%A` and `%%`."""
    known = {"d": str(kind), "A": answer, "%": "%"}
    filled = re.sub("%(.)", lambda match: known[match[1]], REPORTS.address(delivery))
    return Callback("GET", filled, {}, b"")


@pytest.mark.parametrize(
    ("kind", "state"), [(1, "delivered"), (2, "failed"), (8, "accepted"), (16, "failed"), (34, "failed")]
)
def test_each_type_of_report_says_what_it_means(kind: int, state: str) -> None:
    reply, receipts = REPORTS.read(report("d1", kind))
    assert reply.status == 200
    assert [(r.state, r.delivery) for r in receipts] == [(state, "d1")]


def test_buffered_is_no_news() -> None:
    reply, receipts = REPORTS.read(report("d1", 4))
    assert (reply.status, receipts) == (200, ())


def test_the_centres_own_words_give_the_reason() -> None:
    _, receipts = REPORTS.read(report("d1", 2, "id%3A7%20stat%3AEXPIRED%20err%3A001"))
    assert receipts == (Receipt("failed", "d1", reason="expired", detail="id:7 stat:EXPIRED err:001"),)
    assert REPORTS.read(report("d1", 16))[1][0].reason == "rejected"
    assert REPORTS.read(report("d1", 2, "stat%3AODDWORD"))[1][0].reason == "undeliverable"


@pytest.mark.parametrize("kind", ["", "x", "3", "-1", "1e3"])
def test_a_type_that_does_not_exist_is_refused(kind: str) -> None:
    reply, receipts = REPORTS.read(report("d1", kind))
    assert (reply.status, receipts) == (400, ())


def test_a_report_cannot_be_forged_or_moved_to_another_delivery() -> None:
    good = report("d1", 1)
    token = parse_qs(urlsplit(good.url).query)["token"][0]
    for url in (
        good.url.replace("delivery=d1", "delivery=d2"),
        good.url.replace(token, "0" * 64),
        good.url.replace(token, token[:-1] + "☃"),
        good.url.replace(f"&token={token}", ""),
    ):
        reply, receipts = REPORTS.read(Callback("GET", url, {}, b""))
        assert (reply.status, receipts) == (403, ())


def test_another_channels_report_does_not_count_here() -> None:
    other = Reports("sms-b", HOOK, SecretStr(SECRET))
    assert other.read(report("d1", 1))[0].status == 403


def test_a_delivery_id_of_any_letters_survives_kannels_own_escapes() -> None:
    _, receipts = REPORTS.read(report("预警/1&%d%A=", 1))
    assert [r.delivery for r in receipts] == ["预警/1&%d%A="]
