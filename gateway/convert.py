"""Converts request bodies to the gRPC contract."""

from typing import Any

from daegu.dataset.v1 import dataset_pb2, question_pb2
from daegu.prediction.v1 import accident_pb2, batch_pb2, prediction_pb2
from google.protobuf.json_format import ParseDict

from gateway.errors import shape_faults
from gateway.schemas.dataset import ReadingChange
from gateway.schemas.prediction import AccidentBody, MalformedAccident, PredictionBody
from servicekit.question import Question

_LARGEST_EXACT = 2**53
_ENUMS = {"kind": "COLUMN_KIND_", "meaning": "COLUMN_MEANING_"}


def accident_to_proto(body: AccidentBody) -> accident_pb2.Accident:
    """Converts the eleven inputs."""
    return accident_pb2.Accident(**vars(body))


def malformed_to_proto(index: int, item: MalformedAccident) -> batch_pb2.MalformedItem:
    """Converts the faults of the item at this position of its part."""
    problems = [
        accident_pb2.FieldProblem(field=field, reason=reason, message=message)
        for field, reason, message in shape_faults(item.fault)
    ]
    return batch_pb2.MalformedItem(index=index, problems=problems)


def request_to_proto(body: PredictionBody) -> prediction_pb2.PredictionRequest:
    """Converts a request for a prediction."""
    accident: Any = {**vars(body)}
    explain, dataset_id = accident.pop("explain"), accident.pop("dataset_id")
    # Protobuf would copy an `Accident` put into the request.
    return prediction_pb2.PredictionRequest(accident=accident, explain=explain, dataset_id=str(dataset_id or ""))


def reading_change_to_proto(body: ReadingChange) -> dataset_pb2.ReadingChange:
    """Converts changes of a reading."""
    parts = body.model_dump(exclude_unset=True)
    values = {name: value for name, value in parts.items() if value is not None}
    columns = [
        _column_to_proto(name, column or {})
        for name, column in values.pop("columns", {}).items()
        if column != {}  # nothing of it changes
    ]
    return dataset_pb2.ReadingChange(
        reading=dataset_pb2.Reading(**values, columns=columns, chosen=values),
        found_again=[name for name, value in parts.items() if value is None],
    )


def question_to_proto(body: Question) -> question_pb2.Question:
    """Converts a question."""
    return ParseDict(_exact(body.model_dump(mode="json", exclude_defaults=True)), question_pb2.Question())


def _exact(part: Any) -> Any:
    """Returns JSON with integers as text that the doubles of the contract cannot hold."""
    match part:
        case dict():
            return {name: _exact(value) for name, value in part.items()}
        case list():
            return [_exact(value) for value in part]
        case int() if abs(part) > _LARGEST_EXACT:
            return str(part)
    return part


def _column_to_proto(name: str, parts: dict[str, str | None]) -> dataset_pb2.ColumnReading:
    words: dict[str, Any] = {
        part: _ENUMS[part] + word.upper() if part in _ENUMS else word for part, word in parts.items() if word
    }
    return dataset_pb2.ColumnReading(name=name, **words, chosen=parts)
