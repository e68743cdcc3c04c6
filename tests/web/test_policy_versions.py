"""Over the API and in the console: is a version imported inert, looked at, and put in force by two?"""

import io
import re
import zipfile

from aiohttp import FormData

from publisher.settings import resource
from publisher.store import versions
from tests.kit.packs import edited, files, line_of
from tests.kit.window import PUBLIC, Window, rain, seat

PLACE = "deadline_minutes: 30\n        escalate_to"
CHANGED = edited("flows.yaml", PLACE, PLACE.replace("30", "25"))
WHERE = f"flows.yaml:{line_of(files(), 'flows.yaml', PLACE)}"
RAIN = {
    "sender": "someone@weather.example",
    "sent": "2026-03-11T04:10:00+00:00",
    "event": "rain",
    "level": "yellow",
    "areas": ["EX-01-007"],
    "headline": "Yellow warning of rain",
    "description": "Heavy rain is expected.",
}


def zipped(of: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name, body in of.items():
            made.writestr(f"example-county/{name}", body)
    return held.getvalue()


async def brought(at: Window, changed: dict[str, bytes] = CHANGED) -> str:
    sent = {**at.bearer("admin"), "Content-Type": "application/zip"}
    found = await at.client.post("/api/v1/policy/versions", data=zipped(changed), headers=sent)
    told = await found.json()
    assert (found.status, told["new"]) == (200, True), told
    return str(told["hash"])


async def test_import_diff_simulate_and_two_yeses(at: Window) -> None:
    version = await brought(at)
    one = f"/api/v1/policy/versions/{version}"
    _, diff = await at.post(f"{one}/diff", "viewer")
    assert [(each["where"], each["path"]) for each in diff["body"]["changes"]] == [
        (WHERE, "steps.sign.deadline_minutes")
    ]
    _, past = await at.post("/api/v1/policy/simulate", "viewer", {"version": version, "archive": [RAIN]})
    (warning,) = past["body"]["warnings"]
    assert any(WHERE in cause for each in warning["differences"] for cause in each["causes"])
    seen = {"diff": diff["digest"], "simulation": past["digest"]}
    assert (await at.post(f"{one}/activate", "drafter", seen))[0] == 403
    status, first = await at.post(f"{one}/activate", "signer", seen)
    assert (status, first["state"]) == (200, "proposed")
    status, same = await at.post(f"{one}/activate", "signer", seen)
    assert status == 409
    assert "another person" in same["reasons"][0]["says"]
    status, second = await at.post(f"{one}/activate", "leader", seen)
    assert (status, second["state"], second["confirmed_by"]) == (200, "active", "leader")
    assert (await at.get("/api/v1/policy"))["hash"] == version
    listed = (await at.get("/api/v1/policy/versions"))["items"]
    assert {each["version"]: each["in_force"] for each in listed}[version]


async def test_a_version_with_mistakes_is_refused_with_all_of_them(at: Window) -> None:
    texts = {name: body.decode() for name, body in files().items() if not name.startswith("demo/")}
    texts["flows.yaml"] = texts["flows.yaml"].replace("roles: [leader]", "roles: [mayor]", 1)
    texts["reports.yaml"] = texts["reports.yaml"].replace("to: [neighbour]", "to: [nowhere]")
    status, told = await at.post("/api/v1/policy/versions", "admin", {"files": texts})
    assert status == 422
    assert {each["where"].split(":")[0] for each in told["reasons"]} == {"flows.yaml", "reports.yaml"}
    sent = {**at.bearer("admin"), "Content-Type": "application/zip"}
    assert (await at.client.post("/api/v1/policy/versions", data=b"no zip", headers=sent)).status == 422


async def test_a_sheet_of_firms_is_brought_to_the_console_with_every_mistake_told_and_then_found(at: Window) -> None:
    header, row = files()["subjects.csv"].decode().strip().split("\n")
    rows = [row.replace("ice-rink,Dunmere ice rink", f"firm-{n},Firm number {n}") for n in range(80)]
    admin = await seat(at, "admin")
    await admin.open("/console/policy")

    async def bring(*lines: str) -> int:
        made = FormData({**admin.hidden(), "part": "subjects.csv"})
        made.add_field("file", "\n".join((header, *lines)).encode(), filename="firms.csv")
        sent = {**admin.headers(), "Origin": PUBLIC}
        found = await at.client.post("/console/policy/upload", data=made, headers=sent, allow_redirects=False)
        admin.page = await found.text()
        return found.status

    wrong = [
        rows[0].replace("EX-01-004", "EX-9"),
        rows[1].replace("cold-store", "cold"),
        rows[2].replace("red=", "red:"),
    ]
    assert await bring(*wrong, *rows[3:]) == 422
    assert all(one in admin.page for one in ("subjects.csv:2", "subjects.csv:3", "subjects.csv:4", "has no EX-9"))
    assert 'href="/console/policy"' in admin.page
    await admin.open("/console/policy")
    assert await bring(*rows) == 303
    async with at.hub.db.read() as tx:
        version = (await versions.listed(tx))[0].hash
        pack = await at.hub.packs.get(tx, version)
    assert len([one for one in pack.subjects if one.startswith("firm-")]) == 80
    assert pack.subjects["firm-7"].substance == pack.subjects["cold-store"].substance
    _, diff = await at.post(f"/api/v1/policy/versions/{version}/diff", "viewer")
    assert {each["where"].split(":")[0] for each in diff["body"]["changes"]} == {"subjects.csv"}


async def test_a_draft_is_moved_to_the_policy_in_force_by_hand(at: Window) -> None:
    version = await brought(at)
    one = f"/api/v1/policy/versions/{version}"
    draft = await at.draft(
        {
            "hazard": "FLOOD",
            "sections": [
                {"level": "red", "areas": ["EX-01-007"], "words": {"en": {"headline": "h", "description": "d"}}}
            ],
        }
    )
    _, diff = await at.post(f"{one}/diff", "viewer")
    _, past = await at.post("/api/v1/policy/simulate", "viewer", {"version": version})
    for who in ("signer", "leader"):
        await at.post(f"{one}/activate", who, {"diff": diff["digest"], "simulation": past["digest"]})
    codes = {each["code"] for each in (await at.get(f"/api/v1/bulletins/{draft['id']}/preview"))["problems"]}
    assert "POLICY_CHANGED" in codes
    status, _ = await at.post(f"/api/v1/bulletins/{draft['id']}/adopt", "drafter")
    assert status == 200
    codes = {each["code"] for each in (await at.get(f"/api/v1/bulletins/{draft['id']}/preview"))["problems"]}
    assert "POLICY_CHANGED" not in codes


async def test_explain_answers_with_rule_and_line(at: Window) -> None:
    content = {
        "hazard": "FLOOD",
        "sections": [{"level": "red", "areas": ["EX-01-007"], "words": {"en": {"headline": "h", "description": "d"}}}],
    }
    status, told = await at.post("/api/v1/policy/explain", "drafter", {"content": content})
    assert status == 200
    points = {each["question"]: each for each in told["answers"]}
    assert points["response proposed"]["where"].startswith("responses.yaml:")
    assert points["who signs alert-all"]["rule"] == "grave"
    assert any(each["question"] == "whom to tell" for each in told["why"])


async def test_a_bulletin_is_rendered_by_another_version_and_every_text_that_differs_is_shown(at: Window) -> None:
    one = await at.submitted(rain())
    words = (resource("templates") / "messages" / "sms" / "any.en.txt").read_text("utf-8")
    version = await brought(
        at, files() | {"templates/messages/sms/any.en.txt": f"{words}Reply 1 if you read it.\n".encode()}
    )
    leader = await seat(at, "leader")
    await leader.open(f"/console/policy/{version}")
    assert f'href="/console/templates?against={version}"' in leader.page
    await leader.open(f"/console/templates?against={version}&bulletin={one['id']}")
    assert "<ins> Reply 1 if you read it.</ins>" in leader.page or "Reply 1 if you read it.</ins>" in leader.page
    (differ, of) = map(int, re.findall(r"(\d+) of (\d+) texts would read differently", leader.page)[0])
    assert 0 < differ < of
    assert "1 templates differ" in leader.page and "+Reply 1 if you read it." in leader.page
    assert "any.en.txt" in leader.page and not re.search("[\u3000-\u9fff]", leader.page)
    assert (await leader.open("/console/templates?against=none")).status == 404
    assert (await at.get(f"/api/v1/bulletins/{one['id']}"))["digest"] == one["digest"], "nothing was touched"
