"""Is Twilio asked before anything is repeated, and believed only where it signed?"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from twilio.request_validator import RequestValidator

from channels.base import Callback, Misconfigured, Reconciles
from channels.twilio.codes import CODES, reason, verdict
from channels.twilio.config import Config
from channels.twilio.receipts import Statuses
from publisher.model.delivery import Receipt, Refused, Sent, Unknown, Unsent
from tests.kit.outside import Outside, Trouble, message, outside, send, targets

ACCOUNT = "AC" + "a" * 32
HOOK = "https://hub.example/hooks/sms-c"
PHONE = "+447700900001"


def config(base: str) -> dict[str, object]:
    return {
        "base_url": base,
        "account_sid": ACCOUNT,
        "auth_token": "account-auth-token",
        "messaging_service_sid": "MG" + "0" * 32,
    }


@pytest.fixture
async def place() -> AsyncIterator[Outside]:
    async with outside("twilio", config("http://127.0.0.1")) as place:
        yield place


async def test_its_queue_never_delivers_an_expired_text(place: Outside) -> None:
    channel = place.build(config(place.base))
    for left in (timedelta(minutes=10, milliseconds=500), timedelta(days=3)):
        await send(channel, message(b"x", "text/plain", datetime.now(UTC) + left), targets([PHONE]))
    assert [letter.asked["validity"] for letter in place.sandbox.letters] == ["600", "36000"]


@pytest.mark.parametrize("code", [21211, 21614, 21610, 21408, 30004, 30006, 30007])
async def test_a_permanent_code_refuses_the_target(place: Outside, code: int) -> None:
    channel = place.build(config(place.base))
    place.fail("code", code=code)
    outcome = await send(channel, message(b"x", "text/plain"), targets([PHONE]))
    answer = outcome.answers[0][1]
    assert isinstance(answer, Refused)
    assert answer.reason == CODES[code].reason
    assert str(code) in answer.detail


async def test_an_unknown_code_is_kept_word_for_word(place: Outside) -> None:
    channel = place.build(config(place.base))
    place.fail("code", code=29999)
    outcome = await send(channel, message(b"x", "text/plain"), targets([PHONE]))
    assert outcome.answers[0][1] == Refused("rejected", "29999: Unable to create record: refused by the sandbox")


async def test_a_code_of_the_account_is_for_a_person_to_mend(place: Outside) -> None:
    channel = place.build(config(place.base))
    place.fail("code", code=21608)
    outcome = await send(channel, message(b"x", "text/plain"), targets([PHONE]))
    assert isinstance(outcome.raised, Misconfigured)


def test_a_server_error_may_have_sent_whatever_code_it_carries() -> None:
    assert verdict(500, 21211).outcome == "unknown"
    assert verdict(400, 21211).outcome == "refused"
    assert verdict(400, "odd").outcome == "refused"


def test_an_unknown_code_of_a_callback_becomes_its_own_reason() -> None:
    assert (reason("30006"), reason("31234"), reason("odd"), reason("")) == (
        "landline",
        "code_31234",
        "code_odd",
        "undeliverable",
    )


async def test_another_numbers_answer_is_never_taken_for_ours() -> None:
    async def mixed(request: web.Request) -> web.Response:
        return web.json_response({"sid": "SM" + "1" * 32, "to": "+447700900999"}, status=201)

    app = web.Application()
    app.router.add_post("/2010-04-01/Accounts/{sid}/Messages.json", mixed)
    server = TestServer(app)
    await server.start_server()
    place = Outside("twilio", None, "http://127.0.0.1")  # type: ignore[arg-type] # not called here
    channel = place.build(config(str(server.make_url("")).rstrip("/")))
    outcome = await send(channel, message(b"x", "text/plain"), targets([PHONE]))
    assert isinstance(outcome.answers[0][1], Unknown)
    await channel.close()
    await server.close()


# Asking


async def test_after_a_lost_answer_it_finds_what_was_sent(place: Outside) -> None:
    channel = place.build(config(place.base))
    assert isinstance(channel, Reconciles)
    since = datetime.now(UTC)
    sent, target = message("暴雨".encode(), "text/plain"), targets([PHONE])[0]
    place.fail("drop_after", times=1)
    assert isinstance((await send(channel, sent, [target])).answers[0][1], Unknown)
    assert await channel.reconcile(sent, target, since) == Sent(place.sandbox.letters[0].id)


async def test_what_never_arrived_is_found_to_be_unsent(place: Outside) -> None:
    channel = place.build(config(place.base))
    assert isinstance(channel, Reconciles)
    since, target = datetime.now(UTC), targets([PHONE])[0]
    await send(channel, message(b"another text", "text/plain"), [target])
    assert isinstance(await channel.reconcile(message(b"x", "text/plain"), target, since), Unsent)


async def test_an_older_message_with_the_same_text_is_not_this_one(place: Outside) -> None:
    channel = place.build(config(place.base))
    assert isinstance(channel, Reconciles)
    sent, target = message(b"x", "text/plain"), targets([PHONE])[0]
    await send(channel, sent, [target])
    place.sandbox.letters[0].at -= timedelta(hours=1)
    assert isinstance(await channel.reconcile(sent, target, datetime.now(UTC)), Unsent)


@pytest.mark.parametrize("ahead", [timedelta(days=-200), timedelta(days=200)])
async def test_it_asks_in_twilios_time_when_the_hubs_clock_is_moved(place: Outside, ahead: timedelta) -> None:
    channel = place.build(config(place.base), clock=lambda: datetime.now(UTC) + ahead)
    assert isinstance(channel, Reconciles)
    sent = message(b"x", "text/plain", datetime.now(UTC) + ahead + timedelta(hours=1))
    target, since = targets([PHONE])[0], datetime.now(UTC) + ahead
    await send(channel, sent, [target])
    assert isinstance(await channel.reconcile(sent, target, since), Sent)


@pytest.mark.parametrize("trouble", ["503", "502", "drop", "garbage", "credentials"])
async def test_when_it_cannot_ask_it_cannot_tell(place: Outside, trouble: Trouble) -> None:
    channel = place.build(config(place.base))
    assert isinstance(channel, Reconciles)
    place.fail(trouble, stage="probe")
    answer = await channel.reconcile(message(b"x", "text/plain"), targets([PHONE])[0], datetime.now(UTC))
    assert isinstance(answer, Unknown)


# Callbacks

FORM = {"MessageSid": "SM1", "MessageStatus": "delivered", "AccountSid": ACCOUNT, "To": PHONE}


def call(
    form: Mapping[str, str],
    key: str = "account-auth-token",
    algorithm: str = "HMAC_SHA1",
    url: str = f"{HOOK}?delivery=d1",
    host: str = HOOK,
) -> Callback:
    headers = {"X-Twilio-Signature": RequestValidator(key).compute_signature(url, dict(form), algorithm)}
    if algorithm != "HMAC_SHA1":
        headers["X-Twilio-Webhooks-Signature-Settings"] = f"key=k1,algorithm={algorithm}"
    return Callback("POST", url.replace(HOOK, host), headers, urlencode(form).encode())


def statuses(**more: object) -> Statuses:
    return Statuses(HOOK, Config.model_validate({**config("https://api.example"), **more}))


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("queued", "accepted"),
        ("sending", "accepted"),
        ("sent", "accepted"),
        ("partially_delivered", "accepted"),
        ("a word of next year", "accepted"),
        ("delivered", "delivered"),
        ("read", "shown"),
        ("undelivered", "failed"),
        ("failed", "failed"),
    ],
)
def test_a_state_never_says_more_than_twilio_knows(status: str, state: str) -> None:
    reply, receipts = statuses().read(call({**FORM, "MessageStatus": status}))
    assert (reply.status, [(r.state, r.delivery, r.ref) for r in receipts]) == (200, [(state, "d1", "SM1")])


def test_a_failure_carries_its_reason_and_code() -> None:
    _, receipts = statuses().read(call({**FORM, "MessageStatus": "undelivered", "ErrorCode": "30006"}))
    assert receipts == (Receipt("failed", "d1", "SM1", "landline", "undelivered 30006"),)


def test_the_public_address_is_what_was_signed_not_the_one_behind_the_proxy() -> None:
    reply, _ = statuses().read(call(FORM, host="http://10.0.0.7:8080/hooks/sms-c"))
    assert reply.status == 200


def test_a_changed_form_address_or_account_is_refused() -> None:
    good = call(FORM)
    other = good.body.replace(b"delivered", b"failed")
    forged = [
        Callback("POST", good.url, good.headers, other),
        Callback("POST", good.url.replace("d1", "d2"), good.headers, good.body),
        Callback("POST", good.url, {}, good.body),
        call({**FORM, "AccountSid": "AC" + "b" * 32}),
        call(FORM, key="guessed"),
    ]
    assert [statuses().read(one)[0].status for one in forged] == [403] * len(forged)


def test_a_shared_key_is_never_downgraded_to_the_old_signature() -> None:
    with_key = statuses(signing_key="shared-signing-key")
    assert with_key.read(call(FORM, "shared-signing-key", "HMAC_SHA256"))[0].status == 200
    for forged in (call(FORM), call(FORM, "shared-signing-key"), call(FORM, "account-auth-token", "HMAC_SHA256")):
        assert with_key.read(forged)[0].status == 403


def test_an_algorithm_that_does_not_exist_is_refused() -> None:
    headers = {**call(FORM).headers, "X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=HMAC_MD5"}
    good = call(FORM)
    assert statuses().read(Callback("POST", good.url, headers, good.body))[0].status == 403


async def test_the_sandbox_signs_with_a_shared_key_too() -> None:
    keyed = {**config("http://127.0.0.1"), "signing_key": "shared-signing-key"}
    async with outside("twilio", keyed) as place:
        channel = place.build({**keyed, "base_url": place.base})
        await send(channel, message(b"x", "text/plain"), targets([PHONE]))
        await place.sandbox.settle()
        assert [r.state for r in place.heard] == ["accepted", "delivered"]
