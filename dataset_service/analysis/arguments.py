"""Arguments of the tools: parses input into typed values, or refuses it with a text that says how to fix it."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationError,
)
from pydantic_core import CoreSchema, ErrorDetails

from dataset_service.analysis.frame.column import Column
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.lenient import read_leniently
from dataset_service.analysis.wording import code_text, names_text
from servicekit.errors import ToolRefused
from servicekit.question import Condition, Definition, Measure, Narrowing, Near, Sort

_LONGEST_TEXT = 1000
_MOST_PROBLEMS = 5
_OF_PARTS = {name for kind in (Condition, Near, Definition, Measure, Sort) for name in kind.model_fields}


def _checked_text(text: str) -> str:
    if any(unicodedata.category(sign) == "Cs" or sign == "\0" for sign in text):
        raise ValueError("읽을 수 없는 글자가 들어 있습니다")
    return text


def _no_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("숫자여야 합니다")
    return value


def _blank_is_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


class ColumnNameMark(NamedTuple):
    """Marks an argument as the name of a column, which is looked up before the tool runs.

    The schema's `format` names the kind of column that fits best, so that a form can offer it first.
    """

    format: str

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Adds the mark to the schema."""
        return {**handler(core_schema), "format": self.format}


Text = Annotated[str, Field(max_length=_LONGEST_TEXT), AfterValidator(_checked_text)]
ColumnName = Annotated[Text, ColumnNameMark("column")]
NumberColumn = Annotated[Text, ColumnNameMark("number-column")]
LabelColumn = Annotated[Text, ColumnNameMark("label-column")]
DateColumn = Annotated[Text, ColumnNameMark("date-column")]
NoBoolean = BeforeValidator(_no_boolean)
"""Must be last in an annotation: a limit after it would not be published."""
Value = Text | int | Annotated[float, Field(allow_inf_nan=False)] | bool
BlankIsNone = BeforeValidator(_blank_is_none)


