"""Which tones tell a receiver that a warning follows? SAME headers and EOM (47 CFR 11.31), as 16-bit samples.

520.83 bits a second, mark 2083.3 Hz, space 1562.5 Hz, least significant bit first; each message three times, a second
apart, behind a preamble of sixteen bytes 0xAB. The attention signal is 853 and 960 Hz together.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import pi, sin

BAUD, MARK, SPACE = 520.83, 2083.3, 1562.5
PREAMBLE = b"\xab" * 16
LOUD = 16_000
END = "NNNN"
MOST_PLACES = 31
_SENDER = 8
_HEADER = re.compile(r"ZCZC-[A-Z]{3}-[A-Z]{3}(-\d{6}){1,31}\+\d{4}-\d{7}-[A-Z0-9/ ]{8}-")


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says. `originator` and `event` have three letters, `places` six digits each, `sender` at most eight."""

    originator: str
    event: str
    places: Sequence[str]
    issued: datetime
    lasts: timedelta
    sender: str

    def text(self) -> str:
        """The header as sent. Raises ValueError where a part does not fit."""
        at = self.issued.astimezone(UTC)
        where = "-".join(self.places[:MOST_PLACES])
        made = f"ZCZC-{self.originator}-{self.event}-{where}+{_purge(self.lasts)}-{at:%j%H%M}-{self.sender:<{_SENDER}}-"
        if not _HEADER.fullmatch(made):
            raise ValueError(f"not a SAME header: {made}")
        return made


def _purge(lasts: timedelta) -> str:
    """HHMM: quarters up to an hour, halves up to six, whole hours up to 99 (rounded up)."""
    minutes = max(1, -(-int(lasts.total_seconds()) // 60))
    step = 15 if minutes <= 60 else 30 if minutes <= 360 else 60
    rounded = min(-(-minutes // step) * step, 99 * 60)
    return f"{rounded // 60:02}{rounded % 60:02}"


def message(text: str, rate: int) -> array[int]:
    """`text` three times behind its preamble, a second of silence after each."""
    burst = array("h", _tones(PREAMBLE + text.encode("ascii"), rate))
    return (burst + silence(1.0, rate)) * 3


def _tones(body: bytes, rate: int) -> Iterator[int]:
    """Phase goes on from bit to bit, and bits keep their time whatever the rate."""
    phase, sent, due = 0.0, 0, 0.0
    for byte in body:
        for bit in range(8):
            step = 2 * pi * (MARK if byte >> bit & 1 else SPACE) / rate
            due += rate / BAUD
            while sent < due:
                phase += step
                sent += 1
                yield int(LOUD * sin(phase))


def attention(seconds: float, rate: int) -> array[int]:
    """The two-tone signal for human ears."""
    step = 2 * pi / rate
    return array("h", (int(LOUD / 2 * (sin(853 * step * n) + sin(960 * step * n))) for n in range(int(seconds * rate))))


def silence(seconds: float, rate: int) -> array[int]:
    """Nothing."""
    return array("h", bytes(2 * int(seconds * rate)))
