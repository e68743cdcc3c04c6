"""Does every listener hear of every change, in order, and does one who does not read hurt only itself?"""

import asyncio

import pytest

from publisher.web import fanout
from publisher.web.app import make_app
from publisher.web.context import WEB
from tests.kit.listeners import KILOBYTES, measured, open_files
from tests.kit.window import Window, put_page
from tests.web.test_lane import asked, port


async def events(reader: asyncio.StreamReader, many: int) -> list[str]:
    """The next `many` event ids of a stream, whatever the framing."""
    found: list[str] = []
    async with asyncio.timeout(10):
        while len(found) < many:
            line = (await reader.readline()).decode().strip()
            if line.startswith(("id: ", "event: resync")):
                found.append(line.removeprefix("id: "))
    return found


async def test_listeners_hear_what_they_missed_and_then_what_comes_old_clients_too(at: Window) -> None:
    pages = at.client.server.app[WEB].pages  # type: ignore[attr-defined]
    app = make_app(at.hub)
    async with port(app, fast=True) as where:
        await app[WEB].pages.look()
        since = pages.seq
        await put_page(at, "/t.txt", b"one")
        await app[WEB].pages.look()
        request = asked(f"/events/public?after={since}")
        lines = []
        for sent in (request, request.replace(b"HTTP/1.1", b"HTTP/1.0")):
            reader, writer = await asyncio.open_connection("127.0.0.1", where)
            writer.write(sent)
            lines.append((reader, writer))
            assert await events(reader, 1) == [str(since + 1)]
        await put_page(at, "/t.txt", b"two")
        await app[WEB].pages.look()
        for reader, writer in lines:
            assert await events(reader, 1) == [str(since + 2)]
            writer.close()


async def test_who_missed_too_much_is_told_to_poll(at: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "BEHIND", 3)
    app = make_app(at.hub)
    async with port(app, fast=True) as where:
        await app[WEB].pages.look()
        reader, writer = await asyncio.open_connection("127.0.0.1", where)
        writer.write(asked("/events/public?after=0"))
        assert await events(reader, 1) == ["event: resync"]
        writer.close()


async def test_who_does_not_read_is_cut_off_and_the_others_hear_on(at: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "MOST_UNREAD", 4096)
    app = make_app(at.hub)
    async with port(app, fast=True) as where:
        hub = app[WEB]
        await hub.pages.look()
        lines = [await asyncio.open_connection("127.0.0.1", where, limit=1024) for _ in range(3)]
        for reader, writer in lines:
            writer.write(asked("/events/public"))
            await reader.readuntil(b": still here\n\n")
        reads = asyncio.create_task(drained(lines[0][0]))
        changes = hub.pages.since(0)
        async with asyncio.timeout(20):
            for _ in range(2000):
                await hub.fanout.tell(changes)
                await asyncio.sleep(0.001)
                if hub.fanout.open == 1:
                    break
        assert hub.fanout.open == 1 and not reads.done()
        reads.cancel()
        for _, writer in lines:
            writer.transport.abort()


async def drained(reader: asyncio.StreamReader) -> None:
    """Read and forget until the line ends."""
    while await reader.read(65_536):
        pass


@pytest.mark.timeout(300)
async def test_four_thousand_listeners_hear_every_change_and_take_little_room() -> None:
    """A process of its own, as many sockets as it must hold; how fast is measured in `tests/bench`."""
    assert open_files(4_500) >= 4_500, "raise the hard limit of open files (ulimit -Hn) to 4,500 or more"
    _, each = await measured("hub", 4_000, 2)
    assert each <= KILOBYTES
