"""Do studios get what should be on air, in the shape their machines read?"""

import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from pydantic import ValidationError

from channels.base import Entry, Page, Pull, Setup, Surface
from channels.broadcast import Broadcast, build
from channels.broadcast.rows import COLUMNS
from publisher.formats.resources import RESPONSE_FILE
from publisher.model.bulletin import Words
from publisher.model.pack import Ebm, Pack
from publisher.model.words import Act, Medium, Mode, World
from tests.kit import public_site
from tests.kit import typhoon_night as night
from tests.kit.conformance import PullConformance
from tests.kit.typhoon_entries import entry, four_signals, screen, surface

FOLDER = Path(__file__).parent.parent.parent / "channels" / "broadcast"


def pages(given: Surface) -> Mapping[str, Page]:
    return {page.path: page for page in Broadcast().materialise(given)}


def text(given: Surface, path: str) -> str:
    return pages(given)[path].body.decode()


def crawl(given: Surface, path: str = "/broadcast/crawl.json") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(text(given, path))
    return found


def one_language() -> Pack:
    return night.pack(languages=(night.ZH,))


class TestContract(PullConformance):
    marks = ("【演练】", "EXERCISE.")

    def channel(self) -> Pull:
        return Broadcast()

    def surface(self) -> Surface:
        return surface(four_signals(), [replace(screen("studio-1"), medium=Medium.STATION)])

    def drill(self) -> Surface:
        return surface(four_signals(Mode.EXERCISE), exercise=True)


def test_the_crawl_is_a_flat_array_gravest_first_and_always_of_the_same_columns() -> None:
    rows = crawl(surface(four_signals()))
    assert [(row["level"], row["id"][-6:]) for row in rows] == [
        ("red", "000011"),
        ("orange", "000031"),
        ("orange", "000021"),
        ("yellow", "000041"),
    ]
    empty = crawl(surface())
    for row in (*rows, *empty):
        assert tuple(row) == COLUMNS
        assert all(isinstance(value, str | int | bool) for value in row.values())
        assert {type(row[name]) for name in COLUMNS} == {str, int, bool}
    assert all(type(rows[0][name]) is type(empty[0][name]) for name in COLUMNS)


def test_a_row_says_who_what_where_and_until_when() -> None:
    row = crawl(surface(four_signals()))[0]
    assert row["text"].startswith("海滨区气象台2026年07月21日16时13分发布台风红色预警[Ⅰ级/特别严重]：")
    assert "\n" not in row["text"]
    assert (row["state"], row["act"], row["hazard"], row["level_name"]) == ("warning", "issue", "台风", "红色")
    assert (row["rank"], row["colour"], row["area"], row["language"]) == (4, "#E60012", "海滨区", "zh")
    assert row["issued"] == "2026-07-21T16:13:00+08:00"
    assert row["expires"] == "2026-07-21T22:18:00+08:00"
    assert row["exercise"] is False


def test_nothing_on_air_is_one_explicit_row_and_no_words() -> None:
    given = surface()
    row = crawl(given)[0]
    assert (row["state"], row["text"]) == ("none", "")
    assert len(crawl(given)) == 1
    assert ElementTree.fromstring(text(given, "/broadcast/crawl.xml")).findtext("item/state") == "none"
    assert text(given, "/broadcast/crawl.txt") == "海滨区：目前无预警\n"
    assert "<li " not in text(given, "/broadcast/crawl.html")
    assert feedparser.parse(text(given, "/broadcast/radio.rss")).entries == []


def test_a_lift_leaves_the_picture_and_is_read_out() -> None:
    lift = entry(night.content(Act.LIFT, night.section("orange", night.ROOT)), 5)
    given = surface([lift])
    assert crawl(given)[0]["state"] == "none"
    assert "下面播报预警解除信息。" in text(given, f"/broadcast/{lift.public_id}.txt")
    item = feedparser.parse(text(given, "/broadcast/radio.rss")).entries[0]
    assert item.category == "lift"
    assert "解除" in item.title


def test_an_expired_one_leaves_unless_it_holds_until_lifted() -> None:
    one = four_signals()[0]
    late = night.NIGHT + timedelta(hours=7)
    assert crawl(surface([one], now=late))[0]["state"] == "none"
    held = replace(one, bulletin=replace(one.bulletin, content=replace(one.bulletin.content, until_lifted=True)))
    row = crawl(surface([held], now=late))[0]
    assert (row["state"], row["expires"]) == ("warning", "")


