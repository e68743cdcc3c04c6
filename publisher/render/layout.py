"""How does a text break into lines and pages of a small panel? Whole numbers and words, pages that end at a stop.

Widths are counted in half cells: a Latin letter is one, a Chinese character two. The rules are taken from Unicode's
character categories, so they hold for any script: closing punctuation starts no line, an opening bracket ends none, a
number stays with its unit.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence

Width = Callable[[str], int]
Page = tuple[str, ...]
"""The lines of one page."""

_WORD = r"[A-Za-z0-9]+(?:[.,:/%+'~-]*[A-Za-z0-9]+)*"
_RUN = re.compile(r"[^\w\s]*(?:[A-Za-z]+|\d+(?:[.:,]\d+)*|\w)[^\w\s]*|[^\w\s]+|\s")
_CHARACTER = re.compile(r"[^\w\s]*\w[^\w\s]*|[^\w\s]+|\s")
_LATIN = re.compile(r"[^\w\s]*[A-Za-z]+")
_NARROWEST = 4
"""Half cells that a line needs for a word to be divided with a hyphen."""
HYPHEN = "\u2010"
"""What a divided word goes on after: not the hyphen that people write."""
_BRACKETED = r"\[[^\[\]\s]{1,8}\]"
_STOPS = ("FULL STOP", "EXCLAMATION MARK", "QUESTION MARK", "SEMICOLON")
_PER_PAGE, _WIDOW, _SLACK = 1.0, 0.3, 0.25
"""What a page costs, and how much more when it holds few words or leaves room unused."""
_AT_PAUSE, _AT_SPACE, _AT_NUMBER, _IN_NUMBER, _IN_PHRASE = 0.12, 0.1, 0.25, 0.6, 0.5
"""What it costs to break after a comma, at a blank, before a number, between numbers, and anywhere else."""


def paginated(text: str, *, columns: int, rows: int, width: Width, keep: Sequence[str] = ()) -> tuple[Page, ...]:
    """`text` on pages of `rows` lines of `columns` half cells; few pages, and they end where a reader may pause.

    `keep` are phrases that no break may split where they fit on a line.
    """
    fitting = [one for one in keep if one and width(one) <= columns]
    units = _split_long(_units(text, fitting), columns, width)
    if not units:
        return ((),)
    cuts = _cuts(units, columns, rows, width)
    return tuple(_lines(units[a:b], columns, rows, width) for a, b in zip([0, *cuts], cuts, strict=False))


def _units(text: str, keep: Sequence[str]) -> list[str]:
    """Pieces that no line break may split."""
    whole = "|".join([r"\s+", *map(re.escape, sorted(keep, key=len, reverse=True)), _BRACKETED, _WORD, "."])
    units: list[str] = []
    for piece in re.findall(whole, text, re.S):
        if piece.isspace():
            units.append(" ")
        elif units and _clings(units[-1], piece):
            units[-1] += piece
        else:
            units.append(piece)
    return units


def _clings(before: str, piece: str) -> bool:
    last, first = unicodedata.category(before[-1]), unicodedata.category(piece[0])
    if before == " ":
        return False
    if first in ("Pe", "Pf", "Po") or last in ("Ps", "Pi"):
        return True
    return before[-1].isdigit() and first in ("So", "Lo") and ":" not in before


def _split_long(units: Sequence[str], columns: int, width: Width) -> list[str]:
    """Units wider than a line fall apart: better than not shown."""
    return [part for unit in units for part in ([unit] if width(unit) <= columns else _parts(unit, columns, width))]


def _parts(unit: str, columns: int, width: Width) -> list[str]:
    """Behind the unit's own marks where that is enough, else within its words, and figures as they come."""
    runs = [one[0] for one in _RUN.finditer(unit)]
    return [part for run in runs for part in ([run] if width(run) <= columns else _broken(run, columns, width))]


