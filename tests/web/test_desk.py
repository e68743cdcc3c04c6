"""Does the desk say what a duty officer must know: clocks, what is new, who is here, and how a call becomes a draft?"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, func, insert, select

from publisher.model.words import Language
from publisher.store.tables import alert, batch, delivery, ledger, wave
from publisher.web.reading import tallies
from publisher.work import alarms, bulletins
from tests.kit.window import Window, rain, seat, window
from tests.web.test_console import send

TEXT = "浦东新区气象台2026年07月21日16时18分发布暴雨橙色预警信号：预计未来3小时内花木街道、张江镇将出现50毫米以上降水。"


async def came_in(at: Window, **more: Any) -> str:
    """A message sent some minutes ago."""
    body = await at.message(**{"minutes": 4, "hazard": "RAIN", "level": "amber", **more})
    status, told = await at.post("/api/v1/alerts", "demo", body)
    assert status in (200, 202), told
    return str(told["id"])


async def updated(at: Window, first: Mapping[str, Any]) -> Mapping[str, Any]:
    """The next version of a warning, out."""
    status, second = await at.post(f"/api/v1/warnings/{first['warning']}/update", "drafter", {"content": {}})
    assert status == 201, second
    status, second = await at.post(f"/api/v1/bulletins/{second['id']}/submit", "drafter", {})
    for who in ("reviewer", "leader"):
        status, second = await at.approve(second, who)
    assert second["state"] == "released", second
    return second


@contextmanager
def asked() -> Iterator[list[str]]:
    """What is asked of the tables that grow with every warning."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if re.search(r"\b(FROM|JOIN) (bulletin|delivery|batch|warning)\b", statement):
            found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def acts(at: Window, act: str) -> list[dict[str, Any]]:
    async with at.hub.db.read() as tx:
        found = await tx.execute(select(ledger.c.body).where(ledger.c.act == act))
        return [json.loads(row.body) for row in found]


async def test_a_message_has_one_clock_from_its_source_and_the_room_says_of_how_much(at: Window) -> None:
    await came_in(at)
    drafter = await seat(at, "drafter")
    await drafter.open("/console/")
    clock_of = re.search(r'data-since="\d+" data-limit="(\d+)">([^<]+)</time> <span class="fine">([^<]+)', drafter.page)
    assert clock_of and clock_of.groups() == ("1800", "4 min", "of 30:00")
    await at.released(rain("red"))
    await drafter.open("/console/")
    assert 'data-limit="600"' in drafter.page
    assert "Messages are to be decided within 10 minutes" in drafter.page


async def test_the_room_goes_to_emergency_by_hand_and_back_and_the_audit_says_who(at: Window) -> None:
    drafter = await seat(at, "drafter")
    await send(drafter, "/console/room", "/console/room")
    assert 'class="mode emergency"' in drafter.page
    assert (await drafter.plain("/console/room", {"csrf": drafter.hidden()["csrf"], "on": "yes"})).status == 409
    await send(drafter, "/console/room", "/console/room")
    assert 'class="mode emergency"' not in drafter.page
    assert len(await acts(at, "room.emergency")) == len(await acts(at, "room.routine")) == 1


async def test_what_is_new_is_told_until_i_have_seen_it_and_not_what_i_did_myself(at: Window) -> None:
    signer = await seat(at, "leader")
    await came_in(at)
    await at.released(rain())
    await signer.open("/console/")
    assert "Since you last looked" in signer.page and "Came in" in signer.page
    await send(signer, "/console/", "/console/seen")
    assert "Since you last looked" not in signer.page


async def test_the_room_says_who_is_on_duty_and_which_ways_out_are_fit(at: Window) -> None:
    viewer = await seat(at, "viewer")
    await viewer.open("/console/room")
    assert "On duty" in viewer.page and "Nobody is on duty" not in viewer.page
    assert re.search(r"\d+ of \d+ ways out are fit", viewer.page)
    assert not viewer.page.count("<form")


