"""Does every link of the console lead somewhere, for an officer in the middle of a night, and is every way out near?"""

import re
from html import unescape

from publisher.work.deliver import Worker
from tests.kit.window import Browser, Window, rain, seat

KIND = re.compile(r"/(?:[abw]-[0-9a-f]+|[0-9a-f]{16,})")
"""What tells two pages of one kind apart."""
FILES = (".xlsx", ".csv", "/docx")


async def night(at: Window) -> str:
    """Something of everything; the id of the bulletin that stands."""
    status, told = await at.post("/api/v1/alerts", "demo", await at.message(minutes=2))
    assert status == 202, told
    one = await at.released(rain("red"))
    await Worker(at.hub.db, at.hub.channels, at.hub.bell, runners=1).drain()
    await at.submitted(rain("amber", "EX-01-002"))
    await at.draft(rain("yellow", "EX-01-003"))
    return str(one["id"])


async def walked(browser: Browser) -> dict[str, str]:
    """Every page that links lead to from the desk, one of each kind: address -> its contents."""
    found: dict[str, str] = {}
    seen, ahead = {"/console/"}, ["/console/"]
    while ahead:
        path = ahead.pop()
        answer = await browser.open(path)
        assert answer.status in (200, 303), f"{path}: {answer.status}"
        found[path] = browser.page
        for link in re.findall(r'href="(/console/[^"#]*)', found[path]):
            kind = KIND.sub("/*", unescape(link).partition("?")[0])
            if kind not in seen and not kind.endswith(FILES):
                seen.add(kind)
                ahead.append(unescape(link))
    return found


async def test_every_link_leads_somewhere_and_a_false_alarm_is_two_clicks_from_wherever_a_warning_shows(
    at: Window,
) -> None:
    one = await night(at)
    admins = await walked(await seat(at, "admin"))
    pages = await walked(await seat(at, "signer"))
    assert "/console/officers" in admins and len(pages) > 20
    told = await at.get(f"/api/v1/bulletins/{one}")
    retract, lift = f"/console/bulletins/{one}/retract", f"/console/warnings/{told['warning']}/lift"
    names = (told["public_id"], f'href="/console/bulletins/{one}"')
    shows = {path for path, text in pages.items() if any(name in text for name in names)} - {retract, lift}
    assert {"/console/", "/console/bulletins", "/console/duty"} <= shows
    assert [path for path in shows if f'href="{retract}"' not in pages[path]] == []
    assert f'href="{retract}"' in pages[f"/console/warnings/{told['warning']}/by-hand"]
