"""Which numbers, times and levels does a text name? Read alike from Chinese and English, so that two texts can be compared.

What only counts paragraphs or belongs to a telephone number is left out. A text in another language gives its digits.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from publisher.model.pack import Pack
from publisher.model.words import LevelId

_ZH_DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "两": 2,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_ZH_UNITS = "个?(?:小时|分钟|天|日|米|公里|千米|毫米|厘米|级|度|吨|人|户|名|台|处|倍|成|公顷)"
_ZH_NUMBER = re.compile(rf"([零〇一二两三四五六七八九十百]+)(?={_ZH_UNITS})")
_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_EN_WORDS = {word: number for number, word in enumerate(_SMALL)} | {
    word: 10 * number for number, word in enumerate(_TENS, 2)
}
_EN_UNITS = (
    r"(?:hours?|minutes?|days?|met(?:re|er)s?|kilomet(?:re|er)s?|millimet(?:re|er)s?|degrees?|tonnes?|people|times)"
)
_EN_NUMBER = re.compile(
    rf"\b({'|'.join(_EN_WORDS)})(?:[ -]({'|'.join(_EN_WORDS)}))?(?=[ -]{_EN_UNITS}\b)", re.IGNORECASE
)
_LISTED = re.compile(r"(?:^|(?:(?<!\d)[:：]|[;；。\n])\s*)[(（]?\d{1,2}[.、)）](?!\d)")
_PHONE = re.compile(r"\+?\d[\d -]{6,}\d")
_ZH_TIME = re.compile(r"(凌晨|早晨|上午|中午|下午|傍晚|晚上|夜里|今晚|明晚)?(\d{1,2})[时点](?:(\d{1,2})分|(半))?(?!间)")
_CLOCK = re.compile(r"(?<![\d:])([01]?\d|2[0-4])[:：]([0-5]\d)(?![\d:])\s*([ap]\.?m\b\.?)?", re.IGNORECASE)
_EN_HOUR = re.compile(r"\b(\d{1,2})\s*([ap])\.?m\b\.?", re.IGNORECASE)
_ZH_DATE = re.compile(r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})[日号]")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = rf"({'|'.join(_MONTHS)})[a-z]*"
_EN_DATE = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH}(?:\s+\d{{4}})?\b|\b{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s*\d{{4}})?\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_AFTERNOON = frozenset({"下午", "傍晚", "晚上", "今晚", "明晚"})


@dataclass(frozen=True, slots=True)
class Figures:
    """`numbers` without blanks or trailing zeros, `times` as `HH:MM`, `days` of a month."""

    numbers: frozenset[str] = frozenset()
    times: frozenset[str] = frozenset()
    days: frozenset[str] = frozenset()

    def beyond(self, other: "Figures") -> tuple[str, ...]:
        """What is named here and not there, sorted. 28日 may be "the 28th": a day is found among numbers too."""
        loose = other.numbers | other.days
        more = (self.numbers - loose, self.times - other.times, self.days - loose)
        return tuple(sorted(one for kind in more for one in kind))


def figures(text: str) -> Figures:
    """Every number, time and day `text` names. A time or day is not a number as well."""
    left = _LISTED.sub(" ", _PHONE.sub(" ", _digits(unicodedata.normalize("NFKC", text))))
    times, left = _taken(left, (_ZH_TIME, _zh_time), (_CLOCK, _clock), (_EN_HOUR, _en_hour))
    days, left = _taken(left, (_ZH_DATE, lambda one: one[3]), (_EN_DATE, lambda one: one[1] or one[4]))
    digits = {_plain(one) for one in _NUMBER.findall(left)}
    spelled = {str(_zh_value(one)) for one in _ZH_NUMBER.findall(left)}
    spelled |= {str(_en_value(one)) for one in _EN_NUMBER.finditer(left)}
    return Figures(frozenset(digits | spelled), frozenset(times), frozenset(str(int(one)) for one in days))


def _digits(text: str) -> str:
    """Figures that are written in another way, in digits: 5,000, 10万, 二十二时, 百分之五十, 半小时, half an hour."""
    for pattern, put in _OTHERWISE:
        text = pattern.sub(put, text)
    return text


def _taken(text: str, *patterns: tuple[re.Pattern[str], object]) -> tuple[set[str], str]:
    found: set[str] = set()
    for pattern, read in patterns:
        assert callable(read)
        found |= {str(read(one)) for one in pattern.finditer(text)}
        text = pattern.sub(" ", text)
    return found, text


def _zh_time(one: re.Match[str]) -> str:
    hour = int(one[2]) + (12 if one[1] in _AFTERNOON and int(one[2]) < 12 else 0)
    return f"{hour % 24:02}:{30 if one[4] else int(one[3] or 0):02}"


def _clock(one: re.Match[str]) -> str:
    return f"{_hour(int(one[1]), one[3] or ''):02}:{one[2]}"


def _en_hour(one: re.Match[str]) -> str:
    return f"{_hour(int(one[1]), one[2]):02}:00"


def _hour(hour: int, half: str) -> int:
    if half.lower().startswith("p"):
        return hour % 12 + 12
    return hour % 12 if half else hour % 24


def _plain(number: str) -> str:
    whole, _, rest = number.partition(".")
    rest = rest.rstrip("0")
    return f"{int(whole)}.{rest}" if rest else str(int(whole))


def _zh_value(text: str) -> int:
    total = at = 0
    for one in text:
        if one in "十百":
            total += max(at, 1) * (10 if one == "十" else 100)
            at = 0
        else:
            at = _ZH_DIGITS[one]
    return total + at


def _en_value(one: re.Match[str]) -> int:
    return _EN_WORDS[one[1].lower()] + (_EN_WORDS[one[2].lower()] if one[2] else 0)


_OTHERWISE: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?<=\d),(?=\d{3}(?!\d))"), lambda one: ""),
    (re.compile(r"(\d+(?:\.\d+)?)万"), lambda one: f"{float(one[1]) * 10_000:.0f}"),
    (re.compile(r"([零〇一二三四五六七八九十]{2,3})(?=[时点](?!间))"), lambda one: str(_zh_value(one[1]))),
    (re.compile(r"百分之([零〇一二三四五六七八九十百]+)"), lambda one: f"{_zh_value(one[1])}%"),
    (re.compile(r"([一两二三四五六七八九])个半小时"), lambda one: f"{_ZH_DIGITS[one[1]] * 60 + 30}分钟"),
    (re.compile(r"半个?小时"), lambda one: "30分钟"),
    (re.compile(r"\ban hour and a half\b", re.IGNORECASE), lambda one: "90 minutes"),
    (re.compile(r"\bhalf an hour\b", re.IGNORECASE), lambda one: "30 minutes"),
)
"""What is read before anything else, in this order."""

_NOUNS = {"zh": "预警|信号", "en": "warning|alert|signal"}
_CHANGED = {
    "zh": re.compile(r"(?:更新|变更|调整|升级|降级)[^，。；;,]{0,30}?(?:为|成)"),
    "en": re.compile(
        r"\b(?:raised|lowered|changed|upgraded|downgraded|updated|from)\b[^.;]{0,60}?\bto\b", re.IGNORECASE
    ),
}


def levels(text: str, language: str, pack: Pack) -> frozenset[LevelId]:
    """The levels a text calls its warning: 暴雨红色预警, "Red rain warning". Of "A changed to B" only B."""
    spoken = language.partition("-")[0]
    changed = _CHANGED.get(spoken)
    told = changed.sub(" ", text) if changed else text
    return frozenset(level for level, name in _named(pack, language) if _calls(told, name, spoken))


def _named(pack: Pack, language: str) -> Iterator[tuple[LevelId, str]]:
    for level in pack.levels:
        name = level.name.get(language) or level.name.get(language.partition("-")[0])
        if name and level.rank > 0:
            yield level.id, name


def _calls(text: str, name: str, spoken: str) -> bool:
    nouns = _NOUNS.get(spoken, _NOUNS["en"])
    if spoken == "zh":
        return re.search(rf"{re.escape(name)}(?:{nouns})", text) is not None
    near = rf"\b{re.escape(name)}\b[^.;]{{0,24}}?\b(?:{nouns})\b|\b(?:{nouns})\b\s*\(?{re.escape(name)}\b"
    return re.search(near, text, re.IGNORECASE) is not None


def folded(text: str) -> str:
    """For finding forbidden words however they are written: compatibility forms, case, blanks and invisible signs gone."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(one for one in plain if unicodedata.category(one) not in ("Zs", "Cf", "Cc"))


def said_among(words: Iterable[str], text: str) -> tuple[str, ...]:
    """Which of `words` the text says."""
    here = folded(text)
    return tuple(word for word in words if folded(word) in here)