async def test_a_call_is_kept_with_its_caller_and_opens_as_a_draft(at: Window) -> None:
    drafter = await seat(at, "drafter")
    said = {"source": "weather-office", "hazard": "RAIN", "level": "red", "area": "EX-01-001", "said": "Water rises."}
    who = {"caller": "duty forecaster", "number": "+44 7700 900123", "called_back": "yes"}
    await send(drafter, "/console/call", "/console/call", **said, **who)
    assert "Issue: Red warning: Heavy rain" in drafter.page
    assert "relay, word for word" not in drafter.page
    assert await acts(at, "alert.take-down") == [who]
    async with at.hub.db.read() as tx:
        row = (await tx.execute(select(alert))).one()
        draft = await bulletins.get(tx, row.bulletin)
    assert draft.content.sections[0].words[Language("en")].headline == ""  # never the code of its hazard
    assert (row.source, row.state, row.rank, b"Water rises." in row.raw) == ("weather-office", "drafted", 4, True)


async def test_a_call_half_taken_down_is_found_again(at: Window) -> None:
    drafter = await seat(at, "drafter")
    await drafter.open("/console/call")
    hidden = {name: value for name, value in drafter.hidden("/console/call").items() if name != "once"}
    typed = {"caller": "duty forecaster", "level": "red", "area": "EX-01-002", "said": "The river rises."}
    assert (await drafter.plain("/console/jots/call", {**hidden, **typed})).status == 200
    await drafter.open("/console/call")
    for words in (
        'value="duty forecaster"',
        '<option value="red" selected>',
        'value="EX-01-002" checked',
        "The river rises.",
    ):
        assert words in drafter.page, words
    await send(drafter, "/console/call", "/console/jots/call/forget")
    assert "The river rises." not in drafter.page


async def test_a_call_that_cannot_be_drafted_says_why(at: Window) -> None:
    drafter = await seat(at, "drafter")
    said = {"source": "river-board", "hazard": "RAIN", "level": "red", "area": "EX-01-001", "said": "Water rises."}
    await send(drafter, "/console/call", "/console/call", **said)
    assert "Refused" in drafter.page and "Draft from what was readable" in drafter.page


async def test_a_pasted_text_is_read_in_its_issuers_name(tmp_path: Path) -> None:
    async with window(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path, pack="pudong") as at:
        drafter = await seat(at, "drafter")
        await send(drafter, "/console/call?lang=en", "/console/paste", text=TEXT)
        async with at.hub.db.read() as tx:
            row = (await tx.execute(select(alert))).one()
        assert (row.source, row.raw.decode(), row.sender) == ("met-bureau", TEXT, "浦东新区气象台")
        section = row.result["content" if row.result["content"] else "readable"]["sections"][0]
        assert section["level"] == "orange"
        await drafter.open("/console/call")
        found = await drafter.plain("/console/paste", {**drafter.hidden("/console/paste"), "text": "hello"})
        assert found.status == 422


async def test_a_false_alarm_button_says_what_will_stand_on_every_page_that_shows_the_warning(at: Window) -> None:
    first = await at.released(rain("amber"))
    second = await updated(at, first)
    reviewer, drafter = await seat(at, "reviewer"), await seat(at, "drafter")
    for path in ("/console/", f"/console/warnings/{first['warning']}", f"/console/bulletins/{second['id']}"):
        await reviewer.open(path)
        assert re.search(r"False alarm</b> <span>back to Amber warning: Heavy rain \(issued \d", reviewer.page), path
        for act in (f"/console/warnings/{first['warning']}/lift", f"/console/bulletins/{second['id']}/retract"):
            assert f'href="{act}"' in reviewer.page, path
        await drafter.open(path)
        assert "False alarm" not in drafter.page, "who may not end it alone is offered no button"


