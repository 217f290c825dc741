"""Converts between the contract and the domain."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from daegu.prediction.v1 import accident_pb2, prediction_pb2

from prediction_service.accident import Accident, AccidentWarning, InvalidAccident, Problem
from prediction_service.batch_store import ItemPrediction
from prediction_service.model import Explanation, ModelInfo
from prediction_service.predictions import Outcome, PredictionOrder, RecordedPrediction
from prediction_service.severity import RANGE_COVERAGE
from prediction_service.store import PredictionRow, StoredPrediction
from servicekit.errors import FieldViolation, Refused
from servicekit.timestamps import timestamp_to_proto

_INVALID_MESSAGE = "Values of the accident cannot be used."


def accident_from_proto(message: accident_pb2.Accident) -> Accident:
    """Reads the eleven inputs without validating them."""
    return Accident(
        message.weather,
        message.road_surface,
        message.road_type,
        message.accident_type,
        message.time_period,
        message.district,
        message.day_of_week,
        message.accident_hour,
        message.accident_year,
        message.accident_month,
        message.accident_day,
    )


def accident_to_proto(accident: Accident) -> accident_pb2.Accident:
    """Converts the eleven inputs."""
    return accident_pb2.Accident(**accident._asdict())


def order_from_proto(message: prediction_pb2.PredictionRequest) -> PredictionOrder:
    """Reads what to predict."""
    return PredictionOrder(
        accident_from_proto(message.accident), message.explain, message.dataset_id, message.prediction_id
    )


def outcomes_to_proto(outcomes: Sequence[Outcome]) -> list[prediction_pb2.PredictionOutcome]:
    """Converts the outcomes of a group."""
    return [
        prediction_pb2.PredictionOutcome(prediction=recorded_to_proto(outcome))
        if isinstance(outcome, RecordedPrediction)
        else prediction_pb2.PredictionOutcome(error=error_to_proto(outcome))
        for outcome in outcomes
    ]


def recorded_to_proto(recorded: RecordedPrediction) -> accident_pb2.Prediction:
    """Converts a new prediction, without the inputs, which the caller has."""
    message = _prediction_to_proto(recorded.stored)
    if recorded.explanation is not None:
        message.explanation.CopyFrom(explanation_to_proto(recorded.explanation))
    return message


def full_to_proto(recorded: RecordedPrediction) -> accident_pb2.Prediction:
    """Converts a stored prediction with its inputs and its explanation."""
    message = recorded_to_proto(recorded)
    message.accident.CopyFrom(accident_to_proto(recorded.stored.row.accident))
    return message


def stored_to_proto(stored: StoredPrediction) -> accident_pb2.Prediction:
    """Converts a stored prediction with its inputs."""
    message = _prediction_to_proto(stored)
    message.accident.CopyFrom(accident_to_proto(stored.row.accident))
    return message


def _prediction_to_proto(stored: StoredPrediction) -> accident_pb2.Prediction:
    warnings = [warning_to_proto(warning) for warning in stored.row.warnings]
    return accident_pb2.Prediction(**prediction_values(stored.row, warnings, stored.model_version, stored.created_at))


def prediction_values(
    row: PredictionRow | ItemPrediction, warnings: Sequence[Any], model_version: str, created_at: datetime
) -> dict[str, Any]:
    """Returns the fields of a `Prediction` without its inputs. A warning is a message or its fields."""
    return {
        "prediction_id": row.id,
        "eclo": row.eclo,
        "expected": row.expected,
        "interpretation": row.interpretation,
        "range": {"low": row.range_low, "high": row.range_high, "coverage": RANGE_COVERAGE},
        "model_version": model_version,
        "warnings": warnings,
        "created_at": timestamp_to_proto(created_at),
        "dataset_id": row.dataset_id,
    }


def warning_to_proto(warning: AccidentWarning) -> accident_pb2.Warning:
    """Converts a warning."""
    return accident_pb2.Warning(reason=warning.reason, field=warning.field, given=warning.given, used=warning.used)


def explanation_to_proto(explanation: Explanation) -> accident_pb2.Explanation:
    """Converts an explanation."""
    return accident_pb2.Explanation(
        base_score=explanation.base_score,
        raw_score=explanation.raw_score,
        contributions=[
            accident_pb2.Contribution(field=part.field, value=part.value, contribution=part.contribution)
            for part in explanation.contributions
        ],
    )


def error_to_proto(refusal: InvalidAccident | Refused) -> accident_pb2.PredictionError:
    """Converts the refusal of one accident."""
    if isinstance(refusal, InvalidAccident):
        return accident_pb2.PredictionError(
            reason="ACCIDENT_INVALID",
            message=_INVALID_MESSAGE,
            problems=[problem_to_proto(problem) for problem in refusal.problems],
        )
    return accident_pb2.PredictionError(
        reason=refusal.reason,
        message=refusal.message,
        problems=[
            accident_pb2.FieldProblem(field=violation.field, reason=violation.reason, message=violation.description)
            for violation in refusal.violations
        ],
    )


def problem_from_proto(message: accident_pb2.FieldProblem) -> Problem:
    """Reads a problem of one field."""
    return Problem(message.field, message.reason, message.message, tuple(message.allowed), message.suggestion)


def problem_to_proto(problem: Problem) -> accident_pb2.FieldProblem:
    """Converts a problem of one field."""
    return accident_pb2.FieldProblem(
        field=problem.field,
        reason=problem.reason,
        message=problem.message,
        allowed=problem.allowed,
        suggestion=problem.suggestion,
    )


def refusal(outcome: InvalidAccident | Refused) -> Refused:
    """Returns the refusal of a single call; for an unusable accident, its violations say how to fix it."""
    if isinstance(outcome, Refused):
        return outcome
    violations = tuple(
        FieldViolation(problem.field, problem.reason, _teaching(problem)) for problem in outcome.problems
    )
    return Refused("ACCIDENT_INVALID", _INVALID_MESSAGE, violations=violations)


def _teaching(problem: Problem) -> str:
    sentences = [problem.message]
    if problem.suggestion:
        sentences.append(f"Did you mean {problem.suggestion!r}?")
    if problem.allowed:
        sentences.append(f"Allowed: {', '.join(problem.allowed)}.")
    return " ".join(sentences)


def model_info_to_proto(info: ModelInfo) -> prediction_pb2.GetModelInfoResponse:
    """Converts the description of the loaded model."""
    kinds = {
        "category": prediction_pb2.FEATURE_KIND_CATEGORY,
        "integer": prediction_pb2.FEATURE_KIND_INTEGER,
    }
    return prediction_pb2.GetModelInfoResponse(
        model_version=info.version,
        features=[
            prediction_pb2.Feature(
                name=feature.name,
                korean_name=feature.korean_name,
                kind=kinds[feature.kind],
                allowed_values=feature.allowed_values,
                minimum=feature.minimum,
                maximum=feature.maximum,
                typical_value=feature.typical_value,
            )
            for feature in info.features
        ],
        bands=[
            prediction_pb2.SeverityBand(
                interpretation=band.interpretation,
                minimum_eclo=band.minimum_eclo,
                maximum_eclo=band.maximum_eclo,
                share=band.share,
            )
            for band in info.bands
        ],
        metrics=[
            prediction_pb2.Metric(name=metric.name, value=metric.value, note=metric.note) for metric in info.metrics
        ],
        trained_on=info.trained_on,
        training_rows=info.training_rows,
        prediction_quantiles=info.prediction_quantiles,
    )
