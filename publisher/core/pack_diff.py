"""What changed between two versions of a pack? Every difference of every file, at its line before and after.

Entries are told apart by what they are called (id, code, first word, first column), so that a rule that moved is one
change, not two. The order of rules is compared too: the first that holds decides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from publisher.core import pack_draft, pack_subjects, pack_tables, pack_yaml
from publisher.core.pack_errors import Path, Place, dotted

NOTHING = ""


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One difference. `entry` is the rule or row (empty for a whole file), `path` what of it; lines are 0 where absent.

    An entry that is new has an empty `before`, one that is gone an empty `after`.
    """

    file: str
    line_before: int
    line_after: int
    entry: str
    path: str
    before: str
    after: str

    @property
    def where(self) -> str:
        """The line to look at: the new one, or the old one of what is gone."""
        return f"{self.file}:{self.line_after or self.line_before}"

    @property
    def kind(self) -> str:
        """`added`, `removed` or `changed`."""
        return "added" if not self.line_before else "removed" if not self.line_after else "changed"


@dataclass(frozen=True, slots=True)
class _Side:
    """One version's view of a file: entries by name with their values and places, in order."""

    entries: Mapping[str, tuple[object, Place]]


def diff(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> tuple[Change, ...]:
    """Every change from `old` to `new` (name inside the folder -> bytes), in file order; notes and demo are left alone."""
    found: list[Change] = []
    for file in _files(old, new):
        before, after = old.get(file, b""), new.get(file, b"")
        if before != after:
            found += (
                _lines(file, before, after) if file.startswith(pack_draft.TEMPLATES) else _file(file, before, after)
            )
    return tuple(found)


def _files(*sides: Mapping[str, bytes]) -> Sequence[str]:
    names = {name for side in sides for name in side if pack_draft.counts(name)}
    order = {name: at for at, name in enumerate(pack_draft.FILES)}
    return sorted(names, key=lambda name: (order.get(name, len(order)), name))


def _file(file: str, before: bytes, after: bytes) -> Iterator[Change]:
    old, new = _side(file, before), _side(file, after)
    for name, (value, place) in old.entries.items():
        if name not in new.entries:
            yield Change(file, place.line, 0, name, "", _brief(value), NOTHING)
    for name, (value, place) in new.entries.items():
        if name not in old.entries:
            yield Change(file, 0, place.line, name, "", NOTHING, _brief(value))
        else:
            yield from _values(file, name, (), old.entries[name], (value, place))
    yield from _order(file, old, new)


def _values(
    file: str, entry: str, path: Path, old: tuple[object, Place], new: tuple[object, Place]
) -> Iterator[Change]:
    (before, was), (after, now) = old, new
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            inner = (before.get(key), was.at(key)), (after.get(key), now.at(key))
            yield from _values(file, entry, (*path, key), *inner)
    elif _named(before) and _named(after):
        yield from _listed(file, entry, path, old, new)
    else:
        yield Change(file, was.line, now.line, entry, dotted(path), _brief(before), _brief(after))


def _listed(file: str, entry: str, path: Path, old: tuple[Any, Place], new: tuple[Any, Place]) -> Iterator[Change]:
    """Lists of named things (steps, tasks, measures, ways): thing by thing."""
    was, now = _by_name(*old), _by_name(*new)
    for name in dict.fromkeys((*was, *now)):
        here = (*path, name)
        if name not in now:
            value, place = was[name]
            yield Change(file, place.line, new[1].line, entry, dotted(here), _brief(value), NOTHING)
        elif name not in was:
            value, place = now[name]
            yield Change(file, old[1].line, place.line, entry, dotted(here), NOTHING, _brief(value))
        else:
            yield from _values(file, entry, here, was[name], now[name])
    common = [name for name in was if name in now]
    turned = [name for name in now if name in was]
    if common != turned:
        yield Change(
            file, old[1].line, new[1].line, entry, dotted((*path, "order")), ", ".join(common), ", ".join(turned)
        )


def _order(file: str, old: _Side, new: _Side) -> Iterator[Change]:
    """Rules that stand elsewhere among those both versions have, where the order decides."""
    if file.endswith(".csv"):
        return
    was = [name for name in old.entries if name in new.entries]
    now = [name for name in new.entries if name in old.entries]
    for tag, a, b, _, _ in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        for name in was[a:b] if tag in ("delete", "replace") else ():
            places = old.entries[name][1].line, new.entries[name][1].line
            yield Change(file, *places, name, "order", f"number {was.index(name) + 1}", f"number {now.index(name) + 1}")


def _side(file: str, data: bytes) -> _Side:
    return _Side(dict(_rows(file, data) if file.endswith(".csv") else _named_entries(file, data)))


def _rows(file: str, data: bytes) -> Iterator[tuple[str, tuple[object, Place]]]:
    if not data.strip():
        return
    columns = _COLUMNS[file]
    for row in pack_tables.read(file, data, columns).rows:
        yield row.cells.get(columns[0][0], ""), (dict(row.cells), row.place)


_COLUMNS = {
    "areas.csv": pack_tables.AREA_COLUMNS,
    "units.csv": pack_tables.UNIT_COLUMNS,
    pack_subjects.FILE: pack_subjects.columns(()),
}


def _named_entries(file: str, data: bytes) -> Iterator[tuple[str, tuple[object, Place]]]:
    """The entries of a file's lists under their names; a file that is one mapping gives its keys."""
    document = pack_yaml.read(file, data)
    value = document.value if isinstance(document.value, dict) else {}
    lists = pack_draft.LISTS.get(file, {})
    for key, inner in value.items():
        place = document.place.at(key)
        if key in lists and isinstance(inner, list):
            yield from _by_name(inner, place).items()
        else:
            yield key, (inner, place)


def _named(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(_name(one) for one in value)


def _by_name(items: Sequence[Any], place: Place) -> dict[str, tuple[object, Place]]:
    """Each thing under its name; the second of two with one name gets a number, so that none hides the other."""
    found: dict[str, tuple[object, Place]] = {}
    for number, item in enumerate(items):
        name = _name(item) or str(number)
        while name in found:
            name += "'"
        found[name] = (item, place.at(number))
    return found


def _name(item: object) -> str:
    if not isinstance(item, dict):
        return ""
    if "medium" in item:
        return f"{item['medium']} to {item.get('audience', '')}"
    words = item.get("words")
    if "areas" in item and "id" not in item and isinstance(words, list) and words:
        return f"{words[0]} {item.get('since', '')}".strip()
    return str(item.get("id") or item.get("code") or item.get("value_name") or _row(item))


def _row(item: Mapping[str, Any]) -> str:
    """What tells a row from its neighbours that has no id: a criterion its level and date, a neighbour its name."""
    if "level" in item:
        return f"{item['level']} {item.get('since', '')}".strip()
    name = item.get("name")
    return str(next(iter(name.values()), "")) if isinstance(name, dict) and "km" in item else ""


def _lines(file: str, before: bytes, after: bytes) -> Iterator[Change]:
    """A template's differences, line block by line block."""
    was, now = (side.decode("utf-8", "replace").splitlines() for side in (before, after))
    for tag, a, b, c, d in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if tag != "equal":
            lines = a + 1 if before else 0, c + 1 if after else 0
            yield Change(file, *lines, "", "", "\n".join(was[a:b]), "\n".join(now[c:d]))


def _brief(value: object) -> str:
    """A value as one writes it in a line of YAML."""
    if value is None:
        return NOTHING
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_brief(one)}" for key, one in value.items() if one not in (None, "")) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_brief(one) for one in value) + "]"
    return str(value)
