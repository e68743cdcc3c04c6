"""Is work by hand on the list at once, and done only when its person says so?"""

from urllib.parse import urlencode, urlsplit

import pytest

from channels.base import Callback, Fields, Setup
from channels.manual import Manual, build
from channels.multipart import form
from publisher.model.delivery import Receipt, Refused, Sent
from publisher.model.words import World
from tests.kit.outside import message, send, targets

HOOK = "https://hub.example/hooks/by-hand"


def channel(name: str = "by-hand", **more: object) -> Manual:
    return build(Setup(name, World.SANDBOX, {"receipt_key": "links-are-signed-with-this", **more}, HOOK))


def call(delivery: str = "d1", method: str = "POST", **said: str) -> Callback:
    return Callback(method, channel().link(delivery), {}, urlencode(said).encode())


async def test_it_lies_on_the_list_at_once_and_a_kind_of_work_that_does_not_exist_is_refused() -> None:
    text = message(b"x", "text/plain")
    there = targets(["siren:1", "vehicle:宣传车 2", "pigeon:3", "siren:", "door"])
    found = (await send(channel(), text, there)).by_target
    assert [type(found[one]) for one in there] == [Sent, Sent, Refused, Refused, Refused]


def test_done_with_hour_and_note_is_acknowledged_in_the_persons_words() -> None:
    reply, receipts = channel().hear(call(state="done", at="02:31", note="  川沙  全镇已广播 "))
    assert (reply.status, receipts) == (200, (Receipt("acknowledged", "d1", detail="done 02:31: 川沙 全镇已广播"),))


def test_what_could_not_be_done_is_a_failure_with_the_reason() -> None:
    _, receipts = channel().hear(call(state="failed", at="2:05", note="road flooded"))
    assert receipts == (Receipt("failed", "d1", reason="not_done", detail="failed 2:05: road flooded"),)
    assert channel().hear(call(state="failed", at="", note="no key"))[1][0].detail == "failed: no key"


def test_a_photo_comes_along_as_it_is() -> None:
    photo = bytes(range(256)) * 40
    kind, body = form({"state": "done", "at": "02:31", "photo": ("p.jpg", "image/jpeg", photo)})
    reply, receipts = channel().hear(Callback("POST", channel().link("d1"), {"Content-Type": kind}, body))
    assert (reply.status, receipts[0].state, receipts[0].attachment) == (200, "acknowledged", photo)


@pytest.mark.parametrize(
    "said", [{}, {"state": "done"}, {"state": "maybe", "at": "02:31"}, {"state": "done", "at": "26:00"}]
)
def test_half_a_report_is_none(said: dict[str, str]) -> None:
    reply, receipts = channel().hear(call(**said))
    assert (reply.status, receipts) == (400, ())


def test_a_link_that_we_did_not_sign_or_signed_for_another_opens_nothing() -> None:
    good = channel().link("d1")
    forged = [
        good.replace("d1", "d2"),
        good[:-1] + "0x"[good[-1] == "0"],
        HOOK,
        build(Setup("other", World.SANDBOX, {"receipt_key": "links-are-signed-with-this"}, HOOK)).link("d1"),
    ]
    assert [channel().hear(Callback("GET", url, {}, b""))[0].status for url in forged] == [403] * 4


@pytest.mark.parametrize(("language", "word"), [("zh", "已完成"), ("en", "Could not be done")])
def test_the_form_works_without_script_in_the_persons_language(language: str, word: str) -> None:
    reply, receipts = channel(language=language).hear(Callback("GET", channel().link("d1"), {}, b""))
    assert (reply.status, reply.media_type, receipts) == (200, "text/html", ())
    page = reply.body.decode()
    assert word in page and "<script" not in page
    assert language == "zh" or page.isascii()
    assert urlsplit(channel().link("d1")).path == "/hooks/by-hand"


def test_what_does_not_fit_a_page_is_reported() -> None:
    fields = Fields({"title": "暴雨红色预警", "body": "警" * 1200}, "zh", "red", "#f00", 4, exercise=False, url="")
    assert channel().compose(fields).overflow == ("body: 1209 of 1200 characters",)