def _broken(run: str, columns: int, width: Width) -> list[str]:
    """A word in full lines that end in a hyphen, at least two letters on the last; anything else by the character."""
    word = _LATIN.match(run)
    if word is None or columns < _NARROWEST:
        return _characters(run, columns, width)
    letters, marks, parts = word[0], run[word.end() :], []
    while width(letters + marks) > columns:
        some = min(columns - 1, len(letters) - 2)
        if some < 1:
            return _characters(run, columns, width)
        parts.append(letters[:some] + HYPHEN)
        letters = letters[some:]
    return [*parts, letters + marks]


def _characters(run: str, columns: int, width: Width) -> list[str]:
    """Each with the marks that belong to it, as far as a line holds them."""
    found = _CHARACTER.findall(run)
    return [part for one in found for part in ([one] if width(one) <= columns else one)]


def _cuts(units: Sequence[str], columns: int, rows: int, width: Width) -> list[int]:
    """Where the pages end; the last is the number of units."""
    ends = [_full(units, start, columns, rows, width) for start in range(len(units))]
    return _best_cuts(units, ends, columns * rows, width)


def _lines(units: Sequence[str], columns: int, rows: int, width: Width) -> Page:
    """One page's lines: broken at pauses if they still fit, else filled."""
    cuts = _cuts(units, columns, 1, width)
    lines = _joined(units, cuts)
    return lines if len(lines) <= rows else _joined(units, _filled(units, columns, width))


def _joined(units: Sequence[str], cuts: Sequence[int]) -> Page:
    lines = ("".join(units[a:b]).strip() for a, b in zip([0, *cuts], cuts, strict=False))
    return tuple(line for line in lines if line)


def _filled(units: Sequence[str], columns: int, width: Width) -> list[int]:
    cuts = [_line_end(units, 0, columns, width)]
    while cuts[-1] < len(units):
        cuts.append(_line_end(units, cuts[-1], columns, width))
    return cuts


def _full(units: Sequence[str], start: int, columns: int, rows: int, width: Width) -> int:
    """Where the page that begins at `start` is full."""
    at = start
    for _ in range(rows):
        at = _line_end(units, at, columns, width)
    return at


def _line_end(units: Sequence[str], start: int, columns: int, width: Width) -> int:
    """Where the line that begins at `start` is full; at least one unit, for a panel narrower than a letter."""
    at, room = start, columns
    while at < len(units):
        needs = 0 if units[at] == " " and room == columns else width(units[at])
        if needs > room:
            break
        room -= needs
        at += 1
    return max(at, min(start + 1, len(units)))


def _best_cuts(units: Sequence[str], ends: Sequence[int], room: int, width: Width) -> list[int]:
    """The ends with the least total cost; `ends` says how far a page from each unit can reach."""
    count = len(units)
    before = [0]
    for unit in units:
        before.append(before[-1] + width(unit))
    cost, following = [0.0] * (count + 1), [count] * (count + 1)
    for start in range(count - 1, -1, -1):
        choices = [
            (_cost(units, (before[end] - before[start]) / room, end) + cost[end], end)
            for end in range(start + 1, ends[start] + 1)
        ]
        cost[start], following[start] = min(choices, key=lambda one: (round(one[0], 6), -one[1]))
    cuts = [following[0]]
    while cuts[-1] < count:
        cuts.append(following[cuts[-1]])
    return cuts


def _cost(units: Sequence[str], share: float, end: int) -> float:
    widow = _WIDOW if share < 1 / 3 else 0.0
    if end == len(units):
        return _PER_PAGE + widow
    return _PER_PAGE + widow + _SLACK * (1 - share) + _break_cost(units[end - 1], units[end])


def _break_cost(unit: str, after: str) -> float:
    if unicodedata.name(unit[-1], "").endswith(_STOPS):
        return 0.0
    if unit[-1] in ",:" or (not unit[-1].isascii() and unicodedata.category(unit[-1])[0] == "P"):
        return _AT_PAUSE
    if " " in (unit, after):
        return _AT_SPACE
    if after[0].isdigit():
        return _IN_NUMBER if any(map(str.isdigit, unit)) else _AT_NUMBER
    return _IN_PHRASE
