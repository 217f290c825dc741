"""Converts questions and their answers from and to the contract."""

from collections.abc import Collection
from typing import Any, NamedTuple

import orjson
from daegu.dataset.v1 import analysis_pb2 as pb
from daegu.dataset.v1 import question_pb2
from google.protobuf.json_format import MessageToDict, SerializeToJsonError
from pydantic import ValidationError

from dataset_service.analysis.arguments import problems_text
from dataset_service.analysis.question.aggregate import Aggregate
from dataset_service.analysis.question.cursor import cursor_of
from dataset_service.analysis.question.facets import Facets
from dataset_service.analysis.question.rows import MOST_ROWS, Rows
from dataset_service.analysis.wording import names_text
from dataset_service.storage.data_output import DataFormat
from servicekit.api_key_in_text import refuse_api_key
from servicekit.errors import ToolRefused
from servicekit.messages import to_message
from servicekit.question import Question

_INTEGERS = ("limit", "offset", "sample")
_LARGEST_EXACT = 2**53
_LARGEST_ANSWER = 3 << 20  # gRPC takes messages of 4 MiB


class Operation(NamedTuple):
    """What an operation uses of a question, and the most that it returns; 0 for all that there are."""

    parts: Collection[str]
    most: int = 0


_NARROWING = ("define", "where", "search")
AGGREGATE = Operation((*_NARROWING, "groups", "measures", "region_codes", "sort", "limit"), 2_000)
FACETS = Operation((*_NARROWING, "columns", "limit"), 1_000)
_ROWS = (*_NARROWING, "columns", "sort", "limit", "offset", "after", "sample")


def rows_operation(data_format: DataFormat) -> Operation:
    """Returns the operation that returns rows in a format."""
    return Operation(_ROWS, MOST_ROWS if data_format in (DataFormat.JSON, DataFormat.JSON_ROWS) else 0)


def question_from_proto(message: question_pb2.Question, operation: Operation) -> Question:
    """Returns the question. An empty operator or measure is the usual one, and a whole number is an integer.

    Raises `ToolRefused` if it has parts that the operation does not use, or asks for more than that returns.
    """
    try:
        given: dict[str, Any] = _with_integers(MessageToDict(message, preserving_proto_field_name=True))
    except SerializeToJsonError:
        raise ToolRefused("값은 유한한 숫자여야 합니다.", field="question") from None
    refuse_api_key(orjson.dumps(given).decode(), "question")
    given |= {name: int(given[name]) for name in _INTEGERS if name in given}
    for name in given:
        if name not in operation.parts:
            raise ToolRefused(
                f"여기서는 {name} 항목을 쓰지 않습니다. 쓸 수 있는 항목: {names_text(operation.parts)}", field=name
            )
    if operation.most and not 0 < given.get("limit", operation.most) <= operation.most:
        raise ToolRefused(f"limit 값은 1에서 {operation.most:,}까지입니다.", field="limit")
    try:
        return Question.model_validate(given)
    except ValidationError as error:
        raise ToolRefused(problems_text(Question.model_fields, error), field=_path(error)) from None


def rows_to_proto(found: Rows, question: Question, content_hash: str) -> pb.QueriedRows:
    """Converts what is known of all rows of a question."""
    after = None if found.next_offset is None else cursor_of(question, content_hash, found.next_offset)
    return pb.QueriedRows(total=found.total, next=after, content_hash=content_hash, columns=found.table.column_names)


def aggregate_to_proto(found: Aggregate) -> pb.AggregateResponse:
    """Converts measures by group. A number that is not finite becomes null."""
    chart = None if found.chart is None else orjson.dumps(found.chart).decode()
    table = orjson.dumps(found.table).decode()
    return to_message(pb.AggregateResponse, found, table_json=table, chart_json=chart)


def facets_to_proto(found: Facets) -> pb.CountFacetsResponse:
    """Converts the values of columns. Raises `ToolRefused` if they do not fit into a message."""
    message = to_message(pb.CountFacetsResponse, found)
    if message.ByteSize() > _LARGEST_ANSWER:
        raise ToolRefused("결과가 너무 큽니다. limit 값을 줄이거나 열을 골라주세요.", field="limit")
    return message


def _with_integers(part: Any) -> Any:
    """Returns JSON whose whole numbers are integers: the contract has only doubles for values."""
    match part:
        case dict():
            return {name: _with_integers(value) for name, value in part.items()}
        case list():
            return [_with_integers(value) for value in part]
        case float() if part.is_integer() and abs(part) <= _LARGEST_EXACT:
            return int(part)
    return part


def _path(error: ValidationError) -> str:
    """Returns the path of the first fault: `where[1].value`."""
    path = ""
    for part in error.errors(include_url=False, include_context=False)[0]["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".") or "question"
