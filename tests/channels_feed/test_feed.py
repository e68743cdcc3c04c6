"""Does the public site show what is in force, all of it, nothing else, and the same to everybody?"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import capparser
import feedparser
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from lxml import etree, html
from pydantic import ValidationError

from channels.base import Entry, News, Page, Setup, Surface
from channels.feed import Feed, build
from channels.feed.site import words_of
from publisher.formats.read import read
from publisher.model.bulletin import Words
from publisher.model.directory import Endpoint
from publisher.model.pack import Audience, Matcher, Pack, PackArea, WaveRule, Way, said
from publisher.model.words import Act, AreaCode, EndpointId, HazardCode, LevelId, Medium, Mode, UnitId, World
from publisher.web.held import Held
from publisher.web.nearest import derived
from publisher.work.pages import etag as etag_of
from tests.kit import public_site as site
from tests.kit import typhoon_night as night
from tests.kit.conformance import PullConformance

_PLAIN = night.pack()
PACK = replace(_PLAIN, about=replace(_PLAIN.about, cn_dialect=True, cn_sender_code="31099941600000"))
TITLE = {"zh": "海滨区预警信息", "en": "Seaside warnings"}
ENDPOINT = Endpoint(EndpointId("site"), Medium.FEED, "site", (night.ROOT,), UnitId("centre"), night.ZH, Mode.ACTUAL)


def tree(page: Page) -> Any:
    """An HTML page as a document to ask questions of; typed loosely, as XPath answers are."""
    return html.fromstring(page.body.decode())


def channel(**config: object) -> Feed:
    return build(Setup("web", World.SANDBOX, {"title": TITLE, **config}, ""))


def rain(level: str = "red", *areas: AreaCode, number: int = 1, pack: Pack = PACK, hours: int = 0) -> Entry:
    what = night.content(Act.ISSUE, night.section(level, *areas))
    return site.entry(what, pack=pack, number=number, at=night.NIGHT - timedelta(hours=hours))


def open_to(*media: Medium) -> Pack:
    """A pack whose waves tell the public by these media."""
    everyone = Audience("everyone", {"en": "Everyone"})
    wave = WaveRule("now", {"en": "Now"}, Matcher(), tuple(Way(one, ("any",), everyone.id) for one in media))
    return replace(PACK, audiences={everyone.id: everyone}, waves=(wave,))


def pages(*entries: Entry, pack: Pack = PACK, exercise: bool = False, **config: object) -> Mapping[str, Page]:
    surface = site.surface(*entries, pack=pack, exercise=exercise)
    return {page.path: page for page in channel(**config).materialise(surface)}


def listed(page: Page) -> list[str]:
    """The CAP identifiers that an Atom or RSS feed lists."""
    held = feedparser.parse(page.body)
    assert held.bozo == 0
    return [entry.link.rpartition("/")[2].removesuffix(".xml") for entry in held.entries]


def web_page(found: Mapping[str, Page], path: str) -> Held | None:
    """A page as a web process answers for it: a place without a feed of its own gets the nearest one's."""

    def held(wanted: str) -> Held | None:
        page = found.get(wanted)
        if page is None:
            return None
        return Held(wanted, etag_of(page), page.media_type, page.body, None, night.NIGHT, None, False, 1)

    return held(path) or derived(path, held)


def area_feed(found: Mapping[str, Page], code: AreaCode, ending: str) -> list[str]:
    """The identifiers that a place's feed lists."""
    page = web_page(found, f"/feeds/areas/{code}.{ending}")
    assert page is not None
    return entries_of(page, ending)


def entries_of(page: Held, ending: str) -> list[str]:
    """The identifiers in a feed as a web process serves it."""
    if ending == "json":
        return [one["_cap"]["identifier"] for one in json.loads(page.body)["items"]]
    return listed(Page(page.path, page.media_type, page.body))


class TestFeedConforms(PullConformance):
    """The kit that every pull kind runs."""

    marks = ("演练", "EXERCISE", "Exercise", "exercise")

    def channel(self) -> Feed:
        return channel()

    def surface(self) -> Surface:
        return replace(site.surface(rain(), rain("blue", number=2), pack=PACK), endpoints=(ENDPOINT,))

    def drill(self) -> Surface:
        drilled = site.entry(night.content(mode=Mode.EXERCISE), pack=PACK)
        return site.surface(drilled, pack=PACK, exercise=True)


