"""Does a list of sessions call a browser by its name, and never show what it sends?"""

import pytest

from publisher.web.console.browsers import named
from tests.web.test_plan_words import catalogue

LIKE = "(KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 {LIKE} HeadlessChrome/120.0.0.0 Safari/537.36",
            "Chromium 120 · Linux",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 {LIKE} Chrome/126.0.0.0 Safari/537.36 Edg/126.0",
            "Edge 126 · Windows",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; rv:115.0) Gecko/20100101 Firefox/115.0", "Firefox 115 · Windows"),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) {LIKE} Version/17.4 Mobile Safari/604.1",
            "Safari 17 · iPhone",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 12; V) {LIKE} Chrome/98.0 Mobile Safari/537.36 wxwork/4.1.10 MicroMessenger/7.0.1",
            "企业微信 4 · Android",
        ),
        ("curl/7.88.1", "其他浏览器"),
        ("", "其他浏览器"),
    ],
)
def test_a_browser_is_called_as_people_call_it(agent: str, name: str) -> None:
    assert named(agent, catalogue("zh")) == name
