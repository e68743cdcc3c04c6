"""How is an English script read out? Every figure becomes the words an announcer would say; nothing else is touched.

The rules stand in order: what is more particular (a telephone number, a date) is taken before what is more general.
"""

import re
from collections.abc import Callable, Sequence

from publisher.render.speech.numbers_en import cardinal, number, one_by_one, ordinal, year

_NUMBER = r"\d{1,3}(?:[,\u00a0\u2009\u202f]\d{3}| 000)+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?"
_MINUS = r"[-−]"
_TO = r"\s*[-−–—~]\s*"
_MONTHS = {
    **{"Jan": "January", "Feb": "February", "Mar": "March", "Apr": "April", "May": "May", "Jun": "June"},
    **{"Jul": "July", "Aug": "August", "Sep": "September", "Oct": "October", "Nov": "November", "Dec": "December"},
}
_MONTH = r"(?P<month>" + "|".join(f"{full}|{short}" for short, full in _MONTHS.items()) + r")\b\.?"
_NUMBERED = {name: n for n, name in enumerate(_MONTHS.values(), 1)}
_MANY = {"b": "billion", "m": "million", "k": "thousand", "t": "thousand"}
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "Ⅰ": 1, "Ⅱ": 2, "Ⅲ": 3, "Ⅳ": 4, "Ⅴ": 5}

_UNITS: Sequence[tuple[str, str, str]] = (
    (r"° ?C|℃|degrees? C(?:elsius)?", "degree Celsius", "degrees Celsius"),
    (r"° ?F|℉|degrees? F(?:ahrenheit)?", "degree Fahrenheit", "degrees Fahrenheit"),
    (r"°", "degree", "degrees"),
    (r"[μµu]g/m(?:³|3)", "microgram per cubic metre", "micrograms per cubic metre"),
    (r"m(?:³|3)/s", "cubic metre a second", "cubic metres a second"),
    (r"mm/h(?:r)?", "millimetre an hour", "millimetres an hour"),
    (r"cm/h(?:r)?", "centimetre an hour", "centimetres an hour"),
    (r"m/h(?:r)?", "metre an hour", "metres an hour"),
    (r"km/h|kph", "kilometre an hour", "kilometres an hour"),
    (r"mph", "mile an hour", "miles an hour"),
    (r"m/s", "metre a second", "metres a second"),
    (r"km(?:²|2)", "square kilometre", "square kilometres"),
    (r"m(?:²|2)", "square metre", "square metres"),
    (r"m(?:³|3)", "cubic metre", "cubic metres"),
    (r"hPa", "hectopascal", "hectopascals"),
    (r"km", "kilometre", "kilometres"),
    (r"mm", "millimetre", "millimetres"),
    (r"cm", "centimetre", "centimetres"),
    (r"kg", "kilogram", "kilograms"),
    (r"ha", "hectare", "hectares"),
    (r"kts?|knots?|kn", "knot", "knots"),
    (r"hrs?", "hour", "hours"),
    (r"mins?", "minute", "minutes"),
    (r"secs?", "second", "seconds"),
    (r"ft", "foot", "feet"),
    (r"m", "metre", "metres"),
    (r"h", "hour", "hours"),
    (r"s", "second", "seconds"),
    (r"t", "tonne", "tonnes"),
    (r"l", "litre", "litres"),
)
_CALL = (
    r"\b(?:[Cc]all(?:ing)?|[Pp]hone|[Tt]elephone|[Tt]el|[Dd]ial|[Rr]ing|[Tt]ext|[Hh]otline|[Nn]umber|[Ll]ine|[Cc]ontact)"
    r"\b[^\d+.;\n]{0,12}"
)
_MEASURED = "|".join(["%", "per cent", *(unit for unit, _, _ in _UNITS)])
_TEL = rf"(?:\+\d|\d)[\d -]{{1,20}}\d(?!\d|\s?(?:{_MEASURED})(?![A-Za-z]))"

Words = Callable[[re.Match[str]], str]


def expanded(text: str) -> str:
    """`text` with every figure, unit and sign written as it is said in English."""
    for pattern, words in _RULES:
        text = re.sub(pattern, words, text)
    return _tidy(text)


def _telephone(found: re.Match[str]) -> str:
    """Groups stay apart, so that a listener can write them down."""
    said = re.sub(r"\+?\d[\d -]*", lambda one: _groups(one[0]), found["tel"])
    return found[0][: found.start("tel") - found.start()] + said