def test_every_promised_address_is_there() -> None:
    found = pages(rain())
    number = rain().public_id
    assert set(found) == {
        "/",
        "/history",
        "/en/",
        "/en/history",
        "/site.css",
        "/site.js",
        "/feeds/heartbeat.json",
        "/feeds/areas.json",
        "/feeds/hazards.json",
        "/keys",
        "/keys.json",
        "/keys/cap.cert.pem",
        *(f"/feeds/{stem}.{ending}" for stem in _stems() for ending in ("rss", "atom", "json")),
        f"/cap/{number}.xml",
        f"/cap/{number}.0.cn.xml",
        f"/w/{number}",
    }


def _stems() -> list[str]:
    """Every feed while two towns are warned: any other place is served from the nearest `inside`."""
    return [
        "warnings",
        *(f"areas/{code}{inside}" for code in (night.ROOT, night.NORTH, night.EAST) for inside in ("", "/inside")),
        *(f"levels/{level.id}" for level in PACK.levels),
        "hazards/none",
        "hazards/11B03",
    ]


def test_a_drill_lives_under_its_own_prefix_and_links_nowhere_else() -> None:
    drilled = site.entry(night.content(mode=Mode.EXERCISE), pack=PACK)
    found = pages(drilled, exercise=True)
    assert all(path.startswith("/exercise/") for path in found)
    for page in found.values():
        for link in ('href="/', site.PUBLIC_URL + "/"):
            body = page.body.decode()
            assert body.count(link) == body.count(f"{link}exercise/"), page.path


def test_a_feed_of_nothing_tells_a_time_that_may_be_true() -> None:
    made = x509.load_pem_x509_certificate(night.trust().certificate).not_valid_before_utc
    quiet = pages()
    assert f"<updated>{made.isoformat()}</updated>".encode() in quiet["/feeds/levels/red.atom"].body
    left = News(7, night.NIGHT - timedelta(hours=2), "lapse", "310999-20260721-000001")
    surface = replace(site.surface(rain(hours=3), pack=PACK), news=(left,))
    whole = {page.path: page for page in channel().materialise(surface)}["/feeds/warnings.atom"]
    assert feedparser.parse(whole.body).feed.updated == left.at.isoformat()


def test_the_cap_file_is_served_byte_for_byte(tmp_path: Path) -> None:
    entry = rain()
    page = pages(entry)[f"/cap/{entry.public_id}.xml"]
    assert (page.media_type, page.body) == ("application/cap+xml; charset=utf-8", entry.files["cap.xml"][1])
    assert [one for one in read(page.body).findings if one.refuses] == []
    (tmp_path / "alert.xml").write_bytes(page.body)
    assert vars(capparser.parse(str(tmp_path / "alert.xml")))["identifier"][0] == entry.public_id


def test_every_link_of_a_feed_leads_to_a_page() -> None:
    found = pages(rain(), rain("blue", number=2))
    for entry in feedparser.parse(found["/feeds/warnings.atom"].body).entries:
        assert entry.id == entry.link
        for link in entry.links:
            assert link.href.removeprefix(site.PUBLIC_URL) in found


def test_every_link_of_a_page_leads_to_a_page() -> None:
    first = night.issued(night.content())
    update = night.content(Act.UPDATE, night.section("red", night.NORTH), night.section("blue", night.EAST))
    entry = site.entry(update, pack=PACK, chain=night.chain(first), version=2)
    found = pages(entry)
    for page in found.values():
        if page.media_type.startswith("text/html"):
            for _, attribute, link, _ in tree(page).iterlinks():
                if link.startswith("#"):
                    assert f'id="{link[1:]}"' in page.body.decode()
                else:
                    assert attribute in ("href", "src") and link.partition("#")[0] in found, link


def test_all_feeds_list_the_newest_first() -> None:
    new, old = rain(number=2), rain("blue", number=1, hours=2)
    found = pages(old, new)
    wanted = [new.public_id, old.public_id]
    assert listed(found["/feeds/warnings.atom"]) == listed(found["/feeds/warnings.rss"]) == wanted
    assert [one["_cap"]["identifier"] for one in json.loads(found["/feeds/warnings.json"].body)["items"]] == wanted


