"""Does a broadcast platform get a package as documented, signed by a device, cancelled by name, and are play states heard?"""

import base64
import io
import tarfile
from collections.abc import AsyncIterator
from dataclasses import replace
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.hashes import SM3, Hash

from channels.base import About, Callback, Fields, Push, Setup
from channels.ebm import build
from channels.multipart import form, parts
from publisher.formats import ebm
from publisher.model.bulletin import Chain, Content
from publisher.model.delivery import Message, Receipt, Refused, Unsent
from publisher.model.slots import fill_bytes
from publisher.model.words import Act, Mode, World
from tests.kit import typhoon_night as night
from tests.kit.outside import Outside, message, outside, send, targets

CONFIG: dict[str, object] = {"platform": "31011500000000", "receipt_key": "reports-carry-this-key"}
WORDS = {"title": "暴雨橙色预警", "body": "请特别加强防范。"}
THERE = "31011500000101"


def text(channel: Push, content: Content | None = None, chain: Chain | None = None, number: int = 42) -> Message:
    about = About(content or night.content(), 0, chain or Chain(), night.pack())
    fields = Fields(WORDS, "zh", "orange", "#f80", 3, exercise=False, url="", about=about)
    made = channel.compose(fields)
    whole = fill_bytes(
        made.body, issued=night.NIGHT, public_id=f"310115-20260721-{number:06}", zone=ZoneInfo("Asia/Shanghai")
    )
    return message(whole, made.media_type)


@pytest.fixture
async def place() -> AsyncIterator[Outside]:
    async with outside("ebm", CONFIG) as place:
        yield place


async def test_a_lift_cancels_the_message_that_stood_by_its_name(place: Outside) -> None:
    channel = place.build({**CONFIG, "base_url": place.base})
    await send(channel, text(channel), targets([THERE]))
    stood = night.issued(night.content(), minutes_ago=0, version=1)
    stood = replace(stood, public_id="310115-20260721-000042", sent=night.NIGHT)
    over = night.content(Act.LIFT, night.section("orange"), names="b-1-1")
    later = text(channel, over, Chain(issued=(stood,), standing=stood), number=43)
    await send(channel, later, targets([THERE]))
    first, last = place.sandbox.letters
    assert (first.asked["type"], last.asked["type"]) == ("1", "2")
    assert last.asked["before"] == first.id
    assert first.id.endswith("0420") and len(first.id) == 14 + 8 + 4


def test_more_sections_than_the_ids_can_tell_apart_do_not_fit() -> None:
    channel = build(Setup("e", World.SANDBOX, {**CONFIG, "base_url": "https://ebm.example"}, ""))
    for count, expected in ((9, ()), (10, ("sections: 10 of 9",))):
        about = About(night.content(Act.ISSUE, *[night.section()] * count), 0, Chain(), night.pack())
        fields = Fields(WORDS, "zh", "orange", "#f80", 3, exercise=False, url="", about=about)
        assert channel.compose(fields).overflow == expected


@pytest.mark.parametrize(("mode", "severity"), [(Mode.ACTUAL, "2"), (Mode.EXERCISE, "15"), (Mode.TEST, "15")])
async def test_what_is_not_actual_is_never_played_to_the_public(place: Outside, mode: Mode, severity: str) -> None:
    channel = place.build({**CONFIG, "base_url": place.base})
    await send(channel, text(channel, replace(night.content(), mode=mode)), targets([THERE]))
    assert place.sandbox.letters[0].asked["severity"] == severity


async def test_play_states_climb_from_waiting_to_played(place: Outside) -> None:
    channel = place.build({**CONFIG, "base_url": place.base})
    outcome = await send(channel, text(channel), targets([THERE]))
    await place.sandbox.settle()
    ref = outcome.answers[0][1].ref  # type: ignore[union-attr] # Sent
    assert [(r.state, r.ref) for r in place.heard] == [("accepted", ref), ("delivered", ref), ("shown", ref)]
    assert place.refused == []