def test_bytes_change_with_what_is_on_air_and_not_with_the_clock() -> None:
    entries = four_signals()
    later = replace(surface(entries, now=night.NIGHT + timedelta(hours=2)), sequence=99)
    assert pages(surface(entries)) == pages(later)


def test_xml_and_text_hold_the_same_rows() -> None:
    given = surface(four_signals())
    items = ElementTree.fromstring(text(given, "/broadcast/crawl.xml")).findall("item")
    assert [item.findtext("text") for item in items] == [row["text"] for row in crawl(given)]
    assert [child.tag for child in items[0]] == list(COLUMNS)
    assert text(given, "/broadcast/crawl.txt").splitlines() == [row["text"] for row in crawl(given)]


def test_a_declared_response_stands_behind_the_line_of_what_shows_text_alone() -> None:
    one, *_ = four_signals()
    beside = {**one.files, RESPONSE_FILE: ("application/json", '{"zh": "Ⅱ级应急响应"}'.encode())}
    given = surface([replace(one, files=beside)])
    (row,) = crawl(given)
    assert text(given, "/broadcast/crawl.txt") == f"{row['text']} [Ⅱ级应急响应]\n"
    assert '<category domain="urn:tocsin:response">Ⅱ级应急响应</category>' in text(given, "/broadcast/radio.rss")


def test_the_lower_third_is_transparent_works_without_script_and_needs_nothing_from_elsewhere() -> None:
    given = surface(four_signals())
    html = text(given, "/broadcast/crawl.html")
    assert html.count("<li ") == 4
    assert "台风 红色" in html
    assert "style=" not in html and "<style" not in html and "onload" not in html
    assert 'href="/broadcast/lower_third.css"' in html
    style = text(given, "/broadcast/lower_third.css")
    assert "background: transparent" in style
    assert ".level-4 { --level: #E60012; --ink: #FFFFFF; }" in style
    assert "http" not in style + html
    assert pages(given)["/broadcast/lower_third.js"].media_type.startswith("text/javascript")


def test_markup_in_a_text_is_shown_and_not_run() -> None:
    words = {night.ZH: Words("", "<script>alert(1)</script> & 阵风")}
    one = entry(night.content(Act.ISSUE, night.section("red", words=words)), 1)
    given = surface([one], pack=one_language())
    html = text(given, "/broadcast/crawl.html")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; 阵风" in html
    assert "<script>alert" not in html
    assert "<script>" in crawl(given)[0]["text"]
    assert ElementTree.fromstring(text(given, "/broadcast/crawl.xml")) is not None


def test_blanks_that_do_not_break_and_joined_signs_stay_in_every_form() -> None:
    said = "30\u00a0mm, gusts of 30\u202fm/s, \u0915\u094d\u200d\u0937"
    one = entry(night.content(Act.ISSUE, night.section("red", words={night.ZH: Words("", f"{said}\x07")})), 1)
    given = surface([one], pack=one_language())
    assert said in (ElementTree.fromstring(text(given, "/broadcast/crawl.xml")).findtext("item/text") or "")
    assert said in feedparser.parse(text(given, "/broadcast/radio.rss")).entries[0].summary


def test_a_package_names_the_message_it_ends_though_that_one_is_listed_no_more() -> None:
    pack = night.pack()
    stations = replace(pack.about.stations, ebm=Ebm("43101150000000101010101", "43100000000000101010101"))
    pack = replace(pack, about=replace(pack.about, stations=stations))
    both = night.content(Act.ISSUE, night.section("red", night.NORTH), night.section("orange", night.EAST))
    over = night.content(Act.LIFT, night.section("red", night.NORTH), names="b-1-1")
    first = night.issued(both, version=1)
    cap = public_site.entry(over, pack=pack, chain=night.chain(first), version=2).files["cap.xml"]
    later = entry(over, 1)
    later = replace(later, files={**later.files, "cap.xml": cap})
    stood = replace(entry(both, 1), public_id=first.public_id, issued=first.sent)
    assert ebm_ids(surface([stood], pack=pack))[0] == ebm_ids(surface([later], pack=pack))[1] != ""