async def test_the_desk_asks_as_often_for_two_updated_warnings_as_for_one_and_never_for_their_plans(at: Window) -> None:
    viewer = await seat(at, "viewer")
    counted: list[int] = []
    for area in ("EX-01-001", "EX-01-002"):
        await updated(at, await at.released(rain("amber", area)))
        with asked() as statements:
            await viewer.open("/console/")
        assert viewer.page.count('class="card live"') == len(counted) + 1
        counted.append(len(statements))
        standing = [one for one in statements if "JOIN warning ON warning.current" in one]
        assert standing and not any("bulletin.plan," in one for one in standing)
        assert not any("delivery.endpoint" in one for one in statements), "a warning may have 100,000 of them"
    assert counted[0] == counted[1]


async def test_the_wall_shows_what_stands_and_what_waits(at: Window) -> None:
    await came_in(at)
    await at.released(rain("red"))
    await at.submitted(rain("yellow", "EX-01-002"))
    viewer = await seat(at, "viewer")
    await viewer.open("/console/board")
    for words in ("Red warning: Heavy rain", "to be opened", "Emergency", "of 10:00"):
        assert words in viewer.page
    assert re.search(r"<b>1</b> to be signed", viewer.page)
    poll = re.findall(r'hx-get="(/console/board/part[^"]+)"', viewer.page)[0]
    assert (await viewer.open(poll)).status == 204


async def test_the_release_view_counts_by_channel_unit_and_place_and_says_whom_a_resend_reaches(at: Window) -> None:
    one = await at.released(rain())
    async with at.hub.db.write() as tx:
        sms = select(batch).where(batch.c.bulletin == one["id"], batch.c.medium == "sms")
        first = (await tx.execute(sms.order_by(func.json_array_length(batch.c.endpoints).desc()))).first()
        await tx.execute(insert(delivery), [row_of(first, number, state) for number, state in enumerate(STATES)])
    drafter = await seat(at, "drafter")
    page = f"/console/warnings/{one['warning']}"
    await drafter.open(page)
    assert f'hx-get="{page}/release"' in drafter.page
    await drafter.open(f"{page}/release")
    for words in ("By channel", "By unit", "By place", "Coverage map", "2 have no receipt at all", "no such number"):
        assert words in drafter.page, words
    assert 'class="share-' in drafter.page and "By village" not in drafter.page
    await drafter.plain(f"{page}/resend", {**drafter.hidden(f"{page}/resend"), "reason": "gateway was silent"})
    assert (await acts(at, "delivery.resend"))[0]["endpoints"] == 2


STATES = ("delivered", "accepted", "failed")


def row_of(first: Any, number: int, state: str) -> dict[str, Any]:
    """A delivery to a member of a batch."""
    now = datetime.now(UTC)
    row = {"id": f"d{number}", "batch": first.id, "wave": first.wave, "bulletin": first.bulletin, "version": 1}
    row |= {"warning": first.warning, "endpoint": first.endpoints[number], "occurrence": 0, "medium": "sms"}
    row |= {"channel": "sms-a", "state": state, "reason": "no such number" if state == "failed" else ""}
    return {**row, "created": now, "updated": now}


async def test_a_wave_that_is_added_later_is_asked_for_by_what_it_reaches_and_waits_on_the_wall(at: Window) -> None:
    one = await at.submitted(rain("yellow"))
    status, one = await at.approve(one, "reviewer")
    assert (status, one["state"]) == (200, "released"), one
    drafter = await seat(at, "drafter")
    await drafter.open(f"/console/warnings/{one['warning']}/release")
    assert '<option value="alert-all">' in drafter.page.partition('name="wave"')[2].partition("</select>")[0]
    act = f"/console/bulletins/{one['id']}/waves"
    found = await drafter.plain(act, {**drafter.hidden(act), "wave": "alert-all"})
    assert (found.status, found.headers.get("Location")) == (303, f"/console/bulletins/{one['id']}"), drafter.page
    (added,) = [each for each in await waves_of(at, one["id"]) if each.added]
    people = sum(max(way["people"], way["count"]) for way in added.added["wave"]["ways"] if way["medium"] != "screen")
    signer = await seat(at, "leader")
    for page in ("/console/sign", f"/console/sign/{one['id']}", f"/console/bulletins/{one['id']}"):
        await signer.open(page)
        assert f"Second wave: text to everyone registered: to Alderbrook, {people:,} people" in signer.page, page
    await signer.open("/console/board")
    assert re.search(r"<b>1</b> to be signed", signer.page)
    before = await planned(at, one["id"])
    status, told = await at.approve({**one, "digest": added.digest}, "leader")
    assert status == 200, told
    assert await planned(at, one["id"]) == before + sum(way["count"] for way in added.added["wave"]["ways"])


