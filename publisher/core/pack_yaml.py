"""What does a YAML file of a pack say, and on which line? Reads plain YAML without surprises.

Words stay words: `no`, `00000` and `12:30` are text until a schema asks for something else. Duplicate keys, anchors,
aliases, tags and second documents are mistakes, so what a person reads is what the hub does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import yaml

from publisher.core.pack_errors import PackError, Path, Place

MAX_DEPTH = 24
"""Deeper nesting than any pack needs; a limit because readers down the line recurse."""

MOST_STOPS = 20
"""So many places of one file that cannot be read are told; a file with more is no YAML at all."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOTHING = frozenset({"", "~", "null"})


@dataclass(frozen=True, slots=True)
class Document:
    """One file's value (mappings, lists, text, None) with its lines. `whole` is false when the rest could not be read;
    of a key that stands twice the first counts.
    """

    value: object
    place: Place
    errors: tuple[PackError, ...]
    whole: bool


@dataclass(slots=True)
class _Frame:
    path: Path
    items: dict[str, object] | list[object]
    key: str | None = None


class _Stop(Exception):
    """The rest of the file cannot be understood; holds the mistake."""

    def __init__(self, error: PackError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(slots=True)
class _Builder:
    place: Place
    lines: dict[Path, int]
    root: object = None
    documents: int = 0
    stack: list[_Frame] = field(default_factory=list)
    errors: list[PackError] = field(default_factory=list)

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._open(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.stack.pop()
            case yaml.AliasEvent():
                self._stop(
                    event, f"alias *{event.anchor} is not allowed; write the value out", "ALIAS", name=str(event.anchor)
                )
            case yaml.DocumentStartEvent():
                self._document(event)
            case _:
                pass

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            self._stop(event, "one document a file; remove this `---` and what follows it", "ONE_DOCUMENT")

    def _stop(self, event: yaml.Event, message: str, code: str, **told: int | str) -> None:
        raise _Stop(PackError(self.place.file, _line(event), "", message, code, told))

    def _plain(self, event: yaml.NodeEvent) -> None:
        if event.anchor is not None:
            self._stop(
                event,
                f"anchor &{event.anchor} is not allowed; write the value out where needed",
                "ANCHOR",
                name=event.anchor,
            )
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._stop(event, f"tag {tag} is not allowed; the schema decides what a value is", "TAG", tag=tag)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._plain(event)
        text: str = event.value
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.items, dict) and top.key is None:
            self._key(top, top.items, text, event)
            return
        self._add(None if not event.style and text in _NOTHING else text, event)

    def _key(self, top: _Frame, items: dict[str, object], key: str, event: yaml.Event) -> None:
        path = (*top.path, key)
        if key in items:
            place = Place(self.place.file, {path: _line(event)}, path)
            self.errors.append(
                place.error(
                    f"duplicate key; it stands on line {self.lines[path]} already", "KEY_TWICE", line=self.lines[path]
                )
            )
        else:
            self.lines[path] = _line(event)
        top.key = key

    def _open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        self._plain(event)
        if len(self.stack) >= MAX_DEPTH:
            self._stop(event, f"nested deeper than {MAX_DEPTH} levels", "DEEP", levels=MAX_DEPTH)
        items: dict[str, object] | list[object] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.stack.append(_Frame(self._add(items, event), items))

    def _add(self, value: object, event: yaml.Event) -> Path:
        if not self.stack:
            self.root = value
            return ()
        top = self.stack[-1]
        if isinstance(top.items, list):
            path: Path = (*top.path, len(top.items))
            self.lines[path] = _line(event)
            top.items.append(value)
            return path
        if top.key is None:
            self._stop(event, "a key must be a word", "KEY_WORD")
        key, top.key = top.key or "", None
        top.items.setdefault(key, value)
        return (*top.path, key)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def read(file: str, data: bytes) -> Document:
    """The document in `data` (UTF-8, a byte order mark is skipped). Never raises: mistakes are in `errors`."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as bad:
        return Document(None, Place(file, {}), (not_utf8(file, data, bad),), False)
    document = _read(file, text)
    behind = () if document.whole else tuple(_behind(file, text, document.errors[-1]))
    return Document(document.value, document.place, (*document.errors, *behind), document.whole)


def _read(file: str, text: str) -> Document:
    """The document up to the first thing that keeps the rest of it from being read, which is the last of its errors."""
    lines: dict[Path, int] = {}
    builder = _Builder(Place(file, lines), lines)
    stopped = list(_events(builder, text))
    return Document(builder.root, builder.place, (*builder.errors, *stopped), not stopped)


def _events(builder: _Builder, text: str) -> Iterator[PackError]:
    file = builder.place.file
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.YAMLError as bad:
        code = "YAML_OPEN" if _unclosed(bad) else "NOT_YAML"
        yield PackError(file, _trouble_line(bad, text), "", f"not YAML: {_words(bad)}", code, {"why": _problem(bad)})
    except _Stop as stop:
        yield stop.error


def _behind(file: str, text: str, stop: PackError) -> Iterator[PackError]:
    """What more cannot be read: each time the entry that stopped it is left out and the rest is read again."""
    lines = text.splitlines()
    starts = _starts(lines)
    for _ in range(MOST_STOPS):
        first = max((number for number in starts if number < stop.line), default=0)
        end = min((number for number in starts if number >= stop.line), default=len(lines))
        if not any(lines[first:end]):
            return
        lines[first:end] = [""] * (end - first)
        again = _read(file, "\n".join(lines))
        if again.whole:
            return
        stop = again.errors[-1]
        yield stop


def _starts(lines: Sequence[str]) -> Sequence[int]:
    """Where the outermost entries begin: keys at the margin, and the `- ` that are indented least."""
    listed = [len(line) - len(line.lstrip()) for line in lines if line.lstrip().startswith("- ")]
    dash = f"{' ' * min(listed, default=0)}- "
    return [number for number, line in enumerate(lines) if line.startswith(dash) or line[:1].strip(" \t#-")]


def not_utf8(file: str, data: bytes, bad: UnicodeDecodeError) -> PackError:
    """The mistake of bytes that are no UTF-8."""
    line = data[: bad.start].count(b"\n") + 1
    return PackError(file, line, "", "not UTF-8; save the file as UTF-8", "NOT_UTF8", {"line": line})


def _trouble_line(bad: yaml.YAMLError, text: str) -> int:
    mark = getattr(bad, "context_mark" if _unclosed(bad) else "problem_mark", None) or getattr(
        bad, "problem_mark", None
    )
    if mark is not None:
        return int(mark.line) + 1
    return text[: int(getattr(bad, "position", 0) or 0)].count("\n") + 1


def _unclosed(bad: yaml.YAMLError) -> bool:
    """Whether it is a bracket or quote without its end: then where it begins is what has to be mended."""
    return str(getattr(bad, "context", None) or "").startswith(("while parsing a flow", "while scanning a quoted"))


def _words(bad: yaml.YAMLError) -> str:
    says = _problem(bad)
    return f"{says}; a bracket or quote that begins here is not closed" if _unclosed(bad) else says


def _problem(bad: yaml.YAMLError) -> str:
    return str(getattr(bad, "problem", None) or getattr(bad, "reason", None) or bad).splitlines()[0]