def ebm_ids(given: Surface) -> tuple[str, str]:
    """(EBMID, the one it is about) of the only package."""
    [body] = [page.body for path, page in pages(given).items() if "/ebm/" in path]
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        [held] = [tar.extractfile(one) for one in tar if one.name.startswith("EBDB_")]
        assert held is not None
        root = ElementTree.fromstring(held.read())
    return root.findtext("EBM/EBMID") or "", root.findtext("EBM/RelatedInfo/EBMID") or ""


def test_each_bulletin_has_a_script_to_read_out_in_each_language() -> None:
    one = four_signals()[0]
    given = surface([one])
    assert text(given, f"/broadcast/{one.public_id}.txt").startswith("下面播报预警信息。\n海滨区气象台")
    assert text(given, f"/broadcast/{one.public_id}.en.txt").startswith("This is a public warning.\n")
    assert crawl(given, "/broadcast/crawl.en.json")[0]["text"].startswith("Typhoon warning (Red).")
    assert not [path for path in pages(surface([one], pack=one_language())) if ".en." in path]


def test_the_radio_feed_is_read_by_an_ordinary_reader() -> None:
    entries = four_signals()
    feed = feedparser.parse(text(surface(entries), "/broadcast/radio.rss"))
    assert not feed.bozo
    assert feed.feed.title == "海滨区预警信息发布中心"
    first = feed.entries[0]
    assert first.id == entries[0].public_id
    assert first.link == f"https://warnings.example/broadcast/{entries[0].public_id}.txt"
    assert first.published_parsed[:5] == (2026, 7, 21, 8, 13)
    assert "下面播报预警信息。" in first.summary


def test_several_sections_crawl_as_one_line() -> None:
    both = night.content(Act.ISSUE, night.section("orange", night.EAST), night.section("red", night.NORTH))
    row = crawl(surface([entry(both, 1)]))[0]
    assert row["level"] == "red"
    assert row["area"] == "东湖镇; 北山街道"
    assert "橙色" in row["text"] and "红色" in row["text"]


def test_files_by_section_are_joined_in_order() -> None:
    one = four_signals()[0]
    files = {"crawl.1.zh.txt": ("", "二".encode()), "crawl.0.zh.txt": ("", "一".encode())}
    assert crawl(surface([replace(one, files=files)]))[0]["text"] == "一 二"


def test_a_bulletin_that_does_not_go_to_studios_is_not_on_air() -> None:
    one = four_signals()[0]
    silent = replace(one, files={name: body for name, body in one.files.items() if name.startswith("led.")})
    given = surface([silent])
    assert crawl(given)[0]["state"] == "none"
    assert f"/broadcast/{one.public_id}.txt" not in pages(given)


def test_an_exercise_has_its_own_addresses_and_says_so_everywhere() -> None:
    given = surface(four_signals(Mode.EXERCISE), exercise=True)
    found = pages(given)
    assert all(path.startswith("/exercise/broadcast/") for path in found)
    rows = crawl(given, "/exercise/broadcast/crawl.json")
    assert all(row["exercise"] and row["text"].startswith("【演练】") for row in rows)
    assert text(surface(exercise=True), "/exercise/broadcast/crawl.txt").startswith("【演练】")
    html = found["/exercise/broadcast/crawl.html"].body.decode()
    assert "/exercise/broadcast/lower_third.js" in html


@pytest.mark.parametrize("mixed", [False, True])
def test_a_drill_never_reaches_the_real_crawl(mixed: bool) -> None:
    drill: list[Entry] = four_signals(Mode.EXERCISE)
    given = surface([*drill, *(four_signals() if mixed else [])])
    assert [row["state"] for row in crawl(given)] == (["warning"] * 4 if mixed else ["none"])
    assert "演练" not in "".join(page.body.decode() for page in pages(given).values())


def test_the_script_takes_only_its_own_page() -> None:
    code = (FOLDER / "lower_third.js").read_text("utf-8")
    assert "location.href" in code
    assert "innerHTML" not in code and "eval" not in code


def test_an_unknown_configuration_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="volume"):
        build(Setup("broadcast", World.SANDBOX, {"volume": 11}, ""))
    assert build(Setup("broadcast", World.SANDBOX, {}, "")).traits.pull