def test_an_area_feed_holds_what_lies_on_above_and_below_it() -> None:
    village = AreaCode("310999001001")
    areas = {**PACK.areas, village: PackArea(village, {"zh": "一村", "en": "One"}, "village", night.NORTH)}
    pack = replace(PACK, areas=areas)
    district, town, hamlet = (
        rain("red", night.ROOT, number=1, pack=pack),
        rain("red", night.NORTH, number=2, pack=pack),
        rain("red", village, number=3, pack=pack),
    )

    def held(code: AreaCode, *entries: Entry) -> list[str]:
        found = [sorted(area_feed(pages(*entries, pack=pack), code, ending)) for ending in ("atom", "rss", "json")]
        assert found[0] == found[1] == found[2]
        return found[0]

    everything = sorted(one.public_id for one in (district, town, hamlet))
    assert held(night.ROOT, district, town, hamlet) == everything
    assert held(night.NORTH, district, town, hamlet) == everything
    assert held(village, district, town, hamlet) == everything
    assert held(night.EAST, district, town, hamlet) == [district.public_id]
    assert held(village, district, town) == sorted([district.public_id, town.public_id])
    assert held(night.EAST, town, hamlet) == []
    assert web_page(pages(town, pack=pack), "/feeds/areas/310999009.atom") is None


def test_a_place_without_a_feed_of_its_own_is_named_in_the_one_it_gets() -> None:
    found = pages(rain("red", night.ROOT), hub="https://hub.example.org/")
    for ending in ("atom", "rss", "json"):
        path = f"/feeds/areas/{night.EAST}.{ending}"
        page = web_page(found, path)
        assert page is not None and path.encode() in page.body and b"/inside." not in page.body
        assert said(PACK.areas[night.EAST].name, "zh") in page.body.decode()
        assert page.etag != found[path.replace(night.EAST, f"{night.ROOT}/inside")].path
        assert b"hub.example.org" not in page.body
    whole = feedparser.parse(web_page(found, f"/feeds/areas/{night.EAST}.atom").body)  # type: ignore[union-attr]
    assert whole.bozo == 0 and whole.feed.id.endswith(f"/feeds/areas/{night.EAST}.atom")


def test_ground_shared_across_the_tree_counts() -> None:
    zone = replace(PACK.areas[night.SOUTH], overlaps=(night.EAST,))
    pack = replace(PACK, areas={**PACK.areas, night.SOUTH: zone})
    east, south = rain("red", night.EAST, number=1, pack=pack), rain("red", night.SOUTH, number=2, pack=pack)
    found = pages(east, south, pack=pack)
    for code in (night.EAST, night.SOUTH):
        assert set(listed(found[f"/feeds/areas/{code}.atom"])) == {east.public_id, south.public_id}
    assert area_feed(found, night.NORTH, "atom") == []


def test_level_and_hazard_feeds_hold_their_own() -> None:
    red, blue = rain("red", number=1), rain("blue", number=2)
    found = pages(red, blue)
    assert listed(found["/feeds/levels/red.atom"]) == [red.public_id]
    assert listed(found["/feeds/levels/orange.atom"]) == []
    assert len(listed(found["/feeds/hazards/11B03.atom"])) == 2
    for ending in ("atom", "rss", "json"):
        quiet = web_page(found, f"/feeds/hazards/11B01.{ending}")
        assert quiet is not None
        assert quiet.path.encode() in quiet.body
        assert said(PACK.hazards[HazardCode("11B01")].name, PACK.language) in quiet.body.decode()
        assert entries_of(quiet, ending) == []
    assert web_page(found, "/feeds/hazards/no-such.atom") is None


def lifted() -> Entry:
    red = night.issued(night.content(Act.ISSUE, night.section("red")))
    what = night.content(Act.LIFT, night.section("red"), names=red.bulletin.id)
    return site.entry(what, pack=PACK, chain=night.chain(red), version=2)


def test_a_lift_is_listed_but_never_active() -> None:
    found = pages(lifted())
    assert listed(found["/feeds/warnings.rss"]) == [lifted().public_id]
    beat = json.loads(found["/feeds/heartbeat.json"].body)
    assert (beat["active"], [one["id"] for one in beat["ended"]]) == ([], [lifted().public_id])
    assert words_of("zh")["none"] in found["/"].body.decode()


def test_the_page_of_a_lifted_warning_keeps_its_address_and_says_so() -> None:
    page = tree(pages(lifted())["/w/310999-20260721-000011"])
    assert "本预警已经解除" in page.text_content() and "This warning is over" in page.text_content()
    assert page.xpath("//div[@class='do']") == []


