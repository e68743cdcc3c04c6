"""Does the wall say what is different, how long it takes, and how it looks and sounds with everything else in force?"""

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import insert, select

from publisher.render import led
from publisher.store.tables import artefact
from publisher.web.console.differences import pieces_of
from publisher.web.console.wall import Bit, in_parts
from tests.kit.window import Window, rain, seat


def test_differences_are_words_where_there_are_spaces_and_characters_where_there_are_none() -> None:
    assert pieces_of("six hours of rain", "three hours of rain") == (
        ("gone", "six"),
        ("new", "three"),
        ("same", " hours of rain"),
    )
    assert pieces_of("暴雨橙色", "暴雨红色") == (("same", "暴雨"), ("gone", "橙"), ("new", "红"), ("same", "色"))


def test_a_long_message_is_cut_where_its_parts_end() -> None:
    cut = list(in_parts((Bit("a" * 60), Bit("b" * 10, slot=True)), 67))
    assert [(len(one.text), one.slot, one.cut) for one in cut] == [
        (60, False, False),
        (7, True, False),
        (0, False, True),
        (3, True, False),
    ]
    assert [len(one.text) for one in in_parts((Bit("😀" * 34),), 67)] == [33, 0, 1]


async def test_an_update_says_what_is_different_when_it_is_out_and_which_ways_stay_unused(at: Window) -> None:
    one = await at.released(rain("amber"))
    section: dict[str, Any] = rain("red", "EX-01-001", "EX-01-004")["sections"][0]
    section["words"]["en"]["description"] = "More than 90 mm of rain is expected within three hours."
    body = {"content": {"sections": [section]}}
    status, draft = await at.post(f"/api/v1/warnings/{one['warning']}/update", "drafter", body)
    assert status == 201, draft
    drafter = await seat(at, "drafter")
    await drafter.open(f"/console/bulletins/{draft['id']}")
    for words in ("<del>Amber</del>", "<ins>Red</ins>", "<del>60</del>", "<ins>90</ins>", "leaves within about"):
        assert words in drafter.page, words
    await drafter.open(f"/console/bulletins/{one['id']}")
    assert "leaves within about" not in drafter.page


async def test_a_sign_shows_what_else_is_in_force_and_a_script_is_heard(at: Window) -> None:
    draft, small = await at.draft(rain("amber", "EX-01-007")), await at.draft(rain("yellow", "EX-01-009"))
    drafter = await seat(at, "drafter")
    page = f"/console/bulletins/{draft['id']}"
    await drafter.open(page)
    picture = unescape(re.findall(rf'src="({page}/panels/[^"]+)"', drafter.page)[0])
    alone = await (await at.client.get(picture, headers=drafter.headers())).read()
    await at.released({**rain("amber", "EX-01-007"), "hazard": "WIND"})
    together = await (await at.client.get(picture, headers=drafter.headers())).read()
    assert alone[:4] == together[:4] == b"\x89PNG" and alone != together
    await drafter.open(page)
    assert "The sign shows in turn with it" in drafter.page
    script = unescape(re.findall(r'<audio [^>]*src="([^"]+)"', drafter.page)[0])
    heard = await at.client.get(script, headers=drafter.headers())
    assert (heard.status, heard.content_type) == (200, "audio/mpeg")
    assert (await drafter.open(f"{page}/speech/page.en.html")).status == 404
    await drafter.open(f"/console/bulletins/{small['id']}")
    assert "Open, and not used this time" in drafter.page


async def test_a_released_bulletin_opens_after_its_script_was_spoken(at: Window) -> None:
    one = await at.released(rain())
    async with at.hub.db.write() as tx:
        like = (
            await tx.execute(
                select(artefact).where(artefact.c.bulletin == one["id"], artefact.c.name == "radio.en.txt")
            )
        ).one()
        sound = {**like._mapping, "name": "radio.en.mp3", "media_type": "audio/mpeg", "body": b"", "final": b"\xff\xfb"}
        await tx.execute(insert(artefact).values(**sound))
    viewer = await seat(at, "viewer")
    assert (await viewer.open(f"/console/bulletins/{one['id']}")).status == 200


async def test_after_an_upgrade_what_went_out_is_shown_as_it_was_and_what_waits_is_submitted_again(
    at: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, waits = await at.released(rain("amber", "EX-01-007")), await at.submitted(rain("amber", "EX-01-003"))
    reviewer = await seat(at, "reviewer")
    page = f"/console/bulletins/{out['id']}"
    monkeypatch.setattr(led, "RENDERER", "led/next")
    assert (await reviewer.open(page)).status == 200
    shown = [unescape(one) for one in re.findall(rf'src="({page}/panels/[^"]+)"', reviewer.page)]
    picture = await (await at.client.get(shown[0], headers=reviewer.headers())).read()
    async with at.hub.db.read() as tx:
        sent = await tx.execute(select(artefact.c.final).where(artefact.c.bulletin == out["id"]))
        assert picture in {bytes(one) for one in sent.scalars()}
    assert (await reviewer.open(f"/console/bulletins/{waits['id']}")).status == 200
    assert (await at.approve(waits, "reviewer"))[0] == 200
    status, told = await at.approve(waits, "leader")
    assert (status, told["reasons"][0]["code"]) == (409, "other-renderer")
