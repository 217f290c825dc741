"""Builds messages of the contract from domain objects."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, TypeVar

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from servicekit.timestamps import timestamp_to_proto

Made = TypeVar("Made", bound=Message)


class _Field(NamedTuple):
    """What to know of a field: `convert` is None for a plain value."""

    convert: Callable[[Any], Any] | None
    is_repeated: bool
    is_optional: bool


def to_message(kind: type[Made], source: object, **given: Any) -> Made:
    """Returns a message with the attributes of `source` that its fields are named after; `given` replaces or adds some.

    A word becomes the enum value that ends with it, a datetime a timestamp, an object the message in its place. None
    leaves a field unset, and an empty text leaves an `optional` one unset.
    """
    return kind(**_values(kind.DESCRIPTOR, source, given))


def _values(kind: Any, source: object, given: dict[str, Any]) -> dict[str, Any]:
    """Returns plain values: protobuf copies each message that is put into another."""
    fields = _fields(kind)
    values = {name: getattr(source, name) for name in fields.keys() - given.keys()} | given
    return {name: _value(fields[name], value) for name, value in values.items()}


def _value(field: _Field, value: Any) -> Any:
    if value is None or (value == "" and field.is_optional):
        return None
    if field.convert is None or isinstance(value, Message):
        return value
    return [*map(field.convert, value)] if field.is_repeated else field.convert(value)


@cache
def _fields(kind: Any) -> dict[str, _Field]:
    return {
        field.name: _Field(_converter(field), field.is_repeated, field.containing_oneof is not None)
        for field in kind.fields
    }


def _converter(field: Any) -> Callable[[Any], Any] | None:
    if field.enum_type is not None:
        prefix = field.enum_type.values[0].name.removesuffix("UNSPECIFIED")
        return lambda word: prefix + str(getattr(word, "name", word)).upper()
    inner = field.message_type
    if inner is None:
        return None
    if inner.full_name == Timestamp.DESCRIPTOR.full_name:
        return timestamp_to_proto
    return lambda value: value if isinstance(value, Message) else _values(inner, value, {})