async def planned(at: Window, of: str) -> int:
    """To how many endpoints a bulletin goes, as its page says."""
    async with at.hub.db.read() as tx:
        return sum(tally.planned for tally in (await tallies(tx, [await bulletins.row_of(tx, of)]))[of])


async def waves_of(at: Window, of: str) -> list[Any]:
    async with at.hub.db.read() as tx:
        return list(await tx.execute(select(wave).where(wave.c.bulletin == of)))


async def test_what_waits_is_counted_and_listed_however_much_came_in_since(at: Window) -> None:
    grave = await came_in(at, level="red")
    async with at.hub.db.write() as tx:
        row = dict((await tx.execute(select(alert))).mappings().one())
        later = [row["received"] + timedelta(seconds=number) for number in range(1, 41)]
        settled = [
            {**row, "id": f"settled-{number}", "state": "drafted", "received": when}
            for number, when in enumerate(later)
        ]
        await tx.execute(insert(alert), settled)
    drafter = await seat(at, "drafter")
    await drafter.open("/console/")
    assert re.search(r'id="inbox-h">Inbox <span class="count">1</span>', drafter.page)
    assert drafter.page.index(f'href="/console/alerts/{grave}"') < drafter.page.index('href="/console/alerts/settled-')
    (poll,) = re.findall(r'hx-get="(/console/desk[^"]+)"', drafter.page)
    assert "quick" in drafter.page, "a form with a key of its own"
    assert (await drafter.open(poll)).status == 204, "and still nothing changed"
    await drafter.open("/console/board")
    assert re.search(r"<b>1</b> to be opened", drafter.page) and f'data-rings="{grave}' in drafter.page


async def test_a_message_is_put_aside_with_a_reason_and_its_clock_and_alarm_end(at: Window) -> None:
    wanted = await came_in(at, level="red")
    async with at.hub.db.write() as tx:
        await alarms.ring(tx, "unopened", wanted, hazard="Heavy rain", level="Red", source="demo")
    drafter = await seat(at, "drafter")
    page = f"/console/alerts/{wanted}"
    await drafter.open(page)
    assert (await drafter.plain(f"{page}/dismiss", drafter.hidden(f"{page}/dismiss"))).status == 422
    await send(drafter, page, f"{page}/dismiss", reason="the same as the one at ten")
    assert "Put aside" in drafter.page and "data-limit" not in drafter.page and "alarms-h" not in drafter.page
    assert (await acts(at, "alert.dismiss")) == [{"reason": "the same as the one at ten"}]
    assert (await at.post(f"/api/v1/alerts/{wanted}/dismiss", "drafter", {"reason": "again"}))[0] == 409
    await send(drafter, page, f"{page}/draft")
    assert "Issue: Red warning: Heavy rain" in drafter.page


async def test_alarms_of_one_kind_stand_together_and_are_closed_together_with_one_reason(at: Window) -> None:
    async with at.hub.db.write() as tx:
        for number in range(12):
            await alarms.ring(tx, "notice_unanswered", f"n-{number}", contact=f"Post {number}", about="Heavy rain")
        await alarms.ring(
            tx, "answers-short", "b-1f:g", bulletin="b-1f", asked=9, answered=2, counted="villages", percent=90
        )
    drafter = await seat(at, "drafter")
    await drafter.open("/console/")
    assert 'id="alarms-h">Alarms <span class="count">13</span>' in drafter.page
    assert drafter.page.count('<details class="alarm"') == 2 and "11 more like it" in drafter.page
    assert "2 of 9 villages in time" in drafter.page and 'href="/console/bulletins/b-1f"' in drafter.page
    ticked = re.findall(r'name="alarm" value="(al-\w+)" checked', drafter.page)
    keys = drafter.hidden()
    fields = [
        ("csrf", keys["csrf"]),
        ("reason", "all telephoned"),
        *(("alarm", one) for one in ticked[1:12]),
        ("alarm", "al-gone"),
    ]
    headers = {**drafter.headers(), "Origin": "https://hub.example"}
    closed = await at.client.post("/console/alarms/close", data=fields, headers=headers, allow_redirects=False)
    assert closed.status == 303, await closed.text()
    async with at.hub.db.read() as tx:
        assert [row.kind for row in await alarms.ringing(tx)] == ["answers-short", "notice_unanswered"]
    assert len(await acts(at, "alarm.close")) == 11


