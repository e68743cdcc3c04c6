"""Does WeCom's channel answer for every member, although one call serves a thousand?"""

import json
import time
from collections.abc import AsyncIterator

import pytest

from channels.base import Fields, Misconfigured, Push, Recalls
from channels.sandbox.wecom import press, reply
from channels.wecom.audience import addressable, call, calls
from channels.wecom.codes import CODES
from publisher.model.delivery import Message, Receipt, Refused, Sent, Target, Unknown, Unsent
from publisher.model.words import EndpointId
from tests.kit.outside import Outside, message, outside, send, targets

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def config(base: str) -> dict[str, object]:
    return {
        "base_url": base,
        "corp_id": "ww1",
        "secret": "application-secret",
        "agent_id": 1000002,
        "token": "application-token",
        "aes_key": AES_KEY,
    }


TEXT = message(
    json.dumps({"msgtype": "text", "text": {"content": "暴雨红色预警"}}, ensure_ascii=False).encode(),
    "application/json",
)


@pytest.fixture
async def place() -> AsyncIterator[Outside]:
    async with outside("wecom", config("http://127.0.0.1")) as place:
        yield place


# Who shares a call


def test_a_call_holds_one_kind_and_no_more_than_wecom_takes() -> None:
    crowd = targets([f"u{n}" for n in range(2001)] + [f"party:{n}" for n in range(101)] + ["tag:1"])
    groups = [call(group) for group in calls(crowd)]
    assert [(g.field, len(g.targets)) for g in groups] == [
        ("toparty", 100),
        ("toparty", 1),
        ("totag", 1),
        ("touser", 1000),
        ("touser", 1000),
        ("touser", 1),
    ]
    assert sorted(t.delivery for g in groups for t in g.targets) == sorted(t.delivery for t in crowd)


def test_the_same_targets_in_any_order_make_the_same_calls() -> None:
    crowd = targets([f"u{n}" for n in range(50)])
    assert list(calls(crowd)) == list(calls(list(reversed(crowd))))


@pytest.mark.parametrize("address", ["@all", "a|b", "", "party:", "tag:@all", "party:1|2", "a b", "x" * 65])
async def test_an_address_that_would_widen_the_audience_is_refused_without_a_call(place: Outside, address: str) -> None:
    assert not addressable(address)
    channel = place.build(config(place.base))
    outcome = await send(channel, TEXT, targets([address, "member-1"]))
    assert isinstance(outcome.by_target[targets([address])[0]], Refused)
    assert place.arrived == ["member-1"]


# Partial success


async def test_a_success_that_lists_some_as_invalid_fails_exactly_those(place: Outside) -> None:
    channel = place.build(config(place.base))
    for absent in ("Member-2", "party:9", "tag:9"):
        place.fail("absent", address=absent)
    everyone = targets(["member-1", "Member-2", "member-3", "party:1", "party:9", "tag:1", "tag:9"])
    outcome = await send(channel, TEXT, everyone)
    refused = {t.address: a for t, a in outcome.answers if isinstance(a, Refused)}
    assert refused == {
        "Member-2": Refused("invalid_address", "invaliduser"),
        "party:9": Refused("invalid_address", "invalidparty"),
        "tag:9": Refused("invalid_address", "invalidtag"),
    }
    assert all(isinstance(a, Sent) and a.ref for t, a in outcome.answers if t.address not in refused)
    assert sorted(place.arrived) == ["member-1", "member-3", "party:1", "tag:1"]


def test_the_unlicensed_are_refused_too_and_letter_case_does_not_matter() -> None:
    group = call(targets(["ZhangSan", "lisi"]))
    assert group.answers("m1", {"unlicenseduser": "zhangsan", "invaliduser": None}) == [
        (group.targets[0], Refused("unlicensed", "unlicenseduser")),
        (group.targets[1], Sent("m1")),
    ]


async def test_when_all_are_invalid_all_are_refused(place: Outside) -> None:
    channel = place.build(config(place.base))
    place.fail("absent")
    outcome = await send(channel, TEXT, targets(["member-1", "member-2"]))
    assert {a.reason for _, a in outcome.answers if isinstance(a, Refused)} == {"invalid_address"}


async def test_one_call_serves_many_members(place: Outside) -> None:
    channel = place.build(config(place.base))
    outcome = await send(channel, TEXT, targets([f"u{n}" for n in range(300)]))
    assert len(outcome.answers) == 300
    assert place.calls("send") == 1
    assert len({a.ref for _, a in outcome.answers if isinstance(a, Sent)}) == 1


