"""Between the contract of batches and the domain."""

from collections.abc import Mapping
from typing import Any

from daegu.prediction.v1 import accident_pb2, batch_pb2

from prediction_service.accident import Accident, InvalidAccident
from prediction_service.batch_store import ItemResult
from prediction_service.batches import Progress
from prediction_service.convert import (
    accident_from_proto,
    accident_to_proto,
    problem_from_proto,
    stored_to_proto,
)
from servicekit.timestamps import timestamp_to_proto

_STATUSES = {
    "pending": batch_pb2.BATCH_STATUS_PENDING,
    "processing": batch_pb2.BATCH_STATUS_PROCESSING,
    "completed": batch_pb2.BATCH_STATUS_COMPLETED,
    "cancelled": batch_pb2.BATCH_STATUS_CANCELLED,
    "failed": batch_pb2.BATCH_STATUS_FAILED,
}


def batch_to_proto(progress: Progress) -> batch_pb2.Batch:
    """Writes a batch and its progress."""
    batch = progress.batch
    message = batch_pb2.Batch(
        batch_id=batch.id,
        status=_STATUSES[batch.status],
        total=batch.total,
        done=batch.done,
        failed=batch.failed,
        created_at=timestamp_to_proto(batch.created_at),
        dataset_id=batch.dataset_id or "",
        failure=batch.failure,
    )
    moments = {
        "started_at": batch.started_at,
        "finished_at": batch.finished_at,
        "estimated_completion": progress.estimated_completion,
    }
    for name, moment in moments.items():
        if moment is not None:
            getattr(message, name).CopyFrom(timestamp_to_proto(moment))
    return message


def items_from_proto(part: batch_pb2.CreateBatchRequest) -> list[Accident | InvalidAccident]:
    """Reads the items of a part, each at its place; what is no accident in shape as its refusal."""
    items: list[Accident | InvalidAccident] = [accident_from_proto(accident) for accident in part.accidents]
    for malformed in part.malformed_items:
        items.insert(malformed.index, InvalidAccident([problem_from_proto(problem) for problem in malformed.problems]))
    return items


def result_to_proto(result: ItemResult) -> batch_pb2.BatchResult:
    """Writes the result of one item."""
    message = batch_pb2.BatchResult(index=result.index, accident=result.accident and accident_to_proto(result.accident))
    if result.prediction is not None:
        message.prediction.CopyFrom(stored_to_proto(result.prediction))
    elif result.error is not None:
        message.error.CopyFrom(_error_to_proto(result.error))
    return message


def _error_to_proto(error: Mapping[str, Any]) -> accident_pb2.PredictionError:
    return accident_pb2.PredictionError(
        reason=error["reason"],
        message=error["message"],
        problems=[accident_pb2.FieldProblem(**problem) for problem in error["problems"]],
    )
