"""Does each pack's demo fit it, reach everyone, and hold only invented people and numbers?"""

import json
import re
from collections import Counter
from fnmatch import fnmatchcase

import pytest

from channels import registry
from channels.base import Setup
from publisher.core.audience import selected
from publisher.core.demo import Demo, load_demo
from publisher.core.packs import load
from publisher.formats.read import read
from publisher.model.pack import Pack
from publisher.model.words import Medium, Mode, World
from tests.kit.packs import PACKS, files

NUMBER = re.compile(r"\+861000000\d{4}|\+447700900\d{3}")
Play = tuple[Pack, Demo]


@pytest.fixture(scope="module", params=PACKS)
def play(request: pytest.FixtureRequest) -> Play:
    found = files(request.param)
    pack = load(found)
    return pack, load_demo(found, pack)


def test_telephone_numbers_are_ones_that_nobody_has(play: Play) -> None:
    numbers = [one.address for one in play[1].endpoints if one.medium in (Medium.SMS, Medium.VOICE)]
    assert numbers
    assert all(NUMBER.fullmatch(number) for number in numbers)


def test_an_address_serves_one_mode_only(play: Play) -> None:
    modes = Counter((one.medium, one.address) for one in play[1].endpoints)
    assert modes.most_common(1)[0][1] == 1


def test_every_audience_reaches_somebody_in_the_real_mode(play: Play) -> None:
    pack, demo = play
    for wave in pack.waves:
        for way in wave.ways:
            audience = pack.audiences[way.audience]
            found = [
                one
                for one in demo.endpoints
                if one.mode is Mode.ACTUAL and one.medium is way.medium and selected(one, audience, pack)
            ]
            assert found, (wave.id, way.medium)


def test_every_town_has_a_duty_post_that_can_be_told_two_ways(play: Play) -> None:
    pack, demo = play
    for unit in pack.units.values():
        if unit.kind == "town":
            media = {one.medium for one in demo.endpoints if one.unit == unit.id and one.mode is Mode.ACTUAL}
            assert {Medium.SMS, Medium.WECOM} <= media, unit.id


def test_whoever_must_be_told_has_a_contact_on_duty_that_a_notice_can_reach(play: Play) -> None:
    pack, demo = play
    wanted = {unit for rule in pack.reports for unit in rule.to}
    partners = {one.id for one in pack.units.values() if one.kind == "partner"}
    assert partners <= wanted
    for unit in wanted:
        contacts = {one.id for one in demo.contacts if one.unit == unit and one.on_duty}
        reached = [one for one in demo.endpoints if one.mode is Mode.ACTUAL and one.medium is Medium.SMS]
        assert contacts & {one.contact for one in reached}, unit


def test_a_partner_s_phone_is_told_by_notices_only_and_is_in_no_audience(play: Play) -> None:
    pack, demo = play
    phones = [one for one in demo.endpoints if one.role == "partner-desk"]
    assert phones
    for one in phones:
        assert not [
            name for name, audience in pack.audiences.items() if audience.roles and selected(one, audience, pack)
        ]


def test_each_kind_of_endpoint_has_an_exercise_twin(play: Play) -> None:
    media = {one.medium for one in play[1].endpoints if one.mode is Mode.EXERCISE}
    assert media == {one.medium for one in play[1].endpoints if one.mode is Mode.ACTUAL}


def test_screens_say_how_large_they_are(play: Play) -> None:
    for one in play[1].endpoints:
        if one.medium is Medium.SCREEN and one.role == "screen":
            assert one.profile["look"] == f"{one.profile['width']}x{one.profile['height']}"


def test_the_officers_can_carry_every_flow_to_its_end(play: Play) -> None:
    pack, demo = play
    for flow in pack.flows:
        for step in flow.steps:
            units = {"centre": {pack.about.centre}, "any": set(pack.units)}.get(step.unit, {pack.about.centre})
            able = [one for one in demo.officers if one.roles & set(step.roles) and one.unit in units]
            assert able, (flow.id, step.id)
    assert {"drafter", "reviewer", "signer", "leader", "admin", "viewer"} <= {
        role for one in demo.officers for role in one.roles
    }


def test_the_demo_source_takes_every_hazard_at_every_level(play: Play) -> None:
    source = next(one for one in play[1].sources if one.id == "demo")
    assert (source.hazards, source.max_rank, source.areas) == (("*",), 4, (play[0].about.root_area,))
    assert not source.relay


def test_every_channel_opens_with_its_configuration(play: Play) -> None:
    for channel in play[1].channels:
        text = json.dumps(dict(channel.config)).replace("{sandbox}", "http://127.0.0.1:9/sandbox")
        text = text.replace("{sandbox-mail}", "smtp://127.0.0.1:9").replace("{sandbox-mqtt}", "ws://127.0.0.1:9/mqtt")
        config = json.loads(text)
        setup = Setup(channel.name, World.SANDBOX, config, f"http://127.0.0.1:9/hooks/{channel.name}")
        assert registry.kind(channel.kind).build(setup).traits.kind == channel.kind


def test_a_way_goes_by_channels_of_its_medium(play: Play) -> None:
    pack, demo = play
    kinds = {channel.name: channel.kind for channel in demo.channels}
    for wave in pack.waves:
        for way in wave.ways:
            for name in way.channels:
                assert registry.kind(kinds[name]).TRAITS.medium is way.medium, (wave.id, name)


def test_the_waiting_alert_is_sound_and_from_the_relaying_source(play: Play) -> None:
    pack, demo = play
    reading = read(demo.alert)
    assert (reading.refused, reading.format) == (False, "cap12"), reading.findings
    assert {finding.layer for finding in reading.findings} <= {"profile"}
    assert reading.alert is not None
    relay = next(one for one in demo.sources if one.relay)
    assert any(fnmatchcase(reading.alert.sender, pattern) for pattern in relay.senders)
    codes = {value for info in reading.alert.infos for area in info.areas for _, value in area.geocodes}
    assert codes <= set(pack.areas)
