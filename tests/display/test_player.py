"""Does a display show only what is sealed, newest and unexpired, and say how old it is when the line is cut?"""

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from channels.base import Entry
from channels.led import Led
from publisher.display.player import Player, Refused, Showing
from publisher.formats import bundle, seal
from publisher.model.words import Act, Mode
from tests.kit import typhoon_night as night
from tests.kit.typhoon_entries import entry, four_signals, screen, surface

KEY = seal.make_key()
TRUST = seal.public_of(KEY)
START = night.NIGHT.astimezone(UTC)
MINUTE, HOUR = 60.0, 3600.0


def state(entries: list[Entry], *, exercise: bool = False) -> dict[str, Any]:
    place = screen(mode=Mode.EXERCISE if exercise else Mode.ACTUAL)
    pages = {page.path: page.body for page in Led().materialise(surface(entries, [place], exercise=exercise))}
    found: dict[str, Any] = json.loads(pages[f"{'/exercise' if exercise else ''}/led/screen-1.json"])
    return {**found, "as_of_words": "截至{time}"}


def level(name: str) -> list[Entry]:
    return [entry(night.content(Act.ISSUE, night.section(name, night.ROOT)), 1)]


@cache
def night_of_four() -> list[Entry]:
    return four_signals()


def raw(entries: list[Entry], sequence: int = 1, **more: Any) -> bytes:
    return bundle.playlist({**state(entries), **more}, sequence, KEY)


def beat(sequence: int, nonce: str = "n", at: datetime = START, screen: str = "screen-1") -> bytes:
    return bundle.beat(screen, sequence, at, nonce, KEY)


def playing(entries: list[Entry], sequence: int = 1, **more: Any) -> Player:
    """A display that has this list, confirmed when its steady clock stood at 0."""
    player = Player("screen-1", TRUST)
    player.take(raw(entries, sequence, **more))
    player.confirm(beat(sequence), "n", 0.0)
    return player


def texts(showing: Showing) -> list[str]:
    return [slide.text for slide in showing.slides]


def test_a_red_stands_alone_and_counts_the_rest() -> None:
    showing = playing(night_of_four()).showing(1.0)
    assert (showing.kind, showing.sequence) == ("warning", 1)
    assert {slide.label for slide in showing.slides} == {"台风红色预警", ""}
    assert texts(showing)[-1] == "另有3条预警"
    assert showing.slides[0].colour == "#E60012"


def test_when_the_red_is_over_the_others_return() -> None:
    player = playing(night_of_four())
    player.take(raw(night_of_four()[1:], 2))
    player.confirm(beat(2), "n", 5.0)
    assert next(slide.label for slide in player.showing(5.0).slides if slide.label) == "大风橙色预警"


def test_nothing_is_shown_before_a_beat_confirms_it() -> None:
    player = Player("screen-1", TRUST)
    assert player.showing(0.0).kind == "blank"
    player.take(raw(night_of_four()))
    assert player.showing(0.0).kind == "blank"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (json.dumps(state(night_of_four())).encode(), "no signature"),
        (bundle.playlist(state(night_of_four()), 9, seal.make_key()), "another key"),
        (raw(night_of_four(), 9, screen="screen-2"), "for screen screen-2"),
        (bundle.playlist(state(four_signals(Mode.EXERCISE), exercise=True), 9, KEY), "an exercise"),
        (raw(night_of_four(), 4), "older than 5"),
        (beat(9), "not a tocsin-playlist"),
    ],
    ids=["unsealed", "other key", "other screen", "exercise", "replayed", "a beat"],
)
def test_what_is_refused_leaves_what_is_shown(body: bytes, says: str) -> None:
    player = playing(level("orange"), 5)
    before = player.showing(1.0)
    with pytest.raises(Refused, match=says):
        player.take(body)
    assert player.showing(1.0) == before


def test_an_old_list_is_refused_after_a_restart_too() -> None:
    player = Player("screen-1", TRUST, sequence=7)
    with pytest.raises(Refused, match="older than 7"):
        player.take(raw(night_of_four(), 6))
    player.take(raw(night_of_four(), 7))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (beat(1, nonce="old"), "another question"),
        (beat(2), "newest playlist is 2"),
        (beat(1, screen="screen-2"), "for screen screen-2"),
        (raw(night_of_four()), "not a tocsin-beat"),
        (b"{}", "no signature"),
    ],
    ids=["replayed", "other list", "other screen", "a playlist", "unsealed"],
)
def test_a_beat_that_does_not_answer_confirms_nothing(body: bytes, says: str) -> None:
    player = playing(level("orange"))
    with pytest.raises(Refused, match=says):
        player.confirm(body, "n", 29 * MINUTE)
    assert player.showing(31 * MINUTE).slides[0].as_of == "截至16:18"


def test_a_red_whose_line_is_cut_stays_and_says_as_of_when() -> None:
    player = playing(level("orange"))
    assert player.showing(29 * MINUTE).slides[0].as_of == ""
    late = player.showing(31 * MINUTE)
    assert late.kind == "warning"
    assert {slide.as_of for slide in late.slides} == {"截至16:18"}
    player.confirm(beat(1, at=START + timedelta(minutes=32)), "n", 32 * MINUTE)
    assert player.showing(33 * MINUTE).slides[0].as_of == ""


def test_as_of_names_the_day_once_it_is_another() -> None:
    held = playing(level("orange"), items=[{**one, "expires": None} for one in state(level("orange"))["items"]])
    assert held.showing(12 * HOUR).slides[0].as_of == "截至07-21 16:18"


def test_a_level_whose_rule_is_safe_gives_way_to_safe_words() -> None:
    items = [{**one, "at_lease_end": "safe"} for one in state(level("yellow"))["items"]]
    player = playing(level("yellow"), items=items)
    assert player.showing(29 * MINUTE).kind == "warning"
    assert (player.showing(31 * MINUTE).kind, texts(player.showing(31 * MINUTE))) == ("safe", ["请收听广播"])


def test_an_item_goes_at_its_end_by_the_hubs_clock_and_never_as_if_all_were_well() -> None:
    player = playing(level("orange"))
    assert player.showing(6 * HOUR - 1).kind == "warning"
    assert player.showing(6 * HOUR + 1).kind == "safe"


def test_no_warning_is_said_only_while_it_is_sure() -> None:
    player = playing([])
    assert texts(player.showing(1.0)) == ["海滨区：目前无预警"]
    assert player.showing(29 * MINUTE).kind == "idle"
    assert player.showing(31 * MINUTE).kind == "safe"


def test_a_display_for_exercises_shows_only_exercises() -> None:
    player = Player("screen-1", TRUST, exercise=True)
    with pytest.raises(Refused, match="no exercise"):
        player.take(raw(night_of_four()))
    player.take(bundle.playlist(state(four_signals(Mode.EXERCISE), exercise=True), 1, KEY))
    player.confirm(beat(1), "n", 0.0)
    assert all("【演练】" in slide.text or slide.item for slide in player.showing(0.0).slides)
    assert player.showing(0.0).exercise