async def test_a_lost_answer_is_doubt_for_all_and_a_repeat_does_not_arrive_twice(place: Outside) -> None:
    channel = place.build(config(place.base))
    crowd = targets([f"u{n}" for n in range(20)])
    place.fail("drop_after", times=1)
    first = await send(channel, TEXT, crowd)
    assert {type(a) for _, a in first.answers} == {Unknown}
    again = await send(channel, TEXT, list(reversed(crowd)))
    assert {type(a) for _, a in again.answers} == {Sent}
    assert sorted(place.arrived) == sorted(t.address for t in crowd)


# Codes and addresses


@pytest.mark.parametrize(
    "code", sorted(code for code, v in CODES.items() if v.outcome == "misconfigured" and code != 40001)
)
async def test_an_accounts_code_is_for_a_person_to_mend(place: Outside, code: int) -> None:
    channel = place.build(config(place.base))
    place.fail("code", code=code)
    outcome = await send(channel, TEXT, targets(["member-1"]))
    assert isinstance(outcome.raised, Misconfigured)
    assert str(code) in str(outcome.raised)


async def test_a_wrong_secret_is_for_a_person_to_mend(place: Outside) -> None:
    channel = place.build({**config(place.base), "secret": "another"})
    assert isinstance((await send(channel, TEXT, targets(["m"]))).raised, Misconfigured)


async def test_system_busy_is_tried_again_later(place: Outside) -> None:
    channel = place.build(config(place.base))
    place.fail("code", code=-1)
    outcome = await send(channel, TEXT, targets(["m1", "m2"]))
    assert [type(a) for _, a in outcome.answers] == [Unsent, Unsent]


async def test_a_stale_token_is_renewed_once(place: Outside) -> None:
    channel = place.build(config(place.base))
    await channel.probe()
    place.sandbox.tokens.clear()
    outcome = await send(channel, TEXT, targets(["m1", "party:1", "tag:1"]))
    assert all(isinstance(a, Sent) for _, a in outcome.answers)
    assert place.calls("token") == 2


async def test_a_private_address_is_used_for_everything(place: Outside) -> None:
    channel = place.build(config(place.base))
    assert (await channel.probe()).ok
    assert place.calls("token") == 1


async def test_a_wrong_application_is_found_by_the_probe(place: Outside) -> None:
    channel = place.build({**config(place.base), "agent_id": 7})
    health = await channel.probe()
    assert (health.ok, "301002" in health.says) == (False, True)


# Texts


def fields(**words: str) -> Fields:
    return Fields(words, "zh", "red", "#f00", 4, exercise=False, url="https://hub.example/w/1")


def test_a_text_is_measured_in_bytes(place: Outside) -> None:
    channel = place.build(config(place.base))
    fits = channel.compose(fields(title="", body="警" * 682))
    assert (fits.facts, fits.overflow) == ({"content": "2046/2048 bytes"}, ())
    assert channel.compose(fields(body="警" * 683)).overflow == ("content: 2049 of 2048 bytes",)


def test_a_card_has_a_title_a_description_and_the_page(place: Outside) -> None:
    channel = place.build({**config(place.base), "shape": "textcard"})
    made = channel.compose(fields(title="暴雨红色预警", body="立即转移"))
    assert json.loads(made.body) == {
        "msgtype": "textcard",
        "textcard": {"title": "暴雨红色预警", "description": "立即转移", "url": "https://hub.example/w/1"},
    }
    assert channel.compose(fields(title="警" * 43, body="警" * 171)).overflow == (
        "title: 129 of 128 bytes",
        "description: 513 of 512 bytes",
    )


# Recall and acknowledgement


async def test_a_sent_message_can_be_taken_back(place: Outside) -> None:
    channel = place.build(config(place.base))
    assert isinstance(channel, Recalls)
    outcome = await send(channel, TEXT, targets(["m1", "m2"]))
    ref = next(a.ref for _, a in outcome.answers if isinstance(a, Sent))
    assert await channel.recall(ref)
    assert {letter.state for letter in place.sandbox.letters} == {"recalled"}
    assert not await channel.recall("unknown")


async def test_a_provider_that_cannot_be_reached_took_nothing_back(place: Outside) -> None:
    channel = place.build(config(place.base))
    assert isinstance(channel, Recalls)
    place.fail("drop", stage="token")
    assert not await channel.recall("m1")


async def test_a_member_who_answers_1_has_acknowledged(place: Outside) -> None:
    channel = place.build(config(place.base))
    await send(channel, TEXT, targets(["member-1"]))
    await reply(place.sandbox, place.sandbox.letters[0], "1")
    await reply(place.sandbox, place.sandbox.letters[0], "谁？")
    assert place.heard == [Receipt("acknowledged", address="member-1", detail="1")]
    assert place.refused == []


