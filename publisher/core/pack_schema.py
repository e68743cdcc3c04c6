"""Does a value fit a type of the model? Turns YAML values into frozen dataclasses, or into located mistakes."""

import copy
import dataclasses
import enum
import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from publisher.core.pack_errors import PackError, Place

T = TypeVar("T")

_PLAIN: Mapping[str, tuple[str, str]] = {
    "missing": ("this key is missing", "KEY_MISSING"),
    "string_type": ("must be a text", "MUST_TEXT"),
    "tuple_type": ("must be a list: [one, two]", "MUST_LIST"),
    "set_type": ("must be a list: [one, two]", "MUST_LIST"),
    "frozen_set_type": ("must be a list: [one, two]", "MUST_LIST"),
    "mapping_type": ("must be a mapping of `key: value`", "MUST_MAPPING"),
    "dict_type": ("must be a mapping of `key: value`", "MUST_MAPPING"),
    "dataclass_type": ("must be a mapping of `key: value`", "MUST_MAPPING"),
    "int_type": ("must be a whole number", "MUST_NUMBER"),
    "int_parsing": ("must be a whole number", "MUST_NUMBER"),
    "int_parsing_size": ("must be a whole number of a sensible size", "MUST_NUMBER"),
    "bool_type": ("must be true or false", "MUST_BOOL"),
    "bool_parsing": ("must be true or false", "MUST_BOOL"),
    "float_type": ("must be a number", "MUST_FLOAT"),
    "float_parsing": ("must be a number", "MUST_FLOAT"),
    "too_long": ("too many in this list", "LIST_LONG"),
    "too_short": ("one more is wanted in this list", "LIST_SHORT"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """A value that fits its type, and where it is written."""

    value: T
    place: Place


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def fit(kind: type[T], value: object, place: Place) -> Entry[T] | tuple[PackError, ...]:
    """`value` as a `kind`, or every reason why not."""
    wanted: Any = kind
    try:
        return Entry(_adapter(wanted).validate_python(value), place)
    except ValidationError as bad:
        found = bad.errors(include_url=False, include_input=False)
        return tuple(_explained(kind, error, place) for error in found)


ROUNDS = 5
"""How often a value is patched before nothing more is made of it: each look may find what the one before hid."""


def mended(kind: type[T], value: object, place: Place) -> Entry[T] | None:
    """A `kind` with whatever does not fit left out or blank, only to see what else is wrong with it; None if hopeless."""
    wanted: Any = kind
    patched = copy.deepcopy(value)
    for _ in range(ROUNDS):
        try:
            return Entry(_adapter(wanted).validate_python(patched), place)
        except ValidationError as bad:
            errors = bad.errors(include_url=False, include_input=False)
        try:
            for error in errors:
                _patch(kind, patched, error["loc"])
        except (LookupError, TypeError, ValueError):
            return None
    return None


def _patch(kind: Any, value: Any, loc: tuple[str | int, ...]) -> None:
    """Leave out what stands at `loc`, or put something blank there. Raises one of these for no such place."""
    *way, last = (part for part in loc if part != "[key]")
    for part in way:
        kind, value = _below(kind, part), value[part]
    named = {field.name: field for field in dataclasses.fields(kind)} if dataclasses.is_dataclass(kind) else {}
    field = named.get(str(last))
    optional = field is not None and (field.default, field.default_factory) != (dataclasses.MISSING,) * 2
    if isinstance(value, list) and last == len(value):
        value.append(_blank(_below(kind, last)))
    elif loc[-1] == "[key]" or (named and field is None) or optional:
        del value[last]
    else:
        value[last] = _blank(_below(kind, last))


def _blank(kind: Any) -> object:
    kind = getattr(kind, "__supertype__", kind)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return next(iter(kind))
    if kind in _BLANKS:
        return _BLANKS[kind]
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return inner[0]
    if origin is tuple and Ellipsis not in inner:
        return [_blank(one) for one in inner]
    return {} if dataclasses.is_dataclass(kind) or origin in _MAPPINGS else []


_BLANKS: Mapping[Any, object] = {str: "", int: 1, float: 1.0, bool: False}
_MAPPINGS = (Mapping, dict)


def _explained(kind: type[Any], error: ErrorDetails, place: Place) -> PackError:
    loc = tuple(part for part in error["loc"] if part != "[key]")
    here = place.at(*loc)
    match error["type"]:
        case "unexpected_keyword_argument" | "extra_forbidden":
            keys = _keys(kind, loc[:-1])
            return here.error(f"unknown key; accepted here: {', '.join(keys)}", "KEY_UNKNOWN", keys=keys)
        case "enum" | "literal_error":
            expected = str(error.get("ctx", {}).get("expected", ""))
            return here.error(f"must be one of {expected}", "ONE_OF", there=tuple(re.findall(r"'([^']*)'", expected)))
        case "missing" if loc and isinstance(loc[-1], int):
            return here.error("one more is wanted in this list", "LIST_SHORT")
        case other:
            return here.error(*_PLAIN.get(other, (error["msg"], "VALUE")))


def _keys(kind: Any, loc: Iterable[str | int]) -> tuple[str, ...]:
    for part in loc:
        kind = _below(kind, part)
    named = dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ()
    return tuple(field.name for field in named)


def _below(kind: Any, part: str | int) -> Any:
    if dataclasses.is_dataclass(kind):
        return typing.get_type_hints(kind).get(str(part))
    inner = [one for one in typing.get_args(kind) if one not in (type(None), Ellipsis)]
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType) and inner:
        return _below(inner[0], part)
    return inner[-1] if inner else None


Things = Iterator[tuple[Any, Place]]


def walk(value: object, place: Place) -> Things:
    """Every dataclass in `value`, itself first, each with its place."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield value, place
        for name in _nested(type(value)):
            yield from walk(getattr(value, name), place.at(name))
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from walk(item, place.at(number))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from walk(item, place.at(str(key)))


@cache
def _nested(kind: Any) -> tuple[str, ...]:
    hints = typing.get_type_hints(kind)
    return tuple(name for name, hint in hints.items() if _holds_dataclass(hint))


def _holds_dataclass(hint: Any) -> bool:
    return dataclasses.is_dataclass(hint) or any(_holds_dataclass(inner) for inner in typing.get_args(hint))
