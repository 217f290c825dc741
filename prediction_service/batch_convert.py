"""Converts between the contract of batches and the domain."""

from collections.abc import Sequence
from typing import Any

from daegu.prediction.v1 import batch_pb2

from prediction_service.accident import Accident, InvalidAccident
from prediction_service.batch_progress import Progress
from prediction_service.batch_store import DatasetRows, InputColumn, ItemResult
from prediction_service.convert import accident_from_proto, prediction_values, problem_from_proto
from servicekit.messages import to_message


def batch_to_proto(progress: Progress) -> batch_pb2.Batch:
    """Converts a batch and its progress."""
    batch = progress.batch
    return to_message(batch_pb2.Batch, batch, batch_id=batch.id, estimated_completion=progress.estimated_completion)


def items_from_proto(
    part: batch_pb2.CreateBatchRequest | batch_pb2.PredictRowsRequest,
) -> list[Accident | InvalidAccident]:
    """Reads the items of a part in order; an item that is not shaped like an accident becomes its refusal."""
    items: list[Accident | InvalidAccident] = [accident_from_proto(accident) for accident in part.accidents]
    for malformed in part.malformed_items:
        items.insert(malformed.index, InvalidAccident([problem_from_proto(problem) for problem in malformed.problems]))
    return items


def rows_from_proto(rows: batch_pb2.DatasetRows) -> DatasetRows:
    """Reads which rows of a dataset to predict."""
    columns = tuple(InputColumn(column.input, column.column, column.is_date_only) for column in rows.columns)
    return DatasetRows(rows.total, columns, rows.content_hash)


def results_to_values(results: Sequence[ItemResult]) -> list[Any]:
    """Returns the fields of each `BatchResult`: protobuf would copy messages that are put into another."""
    return [
        {
            "index": result.index,
            "accident": result.accident,
            "prediction": result.prediction and prediction_values(result.prediction),
            "error": result.error,
        }
        for result in results
    ]
