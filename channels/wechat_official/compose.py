"""What does a warning look like as a template message, and as a mass text? One body holds both.

A template goes to one follower, a mass text to a tag; the release binds them together.
"""

import json
import re
from collections.abc import Mapping

from channels.base import Composed, Fields
from channels.sample import longest, marked
from channels.wechat_official.codes import LIMITS
from channels.wechat_official.config import Config, Word

_SLOT = re.compile(r"⟦issued:\w+⟧")
_INSTANT = r"(\d{4}年\d{1,2}月\d{1,2}日 )?\d{1,2}:\d{2}"
_MOMENT = re.compile(f"{_INSTANT}(~{_INSTANT})?")
_INSTANTS = (
    (re.compile(r"(\d{4}年)0?(\d{1,2}月)0?(\d{1,2}日)(\d\d)时(\d\d)分"), r"\1\2\3 \4:\5"),
    (re.compile(r"^(\d\d:\d\d) on \d{1,2} [A-Z][a-z]+ \d{4}$"), r"\1"),
)
"""How templates write an instant already known (slot forms `zh` and `en`) -> as WeChat wants it."""
_ORDER = ("title", "level", "area", "time", "action")


def compose(fields: Fields, config: Config) -> Composed:
    """Words `title`, `level`, `area`, `time`, `action` as keyword fields; `body`, if any, as mass text."""
    values = {word: _shaped(fields, word, key) for word, key in config.keywords.items()}
    facts, over = dict[str, str](), list[str]()
    worst = {word: longest(values[word]) for word in config.keywords}
    for word, key in config.keywords.items():
        _measure(word, key, worst[word], facts, over)
    if config.admin_confirms:
        facts["mass"] = "admin_confirms"
    data = {key: {"value": values[word]} for word, key in config.keywords.items()}
    template: dict[str, object] = {"template_id": config.template_id, "data": data}
    if fields.url:
        template["url"] = fields.url
    mass = {"msgtype": "text", "text": {"content": _mass(fields.words)}}
    body = json.dumps({"template": template, "mass": mass}, ensure_ascii=False)
    return Composed("application/json", body.encode(), facts, tuple(over), _too_long(worst, config))


def _too_long(worst: Mapping[Word, str], config: Config) -> Mapping[str, str]:
    limits = {word: LIMITS.get(key.rstrip("0123456789"), len(worst[word])) for word, key in config.keywords.items()}
    return {word: marked(text, limits[word]) for word, text in worst.items() if len(text) > limits[word]}


def _shaped(fields: Fields, word: str, key: str) -> str:
    said = fields.words.get(word) or (fields.level if word == "level" else "")
    if not key.startswith("time"):
        return said
    # WeChat refuses any other way of writing an instant in a `time` field.
    form = "wechat" if fields.language.startswith("zh") else "hm"
    for written, again in _INSTANTS:
        said = written.sub(again, said)
    return _SLOT.sub(f"⟦issued:{form}⟧", said)


def _measure(word: str, key: str, said: str, facts: dict[str, str], over: list[str]) -> None:
    kind = key.rstrip("0123456789")
    if not said.strip():
        over.append(f"{key} ({word}): empty")
    elif kind == "time" and not _MOMENT.fullmatch(said):
        over.append(f"{key} ({word}): {said!r} is not a time such as 2026年7月1日 15:01")
    elif kind == "character_string" and not said.isascii():
        over.append(f"{key} ({word}): Latin letters, digits and signs only")
    if most := LIMITS.get(kind):
        facts[word] = f"{len(said)}/{most}"
        if len(said) > most:
            over.append(f"{key} ({word}): {len(said)} of {most} characters")


def _mass(words: Mapping[str, str]) -> str:
    lines = (words.get(word, "") for word in _ORDER)
    return words.get("body") or "\n".join(filter(None, lines))