async def test_of_many_kinds_of_alarm_three_lines_stand_and_a_late_task_says_what_it_is(at: Window) -> None:
    async with at.hub.db.write() as tx:
        for kind, facts in (
            ("clock-behind", {"now": "00:00", "last": "05:36"}),
            ("task-late", {"what": "review", "who": "ops"}),
            ("channel-down", {"channel": "sms-a", "why": "turned_away"}),
            ("channel-silent", {"channel": "sms-b", "sent": 40, "missing": 9, "areas": ["EX-01-001", "EX-01-002"]}),
            ("nobody_on_duty", {}),
            ("shift_overdue", {}),
        ):
            await alarms.ring(tx, kind, f"{kind}-1", **facts)
    drafter = await seat(at, "drafter")
    await drafter.open("/console/")
    shown, _, more = drafter.page.partition('id="alarms-more"')
    assert (shown.count('<details class="alarm"'), more.count('<details class="alarm"')) == (3, 3)
    assert "3 more kinds" in more and "The clock stands at" in shown.split('<details class="alarm"')[1]
    assert (
        "9 of 40 are out, most of them in " in drafter.page and "EX-01" not in drafter.page.split("channel-silent")[-1]
    )
    assert "everything was turned away" in drafter.page
    assert re.search(r"Late: the review \((?!ops)", drafter.page)
    assert "alarm.ring" not in drafter.page


async def test_a_false_alarm_is_two_clicks_from_the_wall_and_from_the_message_that_began_it(at: Window) -> None:
    status, took = await at.post(
        "/api/v1/alerts",
        "weather-office",
        await at.message(hazard="RAIN", level="yellow", sender="desk@weather.example"),
    )
    assert status in (200, 202), took
    status, made = await at.post("/api/v1/bulletins", "drafter", {"alert": took["id"]})
    assert status == 201, made
    status, made = await at.post(f"/api/v1/bulletins/{made['id']}/submit", "drafter", {})
    assert (status, made["state"]) == (200, "released"), made
    reviewer = await seat(at, "reviewer")
    for path in ("/console/board", f"/console/alerts/{took['id']}"):
        await reviewer.open(path)
        assert f'href="/console/bulletins/{made["id"]}/retract"' in reviewer.page, path


async def test_who_signs_a_held_one_is_told_so_and_it_waits_for_whoever_may_fire_it(at: Window) -> None:
    one = await at.submitted(rain("amber"), hold=True)
    reviewer, drafter = await seat(at, "reviewer"), await seat(at, "drafter")
    for path in (f"/console/bulletins/{one['id']}", "/console/sign", f"/console/sign/{one['id']}"):
        await reviewer.open(path)
        assert "It does not go out when it is signed" in reviewer.page, path
    for who in ("reviewer", "leader"):
        status, one = await at.approve(one, who)
        assert status == 200, one
    assert one["state"] == "held"
    await reviewer.open("/console/")
    assert 'Waiting for you <span class="count">1' in reviewer.page
    await drafter.open("/console/")
    assert 'Waiting for you <span class="count">0' in drafter.page and f'id="d-{one["id"]}"' in drafter.page
    await drafter.open(f"/console/bulletins/{one['id']}")
    assert "A reviewer, signer or leader fires it" in drafter.page and "/fire" not in drafter.page
