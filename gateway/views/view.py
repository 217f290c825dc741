"""The REST view of messages: their fields as JSON and the schema for OpenAPI, both from the gRPC contract.

A field keeps its name and its comment. An enum value is written in lower case without its prefix, a timestamp as ISO
8601 in Seoul time, and an `optional` field that is unset as null.
"""

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from inspect import getdoc
from typing import Any, Literal, get_type_hints

from daegu.comments import COMMENTS
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import BaseModel, Field, create_model

from gateway.envelope import moment
from gateway.schemas.common import Answer

_TYPES: Mapping[int, type] = {
    FieldDescriptor.CPPTYPE_INT32: int,
    FieldDescriptor.CPPTYPE_INT64: int,
    FieldDescriptor.CPPTYPE_DOUBLE: float,
    FieldDescriptor.CPPTYPE_BOOL: bool,
    FieldDescriptor.CPPTYPE_STRING: str,
}
_TIMESTAMP = Timestamp.DESCRIPTOR.full_name


class View:
    """How messages of one kind are written.

    `flat` names messages inside whose fields are written beside the others, `inner` has the views of messages inside
    that need more than the rule. `computed` has functions of the message by the name of their field, with their return
    type and docstring as its schema. `name` is the name of the schema.
    """

    def __init__(
        self,
        kind: type[Message],
        *,
        name: str = "",
        omitted: Collection[str] = (),
        renamed: Mapping[str, str] | None = None,
        flat: Collection[str] = (),
        inner: Collection["View"] = (),
        computed: Mapping[str, Callable[[Any], Any]] | None = None,
    ) -> None:
        self._kind: Any = kind.DESCRIPTOR
        self._inner = {view._kind.full_name: view for view in inner}
        self._functions: dict[str, Any] = {}
        self._fields: dict[str, tuple[Any, str]] = {}
        code = []
        for field in self._kind.fields:
            told = (renamed or {}).get(field.name, field.name)
            if field.name in flat:
                code.append(self._flattened(field))
            elif field.name not in {*omitted, *(computed or ())}:
                code.append(f"{told!r}: {self._expression(field)}")
                self._fields[told] = self._type(field), COMMENTS[field.full_name]
        for told, function in (computed or {}).items():
            code.append(f"{told!r}: {self._call(function, 'message')}")
            self._fields[told] = get_type_hints(function)["return"], getdoc(function) or ""
        # Compiled, as a dataclass is: reading field by field would take twice the time.
        self._write: Callable[[Message], dict[str, Any]] = eval(  # noqa: S307
            f"lambda message: {{{', '.join(code)}}}", self._functions
        )
        schema: Any = {told: (kind, Field(description=comment)) for told, (kind, comment) in self._fields.items()}
        self.model = create_model(name or self._kind.name, __doc__=COMMENTS[self._kind.full_name], **schema)

    def __call__(self, message: Message) -> dict[str, Any]:
        """Returns the fields of a message as JSON values."""
        return self._write(message)

    @cached_property
    def answer(self) -> type[BaseModel]:
        """The schema of an answer with these fields."""
        name = self.model.__name__.removesuffix("Response")
        return create_model(f"{name}Answer", __base__=(Answer, self.model), __doc__=self.model.__doc__)

    def _flattened(self, field: Any) -> str:
        view = self._view_of(field.message_type)
        fields = self._call(view._write, f"message.{field.name}")
        if field.containing_oneof is None:
            self._fields |= view._fields
            return f"**{fields}"
        self._fields |= {told: (kind | None, comment) for told, (kind, comment) in view._fields.items()}
        return f"**({fields} if message.HasField({field.name!r}) else {dict.fromkeys(view._fields)})"

    def _expression(self, field: Any) -> str:
        value = f"message.{field.name}"
        if field.is_repeated:
            return f"[{self._converted(field, 'value')} for value in {value}]"
        converted = self._converted(field, value)
        return f"{converted} if message.HasField({field.name!r}) else None" if field.containing_oneof else converted

    def _converted(self, field: Any, value: str) -> str:
        if field.enum_type is not None:
            return self._call(_words(field.enum_type).__getitem__, value)
        if field.message_type is None:
            return value
        is_moment = field.message_type.full_name == _TIMESTAMP
        return self._call(moment if is_moment else self._view_of(field.message_type)._write, value)

    def _call(self, function: Callable[..., Any], argument: str) -> str:
        name = f"_{len(self._functions)}"
        self._functions[name] = function
        return f"{name}({argument})"

    def _type(self, field: Any) -> Any:
        if field.enum_type is not None:
            kind: Any = Literal[*_words(field.enum_type).values()]
        elif field.message_type is None:
            kind = _TYPES[field.cpp_type]
        else:
            kind = str if field.message_type.full_name == _TIMESTAMP else self._view_of(field.message_type).model
        if field.is_repeated:
            return list[kind]
        return kind | None if field.containing_oneof else kind

    def _view_of(self, kind: Any) -> "View":
        name = kind.full_name
        if name not in self._inner:
            self._inner[name] = View(GetMessageClass(kind), inner=self._inner.values())
        return self._inner[name]


def _words(kind: EnumDescriptor) -> dict[int, str]:
    prefix = kind.values[0].name.removesuffix("UNSPECIFIED")
    return {value.number: value.name.removeprefix(prefix).lower() for value in kind.values[1:]}
