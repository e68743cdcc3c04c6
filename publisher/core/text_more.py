"""What does a text say beyond one act, one hazard, one level and a list of places? Cited, for an officer to look at.

A reading holds one of each. A text of two signals, of levels by place, of an exception or of places added to those that
stand is understood by a person only, and must never pass for the simple text it resembles.
"""

import re

from publisher.core.recognise import Message
from publisher.core.text_zh import ACTS, CHANGE, EXCEPT, changed_to, take_apart
from publisher.core.vocabulary import fold
from publisher.model.words import HazardCode, LevelId

_ADDS = re.compile(
    r"新增[^，。；]{0,12}(?:镇|街道|农场|园区)|扩大(?:到|至)|扩展(?:到|至)|范围[^，。；]{0,4}(?:扩大|扩展)"
    r"|(?:其他|其余|其它)[^，。；]{0,8}(?:不变|维持)|维持(?:不变|原|[^，。；]{0,6}[红橙黄蓝]色)"
)
"""Of places that stand already: this text tells only what changes, and a bulletin says all that is in force."""
_CLAUSE = re.compile(r"[^，,。；;！!\n]+")
_NOT_A_SIGNAL = re.compile(r"\s*(?:应急)?响应")
"""“Ⅲ级应急响应”: the grade of a response."""


def more(of: Message, read: LevelId, *, ends: bool) -> tuple[str, ...]:
    """The clauses of an info's text that say more than was read; none of a text that names no act.

    `read` is the level that was read; what a text that `ends` a warning says of levels and places is of the past.
    """
    parts = take_apart(of.info.description)
    title = _meant(fold(parts.act + parts.subject))
    known = _levels(title, of) or {read}
    found = [title] if len(_hazards(title, of)) > 1 else []
    for clause in _CLAUSE.findall(fold(parts.told)) if parts.act else ():
        now = _adds(clause) or EXCEPT.search(clause) or _other_level(clause, title, known, of)
        if _other_signal(clause, title, of) or (now and not ends):
            found.append(clause)
    return tuple(dict.fromkeys(found)) if parts.act else ()


def _adds(clause: str) -> bool:
    return bool(_ADDS.search(clause))


def _meant(clause: str) -> str:
    """A clause without what it says was so before: of “A更新为B” only B."""
    return changed_to(clause) if CHANGE.search(clause) else clause


def _hazards(text: str, of: Message) -> set[HazardCode]:
    return {hit.value for hit in of.words.hazards.find(text)}


def _levels(text: str, of: Message) -> set[LevelId]:
    hits = of.words.levels.find(text)
    return {hit.value for hit in hits if not _NOT_A_SIGNAL.match(text, hit.end)}


def _other_signal(clause: str, title: str, of: Message) -> bool:
    """Whether the body does something about a hazard that the title does not name: 同时解除雷电黄色预警."""
    others = _hazards(clause, of) - _hazards(title, of)
    return bool(others) and bool(ACTS.search(clause)) and bool(_levels(clause, of))


def _other_level(clause: str, title: str, known: set[LevelId], of: Message) -> bool:
    """Whether the body names a level that the title does not, for the title's hazard or for places."""
    if _hazards(clause, of) - _hazards(title, of):
        return False
    return bool(_levels(_meant(clause), of) - known)
