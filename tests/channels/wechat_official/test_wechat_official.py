"""Is WeChat called and heard with none of the seven known traps? Each has its test here."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from channels.base import Fields, Misconfigured, Push, Unavailable
from channels.sandbox import Rule
from channels.wechat_official import build
from channels.wechat_official.codes import CODES
from channels.weixin import Said, Tokens
from publisher.model.delivery import Message, Receipt, Refused, Sent, Unknown, Unsent
from tests.kit.outside import Outside, message, outside, send, targets

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
WORDS = {"title": "暴雨红色预警", "level": "红色预警", "area": "全区", "time": "15:01", "action": "立即转移"}


def config(base: str) -> dict[str, object]:
    return {
        "base_url": base,
        "app_id": "wxapp",
        "app_secret": "app-secret",
        "template_id": "template-1",
        "token": "server-token",
        "aes_key": AES_KEY,
    }


@pytest.fixture
async def place() -> AsyncIterator[Outside]:
    async with outside("wechat_official", config("http://127.0.0.1")) as place:
        yield place


def fields(language: str = "zh", **words: str) -> Fields:
    return Fields({**WORDS, **words}, language, "red", "#f00", 4, exercise=False, url="https://hub.example/w/1")


def body(place: Outside, **words: str) -> bytes:
    return place.build(config(place.base)).compose(fields(**words)).body


# The traps


def text(channel: Push) -> Message:
    made = channel.compose(fields(**WORDS))
    return message(made.body, made.media_type)


async def test_trap_1_the_token_comes_from_the_configured_address(place: Outside) -> None:
    channel = place.build(config(place.base))
    outcome = await send(channel, message(body(place), "application/json"), targets(["f1"]))
    assert isinstance(outcome.answers[0][1], Sent)
    assert place.calls("token") == 1


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_trap_2_a_refused_token_is_renewed_once_and_no_more(place: Outside, code: int) -> None:
    channel = place.build(config(place.base))
    place.fail("code", code=code, times=1)
    outcome = await send(channel, message(body(place), "application/json"), targets(["f1"]))
    assert isinstance(outcome.answers[0][1], Sent)
    assert (place.calls("token"), place.calls("template")) == (3, 2)


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_trap_2_a_token_refused_for_ever_stops_after_one_renewal(place: Outside, code: int) -> None:
    channel = place.build(config(place.base))
    place.fail("code", code=code)
    outcome = await send(channel, message(body(place), "application/json"), targets(["f1"]))
    assert isinstance(outcome.raised, Misconfigured)
    assert (place.calls("token"), place.calls("template")) == (4, 2)


async def test_trap_3_the_deadline_holds_for_the_token_too(place: Outside) -> None:
    channel = place.build({**config(place.base), "timeout": 0.3})
    place.fail("silence", stage="token")
    async with asyncio.timeout(2):
        outcome = await send(channel, message(body(place), "application/json"), targets([f"f{n}" for n in range(16)]))
    assert isinstance(outcome.raised, Unavailable)
    assert outcome.answers == []
    assert place.calls("token") == 1


async def test_trap_4_a_page_instead_of_an_answer_is_not_a_delivery(place: Outside) -> None:
    channel = place.build(config(place.base))
    place.fail("garbage")
    outcome = await send(channel, message(body(place), "application/json"), targets(["f1", "tag:2"]))
    assert [type(a) for _, a in outcome.answers] == [Unknown, Unknown]


async def test_trap_4_a_page_instead_of_a_token_sends_nothing(place: Outside) -> None:
    channel = place.build(config(place.base))
    place.fail("garbage", stage="token")
    outcome = await send(channel, message(body(place), "application/json"), targets(["f1"]))
    assert isinstance(outcome.raised, Unavailable)
    assert place.calls("template") == 0


async def test_trap_5_system_busy_is_tried_again_later_and_a_server_error_is_doubt(place: Outside) -> None:
    channel = place.build(config(place.base))
    place.fail("code", code=-1, times=1)
    first = await send(channel, message(body(place), "application/json"), targets(["f1"]))
    assert isinstance(first.answers[0][1], Unsent)
    place.fail("502", times=1)
    second = await send(channel, message(body(place), "application/json"), targets(["f1"]))
    assert isinstance(second.answers[0][1], Unknown)


async def test_trap_6_a_tag_gets_the_mass_text_by_its_tag_id(place: Outside) -> None:
    channel = place.build(config(place.base))
    await send(channel, message(body(place, body="全文"), "application/json"), targets(["tag:2"]))
    assert [(letter.address, letter.text) for letter in place.sandbox.letters] == [("tag:2", "全文")]


async def test_trap_6_a_mass_text_sent_before_is_a_success_with_the_first_id(place: Outside) -> None:
    channel = place.build(config(place.base))
    sent = message(body(place), "application/json")
    first = await send(channel, sent, targets(["tag:2"]))
    again = await send(channel, sent, targets(["tag:2"]))
    assert first.answers == again.answers
    assert len(place.arrived) == 1


@pytest.mark.parametrize("stable", [True, False])
async def test_trap_7_many_sends_on_an_empty_cache_fetch_one_token(place: Outside, stable: bool) -> None:
    channel = place.build({**config(place.base), "stable_token": stable})
    place.fail("none", stage="token", delay=0.05)
    outcome = await send(channel, message(body(place), "application/json"), targets([f"f{n}" for n in range(16)]))
    assert all(isinstance(answer, Sent) for _, answer in outcome.answers)
    assert place.calls("token") == 1


async def test_trap_7_many_refused_tokens_are_renewed_once(place: Outside) -> None:
    channel = place.build(config(place.base))
    await channel.probe()
    place.sandbox.tokens.clear()
    outcome = await send(channel, message(body(place), "application/json"), targets([f"f{n}" for n in range(16)]))
    assert all(isinstance(answer, Sent) for _, answer in outcome.answers)
    assert place.calls("token") == 2


@pytest.mark.parametrize(("lasts", "until"), [(7200, 7140), (60, 54), (0, 0)])
async def test_a_token_is_used_no_longer_than_it_lives(lasts: int, until: int) -> None:
    now, given = 0.0, 0

    async def fetch(force: bool) -> Said:
        nonlocal given
        given += 1
        return Said(None, 0, {"access_token": f"t{given}", "expires_in": lasts}, "0 ok")

    tokens = Tokens(fetch, lambda _: None, lambda: now)
    assert await tokens.get() == "t1"
    now = until - 0.1 if until else 0.0
    assert await tokens.get() == ("t1" if until else "t2")
    now = until
    assert await tokens.get() == ("t2" if until else "t3")


class Provider:
    """The one token that all workers share; demanding a new one ends it."""

    def __init__(self) -> None:
        self.token, self.asked = 0, list[bool]()

    async def fetch(self, force: bool) -> Said:
        self.asked.append(force)
        self.token += force
        return Said(None, 0, {"access_token": f"t{self.token}"}, "0 ok")

    def worker(self) -> Tokens:
        return Tokens(self.fetch, lambda _: None, lambda: 0.0)


async def test_a_refused_token_is_asked_for_again_and_only_the_same_one_is_replaced() -> None:
    provider = Provider()
    tokens = provider.worker()
    first = await tokens.get()
    tokens.spoil(first)
    assert await tokens.get() == "t1"
    tokens.spoil(first)
    assert await tokens.get() == "t1"
    assert provider.asked == [False, False, True]


async def test_workers_whose_token_died_do_not_end_each_others() -> None:
    provider = Provider()
    workers = [provider.worker() for _ in range(4)]
    old = {await one.get() for one in workers}
    assert old == {"t0"}
    for one in workers:
        one.spoil("t0")
        assert await one.get() == "t1"
    assert provider.asked.count(True) == 1


async def test_a_demanded_token_that_was_good_may_be_replaced_again_and_one_that_never_was_may_not() -> None:
    provider = Provider()
    tokens = provider.worker()
    for proven in (True, True, False):
        token = await tokens.get()
        if proven:
            tokens.prove(token)
        tokens.spoil(token)
    with pytest.raises(Misconfigured, match="a fresh token is refused"):
        await tokens.get()
    assert provider.asked.count(True) == 2


async def test_a_wrong_secret_is_for_a_person_to_mend_and_asks_once(place: Outside) -> None:
    channel = place.build({**config(place.base), "app_secret": "another-secret"})
    outcome = await send(channel, message(body(place), "application/json"), targets([f"f{n}" for n in range(16)]))
    assert isinstance(outcome.raised, Misconfigured)
    assert place.calls("token") == 1


# Codes


@pytest.mark.parametrize("code", sorted(code for code, v in CODES.items() if v.outcome == "refused"))
async def test_a_permanent_code_refuses_the_target(place: Outside, code: int) -> None:
    channel = place.build(config(place.base))
    place.fail("code", code=code)
    outcome = await send(channel, message(body(place), "application/json"), targets(["f1"]))
    assert outcome.answers[0][1] == Refused(CODES[code].reason, f"{code} refused by the sandbox")


async def test_an_unknown_code_is_kept_word_for_word(place: Outside) -> None:
    channel = place.build(config(place.base))
    place.fail("code", code=99999)
    outcome = await send(channel, message(body(place), "application/json"), targets(["f1"]))
    assert outcome.answers[0][1] == Refused("unknown_code", "99999 refused by the sandbox")


@pytest.mark.parametrize("code", [45009, 45028])
async def test_a_used_up_quota_is_not_tried_for_everyone(place: Outside, code: int) -> None:
    channel = place.build({**config(place.base), "window": 1})
    place.fail("code", code=code)
    outcome = await send(channel, message(body(place), "application/json"), targets(["f1", "f2", "f3"]))
    assert [a.reason for _, a in outcome.answers if isinstance(a, Unsent)] == ["quota"]
    assert isinstance(outcome.raised, Unavailable)
    assert place.calls("template") == 1


async def test_a_minutes_rate_is_waited_for(place: Outside) -> None:
    channel = place.build(config(place.base))
    place.fail("code", code=45011)
    outcome = await send(channel, message(body(place), "application/json"), targets(["f1"]))
    assert isinstance(outcome.answers[0][1], Unsent)
    assert outcome.answers[0][1].after == 60.0


async def test_a_tag_that_is_no_number_is_refused_without_a_call(place: Outside) -> None:
    channel = place.build(config(place.base))
    outcome = await send(channel, message(body(place), "application/json"), targets(["tag:all"]))
    assert isinstance(outcome.answers[0][1], Refused)
    assert place.sandbox.calls == []


# Texts


def test_the_fields_are_named_as_the_template_wants_them(place: Outside) -> None:
    found = json.loads(body(place))
    assert found["template"] == {
        "template_id": "template-1",
        "url": "https://hub.example/w/1",
        "data": {
            "thing1": {"value": "暴雨红色预警"},
            "phrase2": {"value": "红色预警"},
            "thing3": {"value": "全区"},
            "time4": {"value": "15:01"},
            "thing5": {"value": "立即转移"},
        },
    }
    assert found["mass"]["text"]["content"].splitlines() == ["暴雨红色预警", "红色预警", "全区", "15:01", "立即转移"]


@pytest.mark.parametrize(
    ("word", "long", "says"),
    [
        ("title", "雨" * 21, "thing1 (title): 21 of 20 characters"),
        ("level", "红色预警信号", "phrase2 (level): 6 of 5 characters"),
        ("area", "区" * 21, "thing3 (area): 21 of 20 characters"),
        ("action", "", "thing5 (action): empty"),
        ("time", "今天下午", "time4 (time): '今天下午' is not a time such as 2026年7月1日 15:01"),
    ],
)
def test_what_does_not_fit_is_said_field_by_field(place: Outside, word: str, long: str, says: str) -> None:
    made = place.build(config(place.base)).compose(fields(**{word: long}))
    assert made.overflow == (says,)


@pytest.mark.parametrize(
    ("language", "said", "value"),
    [
        ("zh", "⟦issued:zh⟧", "⟦issued:wechat⟧"),
        ("en", "⟦issued:en⟧", "⟦issued:hm⟧"),
        ("zh", "2026年07月01日05时09分", "2026年7月1日 05:09"),
        ("en", "05:09 on 1 July 2026", "05:09"),
        ("zh", "15:01~16:30", "15:01~16:30"),
    ],
)
def test_a_time_is_written_as_wechat_takes_it(place: Outside, language: str, said: str, value: str) -> None:
    made = place.build(config(place.base)).compose(fields(language, time=said))
    assert json.loads(made.body)["template"]["data"]["time4"]["value"] == value
    assert made.overflow == ()


def test_a_field_of_letters_and_digits_takes_no_chinese(place: Outside) -> None:
    keywords = {"title": "thing1", "level": "character_string2"}
    channel = place.build({**config(place.base), "keywords": keywords})
    assert channel.compose(fields()).overflow == ("character_string2 (level): Latin letters, digits and signs only",)


def test_a_keyword_or_word_that_does_not_exist_is_refused(place: Outside) -> None:
    for keywords in ({"title": "thing"}, {"colour": "thing1"}, {}):
        with pytest.raises(ValueError, match="keywords"):
            place.build({**config(place.base), "keywords": keywords})


# Receipts


async def test_a_blocked_follower_is_a_failure_by_reference(place: Outside) -> None:
    channel = place.build(config(place.base))
    place.sandbox.add(Rule(receipt="failed"))
    outcome = await send(channel, message(body(place), "application/json"), targets(["f1", "tag:2"]))
    await place.sandbox.settle()
    refs = {t.address: a.ref for t, a in outcome.answers if isinstance(a, Sent)}
    assert sorted((r.ref, r.state, r.reason) for r in place.heard) == sorted(
        [(refs["f1"], "failed", "blocked"), (refs["tag:2"], "failed", "refused_by_review")]
    )


async def test_a_mass_receipt_says_how_many_it_reached(place: Outside) -> None:
    channel = place.build(config(place.base))
    await send(channel, message(body(place), "application/json"), targets(["tag:2"]))
    await place.sandbox.settle()
    assert place.heard == [
        Receipt(
            "delivered",
            ref=place.sandbox.letters[0].id,
            detail="send success: total 100, filtered 100, sent 100, errors 0",
            count=100,
        )
    ]


def test_the_package_offers_what_the_registry_wants() -> None:
    assert build.__module__ == "channels.wechat_official"


@pytest.mark.parametrize(
    ("code", "reason"), [(40001, "admin_refused"), (40002, "admin_silent"), (20001, "refused_by_review")]
)
async def test_a_mass_text_that_its_administrator_did_not_confirm_failed(
    place: Outside, code: int, reason: str
) -> None:
    channel = place.build({**config(place.base), "admin_confirms": True})
    place.fail("none", receipt="failed", receipt_code=code)
    await send(channel, text(channel), targets(["tag:2"]))
    await place.sandbox.settle()
    assert [(r.state, r.reason, r.count) for r in place.heard] == [("failed", reason, 0)]


async def test_the_probe_says_what_the_mass_quota_still_holds(place: Outside) -> None:
    channel = place.build({**config(place.base), "admin_confirms": True})
    place.sandbox.mass_quota = 1
    assert "mass texts left today: 1; an administrator must confirm" in (await channel.probe()).says
    await send(channel, text(channel), targets(["tag:2"]))
    assert "mass texts left today: 0" in (await channel.probe()).says


async def test_a_hung_account_starves_no_other(place: Outside) -> None:
    hung = place.build({**config(place.base), "timeout": 5})
    place.fail("silence", address="follower-1")
    waiting = asyncio.create_task(send(hung, text(hung), targets(["follower-1"] * 64)))
    await place.reached.wait()
    other = place.build(config(place.base))
    async with asyncio.timeout(3):
        outcome = await send(other, text(other), targets(["follower-2"]))
    assert [type(answer) for _, answer in outcome.answers] == [Sent]
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
