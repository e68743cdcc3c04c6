"""How do the model's frozen types travel to JSON columns and back, without loss?"""

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
