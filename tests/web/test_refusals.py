"""Does every refusal say what, where and why, and does it change nothing?"""

import asyncio
import io
from datetime import timedelta
from typing import Any

import pytest

from publisher.store import clock
from tests.kit.window import Window, rain

B = "/api/v1/bulletins"


def codes(problem: dict[str, Any]) -> set[str]:
    return {one["code"] for one in problem["reasons"]}


async def test_sixteen_who_sign_at_once_release_it_exactly_once(both: Window) -> None:
    one = await both.submitted(rain())
    _, one = await both.approve(one, "reviewer")
    answers = await asyncio.gather(*[both.approve(one, "leader") for _ in range(16)])
    won = [told for status, told in answers if status == 200]
    lost = [told for status, told in answers if status == 409]
    assert (len(won), len(lost)) == (1, 15)
    assert all("leader" in told["detail"] for told in lost), lost
    acts = [row["act"] for row in (await both.get(f"/api/v1/audit?subject={one['id']}"))["rows"]]
    assert acts.count("bulletin.release") == 1


async def test_sixteen_who_lift_at_once_lift_it_exactly_once(both: Window) -> None:
    one = await both.released(rain())
    path = f"/api/v1/warnings/{one['warning']}/lift"
    answers = await asyncio.gather(*[both.post(path, "signer", {"reason": "over"}) for _ in range(16)])
    assert sorted(status for status, _ in answers) == [200, *[409] * 15]
    chain = (await both.get(f"/api/v1/warnings/{one['warning']}"))["bulletins"]
    assert sorted(each["state"] for each in chain if each["content"]["act"] == "lift" and each["released"]) == [
        "released"
    ]


async def test_whoever_drafted_may_not_sign_and_hears_every_reason(at: Window) -> None:
    one = await at.submitted(rain())
    status, problem = await at.approve(one, "drafter")
    assert (status, problem["type"]) == (403, "urn:tocsin:problem:not-allowed")
    status, problem = await at.approve(one, "leader")
    assert (status, problem["type"], codes(problem)) == (403, "urn:tocsin:problem:refused", {"role"})
    assert (await at.get(f"{B}/{one['id']}"))["state"] == "submitted"


async def test_another_digest_is_a_conflict_that_names_both(at: Window) -> None:
    one = await at.submitted(rain())
    status, problem = await at.approve({**one, "digest": "0" * 64}, "reviewer")
    assert (status, codes(problem)) == (409, {"not-approvable"})
    assert one["digest"][:12] in problem["detail"]


async def test_a_plan_past_its_time_is_stale_and_can_be_refreshed(at: Window) -> None:
    one = await at.submitted(rain())
    status, problem = await at.post(f"{B}/{one['id']}/refresh", "drafter", {})
    assert (status, codes(problem)) == (409, {"not-stale"})
    async with at.hub.db.write() as tx:
        await clock.shift(tx, timedelta(minutes=31))
    status, problem = await at.approve(one, "reviewer")
    assert (status, problem["type"]) == (409, "urn:tocsin:problem:stale-plan")
    status, again = await at.post(f"{B}/{one['id']}/refresh", "drafter", {})
    assert (status, again["state"]) == (200, "submitted")
    status, _ = await at.approve(again, "reviewer")
    assert status == 200


async def test_a_plan_with_problems_is_not_submitted(at: Window) -> None:
    words = {"en": {"headline": "Heavy rain"}}
    content = {**rain(), "sections": [{**rain()["sections"][0], "words": words}]}
    made = await at.draft(content)
    status, problem = await at.post(f"{B}/{made['id']}/submit", "drafter", {})
    assert (status, problem["type"], codes(problem)) == (422, "urn:tocsin:problem:blocked", {"TEXT_MISSING"})
    assert problem["reasons"][0]["where"] == "sections[0].words.en"