def _groups(one: str) -> str:
    said = ", ".join(one_by_one(group) for group in re.findall(r"\d+", one))
    return ("plus " if one.startswith("+") else "") + said + (" " if one.endswith(" ") else "")


def _date(found: re.Match[str]) -> str:
    month = _MONTHS.get(found["month"], found["month"])
    said = f"the {ordinal(int(found['d']))} of {month}"
    return said + (f", {year(int(found['y']))}" if found["y"] else "")


def _iso_date(found: re.Match[str]) -> str:
    month = list(_NUMBERED)[int(found["m"]) - 1]
    return f"the {ordinal(int(found['d']))} of {month}, {year(int(found['y']))}"


def _clock(found: re.Match[str]) -> str:
    """Twelve hours with morning and afternoon told apart, as on the radio."""
    hour, minute = int(found["h"]), int(found["m"])
    if minute == 0 and hour in (0, 12, 24):
        return "twelve noon" if hour == 12 else "midnight"
    half = "p.m." if 12 <= hour < 24 else "a.m."
    past = "" if minute == 0 else f" oh {cardinal(minute)}" if minute < 10 else f" {cardinal(minute)}"
    return f"{cardinal(hour % 12 or 12)}{past} {half}"


def _between(found: re.Match[str]) -> str:
    first = ("minus " if found["a"] else "") + number(found["m"]) + " to " if found["m"] else ""
    return first + ("minus " if found["b"] else "") + number(found["n"])


def _twelve(found: re.Match[str]) -> str:
    hour, minute = int(found["h"]), int((found["m"] or ":0")[1:])
    past = "" if minute == 0 else f" oh {cardinal(minute)}" if minute < 10 else f" {cardinal(minute)}"
    return f"{cardinal(hour)}{past} {found['p']}.m."


def _percent(found: re.Match[str]) -> str:
    return f"{_between(found)} per cent"


def _unit(one: str, many: str) -> Words:
    def words(found: re.Match[str]) -> str:
        single = found["n"] == "1" and not found["m"]
        return f"{_between(found)} {one if single else many}"

    return words


def _quantity(after: str) -> str:
    """A number or a span of two, and what follows it."""
    first = rf"(?:(?P<a>(?<![\w.]){_MINUS})?(?P<m>{_NUMBER})(?:\s*(?:{after}))?(?:{_TO}|\s+to\s+))?"
    return rf"(?<![\w.]){first}(?:(?<![\w.])(?P<b>{_MINUS}))?(?P<n>{_NUMBER})\s?(?:{after})(?![A-Za-z\d])"


