"""Does a mail server's every word mean what it says for the one mailbox it is about, and does no password leave in the open?"""

from collections.abc import AsyncIterator

import pytest
from pydantic import ValidationError

from channels.base import Setup
from channels.email import build
from channels.email.codes import verdict
from publisher.model.delivery import Refused, Sent, Unknown, Unsent
from publisher.model.words import World
from tests.kit.outside import Outside, message, outside, send, targets

ACCOUNT = {"sender": "warnings@example.org", "username": "hub", "password": "mailbox-password"}
TEXT = message(
    '{"subject": "暴雨红色预警", "text": "立即转移\\n到高处。", "language": "zh"}'.encode(), "application/json"
)


@pytest.fixture
async def place() -> AsyncIterator[Outside]:
    async with outside("email", ACCOUNT) as place:
        yield place


async def test_one_mailbox_an_envelope_over_one_connection(place: Outside) -> None:
    channel = place.build({**ACCOUNT, "server": place.base, "plain": True, "window": 1})
    outcome = await send(channel, TEXT, targets([f"duty{n}@example.org" for n in range(5)]))
    assert {type(answer) for _, answer in outcome.answers} == {Sent}
    assert {(one.title, one.text.strip()) for one in place.sandbox.letters} == {
        ("暴雨红色预警", "立即转移\r\n到高处。")
    }
    assert [one.id for one in place.sandbox.letters] == [f"<key-{n}@example.org>" for n in range(5)]


async def test_a_mailbox_that_is_refused_does_not_harm_the_next(place: Outside) -> None:
    channel = place.build({**ACCOUNT, "server": place.base, "plain": True, "window": 1})
    place.fail("absent", address="gone@example.org")
    there = targets(["gone@example.org", "here@example.org"])
    found = (await send(channel, TEXT, there)).by_target
    assert [type(found[one]) for one in there] == [Refused, Sent]


@pytest.mark.parametrize(
    "address", ["nobody", "a@b@c", "a b@example.org", "a@example.org\r\nRCPT TO:<b@example.org>", ""]
)
async def test_what_is_no_mailbox_is_refused_without_a_word_to_the_server(place: Outside, address: str) -> None:
    channel = place.build({**ACCOUNT, "server": place.base, "plain": True})
    outcome = await send(channel, TEXT, targets([address]))
    assert isinstance(outcome.answers[0][1], Refused)
    assert place.sandbox.calls == []


@pytest.mark.parametrize(
    ("code", "taken", "kind"),
    [
        (550, False, Refused),
        (554, True, Refused),
        (450, False, Unsent),
        (421, True, Unsent),
        (0, True, Unknown),
        (0, False, Unsent),
    ],
)
def test_a_reply_means_what_its_class_says(code: int, taken: bool, kind: type[object]) -> None:
    assert isinstance(verdict(code, taken).answer("x"), kind)


@pytest.mark.parametrize("server", ["smtp://mail.example.org:25", "smtp://10.0.0.5:25"])
def test_a_line_without_tls_is_for_this_machine_only(server: str) -> None:
    with pytest.raises(ValidationError, match="plain: only for a server on this machine"):
        build(Setup("mail", World.SANDBOX, {**ACCOUNT, "server": server, "plain": True}, ""))


@pytest.mark.parametrize(
    "server",
    ["mail.example.org", "http://mail.example.org:25", "smtp://u:p@mail.example.org:25", "smtp://mail.example.org"],
)
def test_a_server_is_a_scheme_a_host_and_a_port(server: str) -> None:
    with pytest.raises(ValidationError, match="smtps://host:port"):
        build(Setup("mail", World.SANDBOX, {**ACCOUNT, "server": server}, ""))
