"""Are all words of the console in its catalogues, in every language, and nowhere else?"""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from publisher.model import states
from publisher.model.words import Act, Mode
from publisher.web.console.say import Say
from publisher.web.console.words import Catalogues, Words
from publisher.web.errors import TITLES
from tests.kit.window import Browser, seat, window

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "templates" / "console"
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
LARGEST_STYLESHEET = 20_000


def catalogue(language: str) -> Words:
    return Catalogues(FOLDER).get(language, (language,))


def keys(language: str) -> set[str]:
    return set(catalogue(language))


def holes(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


class Strict(yaml.SafeLoader):
    """Refuses a key written twice: the second would silently win."""


def _once(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[object, object]:
    found = [loader.construct_object(key) for key, _ in node.value]
    assert len(found) == len(set(found)), f"a key twice at {node.start_mark}"
    assert all(isinstance(one, str) for one in found), f"a key that is not a word at {node.start_mark}: {found}"
    return loader.construct_mapping(node, deep=True)


Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _once)


def test_every_language_has_the_same_words_with_the_same_holes() -> None:
    assert keys("zh") == keys("en")
    zh, en = catalogue("zh"), catalogue("en")
    parsers = ("CHANNEL_KIND", "NOT_YAML", "TEMPLATE_SYNTAX", "WORDS_FILE", "WORDS_VALUE")  # these speak English alone
    shared = {"time.other", *(f"pack_says.{code}" for code in parsers)}
    assert [key for key in keys("en") - shared if holes(zh.text(key)) != holes(en.text(key))] == []


@pytest.mark.parametrize("path", sorted(FOLDER.glob("words.*.yaml")), ids=lambda path: str(path.name))
def test_no_word_is_written_twice(path: Path) -> None:
    yaml.load(path.read_text("utf-8"), Strict)


def test_every_word_that_is_asked_for_is_there() -> None:
    asked: set[str] = set()
    for path in FOLDER.glob("*.html"):
        asked |= set(re.findall(r'\bt\("([^"]+)"\s*[,)]', path.read_text("utf-8")))
        asked |= set(re.findall(r"\bt\('([^']+)'\s*[,)]", path.read_text("utf-8")))
    for path in (ROOT / "publisher" / "web").rglob("*.py"):
        asked |= set(re.findall(r'\bwords\(\s*"([^"]+)"\s*[,)]', path.read_text("utf-8")))
    assert len(asked) > 100
    assert asked - keys("en") == set()


def test_every_state_act_and_kind_of_refusal_has_a_word() -> None:
    wanted = {f"state.{one}" for one in states.BULLETIN}
    wanted |= {f"delivery.{one}" for one in states.DELIVERY}
    wanted |= {f"act.{one.value}" for one in Act} | {f"title.{one.value}" for one in Act}
    wanted |= {f"mode.{one.value}" for one in Mode}
    wanted |= {f"problem.{slug}" for slug in ("refused", "stale-plan", "blocked", "not-allowed") if slug in TITLES}
    assert wanted - keys("en") == set()


def test_no_word_stands_in_a_template_or_in_code() -> None:
    for path in FOLDER.glob("*.html"):
        text = re.sub(r"{% block kind %}\w*{% endblock %}", " ", path.read_text("utf-8"))
        text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", " ", text, flags=re.S)
        text = re.sub(r"<[^>]*>", " ", text, flags=re.S)
        assert not re.findall(r"[A-Za-z]{2,}|[\u4e00-\u9fff]", re.sub(r"&\w+;", " ", text)), path.name
    for path in [*FOLDER.glob("*.js"), *FOLDER.glob("*.css"), *(ROOT / "publisher" / "web").rglob("*.py")]:
        lines = [line for line in path.read_text("utf-8").splitlines() if CHINESE.search(line)]
        assert [line for line in lines if '"""' not in line and "#" not in line] == [], path.name
    assert not CHINESE.search((FOLDER / "words.en.yaml").read_text("utf-8"))


def test_english_has_no_chinese_character() -> None:
    en = catalogue("en")
    assert [key for key in keys("en") if CHINESE.search(en.text(key))] == []


def test_the_stylesheet_is_small_and_fetches_nothing() -> None:
    text = (FOLDER / "console.css").read_text("utf-8")
    assert len(text.encode()) <= LARGEST_STYLESHEET
    assert "url(" not in text
    assert "@import" not in text


SENTENCE = re.compile(r"(?:\b[A-Za-z][a-z]+\b[ ,;:'-]+){3}[A-Za-z][a-z]+\b")


async def test_a_refusal_is_told_in_the_officers_language_with_what_it_cites(tmp_path: Path) -> None:
    async with window(f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}", tmp_path, pack="pudong") as at:
        signer = await seat(at, "signer")
        roster = "id,name,unit,role,channels\nx,\u67d0\u5c97\u4f4d,nowhere,duty,\n"
        await signer.open("/console/contacts")
        tries = {
            "/console/bulletins/new": {"parts": "1", "hazard": "11B03", "0.level": "violet", "expires": "soon"},
            "/console/contacts/take": {"text": roster, "digest": "x"},
            "/console/channels/none/try": {"kind": "probe"},
            "/console/bulletins/none/submit": {},
            "/console/alerts/none/dismiss": {"reason": "x"},
            "/console/alarms/none/close": {},
            "/console/officers": {"name": "x"},
            "/console/resume": {},
        }
        for path, fields in tries.items():
            refused = await signer.plain(path, {"csrf": await at_hand(signer), **fields})
            assert refused.status in (403, 404, 409, 422), f"{path}: {refused.status}"
            told = re.sub(r"<[^>]+>", " ", signer.page.partition('id="refusal"')[2].partition("</div>")[0])
            assert told and not SENTENCE.search(told), f"{path}: {told}"
            assert "not-" not in told, told
            if path == "/console/officers":
                assert catalogue("zh")("role.admin") in told and catalogue("zh")("role.signer") in told, told
            if path == "/console/contacts/take":
                assert catalogue("zh")("plan_problem.COLUMN_UNKNOWN") in told and "channels" in told, told
        await signer.open("/console/policy/explain?hazard=11B03&level=red")
        trail = re.sub(r"<[^>]+>", " ", signer.page.partition("<tbody>")[2])
        assert "flows.yaml:" in trail and not SENTENCE.search(trail), SENTENCE.findall(trail)


async def at_hand(browser: Browser) -> str:
    await browser.open("/console/bulletins/new")
    return browser.hidden()["csrf"]


@pytest.mark.parametrize(
    ("subject", "page"),
    [
        ("b-1f", "/console/bulletins/b-1f"),
        ("b-1f:council:county", "/console/bulletins/b-1f"),
        ("b-1f.publish.3", "/console/bulletins/b-1f"),
        ("w-2a", "/console/warnings/w-2a"),
        ("a-3b", "/console/alerts/a-3b"),
        ("al-4c", ""),
        ("sms-a", ""),
    ],
)
def test_what_an_alarm_is_about_leads_to_its_page(subject: str, page: str) -> None:
    pack: Any = None
    assert Say(catalogue("en"), pack, datetime(2026, 7, 21, tzinfo=UTC)).address(subject) == page