def test_a_retract_and_what_it_puts_back_share_one_page() -> None:
    blue = night.issued(night.content(Act.ISSUE, night.section("blue")), minutes_ago=60)
    red = night.issued(night.content(Act.UPDATE, night.section("red")), minutes_ago=10, version=2)
    wrong = night.content(Act.RETRACT, night.section("red"), note="误发", names=red.bulletin.id)
    taken_back = site.entry(wrong, pack=PACK, chain=night.chain(blue, red, restores=blue), version=3)
    stands = site.entry(blue.bulletin.content, pack=PACK, at=blue.sent)
    found = pages(taken_back, stands)
    assert [path for path in found if path.startswith("/w/")] == [f"/w/{blue.public_id}"]
    page = tree(found[f"/w/{blue.public_id}"])
    assert page.xpath("//section/@data-level") == ["blue", "blue"]
    assert "误发" in page.text_content()


def test_nothing_in_force_is_a_state_of_its_own() -> None:
    found = pages()
    assert listed(found["/feeds/warnings.atom"]) == listed(found["/feeds/warnings.rss"]) == []
    assert words_of("zh")["none"] in found["/"].body.decode()
    assert json.loads(found["/feeds/heartbeat.json"].body)["active"] == []


def test_the_heartbeat_says_when_to_worry() -> None:
    beat = json.loads(pages(rain())["/feeds/heartbeat.json"].body)
    assert beat["generated"] == "2026-07-21T16:18:00+08:00"
    assert beat["next_update_by"] == "2026-07-21T16:21:00+08:00"


def test_the_heartbeats_seal_holds_and_its_numbers_leave_no_gap() -> None:
    told = [News(number, night.NIGHT, event, f"n-{number}") for number, event in ((8, "issue"), (9, "lapse"))]
    surface = replace(site.surface(rain(), pack=PACK), news=told)
    found = {page.path: page for page in channel().materialise(surface)}
    beat, keys = json.loads(found["/feeds/heartbeat.json"].body), json.loads(found["/keys.json"].body)["keys"]
    assert beat["sequence"] == 9
    assert [(one["seq"], one["event"], one["id"]) for one in beat["news"]] == [(8, "issue", "n-8"), (9, "lapse", "n-9")]
    said_so = jwt.decode(beat["jws"], jwt.PyJWK(keys[0]), algorithms=["EdDSA"])
    assert said_so == {key: beat[key] for key in ("sequence", "generated", "next_update_by", "exercise")} | {
        "active": [one["id"] for one in beat["active"]]
    }
    forged = beat["jws"].replace(beat["jws"].split(".")[1], "e30")
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(forged, jwt.PyJWK(keys[0]), algorithms=["EdDSA"])


def test_the_key_page_shows_the_certificate_that_signed() -> None:
    found = pages()
    assert found["/keys/cap.cert.pem"].body == night.keys()[1]
    digest = x509.load_pem_x509_certificate(night.keys()[1]).fingerprint(hashes.SHA256()).hex().upper()
    assert digest[:2] + ":" + digest[2:4] in found["/keys"].body.decode()
    assert jwt.PyJWK(json.loads(found["/keys.json"].body)["keys"][1]).key_type == "EC"


def test_only_the_heartbeat_and_the_front_pages_follow_the_clock() -> None:
    surface = site.surface(rain(), pack=PACK)
    later = replace(surface, now=surface.now + timedelta(minutes=5), sequence=99)
    before, after = channel().materialise(surface), channel().materialise(later)
    changed = [new.path for old, new in zip(before, after, strict=True) if old != new]
    assert changed == ["/", "/en/", "/feeds/heartbeat.json"]


def test_files_go_by_themselves_at_the_end_but_not_while_a_relay_stands() -> None:
    entry = rain()
    relay = replace(entry.bulletin, content=replace(entry.bulletin.content, until_lifted=True))
    for path in (f"/cap/{entry.public_id}.xml", f"/w/{entry.public_id}"):
        assert pages(entry)[path].expires == entry.shown_until
        assert pages(replace(entry, bulletin=relay))[path].expires is None
    assert pages(entry)["/feeds/warnings.atom"].expires is None


def test_a_relayed_signals_own_bytes_lie_beside_ours() -> None:
    entry = rain()
    kept = replace(entry, files={**entry.files, "cap.source": ("text/xml", b"<theirs/>")})
    assert pages(kept)[f"/cap/{entry.public_id}/source"].body == b"<theirs/>"


def test_a_bulletin_without_words_of_its_own_takes_nobody_else_off() -> None:
    odd = replace(rain(number=2), files={})
    found = pages(rain(), odd)
    assert len(listed(found["/feeds/warnings.atom"])) == 2
    assert night.WORDS[night.ZH].headline in found[f"/w/{odd.public_id}"].body.decode()


