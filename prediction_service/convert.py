"""Converts between the contract and the domain."""

from dataclasses import asdict
from typing import Any

from daegu.prediction.v1 import accident_pb2, prediction_pb2

from prediction_service.accident import Accident, InvalidAccident, Problem
from prediction_service.model import Explanation, ModelInfo
from prediction_service.predictions import Outcome, PredictionOrder, RecordedPrediction
from prediction_service.severity import RANGE_COVERAGE
from prediction_service.store import StoredPrediction
from servicekit.errors import FieldViolation, Refused
from servicekit.messages import to_message
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


def order_from_proto(message: prediction_pb2.PredictionRequest) -> PredictionOrder:
    """Reads what to predict."""
    return PredictionOrder(
        accident_from_proto(message.accident),
        message.explain,
        message.dataset_id,
        message.prediction_id,
        message.request_id,
    )


def outcome_values(outcome: Outcome) -> dict[str, Any]:
    """Returns the fields of a `PredictionOutcome` without the inputs, which the caller has."""
    if isinstance(outcome, RecordedPrediction):
        return {"prediction": prediction_values(outcome.stored, explanation=outcome.explanation)}
    return {"error": error_to_proto(outcome)}


def prediction_to_proto(
    stored: StoredPrediction, accident: Accident | None = None, explanation: Explanation | None = None
) -> accident_pb2.Prediction:
    """Converts a prediction, with its inputs and its explanation if given."""
    return accident_pb2.Prediction(**prediction_values(stored, accident, explanation))


def prediction_values(
    stored: StoredPrediction, accident: Accident | None = None, explanation: Explanation | None = None
) -> dict[str, Any]:
    """Returns the fields of a `Prediction`. Protobuf copies each message put into another."""
    values = stored.estimate._asdict()
    values["range"] = {"low": values.pop("low"), "high": values.pop("high"), "coverage": RANGE_COVERAGE}
    values["prediction_id"] = stored.id
    values["warnings"] = stored.warnings
    values["dataset_id"] = stored.dataset_id
    values["model_version"] = stored.model_version
    values["created_at"] = timestamp_to_proto(stored.created_at)
    if accident is not None:
        values["accident"] = accident._asdict()
    if explanation is not None:
        contributions = [part._asdict() for part in explanation.contributions]
        values["explanation"] = {**explanation._asdict(), "contributions": contributions}
    return values


def error_to_proto(refusal: InvalidAccident | Refused) -> accident_pb2.PredictionError:
    """Converts the refusal of one accident."""
    if isinstance(refusal, InvalidAccident):
        problems: list[Any] = [asdict(problem) for problem in refusal.problems]
        return accident_pb2.PredictionError(reason="ACCIDENT_INVALID", message=_INVALID_MESSAGE, problems=problems)
    problems = [
        {"field": violation.field, "reason": violation.reason, "message": violation.description}
        for violation in refusal.violations
    ]
    return accident_pb2.PredictionError(reason=refusal.reason, message=refusal.message, problems=problems)


def problem_from_proto(message: accident_pb2.FieldProblem) -> Problem:
    """Reads a problem of one field."""
    return Problem(
        message.field, message.reason, message.message, tuple(message.allowed), message.suggestion, message.found
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
    return to_message(prediction_pb2.GetModelInfoResponse, info, model_version=info.version)
