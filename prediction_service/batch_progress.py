"""How far a batch is, and when it will be complete."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from prediction_service.batch_store import Batch, Unfinished


class Progress(NamedTuple):
    """A batch and its estimated completion; None once it has ended or while no worker is running."""

    batch: Batch
    estimated_completion: datetime | None


def estimate(batch: Batch, unfinished: Sequence[Unfinished], rows_per_second: float) -> Progress:
    """Returns the progress of a batch, given all unfinished ones."""
    if batch.is_finished or not any(other.is_worked_on for other in unfinished):
        return Progress(batch, None)
    rows = _rows_ahead(batch, unfinished) + batch.total - batch.done
    return Progress(batch, datetime.now(UTC) + timedelta(seconds=rows / rows_per_second))


def _rows_ahead(batch: Batch, unfinished: Sequence[Unfinished]) -> int:
    """Returns the number of items in other batches that will be predicted before this one is complete.

    Started batches take turns by slices; one that has not started waits for all older ones.
    """
    if batch.status == "processing":
        left = batch.total - batch.done
        return sum(
            min(other.left, left) for other in unfinished if other.status == "processing" and other.id != batch.id
        )
    return sum(other.left for other in unfinished if other.created_at < batch.created_at)
