"""Are past warnings found, counted and carried away as files, with figures that say of when they are?"""

import csv
import io
import re
from datetime import timedelta
from html import unescape

import docx
import pytest
from openpyxl import load_workbook
from sqlalchemy import insert, select

from publisher.store import clock
from publisher.store.tables import batch, delivery
from publisher.web import exports, records
from publisher.web.documents import Document, Part, Table, to_docx
from tests.kit.window import Window, rain, seat
from tests.web.test_desk import row_of


async def test_what_was_issued_is_found_counted_and_exported(at: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    red, amber = await at.released(rain("red")), await at.released(rain("amber", "EX-01-002"))
    await at.draft({**rain("yellow"), "hazard": "WIND"})
    desk = await seat(at, "viewer")

    await desk.open(f"/console/bulletins?q={red['public_id']}")
    assert red["id"] in desk.page and amber["id"] not in desk.page
    await desk.open("/console/bulletins?level=amber&state=released&hazard=RAIN&act=issue&mode=actual")
    assert amber["id"] in desk.page and red["id"] not in desk.page
    await desk.open("/console/bulletins?q=alderBROOK+rain&since=2020-01-01")
    assert red["id"] in desk.page
    for named in ("amber", "alderbrook+amber", "heavy+rain+amber"):
        await desk.open(f"/console/bulletins?q={named}")
        assert amber["id"] in desk.page and red["id"] not in desk.page, named
    await desk.open("/console/bulletins?q=earthquake")
    assert "There is no bulletin" in desk.page
    for wrong in ("since=yesterday", "until=9999-12-31", "since=0001-01-01", "level=mauve"):
        assert (await desk.open(f"/console/bulletins?{wrong}")).status == 422, wrong
        assert (await desk.open(f"/console/bulletins/export.csv?{wrong}")).status == 422, wrong
    assert "2000" in desk.page or "amber" in desk.page
    assert (await desk.open("/console/bulletins/export.pdf")).status == 404

    raw = await (await desk.open("/console/bulletins/export.csv?state=released")).read()
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert {one["Number"] for one in rows} == {red["public_id"], amber["public_id"]}
    assert {one["Level"] for one in rows} == {"Red", "Amber"}
    monkeypatch.setattr(records, "PAGE", 2)
    raw = await (await desk.open("/console/bulletins/export.csv")).read()
    assert len(list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))) == 3

    async with at.hub.db.read() as tx:
        today = (await clock.now(tx)).date()
    await desk.open(f"/console/statistics?since={today - timedelta(days=1)}&until={today + timedelta(days=1)}")
    assert "Figures as of" in desk.page
    assert desk.page.count('<rect data-level="') == 2
    assert "style=" not in desk.page
    apart = re.findall(r'hx-get="(/console/statistics/reach[^"]+)"', desk.page)[0].replace("&amp;", "&")
    same = unescape(re.findall(r'href="([^"]+export[.]csv[^"]+)"', desk.page)[0])
    raw = await (await desk.open(same)).read()
    assert {one["Number"] for one in csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))} == {
        red["public_id"],
        amber["public_id"],
    }
    await desk.open(apart)
    assert "100 %" not in desk.page, "nothing was sent yet"
    async with at.hub.db.write() as tx:
        first = (await tx.execute(select(batch).where(batch.c.bulletin == red["id"], batch.c.medium == "sms"))).first()
        await tx.execute(insert(delivery), row_of(first, 0, "delivered"))
    await desk.open(apart)
    assert "<td>1</td><td>100 %</td>" in desk.page


def test_a_senders_stray_control_character_does_not_cost_the_file() -> None:
    text, mark = "rain\x00\x0b\ufffe\udc80 and 😀\ttab", "\N{REPLACEMENT CHARACTER}"
    plain = f"rain{4 * mark} and 😀\ttab"
    sheet = load_workbook(io.BytesIO(exports.to_xlsx("Records", ["a"], [[text]]))).active
    assert sheet is not None and sheet["A2"].value == plain
    table = Table(["a"], [[text]])
    made = docx.Document(io.BytesIO(to_docx(Document(text, "now", [Part("part", [text], [table])]), "foot")))
    assert made.tables[0].cell(1, 0).text == plain
    assert [one.text for one in made.paragraphs] == [plain, "now", "part", plain, "foot"]


async def test_a_workbook_opens_and_holds_no_formula() -> None:
    body = exports.to_xlsx("Records", ["a", "b"], [["=1+1", 3], ["plain", None]])
    sheet = load_workbook(io.BytesIO(body)).active
    assert sheet is not None
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["a", "b"], ["'=1+1", 3], ["plain", None]]
    assert b"'=1+1,3" in exports.to_csv(["a", "b"], [["=1+1", 3]])
