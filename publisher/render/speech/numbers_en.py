"""How is a number said in English? Cardinals, ordinals, decimals, years, and digits one by one."""

import re

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_LARGE = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
_IRREGULAR = {
    **{"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth"},
    **{"nine": "ninth", "twelve": "twelfth"},
}
LONGEST = 15
"""Digits beyond which a number is said digit by digit."""


def cardinal(value: int) -> str:
    """`1250` as one thousand two hundred and fifty."""
    if value < 20:
        return _ONES[value]
    if value < 100:
        tens, ones = divmod(value, 10)
        return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
    if value < 1000:
        hundreds, rest = divmod(value, 100)
        return f"{_ONES[hundreds]} hundred" + (f" and {cardinal(rest)}" if rest else "")
    size, name = next(one for one in _LARGE if value >= one[0])
    many, rest = divmod(value, size)
    return f"{cardinal(many)} {name}" + _rest(rest)


def _rest(rest: int) -> str:
    if not rest:
        return ""
    return f" and {cardinal(rest)}" if rest < 100 else f" {cardinal(rest)}"


def ordinal(value: int) -> str:
    """`21` as twenty-first."""
    said = cardinal(value)
    head, mark, last = max(said.rpartition("-"), said.rpartition(" "), key=lambda parts: len(parts[0]))
    if last in _IRREGULAR:
        return f"{head}{mark}{_IRREGULAR[last]}"
    return f"{head}{mark}{last[:-1]}ieth" if last.endswith("y") else f"{head}{mark}{last}th"


def number(text: str) -> str:
    """`1,250.5` as one thousand two hundred and fifty point five."""
    whole, point, rest = re.sub(r"[,\s]", "", text).partition(".")
    said = cardinal(int(whole)) if len(whole) <= LONGEST else one_by_one(whole)
    return said + (f" point {one_by_one(rest)}" if point and rest else "")


def year(value: int) -> str:
    """`2026` as twenty twenty-six, `2005` as two thousand and five, `1900` as nineteen hundred."""
    first, last = divmod(value, 100)
    if value % 1000 < 10 or value < 1000:
        return cardinal(value)
    if not last:
        return f"{cardinal(first)} hundred"
    return f"{cardinal(first)} {f'oh {_ONES[last]}' if last < 10 else cardinal(last)}"


def one_by_one(digits: str) -> str:
    """`044` as zero four four."""
    return " ".join(_ONES[int(one)] for one in digits if one.isdecimal())