async def test_a_button_names_the_delivery_itself(place: Outside) -> None:
    channel = place.build(config(place.base))
    await send(channel, TEXT, targets(["member-1"]))
    await press(place.sandbox, place.sandbox.letters[0], "ack:delivery-0")
    await press(place.sandbox, place.sandbox.letters[0], "menu:help")
    assert place.heard == [Receipt("acknowledged", delivery="delivery-0", detail="member-1")]


async def test_a_target_keeps_its_answer_when_two_endpoints_are_one_member(place: Outside) -> None:
    channel = place.build(config(place.base))
    outcome = await send(channel, TEXT, targets(["member-1", "member-1"]))
    assert len(outcome.by_target) == 2


def test_a_thousand_answers_are_matched_at_once() -> None:
    crowd: list[Target] = targets([f"u{n}" for n in range(1000)])
    began = time.process_time()
    call(crowd).answers("m", {"invaliduser": "|".join(f"u{n}" for n in range(0, 1000, 2))})
    assert time.process_time() - began < 0.5


# Cards with a button, crowds, robots


def card(place: Outside, **changed: object) -> tuple[Push, Message]:
    channel = place.build({**config(place.base), "shape": "button", **changed})
    made = channel.compose(fields(title="暴雨红色预警", body="立即转移"))
    return channel, message(made.body, made.media_type)


async def test_a_members_button_means_their_delivery_and_a_partys_the_partys(place: Outside) -> None:
    channel, sent = card(place)
    outcome = await send(channel, sent, targets(["party:2", "member-1", "member-2"]))
    assert {type(answer) for _, answer in outcome.answers} == {Sent}
    # A call a party, one for both members.
    assert place.calls("wecom send") == 2
    party, member = place.sandbox.letters[0], place.sandbox.letters[1]
    await press(place.sandbox, party, "ack:delivery-0")
    await press(place.sandbox, member, "ack:")
    assert place.heard == [
        Receipt("acknowledged", delivery="delivery-0", detail="party:2"),
        Receipt("acknowledged", address="member-1", detail="button"),
    ]


async def test_a_card_is_the_same_call_again_so_that_wecom_drops_it(place: Outside) -> None:
    channel, sent = card(place)
    first = await send(channel, sent, targets(["party:2", "member-1"]))
    again = await send(channel, sent, targets(["party:2", "member-1"]))
    assert first.by_target == again.by_target
    assert len(place.sandbox.letters) == 2


def test_a_card_that_a_telephone_would_cut_is_reported(place: Outside) -> None:
    channel, _ = card(place)
    assert channel.compose(fields(title="警" * 37, body="警" * 161)).overflow == (
        "title: 111 of 108 bytes",
        "sub_title_text: 483 of 480 bytes",
    )


async def test_a_party_and_a_tag_are_counted_in_people_and_a_member_is_one(place: Outside) -> None:
    channel = place.build(config(place.base))
    place.sandbox.people = 37
    outcome = await send(channel, TEXT, targets(["party:2", "tag:3", "member-1"]))
    assert [a.count for _, a in outcome.answers if isinstance(a, Sent)].count(37) == 2
    assert None in {a.count for _, a in outcome.answers if isinstance(a, Sent)}


async def test_a_crowd_that_cannot_be_counted_is_sent_to_and_not_guessed(place: Outside) -> None:
    channel = place.build(config(place.base))
    place.fail("code", stage="probe", code=60011)
    outcome = await send(channel, TEXT, targets(["party:2"]))
    assert [(type(a), a.count) for _, a in outcome.answers if isinstance(a, Sent)] == [(Sent, None)]


async def test_a_robot_speaks_in_its_group_by_name_and_its_key_stays_hidden() -> None:
    robots = {"robots": {"flood-control": "693a91f6-robot-key"}}
    async with outside("wecom", {**config("http://127.0.0.1"), **robots}) as place:
        channel, sent = card(place, **robots)
        there = Target("d1", EndpointId("e1"), "robot:flood-control", "k1")
        nowhere = Target("d2", EndpointId("e2"), "robot:other", "k2")
        outcome = await send(channel, sent, [there, nowhere])
        assert outcome.by_target[there] == Sent("")
        assert isinstance(outcome.by_target[nowhere], Refused)
        assert [letter.text for letter in place.sandbox.letters] == ["暴雨红色预警\n立即转移\nhttps://hub.example/w/1"]
        place.fail("code", code=45009)
        busy = await send(channel, sent, [there])
        assert busy.answers == [(there, Unsent("rate", 60.0, '{"errcode": 45009, "errmsg": "refused by the sandbox"}'))]
        assert "693a91f6" not in outcome.shown + busy.shown