async def test_a_device_signs_the_digest_and_the_key_never_comes_here(place: Outside) -> None:
    asked: list[dict[str, str]] = []

    async def sign(request: web.Request) -> web.Response:
        asked.append(await request.json())
        value = base64.b64encode(b"made by the device").decode()
        return web.json_response({"value": value, "CertType": "01", "IssuerID": "0A", "CertSN": "77"})

    packages: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        packages.append(parts(request.headers, await request.read())["file"])
        return web.Response(status=503)

    app = web.Application()
    app.router.add_post("/sign", sign)
    app.router.add_post("/", take)
    async with TestServer(app) as server:
        base = str(server.make_url("")).rstrip("/")
        channel = place.build({**CONFIG, "base_url": base, "signer": base, "signer_key": "device-key"})
        outcome = await send(channel, text(channel), targets([THERE]))
    assert [type(answer) for _, answer in outcome.answers] == [Unsent]
    with tarfile.open(fileobj=io.BytesIO(packages[0])) as tar:
        names = tar.getnames()
        body, signature = (tar.extractfile(name).read() for name in names)  # type: ignore[union-attr] # files
    ebd = ElementTree.fromstring(body).findtext("EBDID")
    assert names == [f"EBDB_{ebd}.xml", f"EBDS_EBDB_{ebd}.xml"]
    digest = Hash(SM3())
    digest.update(body)
    assert asked == [{"algorithm": "SM2", "digest": digest.finalize().hex()}]
    root = ElementTree.fromstring(signature)
    assert (root.findtext("SignatureCert/CertSN"), root.findtext("DigestAlgorithm")) == ("77", "SM3")
    assert ElementTree.fromstring(body).findtext("DEST/EBRID") == THERE


async def test_without_its_device_nothing_leaves_unsigned(place: Outside) -> None:
    channel = place.build({**CONFIG, "base_url": place.base, "signer": "http://127.0.0.1:1"})
    outcome = await send(channel, text(channel), targets([THERE]))
    assert outcome.raised is not None
    assert place.sandbox.calls == []


async def test_an_address_that_is_no_resource_code_is_refused(place: Outside) -> None:
    channel = place.build({**CONFIG, "base_url": place.base})
    outcome = await send(channel, text(channel), targets(["loudspeaker"]))
    assert isinstance(outcome.answers[0][1], Refused)


def state(code: str, name: str = "EBDB_1.xml", about: str = "<EBM><EBMID>M1</EBMID></EBM>") -> bytes:
    told = f"<EBMStateResponse>{about}<BrdStateCode>{code}</BrdStateCode></EBMStateResponse>"
    xml = f"<EBD><EBDID>1</EBDID><SRC><EBRID>{THERE}</EBRID></SRC>{told}</EBD>"
    return ebm.packed({name: xml.encode()})


def told(tar: bytes, key: str = "reports-carry-this-key") -> tuple[int, tuple[Receipt, ...]]:
    channel = build(
        Setup("ebm-a", World.SANDBOX, {**CONFIG, "base_url": "https://ebm.example"}, "https://hub.example/hooks/ebm-a")
    )
    kind, body = form({"file": ("x.tar", "application/x-tar", tar)})
    reply, receipts = channel.hear(
        Callback("POST", f"https://hub.example/hooks/ebm-a?key={key}", {"Content-Type": kind}, body)
    )
    return reply.status, tuple(receipts)


def test_a_state_that_is_not_known_is_no_news_and_a_wrong_key_no_call() -> None:
    for about in ("<EBM><EBMID>M1</EBMID></EBM>", "<EBMID>M1</EBMID>"):
        assert [one.state for one in told(state("3", about=about))[1]] == ["shown"]
    assert told(state("9")) == (200, ())
    assert told(state("3"), key="guessed") == (403, ())


@pytest.mark.parametrize(
    "tar",
    [b"", b"not a tar", state("3", "README"), ebm.packed({"EBDB_1.xml": b"<!DOCTYPE x><EBD/>"}), state("3")[:600]],
)
def test_a_hostile_package_is_turned_away(tar: bytes) -> None:
    assert told(tar) == (400, ())
