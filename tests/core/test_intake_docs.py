"""Is every finding of classification on the page, and nothing else?"""

import re

from publisher.core.pack_catalogue import JUDGED
from tests.kit.alerts import ROOT

PAGE = (ROOT / "docs" / "intake.md").read_text("utf-8")
CORE = ROOT / "publisher" / "core"
SOURCES = [*sorted(CORE.glob("classify_*.py")), CORE / "intake.py", CORE / "reader_zh.py"]
CODE = re.compile(r'"([A-Z]+(?:_[A-Z]+)+)"')
ROW = re.compile(r"^\| `([A-Z_]+)` \|", re.MULTILINE)


def test_the_page_lists_exactly_the_findings_there_are() -> None:
    emitted = {code for file in SOURCES for code in CODE.findall(file.read_text("utf-8"))}
    assert sorted(emitted) == ROW.findall(PAGE)
    assert emitted == JUDGED, "a pack may refuse any of them"
