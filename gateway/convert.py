"""Converts between the REST and the gRPC contract of predictions."""

from typing import Any

from daegu.prediction.v1 import accident_pb2, batch_pb2, prediction_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.envelope import moment
from gateway.errors import from_prediction_error, shape_faults
from gateway.schemas.prediction import AccidentBody, MalformedAccident, PredictionBody
from gateway.texts import FIELD_NAMES, SEVERITY_DETAILS, warning_text

_KINDS = {
    prediction_pb2.FEATURE_KIND_CATEGORY: "category",
    prediction_pb2.FEATURE_KIND_INTEGER: "integer",
}


def accident_to_proto(body: AccidentBody) -> accident_pb2.Accident:
    """Converts the eleven inputs."""
    return accident_pb2.Accident(
        weather=body.weather,
        road_surface=body.road_surface,
        road_type=body.road_type,
        accident_type=body.accident_type,
        time_period=body.time_period,
        district=body.district,
        day_of_week=body.day_of_week,
        accident_hour=body.accident_hour,
        accident_year=body.accident_year,
        accident_month=body.accident_month,
        accident_day=body.accident_day,
    )


def malformed_to_proto(index: int, item: MalformedAccident) -> batch_pb2.MalformedItem:
    """Converts the faults of the item at this position of its part."""
    problems = [
        accident_pb2.FieldProblem(field=field, reason=reason, message=message)
        for field, reason, message in shape_faults(item.fault)
    ]
    return batch_pb2.MalformedItem(index=index, problems=problems)


def request_to_proto(body: PredictionBody) -> prediction_pb2.PredictionRequest:
    """Converts a request for a prediction."""
    return prediction_pb2.PredictionRequest(
        accident=accident_to_proto(body), explain=body.explain, dataset_id=str(body.dataset_id or "")
    )


def accident_fields(accident: accident_pb2.Accident) -> dict[str, Any]:
    """Returns the eleven inputs by name."""
    return {field: getattr(accident, field) for field in FIELD_NAMES}


def stored_fields(prediction: accident_pb2.Prediction) -> dict[str, Any]:
    """Returns the fields of every stored prediction."""
    return {
        "prediction_id": prediction.prediction_id,
        "eclo": prediction.eclo,
        "expected": prediction.expected,
        "interpretation": prediction.interpretation,
        "range": _range_fields(prediction.range),
        "model_version": prediction.model_version,
        "created_at": moment(prediction.created_at),
        "warnings": [_warning_fields(warning) for warning in prediction.warnings],
    }


def prediction_fields(prediction: accident_pb2.Prediction) -> dict[str, Any]:
    """Returns a new prediction."""
    is_explained = prediction.HasField("explanation")
    explanation = prediction.explanation
    return stored_fields(prediction) | {
        "detail": SEVERITY_DETAILS.get(prediction.interpretation, ""),
        "base_score": explanation.base_score if is_explained else None,
        "raw_score": explanation.raw_score if is_explained else None,
        "contributions": [_contribution_fields(part) for part in explanation.contributions] if is_explained else None,
    }


def full_fields(prediction: accident_pb2.Prediction) -> dict[str, Any]:
    """Returns all fields of a stored prediction."""
    return prediction_fields(prediction) | history_fields(prediction)


def history_fields(prediction: accident_pb2.Prediction) -> dict[str, Any]:
    """Returns a prediction in the history."""
    return stored_fields(prediction) | {
        "accident": accident_fields(prediction.accident),
        "dataset_id": prediction.dataset_id or None,
    }


def batch_fields(batch: batch_pb2.Batch, base_path: str) -> dict[str, Any]:
    """Returns a batch and its progress."""
    return {
        "batch_id": batch.batch_id,
        "status": batch_pb2.BatchStatus.Name(batch.status).removeprefix("BATCH_STATUS_").lower(),
        "total": batch.total,
        "done": batch.done,
        "failed": batch.failed,
        "progress": batch.done / batch.total if batch.total else 1.0,
        "created_at": moment(batch.created_at),
        "started_at": _moment_or_none(batch, "started_at"),
        "finished_at": _moment_or_none(batch, "finished_at"),
        "estimated_completion": _moment_or_none(batch, "estimated_completion"),
        "results_url": f"{base_path}/api/predict/batch/{batch.batch_id}/results",
        "dataset_id": batch.dataset_id or None,
    }


def result_fields(result: batch_pb2.BatchResult) -> dict[str, Any]:
    """Returns the result of one item."""
    if result.HasField("error"):
        error = from_prediction_error(result.error)
        problem = {"code": error.reason, "message": error.sentence, "details": error.detail_fields()}
        empty = dict.fromkeys(("eclo", "expected", "interpretation", "range", "prediction_id"))
        return {"index": result.index, **empty, "warnings": [], "error": problem}
    prediction = result.prediction
    return {
        "index": result.index,
        "eclo": prediction.eclo,
        "expected": prediction.expected,
        "interpretation": prediction.interpretation,
        "range": _range_fields(prediction.range),
        "prediction_id": prediction.prediction_id,
        "warnings": [_warning_fields(warning) for warning in prediction.warnings],
        "error": None,
    }


def model_fields(info: prediction_pb2.GetModelInfoResponse) -> dict[str, Any]:
    """Returns the description of the loaded model."""
    return {
        "model_version": info.model_version,
        "features": [_feature_fields(feature) for feature in info.features],
        "bands": [
            {
                "interpretation": band.interpretation,
                "minimum_eclo": band.minimum_eclo,
                "maximum_eclo": band.maximum_eclo or None,
                "share": band.share,
            }
            for band in info.bands
        ],
        "metrics": [{"name": metric.name, "value": metric.value, "note": metric.note} for metric in info.metrics],
        "trained_on": info.trained_on,
        "training_rows": info.training_rows,
        "prediction_quantiles": list(info.prediction_quantiles),
    }


def _feature_fields(feature: prediction_pb2.Feature) -> dict[str, Any]:
    is_number = feature.kind == prediction_pb2.FEATURE_KIND_INTEGER
    return {
        "name": feature.name,
        "korean_name": feature.korean_name,
        "kind": _KINDS[feature.kind],
        "allowed_values": list(feature.allowed_values),
        "minimum": feature.minimum if is_number else None,
        "maximum": feature.maximum if is_number else None,
        "typical_value": feature.typical_value,
    }


def _range_fields(eclo_range: accident_pb2.EcloRange) -> dict[str, float]:
    return {"low": eclo_range.low, "high": eclo_range.high, "coverage": eclo_range.coverage}


def _warning_fields(warning: accident_pb2.Warning) -> dict[str, str]:
    return {
        "code": warning.reason,
        "field": warning.field,
        "given": warning.given,
        "used": warning.used,
        "message": warning_text(warning.reason, warning.given, warning.used),
    }


def _contribution_fields(part: accident_pb2.Contribution) -> dict[str, Any]:
    return {
        "field": part.field,
        "name": FIELD_NAMES[part.field],
        "value": part.value,
        "contribution": part.contribution,
    }


def _moment_or_none(batch: batch_pb2.Batch, name: str) -> str | None:
    timestamp: Timestamp = getattr(batch, name)
    return moment(timestamp) if batch.HasField(name) else None  # type: ignore[arg-type]