async def test_a_content_that_does_not_fit_the_pack_tells_everything_at_once(at: Window) -> None:
    section = {"level": "purple", "areas": ["EX-01-001", "NOWHERE"], "words": {"zh": {"headline": "x"}}}
    content = {"hazard": "DRAGONS", "unit": "nobody", "sections": [section]}
    status, problem = await at.post(B, "drafter", {"content": content})
    assert (status, codes(problem)) == (422, {"hazard", "level", "area", "language", "unit"})
    assert (await at.get(B))["bulletins"] == []


async def test_a_unit_issues_for_itself_and_within_its_places(at: Window) -> None:
    status, problem = await at.post(B, "leader", {"content": {**rain(), "unit": "ops"}})
    assert (status, codes(problem)) == (422, {"unit"})


async def test_somebody_elses_save_is_a_conflict_that_names_them(at: Window) -> None:
    one = await at.draft(rain())
    change = {"revision": 1, "content": {"note": "mine"}}
    first = await at.raw("PATCH", f"{B}/{one['id']}", "drafter-2", change)
    assert (first.status, (await first.json())["revision"]) == (200, 2)
    second = await at.raw("PATCH", f"{B}/{one['id']}", "drafter", change)
    assert second.status == 409
    assert "drafter-2" in (await second.json())["detail"]


async def test_an_edit_voids_what_was_signed(at: Window) -> None:
    one = await at.submitted(rain())
    await at.approve(one, "reviewer")
    change = {"revision": one["revision"], "content": {"note": "changed"}}
    edited = await (await at.raw("PATCH", f"{B}/{one['id']}", "drafter", change)).json()
    assert (edited["state"], edited["digest"], edited["steps"]) == ("draft", "", [])
    status, _ = await at.approve(one, "leader")
    assert status == 409


async def test_only_its_submitter_takes_a_submission_back(at: Window) -> None:
    one = await at.submitted(rain())
    status, problem = await at.post(f"{B}/{one['id']}/unsubmit", "drafter-2", {})
    assert (status, "drafter submitted it" in problem["detail"]) == (403, True)
    status, told = await at.post(f"{B}/{one['id']}/unsubmit", "drafter", {})
    assert (status, told["state"]) == (200, "unsubmitted")


async def test_a_return_needs_its_reason(at: Window) -> None:
    one = await at.submitted(rain())
    status, problem = await at.post(f"{B}/{one['id']}/return", "reviewer", {})
    assert (status, problem["reasons"][0]["where"]) == (422, "body.reason")
    status, told = await at.post(f"{B}/{one['id']}/return", "reviewer", {"reason": "wrong town"})
    assert (status, told["state"]) == (200, "returned")


async def test_a_held_bulletin_goes_out_when_it_is_fired(at: Window) -> None:
    one = await at.submitted(rain(), hold=True)
    for who in ("reviewer", "leader"):
        status, one = await at.approve(one, who)
    assert one["state"] == "held"
    status, told = await at.post(f"{B}/{one['id']}/fire", "leader", {})
    assert (status, told["state"]) == (200, "released")
    status, problem = await at.post(f"{B}/{one['id']}/fire", "leader", {})
    assert (status, codes(problem)) == (409, {"not-held"})


async def test_an_attested_yes_says_who_gave_it(at: Window) -> None:
    one = await at.submitted(rain())
    _, one = await at.approve(one, "reviewer")
    status, problem = await at.approve(one, "leader", kind="attested")
    assert (status, {each["where"] for each in problem["reasons"]}) == (422, {"evidence.who", "evidence.how"})
    status, one = await at.approve(
        one, "leader", kind="attested", evidence={"who": "Director", "how": "phone", "number": "+86 100 0000 0001"}
    )
    assert (status, one["state"]) == (200, "released")


async def test_a_refused_lift_leaves_no_draft_behind(at: Window) -> None:
    one = await at.released(rain())
    status, problem = await at.post(f"/api/v1/warnings/{one['warning']}/lift", "drafter", {"reason": "over"})
    assert (status, problem["type"]) == (403, "urn:tocsin:problem:refused")
    assert (await at.get(f"{B}?state=draft,submitted"))["bulletins"] == []


