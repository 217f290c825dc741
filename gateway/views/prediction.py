"""What answers about predictions and batches hold."""

from typing import Any

from daegu.prediction.v1 import accident_pb2, batch_pb2, prediction_pb2
from pydantic import BaseModel, Field

from gateway.errors import from_prediction_error
from gateway.schemas.common import Answer, Detail
from gateway.texts import FIELD_NAMES, SEVERITY_DETAILS, error_text, warning_text
from gateway.views.view import View


def _warning_sentence(warning: accident_pb2.Warning) -> str:
    """The Korean sentence to show."""
    return warning_text(warning.reason, warning.given, warning.used)


def _korean_name(part: accident_pb2.Contribution) -> str:
    """Korean name of the input."""
    return FIELD_NAMES[part.field]


def _detail(prediction: accident_pb2.Prediction) -> str:
    """One Korean sentence about the interpretation."""
    return SEVERITY_DETAILS.get(prediction.interpretation, "")


def _progress(batch: batch_pb2.Batch) -> float:
    """`done` / `total`, 0 to 1."""
    return batch.done / batch.total if batch.total else 1.0


_warning = View(accident_pb2.Warning, renamed={"reason": "code"}, computed={"message": _warning_sentence})
_explanation = View(accident_pb2.Explanation, inner=[View(accident_pb2.Contribution, computed={"name": _korean_name})])
new_prediction = View(
    accident_pb2.Prediction,
    name="NewPrediction",
    omitted=("accident", "dataset_id"),
    flat=["explanation"],
    inner=(_warning, _explanation),
    computed={"detail": _detail},
)
full_prediction = View(
    accident_pb2.Prediction,
    name="FullPrediction",
    flat=["explanation"],
    inner=(_warning, _explanation),
    computed={"detail": _detail},
)


def _next_cursor(page: prediction_pb2.ListPredictionsResponse) -> str | None:
    """The former name of `next`."""
    return page.next_page_token or None


history = View(
    prediction_pb2.ListPredictionsResponse,
    renamed={"next_page_token": "next"},
    computed={"next_cursor": _next_cursor},
    inner=[View(accident_pb2.Prediction, name="PastPrediction", omitted=["explanation"], inner=[_warning])],
)
model = View(prediction_pb2.GetModelInfoResponse)


def _columns(batch: batch_pb2.Batch) -> dict[str, str]:
    """Column of each input, for a batch of the rows of a dataset; else empty."""
    return {column.input: column.column for column in batch.columns}


def _failure(batch: batch_pb2.Batch) -> str | None:
    """Why it was given up: the Korean sentence to show, or null."""
    return error_text(batch.failure, {}) if batch.failure else None


_batch = View(
    batch_pb2.Batch,
    omitted=["content_hash"],
    computed={"progress": _progress, "columns": _columns, "failure": _failure},
)


class BatchFields(_batch.model):  # type: ignore[name-defined,misc]
    """A batch and its progress."""

    results_url: str = Field(description="Path of the results.")


class BatchAnswer(Answer, BatchFields):
    """A batch."""


class BatchListAnswer(Answer):
    """The latest batches."""

    batches: list[BatchFields] = Field(description="Newest first.")
    next: str | None = Field(description="`after` of the next page; null on the last one.")


class ItemError(BaseModel):
    """Why an item has no prediction."""

    code: str = Field(description="Stable reason.")
    message: str = Field(description="The Korean sentence to show.")
    details: list[Detail] = Field(description="The invalid fields.")


def _item_warnings(result: batch_pb2.BatchResult) -> list[_warning.model]:  # type: ignore[name-defined]
    """Warnings about the inputs."""
    return [_warning(warning) for warning in result.prediction.warnings]


def _item_error(result: batch_pb2.BatchResult) -> ItemError | None:
    """Why there is no prediction; null if there is one."""
    if not result.HasField("error"):
        return None
    error = from_prediction_error(result.error)
    fields: Any = {"code": error.reason, "message": error.sentence, "details": error.detail_fields()}
    return fields  # type: ignore[no-any-return]


_OF_ITEMS = ("explanation", "accident", "dataset_id", "model_version", "created_at", "warnings")
batch_result = View(
    batch_pb2.BatchResult,
    omitted=("accident", "error"),
    flat=["prediction"],
    inner=[View(accident_pb2.Prediction, name="ItemPrediction", omitted=_OF_ITEMS)],
    computed={"warnings": _item_warnings, "error": _item_error},
)


class BatchItem(batch_result.model):  # type: ignore[name-defined,misc]
    """The result of one item."""

    row: dict[str, str | int | float | bool | None] | None = Field(
        description="The row of the dataset; null for an accident, and once the dataset is deleted or read otherwise."
    )


class BatchResultsAnswer(BatchAnswer):
    """A batch and a page of its results."""

    results: list[BatchItem] = Field(description="By index, from `offset`, or from behind the page before.")
    next: str | None = Field(description="`after` of the next page; null behind the last of the results so far.")


def batch_fields(batch: batch_pb2.Batch, base_path: str) -> dict[str, Any]:
    """Returns a batch and its progress."""
    return _batch(batch) | {"results_url": f"{base_path}/api/predict/batch/{batch.batch_id}/results"}
