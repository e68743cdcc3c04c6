"""Which browser is a session in? A User-Agent header as people would name it: "Chromium 120 · Linux"."""

import re
from collections.abc import Mapping

from publisher.web.console.words import Words

_BROWSERS: Mapping[str, re.Pattern[str]] = {
    "wecom": re.compile(r"wxwork/(\d+)"),
    "wechat": re.compile(r"MicroMessenger/(\d+)"),
    "QQBrowser": re.compile(r"M?QQBrowser/(\d+)"),
    "Edge": re.compile(r"Edg(?:e|A|iOS)?/(\d+)"),
    "Opera": re.compile(r"OPR/(\d+)"),
    "Firefox": re.compile(r"(?:Firefox|FxiOS)/(\d+)"),
    "Chromium": re.compile(r"(?:HeadlessChrome|Chromium)/(\d+)"),
    "Chrome": re.compile(r"(?:Chrome|CriOS)/(\d+)"),
    "Safari": re.compile(r"Version/(\d+).*Safari/"),
}
"""Each wears the names of those below it too. Lower case: a key of the catalogue, not a name that all languages share."""
_SYSTEMS: Mapping[str, re.Pattern[str]] = {
    "HarmonyOS": re.compile("HarmonyOS"),
    "Android": re.compile("Android"),
    "iPhone": re.compile("iPhone"),
    "iPad": re.compile("iPad"),
    "Windows": re.compile("Windows"),
    "macOS": re.compile("Mac OS X|Macintosh"),
    "ChromeOS": re.compile("CrOS"),
    "Linux": re.compile("Linux|X11"),
}


def named(agent: str, words: Words) -> str:
    """Browser with its version, and system; whatever is not known is called another browser."""
    browser = next((f"{words.code('browser', name)} {hit[1]}" for name, hit in _hits(_BROWSERS, agent)), "")
    system = next((name for name, _ in _hits(_SYSTEMS, agent)), "")
    return " · ".join(filter(None, (browser or words("browser.other"), system)))


def _hits(known: Mapping[str, re.Pattern[str]], agent: str) -> list[tuple[str, re.Match[str]]]:
    return [(name, hit) for name, pattern in known.items() if (hit := pattern.search(agent))]
