"""Do other people's receivers understand what goes on the air? multimon-ng decodes it, Icecast carries it."""

import asyncio
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from publisher.render.speech import audio, same
from publisher.work.icecast import Feeder, Piece, Refused, mount_of
from tests.kit.programs import free_ports, listening, program, running

pytestmark = pytest.mark.peer

HEADER = same.Header("CIV", "FRW", ("031015",), datetime(2026, 7, 21, 8, 18, tzinfo=UTC), timedelta(hours=1), "PUDONG")
TEXT = "ZCZC-CIV-FRW-031015+0100-2020818-PUDONG  -"


def heard(wav: Path) -> list[str]:
    found = subprocess.run(
        [program("multimon-ng"), "-q", "-t", "wav", "-a", "EAS", str(wav)], capture_output=True, text=True, timeout=30
    )
    return [line.removeprefix("EAS: ") for line in found.stdout.splitlines() if line.startswith("EAS: ")]


def tones() -> audio.Sound:
    rate = 22_050
    return audio.Sound(same.message(HEADER.text(), rate) + same.message(same.END, rate), rate)


def plain(source: Path, target: Path) -> Path:
    """Any sound as what multimon-ng reads."""
    command = [program("ffmpeg"), "-loglevel", "error", "-y", "-i", source, "-ar", "22050", "-ac", "1", target]
    subprocess.run(list(map(str, command)), check=True, timeout=30)
    return target


@pytest.mark.parametrize("form", list(audio.FORMATS))
def test_header_and_end_of_message_are_decoded_from_every_form(form: str, tmp_path: Path) -> None:
    file = tmp_path / f"tones.{form}"
    file.write_bytes(audio.encoded(tones(), form))
    assert heard(plain(file, tmp_path / "plain.wav")) == [TEXT, "NNNN", "NNNN", "NNNN"]


def test_a_spoken_script_between_the_tones_does_not_disturb_them(tmp_path: Path) -> None:
    sound = audio.recorded(audio.parameters("en"), "Heavy rain. Keep away from low roads.", HEADER.text())
    file = tmp_path / "whole.wav"
    file.write_bytes(audio.encoded(sound, "wav"))
    assert heard(file) == [TEXT, "NNNN", "NNNN", "NNNN"]


CONFIG = """<icecast>
<limits><clients>20</clients><sources>3</sources><source-timeout>10</source-timeout><burst-size>0</burst-size></limits>
<authentication><source-password>srcpw</source-password><admin-user>admin</admin-user><admin-password>admpw</admin-password></authentication>
<hostname>localhost</hostname>
<listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
<paths><basedir>/usr/share/icecast2</basedir><logdir>{log}</logdir><webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>
<logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>3</loglevel></logging>
<security><chroot>0</chroot><changeowner><user>nobody</user><group>nogroup</group></changeowner></security>
</icecast>
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that a server may use that has given up being root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


class Playing(Feeder):
    """Plays the pieces it was given, and stops when they are taken away."""

    def __init__(self, url: str, pieces: list[Piece]) -> None:
        super().__init__(None, mount_of(url), pace=12.0)  # type: ignore[arg-type]
        self.pieces = pieces

    async def _look(self) -> None:
        self._now = list(self.pieces)


async def test_a_listener_of_the_stream_hears_the_warning_and_nothing_once_it_has_ended(
    tmp_path: Path, open_folder: Path
) -> None:
    server, curl = program("icecast2", "/usr/bin/icecast2"), program("curl")
    (port,) = free_ports(1)
    log = open_folder
    (tmp_path / "icecast.xml").write_text(CONFIG.format(port=port, log=log))
    sound = tones()
    feeder = Playing(
        f"http://source:srcpw@127.0.0.1:{port}/warn.mp3", [Piece("b", sound.seconds, audio.encoded(sound, "mp3"))]
    )
    async with running(server, "-c", tmp_path / "icecast.xml", cwd=tmp_path, log=tmp_path / "out"):
        await listening(port)
        feeding = asyncio.create_task(feeder.turn())
        captured = tmp_path / "captured.mp3"
        address = f"http://127.0.0.1:{port}/warn.mp3"
        for _ in range(50):
            listener = await asyncio.create_subprocess_exec(
                curl, "-sf", "--max-time", "6", address, "-o", str(captured)
            )
            if await listener.wait() == 28:
                break
        feeder.pieces.clear()
        async with asyncio.timeout(5):
            assert await feeding >= 1
        with pytest.raises(Refused, match="401"):
            wrong = Playing(f"http://source:no@127.0.0.1:{port}/x.mp3", [Piece("b", 1.0, b"x")])
            await wrong.turn()
    assert {TEXT, "NNNN"} <= set(heard(plain(captured, tmp_path / "captured.wav")))