async def test_what_has_ended_cannot_be_ended_again(at: Window) -> None:
    one = await at.released(rain())
    status, _ = await at.post(f"{B}/{one['id']}/retract", "signer", {"reason": "wrong"})
    assert status == 200
    for path in (f"{B}/{one['id']}/retract", f"/api/v1/warnings/{one['warning']}/lift"):
        status, problem = await at.post(path, "signer", {"reason": "again"})
        assert (status, problem["type"]) == (409, "urn:tocsin:problem:not-live")


async def test_a_discarded_draft_gives_its_alert_back(at: Window) -> None:
    one = await at.draft(rain())
    status, told = await at.post(f"{B}/{one['id']}/discard", "drafter", {})
    assert (status, told["state"]) == (200, "discarded")
    status, problem = await at.post(f"{B}/{one['id']}/discard", "drafter", {})
    assert (status, codes(problem)) == (409, {"not-discardable"})


async def test_holding_and_resuming_are_acts_with_names(at: Window) -> None:
    assert await at.post("/api/v1/hold", "drafter", {"reason": "something is wrong"}) == (200, {"held": True})
    status, problem = await at.post("/api/v1/hold", "drafter", {})
    assert (status, codes(problem)) == (409, {"held"})
    status, _ = await at.post("/api/v1/resume", "drafter", {"reason": "fine"})
    assert status == 403
    assert await at.post("/api/v1/resume", "signer", {"reason": "fine"}) == (200, {"held": False})


@pytest.mark.parametrize("path", ["bulletins/b-none", "bulletins/b-none/preview", "warnings/w-none", "alerts/a-none"])
async def test_what_is_not_there_is_missing(at: Window, path: str) -> None:
    found = await at.client.get(f"/api/v1/{path}", headers=at.bearer("viewer"))
    assert (found.status, (await found.json())["type"]) == (404, "urn:tocsin:problem:missing")


async def test_a_body_that_is_not_json_or_not_said_to_be_is_not_taken(at: Window) -> None:
    headers = {**at.bearer("drafter"), "Idempotency-Key": "k"}
    text = await at.client.post(B, data=b"{}", headers={**headers, "Content-Type": "text/plain"})
    assert text.status == 415
    broken = await at.client.post(B, data=b"{", headers={**headers, "Content-Type": "application/json"})
    assert (broken.status, (await broken.json())["type"]) == (400, "urn:tocsin:problem:not-json")
    unknown = await at.client.post(B, json={"surprise": 1}, headers=headers)
    assert (unknown.status, (await unknown.json())["reasons"][0]["where"]) == (422, "body.surprise")
    large = await at.client.post(
        B, data=io.BytesIO(b" " * 1_100_000), headers={**headers, "Content-Type": "application/json"}
    )
    assert large.status == 413


async def test_an_explanation_names_the_rules_and_keeps_nothing(at: Window) -> None:
    status, told = await at.post("/api/v1/policy/explain", "drafter", {"content": rain("red")})
    assert status == 200
    assert [step["id"] for step in told["waves"][0]["steps"]] == ["check", "sign"]
    assert any(one["held"] and one["where"].startswith("flows.yaml:") for one in told["why"])
    assert (await at.get(B))["bulletins"] == []


async def test_numbers_are_shown_by_their_last_digits_to_all_but_administrators(at: Window) -> None:
    mine = (await at.get("/api/v1/endpoints?limit=1000", "drafter"))["items"]
    whole = (await at.get("/api/v1/endpoints?limit=1000", "admin"))["items"]
    phones = [
        (one["address"], other["address"]) for one, other in zip(mine, whole, strict=True) if one["medium"] == "sms"
    ]
    assert phones
    assert all(short == "…" + long[-4:] for short, long in phones)


async def test_lists_go_on_where_they_ended(at: Window) -> None:
    made = [(await at.draft(rain()))["id"] for _ in range(5)]
    seen: list[str] = []
    after = ""
    while True:
        told = await at.get(f"{B}?limit=2&after={after}")
        seen += [one["id"] for one in told["bulletins"]]
        after = told["next"]
        if not after:
            break
    assert sorted(seen) == sorted(made)
