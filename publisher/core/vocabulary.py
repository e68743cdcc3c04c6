"""Where do a pack's words stand in a text? Leftmost and longest, so that 雷雨大风 is never also 大风."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Hit(Generic[Value]):
    """A word found: `start` and `end` count in the folded text."""

    start: int
    end: int
    word: str
    value: Value


def fold(text: str) -> str:
    """The form in which words are compared: full-width and half-width, Ⅱ and II, capitals and small letters are one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


class Vocabulary(Generic[Value]):
    """Words with a value each; of a word given twice the first value stays. Building costs, finding does not."""

    def __init__(self, words: Iterable[tuple[str, Value]]) -> None:
        self._values: dict[str, Value] = {}
        for word, value in words:
            if folded := fold(word).strip():
                self._values.setdefault(folded, value)
        self._starts: dict[str, list[str]] = {}
        for word in sorted(self._values, key=len, reverse=True):
            self._starts.setdefault(word[0], []).append(word)

    def exact(self, text: str) -> Value | None:
        """The value of `text` when it is one of the words."""
        return self._values.get(fold(text).strip())

    def find(self, folded: str) -> tuple[Hit[Value], ...]:
        """The words of an already folded text, from left to right, none inside another."""
        return tuple(self._hits(folded))

    def _hits(self, text: str) -> Iterator[Hit[Value]]:
        at = 0
        while at < len(text):
            word = next((one for one in self._starts.get(text[at], ()) if _stands(one, text, at)), None)
            if word is None:
                at += 1
                continue
            yield Hit(at, at + len(word), word, self._values[word])
            at += len(word)


def _stands(word: str, text: str, at: int) -> bool:
    """Whether `word` stands at `at`; words of Latin letters and digits only as whole words."""
    if not text.startswith(word, at):
        return False
    end = at + len(word)
    return not (_joined(text[at - 1 : at], word[0]) or _joined(word[-1], text[end : end + 1]))


def _joined(left: str, right: str) -> bool:
    return _latin(left) and _latin(right)


def _latin(letter: str) -> bool:
    return bool(letter) and letter.isalnum() and letter < "\u0250"