class Arguments(BaseModel):
    """Arguments of a tool. Integers may be sent as 5.0 or "5"; unknown arguments are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def columns_named(self) -> list[str]:
        """Returns the names of columns among the arguments, as they were written."""
        written = [getattr(self, name) for name in _column_arguments(type(self))]
        return [name for one in written if one for name in ((one,) if isinstance(one, str) else one)]


class NoArguments(Arguments):
    """Arguments of tools that use the whole frame."""


class ColumnArguments(Arguments):
    """One column."""

    column: ColumnName = Field(title="열", description="열 이름")


class LabelArguments(Arguments):
    """One column, preferably with few distinct values."""

    column: LabelColumn = Field(title="열", description="열 이름")


class DateArguments(Arguments):
    """One column with dates."""

    column: DateColumn = Field(title="날짜 열", description="열 이름")


def read_arguments(kind: type[Arguments], given: Mapping[str, Any]) -> tuple[Arguments, Narrowing]:
    """Returns the arguments of a tool, and those that every tool has. Raises `ToolRefused`."""
    fields = kind.model_fields | Narrowing.model_fields
    # A model that leaves an argument out may send null for it.
    sent = {name: value for name, value in given.items() if value is not None or name not in fields}
    tidy = read_leniently(sent, _lists(kind))
    own = {name: value for name, value in tidy.items() if name not in Narrowing.model_fields}
    asked = {name: value for name, value in tidy.items() if name in Narrowing.model_fields}
    try:
        return kind.model_validate(own), Narrowing.model_validate(asked)
    except ValidationError as error:
        raise ToolRefused(problems_text(fields, error)) from None


def find_columns(arguments: Arguments, frame: Frame) -> tuple[Arguments, tuple[str, ...]]:
    """Returns the arguments with the columns' own names, and notes on names that were read differently.

    Raises `ToolRefused` for columns that there are not.
    """
    notes: list[str] = []

    def resolve(written: str) -> str:
        name = column_of(frame, written).name
        if name != written:
            notes.append(f"{code_text(written)} 열을 {code_text(name)} 열로 읽었습니다.")
        return name

    changed: dict[str, Any] = {}
    for name in _column_arguments(type(arguments)):
        written = getattr(arguments, name)
        if isinstance(written, str):
            changed[name] = resolve(written)
        elif written is not None:
            changed[name] = tuple(dict.fromkeys(map(resolve, written)))
    return arguments.model_copy(update=changed), tuple(dict.fromkeys(notes))


def column_of(frame: Frame, name: str) -> Column:
    """Returns the column that a name refers to. Raises `ToolRefused` with the nearest names and a list of all."""
    column = frame.find(name)
    if column is not None:
        return column
    if not frame.columns:
        raise ToolRefused("이 데이터셋에는 열이 없습니다.")
    nearest = frame.nearest(name)
    hint = f" 혹시 {' 또는 '.join(code_text(near) for near in nearest)} 열인가요?" if nearest else ""
    raise ToolRefused(f"{code_text(name)} 열이 없습니다.{hint} 열 목록: {names_text(frame.columns)}")


def columns_text(columns: Sequence[Column]) -> str:
    """Lists column names for a refusal."""
    return names_text(column.name for column in columns) or "없음"


@cache
def _column_arguments(kind: type[Arguments]) -> list[str]:
    return [name for name, field in kind.model_fields.items() if _names_columns(field.annotation, field.metadata)]


@cache
def _lists(kind: type[Arguments]) -> frozenset[str]:
    schema = kind.model_json_schema()["properties"]
    return frozenset(name for name, field in schema.items() if "array" in str(field.get("type", field.get("anyOf"))))


def _names_columns(annotation: Any, metadata: Sequence[Any]) -> bool:
    if any(isinstance(mark, ColumnNameMark) for mark in metadata):
        return True
    inner = getattr(annotation, "__args__", ())
    return any(_names_columns(part, getattr(part, "__metadata__", ())) for part in inner)


def problems_text(known_names: Iterable[str], error: ValidationError) -> str:
    """Returns what is wrong with arguments of these names, for a refusal."""
    problems = error.errors(include_url=False, include_context=True)
    lines = list(dict.fromkeys(_problem_text(problem) for problem in problems))[:_MOST_PROBLEMS]
    return f"인자를 고쳐주세요. {' '.join(lines)} 이 도구의 인자: {names_text(known_names)}"


def _problem_text(problem: ErrorDetails) -> str:
    path, is_of_a_union = _path(problem["loc"])
    name = code_text(path) if path else ""
    context = problem.get("ctx", {})
    if is_of_a_union:
        return f"{name} 값은 글자, 숫자, true, false 중 하나여야 합니다."
    match problem["type"]:
        case "scalar_expected":
            return f"{name}의 값은 글자, 숫자, true, false 가운데 하나 또는 그 목록이어야 합니다."
        case "missing":
            return f"{name} 인자가 필요합니다."
        case "extra_forbidden":
            return f"{name} 인자는 없습니다."
        case "greater_than_equal" | "less_than_equal" | "greater_than":
            bound, words = next(
                (context[key], words)
                for key, words in (("ge", "이상이어야"), ("le", "이하여야"), ("gt", "초과여야"))
                if key in context
            )
            return f"{name} 값은 {bound:g} {words} 합니다."
        case "literal_error":
            return f"{name} 값은 {context['expected'].replace(' or ', ', ')} 중 하나여야 합니다."
        case "string_too_long" | "too_long" | "too_short":
            return f"{name} 값의 길이가 맞지 않습니다."
        case "value_error":
            return f"{name} 값은 {context['error']}."
        case "finite_number":
            return f"{name} 값은 유한한 숫자여야 합니다."
        case kind if kind.startswith("int"):
            return f"{name} 값은 정수여야 합니다."
        case kind if kind.startswith("float"):
            return f"{name} 값은 숫자여야 합니다."
        case kind if kind.startswith("bool"):
            return f"{name} 값은 true 또는 false여야 합니다."
        case kind if kind.startswith(("list", "tuple")):
            return f"{name} 값은 목록이어야 합니다."
        case _:
            return f"{name} 값은 글자여야 합니다."


def _path(place: Sequence[str | int]) -> tuple[str, bool]:
    """Returns where in the arguments a problem is, such as `where[0].operator`, and whether in one case of a union."""
    path = ""
    for part in place:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not path or part in _OF_PARTS:
            path += f".{part}" if path else part
        else:
            return path, True
    return path, False
