"""Converts questions and their answers from and to the contract."""

from typing import Any

import orjson
from daegu.dataset.v1 import analysis_pb2 as pb
from daegu.dataset.v1 import question_pb2
from google.protobuf.json_format import MessageToDict
from pydantic import ValidationError

from dataset_service.analysis.arguments import problems_text
from dataset_service.analysis.question.aggregate import Aggregate
from dataset_service.analysis.question.facets import Facets
from servicekit.errors import ToolRefused
from servicekit.messages import to_message
from servicekit.question import Question

_INTEGERS = ("limit", "offset", "sample")


def question_from_proto(message: question_pb2.Question) -> Question:
    """Returns the question. Raises `ToolRefused`. An empty operator or measure is the usual one."""
    given: dict[str, Any] = MessageToDict(message, preserving_proto_field_name=True)
    try:
        return Question.model_validate(given | {name: int(given[name]) for name in _INTEGERS if name in given})
    except ValidationError as error:
        raise ToolRefused(problems_text(Question.model_fields, error), field="question") from None


def aggregate_to_proto(found: Aggregate) -> pb.AggregateResponse:
    """Converts measures by group. A number that is not finite becomes null."""
    chart = None if found.chart is None else orjson.dumps(found.chart).decode()
    return to_message(pb.AggregateResponse, found, table_json=orjson.dumps(found.table).decode(), chart_json=chart)


def facets_to_proto(found: Facets) -> pb.CountFacetsResponse:
    """Converts the values of columns."""
    return to_message(pb.CountFacetsResponse, found)
