"""Does every sign show the right set of warnings, whatever its controller can read?"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pydantic import ValidationError

from channels.base import Entry, Page, Pull, Setup, Surface
from channels.led import Led, build
from publisher.model.directory import Endpoint
from publisher.model.pack import Pack
from publisher.model.words import Act, EndpointId, Medium, Mode, World
from tests.kit import typhoon_night as night
from tests.kit.conformance import PullConformance
from tests.kit.typhoon_entries import entry, four_signals, screen, surface, with_display

GOLDEN = Path(__file__).parent.parent / "golden" / "led"


def pages(given: Surface) -> Mapping[str, Page]:
    return {page.path: page for page in Led().materialise(given)}


def shown(
    entries: list[Entry], one: Endpoint | None = None, *, pack: Pack | None = None, **more: Any
) -> dict[str, Any]:
    place = one or screen()
    found: dict[str, Any] = json.loads(
        pages(surface(entries, [place], pack=pack, **more))[f"/led/{place.address}.json"].body
    )
    return found


def levels(state: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(item["level"], item["id"].split("-")[2][:5]) for item in state["items"]]


def rain(level: str = "orange", *areas: Any, number: int = 1, **more: Any) -> Entry:
    return entry(night.content(Act.ISSUE, night.section(level, *(areas or (night.ROOT,)))), number, **more)


class TestContract(PullConformance):
    marks = ("【演练】",)

    def channel(self) -> Pull:
        return Led()

    def surface(self) -> Surface:
        return surface(four_signals(), [screen(), screen("screen-2", night.ROOT, look="128x32")])

    def drill(self) -> Surface:
        places = [screen(mode=Mode.EXERCISE)]
        return surface(four_signals(Mode.EXERCISE), places, exercise=True)


def test_the_four_signals_of_one_night_are_shown_as_was_decided() -> None:
    """Red stands alone and says that three more are in force; without pre-emption the gravest and newest lead."""
    calm = with_display(preempt_rank=5, max_items=4)
    made = json.dumps(
        {"red stands alone": shown(four_signals()), "in order": shown(four_signals(), pack=calm)},
        ensure_ascii=False,
        indent=1,
    )
    path = GOLDEN / "playlists.json"
    if os.environ.get("TOCSIN_WRITE_GOLDEN"):
        path.write_text(made + "\n", "utf-8")
    assert made + "\n" == path.read_text("utf-8")


def test_a_red_stands_alone_and_the_rest_is_counted() -> None:
    state = shown(four_signals())
    assert levels(state) == [("red", "00001")]
    assert (state["hidden"], state["more"]) == (3, "另有3条预警")


def test_when_the_red_is_over_the_others_come_back() -> None:
    state = shown(four_signals()[1:])
    assert levels(state) == [("orange", "00003"), ("orange", "00002")]
    assert (state["hidden"], state["more"]) == (1, "另有1条预警")


def test_order_is_by_rank_and_then_the_newest_first() -> None:
    state = shown(four_signals(), pack=with_display(preempt_rank=5, max_items=9))
    assert levels(state) == [("red", "00001"), ("orange", "00003"), ("orange", "00002"), ("yellow", "00004")]
    assert (state["hidden"], state["more"]) == (0, "")


def test_a_screen_shows_only_what_concerns_its_place() -> None:
    state = shown([rain("orange", night.EAST), rain("yellow", night.NORTH, number=2)])
    assert levels(state) == [("yellow", "00002")]


def test_a_screen_for_a_whole_district_shows_what_concerns_a_part_of_it() -> None:
    assert levels(shown([rain("orange", night.EAST)], screen("s", night.ROOT))) == [("orange", "00001")]


def test_a_towns_own_level_beats_that_of_the_district_around_it() -> None:
    both = entry(night.content(Act.ISSUE, night.section("orange", night.ROOT), night.section("red", night.NORTH)), 1)
    assert levels(shown([both])) == [("red", "00001")]
    assert levels(shown([both], screen("s", night.EAST))) == [("orange", "00001")]
    whole = shown([both], screen("s", night.ROOT), pack=with_display(preempt_rank=5, max_items=9))
    assert levels(whole) == [("red", "00001"), ("orange", "00001")]


def test_nothing_in_force_says_the_idle_words() -> None:
    found = pages(surface([], [screen()]))
    state = json.loads(found["/led/screen-1.json"].body)
    assert (state["state"], state["items"], state["idle"]) == ("idle", [], "海滨区：目前无预警")
    assert (state["as_of"], state["expires"]) == (None, None)
    assert found["/led/screen-1.txt"].body.decode() == "海滨区：目前无预警\n"


def test_a_lift_is_never_shown_as_in_force() -> None:
    lift = entry(night.content(Act.LIFT, night.section("orange", night.ROOT)), 1)
    assert shown([lift])["state"] == "idle"


def test_an_expired_one_goes_unless_it_holds_until_lifted() -> None:
    late = night.NIGHT + timedelta(hours=7)
    one = rain()
    assert shown([one], now=late)["state"] == "idle"
    held = replace(one, bulletin=replace(one.bulletin, content=replace(one.bulletin.content, until_lifted=True)))
    state = shown([held], now=late)
    assert state["state"] == "warning"
    assert state["items"][0]["expires"] is None
    assert state["expires"] is None


def test_an_item_says_all_that_a_controller_needs() -> None:
    state = shown([rain(minutes_ago=3)])
    item = state["items"][0]
    assert item["text"] == "海滨区气象台 7月21日16:15 发布暴雨橙色预警，海滨区：请特别加强防范。"
    assert "".join(item["pages"]).replace(" ", "") == item["text"].replace(" ", "")
    assert item["colour"] == "#F39800"
    assert item["rank"] == 3
    assert item["seconds"] == 6
    assert item["expires"] == "2026-07-21T22:18:00+08:00"
    assert state["expires"] == item["expires"]
    assert state["as_of"] == item["issued"] == "2026-07-21T16:15:00+08:00"
    assert state["lease_seconds"] == 1800
    assert state["at_lease_end"] == "as_of"
    assert state["safe"] == "请收听广播"


def test_bytes_change_with_what_is_shown_and_not_with_the_clock() -> None:
    entries, places = four_signals(), [screen()]
    first = pages(surface(entries, places))
    later = pages(replace(surface(entries, places, now=night.NIGHT + timedelta(hours=2)), sequence=99))
    assert first == later
    assert first["/led/screen-1.json"] != pages(surface(entries[1:], places))["/led/screen-1.json"]


def test_another_screens_warning_changes_nothing_here() -> None:
    places = [screen(), screen("far", night.SOUTH)]
    near = rain("orange", night.NORTH)
    before = pages(surface([near], places))
    after = pages(surface([near, rain("red", night.SOUTH, number=2)], places))
    changed = {path for path in before if before[path] != after.get(path)}
    assert changed == {f"/led/far.{kind}" for kind in ("json", "xml", "txt", "gb.txt")}


def test_xml_and_text_say_the_same_as_json() -> None:
    found = pages(surface(four_signals(), [screen()]))
    state = json.loads(found["/led/screen-1.json"].body)
    root = ElementTree.fromstring(found["/led/screen-1.xml"].body)
    assert root.tag == "led"
    assert {child.tag for child in root} == set(state)
    assert root.findtext("items/item/text") == state["items"][0]["text"]
    assert [page.text for page in root.iterfind("items/item/pages/page")] == state["items"][0]["pages"]
    assert root.findtext("exercise") == "false"
    text = found["/led/screen-1.txt"].body.decode()
    assert text == f"{state['items'][0]['text']}\n另有3条预警\n"
    assert found["/led/screen-1.gb.txt"].body.decode("gb18030") == text


def test_control_characters_do_not_break_the_xml() -> None:
    one = rain()
    name = "led.0.zh.192x18.json"
    bad = json.dumps({**json.loads(one.files[name][1]), "text": "a\u0000b\u0008c"}).encode()
    found = pages(surface([replace(one, files={**one.files, name: ("", bad)})], [screen()]))
    assert ElementTree.fromstring(found["/led/screen-1.xml"].body).findtext("items/item/text") == "abc"


def test_frames_have_addresses_that_screens_of_one_look_share() -> None:
    entries = four_signals()
    found = pages(surface(entries, [screen(), screen("screen-2")]))
    one, two = (json.loads(found[f"/led/screen-{number}.json"].body)["items"][0]["frames"] for number in (1, 2))
    assert one == two
    assert one[0]["path"] == f"/led/frames/{entries[0].public_id}.0.zh.192x18.1.png"
    for number, frame in enumerate(one, 1):
        body = found[frame["path"]].body
        assert body == entries[0].files[f"led.0.zh.192x18.{number}.png"][1]
        assert frame["sha256"] == hashlib.sha256(body).hexdigest()


def test_what_gives_way_to_a_red_is_named_gravest_first() -> None:
    others = shown(four_signals())["others"]
    assert [one["label"] for one in others] == ["大风橙色预警", "暴雨橙色预警", "雷电黄色预警"]
    assert others[0] == {"label": "大风橙色预警", "colour": "#F39800", "ink": "#000000", "glyph": "◆"}


def test_a_screen_of_a_size_not_drawn_gets_the_text() -> None:
    item = shown([rain()], screen("odd", look="320x32"))["items"][0]
    assert (item["pages"], item["frames"]) == ([item["text"]], [])


def test_a_screen_may_have_its_own_rule() -> None:
    hall = replace(night.pack().displays[0], id="hall", preempt_rank=5, max_items=9)
    pack = replace(night.pack(), displays=(night.pack().displays[0], hall))
    assert len(shown(four_signals(), screen(), pack=pack)["items"]) == 1
    assert len(shown(four_signals(), screen(display="hall"), pack=pack)["items"]) == 4
    assert len(shown(four_signals(), screen(display="gone"), pack=pack)["items"]) == 1


def test_playlists_are_sealed_when_they_are_written_and_nothing_else_is() -> None:
    found = pages(surface(four_signals(), [screen()]))
    assert [path for path, page in found.items() if page.sealed] == ["/led/screen-1.json"]


def test_a_screen_reads_its_own_language_and_else_the_packs() -> None:
    state = shown([rain()], screen("en", language=night.EN))
    assert state["items"][0]["text"].startswith("Rainstorm warning (Orange).")
    assert state["idle"] == "Seaside: no warning in force"
    one = rain()
    only_chinese = replace(one, files={name: body for name, body in one.files.items() if ".en." not in name})
    assert "橙色" in shown([only_chinese], screen("en", language=night.EN))["items"][0]["text"]


def test_a_bulletin_that_goes_to_no_screen_is_on_none() -> None:
    one = rain()
    spoken = {name: body for name, body in one.files.items() if not name.startswith("led.")}
    assert shown([replace(one, files=spoken)])["state"] == "idle"


def test_exercise_and_actual_never_meet() -> None:
    real, drill = four_signals(), four_signals(Mode.EXERCISE)
    places = [screen("real"), screen("drill", mode=Mode.EXERCISE), screen("test", mode=Mode.TEST)]
    live = pages(surface([*real, *drill], places))
    names = {path.removeprefix("/led/").split(".")[0].split("/")[0] for path in live}
    assert names == {"real", "frames"}
    assert "演练" not in "".join(page.body.decode("utf-8", "replace") for page in live.values())
    drilled = pages(surface([*real, *drill], places, exercise=True))
    names = {path.removeprefix("/exercise/led/").split(".")[0].split("/")[0] for path in drilled}
    assert names == {"drill", "test", "frames"}
    state = json.loads(drilled["/exercise/led/drill.json"].body)
    assert state["exercise"] is True
    assert all(item["text"].startswith("【演练】") for item in state["items"])
    assert state["idle"].startswith("【演练】")
    assert json.loads(drilled["/exercise/led/test.json"].body)["state"] == "idle"


def test_only_screens_have_pages() -> None:
    phone = replace(screen("+8610000000001"), id=EndpointId("phone"), medium=Medium.SMS)
    assert pages(surface([rain()], [phone])) == {}


def test_a_pack_without_displays_still_shows_warnings() -> None:
    state = shown([rain()], pack=replace(night.pack(), displays=()))
    assert state["state"] == "warning"
    assert state["idle"] == ""


def test_an_unknown_configuration_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="brightness"):
        build(Setup("led", World.SANDBOX, {"brightness": 9}, ""))
    assert build(Setup("led", World.SANDBOX, {}, "")).traits.pull
