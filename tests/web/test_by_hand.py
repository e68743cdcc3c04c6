"""Is work by hand handed over as a sheet with its person, its hour and its link, and is its report kept with the photo?"""

import re
from html import unescape
from io import BytesIO
from urllib.parse import urlsplit

from aiohttp import FormData

from publisher.work.deliver import Worker
from tests.kit.window import Window, rain, seat

PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8_000
"""As large as a telephone takes it."""


async def report(hub: Window, link: str, photo: bytes, **said: str) -> int:
    form = FormData(said)
    form.add_field("photo", BytesIO(photo), filename="p.jpg", content_type="image/jpeg")
    address = urlsplit(link)
    return (await hub.client.post(f"{address.path}?{address.query}", data=form)).status


async def test_a_sheet_is_handed_out_reported_on_by_link_and_shows_what_was_done(at: Window) -> None:
    one = await at.released(rain("red"))
    await Worker(at.hub.db, at.hub.channels, at.hub.bell, runners=1).drain()
    desk, page = await seat(at, "drafter"), f"/console/warnings/{one['warning']}/by-hand"
    await desk.open(f"/console/warnings/{one['warning']}")
    assert page in desk.page
    await desk.open(page)
    assert "Riverside siren" in desk.page and "Loudspeaker van" in desk.page and "0 / " not in desk.page
    assert "More than 60 mm of rain" in desk.page
    links = [unescape(link) for link in re.findall(r'href="([^"]*/hooks/by-hand[^"]*)"', desk.page)]
    looks_on = await seat(at, "viewer")
    await looks_on.open(page)
    assert "Riverside siren" in looks_on.page and "/hooks/by-hand" not in looks_on.page
    form = urlsplit(links[0])
    assert "<form" in await (await at.client.get(f"{form.path}?{form.query}")).text()
    assert await report(at, links[0], PHOTO, state="done", at="02:31", note="all of the riverside") == 200
    assert await report(at, links[1], b"<svg>no picture</svg>", state="failed", at="02:40", note="road flooded") == 200
    await desk.open(page)
    assert "done 02:31: all of the riverside" in desk.page and "failed 02:40: road flooded" in desk.page
    pictures = set(re.findall(r'src="(/api/v1/scans/[0-9a-f]{64})"', desk.page))
    assert len(pictures) == 1
    async with at.client.get(pictures.pop(), headers=at.bearer("viewer")) as kept:
        assert (kept.content_type, await kept.read()) == ("image/jpeg", PHOTO)
    states = await at.get(f"/api/v1/warnings/{one['warning']}/deliveries?channel=by-hand")
    assert sorted(each["state"] for each in states["deliveries"]) == ["acknowledged", "failed"]