def test_the_index_puts_the_gravest_first_and_names_every_level_in_words() -> None:
    found = tree(pages(rain("blue", number=2), rain("red", number=1, hours=3))["/"])
    assert found.xpath("//li[@class='card']/@data-level") == ["red", "blue"]
    chips = [chip.text_content().split() for chip in found.xpath("//span[@class='chip']")]
    assert chips == [["▲", "红色"], ["■", "蓝色"]]


@pytest.mark.parametrize("path", ["/", "/w/310999-20260721-000011"])
def test_pages_have_one_script_file_one_stylesheet_and_a_language(path: str) -> None:
    made = pages(rain())[path]
    body, page = made.body.decode(), tree(made)
    assert page.get("lang") == "zh"
    assert page.xpath("//script/@src") == ["/site.js"] and body.count("<script") == 1 and "style=" not in body
    assert page.xpath("//link[@rel='stylesheet']/@href") == ["/site.css"]
    assert len(page.xpath("//h1")) >= 1 and len(page.xpath("//main")) == 1


def test_a_page_holds_each_language_and_says_which() -> None:
    page = tree(pages(rain())["/w/310999-20260721-000011"])
    assert page.xpath("//article/@lang") == ["zh", "en"]
    assert page.xpath("//nav[@class='languages']//a/text()") == ["English"]


def test_the_stylesheet_is_small_and_knows_the_packs_colours() -> None:
    body = pages()["/site.css"].body
    assert len(body) <= 12 * 1024
    for level in PACK.levels:
        assert f'[data-level="{level.id}"]{{--level:{level.colour};--level-ink:{level.ink}}}'.encode() in body


def test_a_pack_without_chinese_shows_none() -> None:
    pack = night.pack(languages=(night.EN,))
    drilled = site.entry(night.content(mode=Mode.EXERCISE), pack=pack)
    title = {"en": "Seaside"}
    made = [*pages(rain(pack=pack), pack=pack, title=title).values()]
    made += pages(drilled, pack=pack, exercise=True, title=title).values()
    for page in made:
        assert not any(0x2E80 <= ord(char) < 0xFFF0 for char in page.body.decode()), page.path


def test_a_language_without_words_of_its_own_gets_english() -> None:
    assert words_of("fr") == words_of("en")
    assert words_of("zh-CN") == words_of("zh")


def test_both_languages_have_the_same_words() -> None:
    assert set(words_of("zh")) == set(words_of("en"))


def test_words_cannot_break_out_of_a_page() -> None:
    sly = Words("<script>alert(1)</script>", '"><img src=x onerror=1>', "</article>", "<b>")
    what = night.content(Act.ISSUE, night.section("red", words={night.ZH: sly}))
    entry = site.entry(replace(what, web="javascript:alert(1)", contact="<i>"), pack=PACK)
    for page in pages(entry).values():
        if page.media_type.startswith("text/html"):
            body = page.body.decode()
            assert body.count("<script") == 1 and "<img" not in body and "<b>" not in body and "<i>" not in body
            assert 'href="javascript' not in body


def test_a_site_under_a_path_links_within_it() -> None:
    surface = replace(site.surface(rain(), pack=PACK), public_url="https://county.example.org/warnings/")
    found = {page.path: page.body.decode() for page in channel().materialise(surface)}
    assert 'href="/warnings/site.css"' in found["/"]
    assert "https://county.example.org/warnings/cap/" in found["/feeds/warnings.atom"]


