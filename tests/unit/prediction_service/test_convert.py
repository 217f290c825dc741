"""Between the contract and the domain: what goes in comes out, and nothing is forgotten."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from daegu.prediction.v1 import accident_pb2, batch_pb2, prediction_pb2
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from prediction_service.accident import Accident, InvalidAccident, Problem
from prediction_service.batch_convert import batch_to_proto, results_to_values
from prediction_service.batch_progress import Progress
from prediction_service.batch_store import Batch, BatchStatus, InputColumn, ItemResult
from prediction_service.convert import (
    accident_from_proto,
    error_to_proto,
    model_info_to_proto,
    order_from_proto,
    outcome_values,
    prediction_to_proto,
    refusal,
)
from prediction_service.model import EcloModel
from prediction_service.predictions import PredictionOrder, RecordedPrediction
from prediction_service.store import StoredPrediction
from servicekit.errors import FieldViolation, Refused
from servicekit.timestamps import timestamp_to_proto
from tests.unit.prediction_service.samples import ORDINARY, estimate

INT32 = st.integers(-(2**31), 2**31 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MOMENT = datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)
WARNING = {"reason": "READ_AS", "field": "district", "given": "상동", "used": "대구광역시 수성구 상동"}
STORED = StoredPrediction("id", estimate(), [WARNING], "dataset", "eclo-1", MOMENT)
_VALUES: dict[str, Any] = estimate()._asdict()
PREDICTION = accident_pb2.Prediction(
    prediction_id="id",
    range=accident_pb2.EcloRange(low=_VALUES.pop("low"), high=_VALUES.pop("high"), coverage=0.8),
    **_VALUES,
    warnings=[accident_pb2.Warning(**WARNING)],
    dataset_id="dataset",
    model_version="eclo-1",
    created_at=timestamp_to_proto(MOMENT),
)
PROBLEM = Problem("weather", "CATEGORY_UNKNOWN", "'x' is not an allowed weather.", ("맑음", "비"), "비")
BATCH = Batch(
    id="batch", status="processing", total=10, done=5, failed=1, tries=0, dataset_id=None,
    columns=None, content_hash=None, failure="", created_at=MOMENT, started_at=None, finished_at=None,
    touched_at=MOMENT,
)  # fmt: skip


def unset(message: Message) -> set[str]:
    return {field.name for field in message.DESCRIPTOR.fields} - {field.name for field, _ in message.ListFields()}


@given(st.builds(Accident, *[TEXT] * 7, *[INT32] * 4))
def test_order_carries_everything_that_was_asked(accident: Accident) -> None:
    message = prediction_pb2.PredictionRequest(
        accident=accident_pb2.Accident(**accident._asdict()), explain=True, dataset_id="d", prediction_id="p"
    )
    assert order_from_proto(message) == PredictionOrder(accident, explain=True, dataset_id="d", prediction_id="p")


def test_accident_of_the_contract_has_the_fields_of_the_domain_in_their_order() -> None:
    assert tuple(field.name for field in accident_pb2.Accident.DESCRIPTOR.fields) == Accident._fields


def test_prediction_is_written_whole(model: EcloModel) -> None:
    assert unset(PREDICTION) == {"accident", "explanation"}
    assert prediction_to_proto(STORED) == PREDICTION
    explanation = model.explain(ORDINARY)
    message = prediction_to_proto(STORED, ORDINARY, explanation)
    assert accident_from_proto(message.accident) == ORDINARY
    assert (message.explanation.base_score, message.explanation.raw_score) == (
        explanation.base_score,
        explanation.raw_score,
    )
    assert [(part.field, part.value, part.contribution) for part in message.explanation.contributions] == list(
        explanation.contributions
    )


def test_outcome_is_a_refusal_or_a_prediction_without_its_inputs() -> None:
    refused, predicted = (
        prediction_pb2.PredictionOutcome(**outcome_values(outcome))
        for outcome in (Refused("TOO_MANY_ACCIDENTS", "No."), RecordedPrediction(STORED, ORDINARY))
    )
    assert refused.error.reason == "TOO_MANY_ACCIDENTS"
    assert predicted.prediction == PREDICTION


def test_unusable_accident_is_written_with_all_its_problems() -> None:
    message = error_to_proto(InvalidAccident([PROBLEM, replace(PROBLEM, field="district")]))
    assert message.reason == "ACCIDENT_INVALID"
    first, second = message.problems
    assert (first.field, first.reason, first.message, tuple(first.allowed), first.suggestion) == (
        PROBLEM.field,
        PROBLEM.reason,
        PROBLEM.message,
        PROBLEM.allowed,
        PROBLEM.suggestion,
    )
    assert second.field == "district"


def test_refusal_within_a_group_keeps_its_reason_and_fields() -> None:
    violation = FieldViolation("dataset_id", "ID_INVALID", "not a UUID")
    message = error_to_proto(Refused("REQUEST_INVALID", "No.", violations=(violation,)))
    assert (message.reason, message.message) == ("REQUEST_INVALID", "No.")
    assert [(p.field, p.reason, p.message) for p in message.problems] == [("dataset_id", "ID_INVALID", "not a UUID")]


def test_refusal_of_a_single_call_teaches_the_way_out_and_any_other_passes_unchanged() -> None:
    error = refusal(InvalidAccident([PROBLEM]))
    assert error.reason == "ACCIDENT_INVALID"
    advice = "'x' is not an allowed weather. Did you mean '비'? Allowed: 맑음, 비."
    assert error.violations == (FieldViolation("weather", "CATEGORY_UNKNOWN", advice),)
    other = Refused("TOO_MANY_ACCIDENTS", "No.")
    assert refusal(other) is other


def test_model_info_is_written_whole(model: EcloModel) -> None:
    message = model_info_to_proto(model.info)
    assert unset(message) == set()
    assert [feature.name for feature in message.features] == list(Accident._fields)
    assert prediction_pb2.FEATURE_KIND_UNSPECIFIED not in {feature.kind for feature in message.features}
    assert [band.interpretation for band in message.bands] == ["경미", "일반", "심각", "매우 심각"]
    assert not message.bands[-1].HasField("maximum_eclo")
    assert len(message.prediction_quantiles) == 101


def test_every_status_of_a_batch_has_its_name() -> None:
    statuses = get_args(BatchStatus)
    written = [batch_to_proto(Progress(replace(BATCH, status=status), None)).status for status in statuses]
    assert [batch_pb2.BatchStatus.Name(status) for status in written] == [
        f"BATCH_STATUS_{status.upper()}" for status in statuses
    ]


def test_batch_is_written_whole() -> None:
    finished_at, estimated = MOMENT + timedelta(seconds=1), MOMENT + timedelta(seconds=2)
    ended = replace(BATCH, started_at=MOMENT, finished_at=finished_at, dataset_id="d", failure="f")
    ended = replace(ended, columns=(InputColumn("weather", "날씨", False),), content_hash="h")
    message = batch_to_proto(Progress(ended, estimated))
    assert unset(message) == set()
    moments = (message.created_at, message.started_at, message.finished_at, message.estimated_completion)
    assert [moment.ToDatetime(tzinfo=UTC) for moment in moments] == [MOMENT, MOMENT, finished_at, estimated]
    missing = unset(batch_to_proto(Progress(BATCH, None)))
    moments_of_later = {"started_at", "finished_at", "estimated_completion"}
    assert missing == {*moments_of_later, "dataset_id", "columns", "content_hash", "failure"}


def test_item_has_its_prediction_or_its_error() -> None:
    problem = {"field": "weather", "reason": "R", "message": "M", "allowed": ["맑음"], "suggestion": "맑음"}
    error = {"reason": "ACCIDENT_INVALID", "message": "No.", "problems": [problem]}
    results = [ItemResult(3, ORDINARY._asdict(), STORED, None), ItemResult(4, None, None, error)]
    predicted, failed = batch_pb2.ListBatchResultsResponse(results=results_to_values(results)).results
    assert (predicted.index, accident_from_proto(predicted.accident)) == (3, ORDINARY)
    assert predicted.prediction == PREDICTION
    assert (failed.index, failed.HasField("accident"), failed.error.reason) == (4, False, "ACCIDENT_INVALID")
    assert failed.error.problems[0] == accident_pb2.FieldProblem(
        field="weather", reason="R", message="M", allowed=["맑음"], suggestion="맑음"
    )
