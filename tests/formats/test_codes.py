"""Is every finding that exists documented, made by the one registry, and told the same way to programs?"""

import re
from pathlib import Path

import pytest

from publisher.formats.codes import CODES, finding
from publisher.formats.read import read
from publisher.formats.report import as_json
from publisher.model.alert import Reading
from tests.formats.messages import CAP, changed

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "formats.md"
ROW = re.compile(r"^\| `([A-Z0-9_]+)` \| ([a-z, ]+) \| (.+) \|$", re.MULTILINE)
USED = re.compile(r'"([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+|OTHER)"')


def test_the_table_of_the_documentation_is_the_registry() -> None:
    documented = {code: (layers, meaning) for code, layers, meaning in ROW.findall(PAGE.read_text(encoding="utf-8"))}
    registered = {code: (", ".join(known.layers), known.meaning) for code, known in CODES.items()}
    assert documented == registered


def test_every_code_is_used_and_every_used_code_is_registered() -> None:
    sources = [path for path in (ROOT / "publisher" / "formats").glob("*.py") if path.name != "codes.py"]
    used = {code for path in sources for code in USED.findall(path.read_text(encoding="utf-8"))}
    made_up = {f"{name}_INCLUDES_UTC_TIMEZONE" for name in ("SENT", "EFFECTIVE", "ONSET", "EXPIRES")}
    assert set(CODES) <= used | made_up


def test_an_unknown_code_cannot_be_found() -> None:
    with pytest.raises(KeyError):
        finding("NO_SUCH_CODE", "/", "x")


def test_a_code_stays_in_its_layers() -> None:
    with pytest.raises(ValueError, match="MALFORMED_XML"):
        finding("MALFORMED_XML", "/", "x", "profile")


def test_repairs_never_refuse() -> None:
    for code, known in CODES.items():
        assert known.repair == code.startswith("REPAIRED_")
        assert not (known.repair and finding(code, "/", "x").refuses)


def test_the_report_is_the_shape_programs_are_promised() -> None:
    report = as_json("a.xml", read(changed(">Actual<", ">Live<").encode()))
    assert report == {
        "file": "a.xml",
        "outcome": "refused",
        "findings": [
            {
                "code": "INVALID_ENUM_VALUE",
                "layer": "xsd",
                "refuses": True,
                "path": "/alert/status",
                "message": 'Found "Live". One of: Actual, Exercise, System, Test, Draft.',
            }
        ],
    }


def test_the_three_outcomes() -> None:
    minor, grave = finding("HEADLINE_TOO_LONG", "/", "x"), finding("NOT_CAP", "/", "x")
    outcomes = [Reading("cap12", None, found, "").outcome for found in ((), (minor,), (minor, grave))]
    assert outcomes == ["accepted", "accepted with findings", "refused"]
    assert as_json("a.xml", read(CAP.encode()))["outcome"] == "accepted"