@pytest.mark.parametrize(
    "config",
    [{}, {"title": {}}, {"title": "x"}, {"title": TITLE, "hub": "no address"}, {"title": TITLE, "colour": "red"}],
)
def test_a_mistaken_configuration_is_refused(config: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        build(Setup("web", World.SANDBOX, config, ""))


def test_a_hub_is_named_and_an_empty_one_is_none() -> None:
    assert 'rel="hub"' in pages(hub="https://hub.example.org/")["/feeds/warnings.atom"].body.decode()
    assert 'rel="hub"' not in pages(hub="")["/feeds/warnings.atom"].body.decode()


def test_a_level_that_could_break_the_stylesheet_cannot() -> None:
    odd = replace(PACK.levels[0], id=LevelId('r"]{}*{display:none}["'))
    pack = replace(PACK, levels=(odd,))
    assert '[data-level="r\\"]{}' in pages(pack=pack)["/site.css"].body.decode()


def test_every_language_of_the_pack_has_its_own_front_page_and_leads_to_the_others() -> None:
    found = pages(rain())
    for path, language, other in (("/", "zh", "/en/"), ("/en/", "en", "/")):
        page = tree(found[path])
        assert page.get("lang") == language
        assert other in [link.get("href") for link in page.xpath("//header//a[@hreflang]")]
        assert words_of(language)["in_force"] in page.text_content()


def test_history_tells_what_happened_and_no_old_text() -> None:
    lines = [
        News(1, night.NIGHT - timedelta(days=1), "issue", "a", "a", 4, {"zh": "旧的红色预警", "en": "Old red"}),
        News(2, night.NIGHT, "lapse", "a", "a", 4, {"zh": "旧的红色预警", "en": "Old red"}),
    ]
    surface = replace(site.surface(rain(), pack=PACK), news=lines)
    found = {page.path: page for page in channel().materialise(surface)}
    page = tree(found["/en/history"])
    assert [one.text_content() for one in page.xpath("//h2")] == ["2026-07-21", "2026-07-20"]
    assert [one.text_content() for one in page.xpath("//*[@class='event']")] == ["Expired", "Issued"]
    assert page.xpath("//main//a") == [] and "Old red" in page.text_content()


def test_the_map_shows_each_place_in_its_gravest_level_with_its_sign() -> None:
    square = ((121.0, 31.0), (121.1, 31.0), (121.1, 31.1), (121.0, 31.1), (121.0, 31.0))
    shifted = tuple((lon + 0.1, lat) for lon, lat in square)
    pack = replace(PACK, outlines={night.NORTH: (square,), night.EAST: (shifted,)}, outlines_credit="made up")
    found = pages(rain("red", night.NORTH, pack=pack), rain("blue", night.NORTH, number=2, pack=pack), pack=pack)
    picture = etree.fromstring(found["/map.svg"].body)
    fills = [one.get("fill") for one in picture.iter("{*}path") if one.get("class") == "warned"]
    signs = [one.text for one in picture.iter("{*}text")]
    assert (fills, signs) == ([pack.level[LevelId("red")].colour], [pack.level[LevelId("red")].glyph])
    front = tree(found["/"])
    assert said(pack.areas[night.NORTH].name, "zh") in front.xpath("//img/@alt")[0]
    assert "made up" in front.text_content()
    assert "/map.svg" not in pages(rain())


def test_the_map_shows_a_place_by_what_is_gravest_around_it_and_hides_no_graver_part() -> None:
    square = ((121.0, 31.0), (121.1, 31.0), (121.1, 31.1), (121.0, 31.1), (121.0, 31.0))
    ward = AreaCode(f"{night.NORTH}-1")
    part = replace(PACK.areas[night.NORTH], code=ward, parent=night.NORTH, point=None)
    pack = replace(PACK, areas={**PACK.areas, ward: part}, outlines={night.ROOT: (square,), night.NORTH: (square,)})
    district, town = rain("orange", night.ROOT, pack=pack), rain("blue", night.NORTH, number=2, pack=pack)
    red, orange = (pack.level[LevelId(one)].colour for one in ("red", "orange"))

    def colours(*entries: Entry) -> tuple[set[str | None], set[str | None]]:
        picture = etree.fromstring(pages(*entries, pack=pack)["/map.svg"].body)
        warned = {one.get("fill") for one in picture.iter("{*}path") if one.get("class") == "warned"}
        return warned, {one.get("fill") for one in picture.iter("{*}circle")}

    assert colours(district, town) == ({orange}, set())
    assert colours(district, rain("red", ward, number=3, pack=pack)) == ({orange}, {red})


def test_a_browser_is_offered_only_where_the_hub_can_push_and_never_for_drills() -> None:
    key = "B" * 87
    pack = open_to(Medium.SMS, Medium.APP)
    plain, pushing = pages(rain(), subscribe=True), pages(rain(), pack=pack, subscribe=True, push_key=key)
    drill = pages(pack=pack, exercise=True, subscribe=True, push_key=key)
    assert tree(pushing["/subscribe"]).xpath("//*[@id='here' and @hidden]/@data-key") == [key]
    assert not tree(plain["/subscribe"]).xpath("//*[@id='here'] | //script[contains(@src, 'push')]")
    assert {"/push.js", "/sw.js"} <= set(pushing)
    assert not [path for path in (*plain, *drill) if path.endswith(("push.js", "sw.js"))]
    with pytest.raises(ValidationError):
        channel(push_key="short")