_RULES: Sequence[tuple[str, Words]] = (
    (
        rf"£(?P<n>{_NUMBER}) ?(?P<u>bn|billion|m|million|k|thousand)\b",
        lambda found: f"{number(found['n'])} {_MANY[found['u'][0]]} pounds",
    ),
    (r"≥\s*", lambda _: "at least "),
    (r"≤\s*", lambda _: "at most "),
    (r">\s*(?=\d)", lambda _: "more than "),
    (r"<\s*(?=\d)", lambda _: "less than "),
    (r"±\s*", lambda _: "plus or minus "),
    (r"(?<=[\w%])\+(?=[\s,.;:)]|$)", lambda _: " or more"),
    (r"(?<=\d:\d\d)\s*[-–—]\s*(?=\d{1,2}:\d\d)", lambda _: " to "),
    (r"(?<=[ap]m)\s*[-–—]\s*(?=\d)", lambda _: " to "),
    (
        r"(?<![\d:.])(?P<h>\d{1,2})\s*[-–—]\s*(?=\d{1,2}(?:[:.][0-5]\d)?\s?[ap]\.?m\b)",
        lambda found: f"{found['h']} to ",
    ),
    (r"(?<![\d:.])(?P<h>\d{1,2})(?P<m>[:.][0-5]\d)?\s?(?P<p>[ap])\.?m\b\.?", _twelve),
    (rf"{_CALL}(?P<tel>{_TEL}(?:(?:,| or| and) {_TEL})*)", _telephone),
    (r"(?P<tel>\+\d{1,3}(?:[ -]?\d{2,6}){2,4})", _telephone),
    (r"(?<![\d.])(?P<tel>0\d{2,4}[ -]\d{3,4}(?:[ -]?\d{3,4})?)(?![\d.])", _telephone),
    (
        rf"(?<![\d:.])(?P<n>\d{{1,2}})(?:st|nd|rd|th)?{_TO}(?=\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH})",
        lambda found: f"the {ordinal(int(found['n']))} to ",
    ),
    (rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH},?(?: (?P<y>\d{{4}}))?", _date),
    (rf"{_MONTH} (?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,? (?P<y>\d{{4}}))?", _date),
    (r"(?<!\d)(?P<y>\d{4})(?P<s>[-/])(?P<m>0[1-9]|1[0-2])(?P=s)(?P<d>[0-3]\d)(?!\d)", _iso_date),
    (r"(?<![\d/])(?P<d>0?[1-9]|[12]\d|3[01])/(?P<m>0?[1-9]|1[0-2])/(?P<y>\d{4})(?![\d/])", _iso_date),
    (r"(?<![\d:])(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)(?::[0-5]\d)?(?:\s?(?:hrs|hours|h)\b)?(?![\d:])", _clock),
    (r"(?<![\d:.,+-])(?P<h>0\d|1\d|2[0-4])(?P<m>[0-5]\d)\s?(?:hrs|hours|h)\b", _clock),
    (r"(?<![\d:.,+-])(?P<h>0\d)(?P<m>[0-5]\d)(?![\d:.,-]\d|\d)", _clock),
    (r"(?<![\w+])\+(?=\d)", lambda _: "plus "),
    (r"\b(?P<n>\d+)(?:st|nd|rd|th)\b", lambda found: ordinal(int(found["n"]))),
    (
        r"\b(?P<w>[Ll]evel|[Cc]ategory|[Ss]tage|[Pp]hase) (?P<n>IV|V|III|II|I|[ⅠⅡⅢⅣⅤ])(?![A-Za-z])",
        lambda found: f"{found['w']} {cardinal(_ROMAN[found['n']])}",
    ),
    (
        r"(?<![A-Za-z\d])(?P<a>[ABM])(?P<n>\d{1,4})(?:\((?P<m>M)\))?(?!\d|\.\d)",
        lambda found: f"{found['a']} {_road(found['n'])}" + (" M" if found["m"] else ""),
    ),
    (r"\bPM(?P<n>\d+(?:\.\d+)?)", lambda found: f"P M {number(found['n'])}"),
    (r"\b[Nn]o\. ?(?=\d)", lambda _: "number "),
    (r"\b(?P<y>(?:19|20)\d0)s\b", lambda found: _decade(year(int(found["y"])))),
    (
        r"\b(?:in|of|since|until|by|from|year) (?P<y>(?:19|20)\d\d)\b(?![.,]\d)",
        lambda found: found[0][: -len(found["y"])] + year(int(found["y"])),
    ),
    (_quantity("%|per cent|percent"), _percent),
    *((_quantity(pattern), _unit(one, many)) for pattern, one, many in _UNITS),
    (rf"£(?P<n>{_NUMBER})", lambda found: f"{number(found['n'])} pounds"),
    (rf"(?<![\w.])(?P<a>)(?P<m>{_NUMBER}){_TO}(?P<b>)(?P<n>{_NUMBER})(?![\w])", _between),
    (rf"(?:(?<=[\s(])|^){_MINUS}(?=\d)", lambda _: "minus "),
    (r"\s*&\s*", lambda _: " and "),
    (r"\b24/7\b", lambda _: "at all hours"),
    (r"(?<![\w/])(?P<a>[1-9])/(?P<b>[2348])(?![\w/])", lambda found: _fraction(int(found["a"]), int(found["b"]))),
    (r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", lambda _: " "),
    (rf"(?P<n>{_NUMBER})", lambda found: number(found["n"])),
)


def _decade(first: str) -> str:
    return f"{first[:-1]}ies" if first.endswith("y") else f"{first}s"


def _road(digits: str) -> str:
    return cardinal(int(digits)) if len(digits) < 3 else one_by_one(digits)


def _fraction(top: int, under: int) -> str:
    parts = {2: "half", 3: "third", 4: "quarter", 8: "eighth"}[under]
    many = {"half": "halves"}.get(parts, f"{parts}s")
    return f"{cardinal(top)} {parts if top == 1 else many}"


def _tidy(text: str) -> str:
    """Brackets become pauses, and no stop stands twice."""
    text = text.replace(".m..", ".m.")
    text = re.sub(r"\s*[\[(]\s*", ", ", text)
    text = re.sub(r"\s*[\])]\s*(?=[\w])", ", ", text)
    text = re.sub(r"\s*[\])]\s*", "", text)
    return re.sub(r"(^|[\n!?:;]\s*|(?<![ap]\.m)\.\s*),\s*", lambda found: found[1], text)
