"""Does a mail server that nobody here wrote take our letters whole, and are its refusals understood?"""

import email
import ssl
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from channels.base import Misconfigured, Setup
from channels.email import Email, build
from publisher.model.delivery import Refused, Sent, Unsent
from publisher.model.words import World
from tests.kit.authority import authority
from tests.kit.outside import message, send, targets
from tests.kit.programs import free_ports

pytestmark = [pytest.mark.peer, pytest.mark.filterwarnings("ignore:Requiring AUTH")]

TEXT = message(
    '{"subject": "暴雨红色预警", "text": "立即转移。\\n.到高处。", "language": "zh"}'.encode(), "application/json"
)


class Box:
    """Keeps what came; some mailboxes are not there, or not now."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:  # the library's name
        if address.startswith("stranger"):
            return "550 5.7.1 not your address"
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:  # the library's name
        if address.startswith("gone"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later"):
            return "451 4.3.0 busy"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # the library's name
        letter = email.message_from_bytes(envelope.original_content or b"", policy=default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 taken"


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"hub", b"mailbox-password")
    # Not handled: the server itself must say 235 or 535.
    return AuthResult(success=good, handled=False)


@pytest.fixture
def server() -> Any:
    box, port = Box(), free_ports(1)[0]
    controller = Controller(
        box, hostname="127.0.0.1", port=port, authenticator=_authenticate, auth_required=True, auth_require_tls=False
    )
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture
async def channel(server: Any) -> AsyncIterator[Email]:
    made = account(server[1])
    yield made
    await made.close()


def account(port: int, password: str = "mailbox-password", sender: str = "warnings@example.org") -> Email:
    config = {"server": f"smtp://127.0.0.1:{port}", "sender": sender, "name": "预警中心", "plain": True}
    return build(Setup("mail-a", World.SANDBOX, {**config, "username": "hub", "password": password}, ""))


async def test_letters_arrive_whole_one_for_each_mailbox(server: Any, channel: Email) -> None:
    there = targets(["a@example.org", "gone@example.org", "later@example.org", "b@example.org"])
    found = (await send(channel, TEXT, there)).by_target
    assert [type(found[one]) for one in there] == [Sent, Refused, Unsent, Sent]
    letters = {letter["To"]: letter for letter in server[0].letters}
    assert sorted(letters) == ["a@example.org", "b@example.org"]
    one = letters["a@example.org"]
    assert (one["Subject"], one["From"]) == ("暴雨红色预警", "预警中心 <warnings@example.org>")
    assert one.get_content().splitlines() == ["立即转移。", ".到高处。"]
    assert one["Auto-Submitted"] == "auto-generated"


async def test_an_address_of_ours_that_is_not_taken_is_no_fault_of_a_mailbox(server: Any) -> None:
    made = account(server[1], sender="stranger@example.org")
    outcome = await send(made, TEXT, targets(["a@example.org"]))
    assert outcome.answers == [] and isinstance(outcome.raised, Misconfigured)
    await made.close()


async def test_a_wrong_password_is_for_a_person_to_mend(server: Any) -> None:
    made = account(server[1], "guessed")
    outcome = await send(made, TEXT, targets(["a@example.org"]))
    assert isinstance(outcome.raised, Misconfigured)
    health = await made.probe()
    assert not health.ok and "guessed" not in health.says
    await made.close()
    assert server[0].letters == []


async def test_a_probe_begins_no_letter(server: Any, channel: Email) -> None:
    assert (await channel.probe()).ok
    assert server[0].letters == []


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[tuple[Box, int, str]]:
    """A server that takes no password before STARTTLS."""
    box, port, vouched = Box(), free_ports(1)[0], authority(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(vouched.certificate, vouched.key)
    options: dict[str, Any] = {"tls_context": context, "require_starttls": True, "auth_required": True}
    controller = Controller(box, hostname="127.0.0.1", port=port, authenticator=_authenticate, **options)
    controller.start()
    yield box, port, vouched.pem
    controller.stop()


async def test_a_password_goes_over_a_line_that_the_right_authority_vouches_for_and_over_no_other(
    guarded: tuple[Box, int, str], tmp_path: Path
) -> None:
    box, port, ca = guarded
    config = {"server": f"smtp://127.0.0.1:{port}", "sender": "warnings@example.org", "username": "hub"}
    for trusted in (ca, "", authority(tmp_path, "stranger").pem):
        whole = {**config, "password": "mailbox-password", "ca": trusted}
        channel = build(Setup("mail-a", World.SANDBOX, whole, ""))
        outcome = await send(channel, TEXT, targets(["a@example.org"]))
        sent = [type(answer) for _, answer in outcome.answers] == [Sent]
        assert sent == (trusted == ca)
        assert (await channel.probe()).ok == (trusted == ca)
        await channel.close()
    assert [letter["To"] for letter in box.letters] == ["a@example.org"]
