"""How do the model's frozen types travel to JSON columns and back, without loss?"""

import gc
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")

_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def dump(value: Any) -> Any:
    """Plain JSON values of a model value; instants keep their offset."""
    return _adapter(type(value)).dump_python(value, mode="json")


def load(kind: type[T], value: Any) -> T:
    """The model value again. Raises pydantic.ValidationError if a row was changed by hand."""
    found: T = _adapter(kind).validate_python(value)
    return found


def load_all(kind: type[T], texts: Iterable[str]) -> tuple[T, ...]:
    """Many model values from their JSON texts in one pass: a registry may hold 100,000. Raises as `load`.

    Without the collector, which would walk the growing heap again and again and take as long as the reading itself.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        found: tuple[T, ...] = _adapter(tuple[kind, ...]).validate_json(f"[{','.join(texts)}]")  # type: ignore[valid-type]
    finally:
        if collects:
            gc.enable()
    return found
