"""Between the contract and the domain: what goes in comes out, and nothing is forgotten."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from daegu.prediction.v1 import accident_pb2, batch_pb2, prediction_pb2
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from prediction_service.accident import Accident, AccidentWarning, InvalidAccident, Problem
from prediction_service.batch_convert import batch_to_proto, results_to_proto
from prediction_service.batch_store import Batch, BatchStatus, ItemPrediction, ItemResult
from prediction_service.batches import Progress
from prediction_service.convert import (
    accident_from_proto,
    accident_to_proto,
    error_to_proto,
    explanation_to_proto,
    model_info_to_proto,
    order_from_proto,
    outcomes_to_proto,
    recorded_to_proto,
    refusal,
    stored_to_proto,
)
from prediction_service.model import EcloModel
from prediction_service.predictions import PredictionOrder, RecordedPrediction
from prediction_service.store import PredictionRow, StoredPrediction
from servicekit.errors import FieldViolation, Refused
from tests.unit.prediction_service.samples import ORDINARY

INT32 = st.integers(-(2**31), 2**31 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MOMENT = datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)
STORED = StoredPrediction(
    PredictionRow(
        id="0197c3a0-0000-7000-8000-000000000001",
        accident=ORDINARY,
        eclo=4.5,
        expected=5.1,
        range_low=3.0,
        range_high=9.0,
        interpretation="일반",
        warnings=(AccidentWarning("READ_AS", "district", "상동", "대구광역시 수성구 상동"),),
        dataset_id="0197c3a0-0000-7000-8000-000000000002",
    ),
    "eclo-1",
    MOMENT,
)
PROBLEM = Problem("weather", "CATEGORY_UNKNOWN", "'x' is not an allowed weather.", ("맑음", "비"), "비")
BATCH = Batch(
    id="0197c3a0-0000-7000-8000-000000000003",
    status="processing",
    total=10,
    done=5,
    failed=1,
    tries=0,
    dataset_id=None,
    failure="",
    created_at=MOMENT,
    started_at=None,
    finished_at=None,
    touched_at=MOMENT,
)


def _unset(message: Message) -> set[str]:
    """Returns the fields of a message that nothing was written to."""
    set_fields = {descriptor.name for descriptor, _ in message.ListFields()}
    return {descriptor.name for descriptor in message.DESCRIPTOR.fields} - set_fields


@given(st.builds(Accident, *[TEXT] * 7, *[INT32] * 4))
def test_accident_comes_back_as_it_went(accident: Accident) -> None:
    message = accident_to_proto(accident)
    assert accident_from_proto(accident_pb2.Accident.FromString(message.SerializeToString())) == accident


def test_accident_of_the_contract_has_the_fields_of_the_domain_in_their_order() -> None:
    assert tuple(field.name for field in accident_pb2.Accident.DESCRIPTOR.fields) == Accident._fields


def test_order_carries_everything_that_was_asked() -> None:
    message = prediction_pb2.PredictionRequest(
        accident=accident_to_proto(ORDINARY), explain=True, dataset_id="d", prediction_id="p"
    )
    assert order_from_proto(message) == PredictionOrder(ORDINARY, explain=True, dataset_id="d", prediction_id="p")


def test_stored_prediction_is_written_whole() -> None:
    message = stored_to_proto(STORED)
    assert _unset(message) == {"explanation"}
    assert message.created_at.ToDatetime(tzinfo=UTC) == MOMENT
    assert accident_from_proto(message.accident) == ORDINARY
    assert (message.range.low, message.range.high, message.range.coverage) == (3.0, 9.0, 0.8)
    assert [(w.reason, w.field, w.given, w.used) for w in message.warnings] == [
        ("READ_AS", "district", "상동", "대구광역시 수성구 상동")
    ]


def test_new_prediction_leaves_its_inputs_out_and_has_the_explanation_that_was_asked_for(model: EcloModel) -> None:
    explanation = model.explain(ORDINARY)
    message = recorded_to_proto(RecordedPrediction(STORED, explanation))
    assert _unset(message) == {"accident"}
    assert message.explanation == explanation_to_proto(explanation)
    assert [part.contribution for part in message.explanation.contributions] == [
        part.contribution for part in explanation.contributions
    ]
    assert _unset(recorded_to_proto(RecordedPrediction(STORED, None))) == {"accident", "explanation"}


def test_unusable_accident_is_written_with_all_its_problems() -> None:
    message = error_to_proto(InvalidAccident([PROBLEM, replace(PROBLEM, field="district")]))
    assert message.reason == "ACCIDENT_INVALID"
    assert [problem.field for problem in message.problems] == ["weather", "district"]
    (first, _) = message.problems
    assert (first.reason, first.message, list(first.allowed), first.suggestion) == (
        PROBLEM.reason,
        PROBLEM.message,
        ["맑음", "비"],
        "비",
    )


def test_refusal_within_a_group_keeps_its_reason_and_fields() -> None:
    violation = FieldViolation("dataset_id", "ID_INVALID", "not a UUID")
    message = error_to_proto(Refused("REQUEST_INVALID", "No.", violations=(violation,)))
    assert (message.reason, message.message) == ("REQUEST_INVALID", "No.")
    assert [(p.field, p.reason, p.message) for p in message.problems] == [("dataset_id", "ID_INVALID", "not a UUID")]


def test_outcomes_keep_their_order() -> None:
    outcomes = outcomes_to_proto([Refused("TOO_MANY_ACCIDENTS", "No."), RecordedPrediction(STORED, None)])
    assert [outcome.WhichOneof("result") for outcome in outcomes] == ["error", "prediction"]


def test_refusal_of_a_single_call_teaches_the_way_out() -> None:
    error = refusal(InvalidAccident([PROBLEM]))
    assert error.reason == "ACCIDENT_INVALID"
    assert error.violations == (
        FieldViolation(
            "weather",
            "CATEGORY_UNKNOWN",
            "'x' is not an allowed weather. Did you mean '비'? Allowed: 맑음, 비.",
        ),
    )


def test_refusal_of_another_kind_passes_unchanged() -> None:
    error = Refused("TOO_MANY_ACCIDENTS", "No.")
    assert refusal(error) is error


def test_model_info_is_written_whole(model: EcloModel) -> None:
    message = model_info_to_proto(model.info)
    assert _unset(message) == set()
    assert [feature.name for feature in message.features] == list(Accident._fields)
    assert prediction_pb2.FEATURE_KIND_UNSPECIFIED not in {feature.kind for feature in message.features}
    assert [band.interpretation for band in message.bands] == ["경미", "일반", "심각", "매우 심각"]
    assert message.bands[-1].maximum_eclo == 0.0  # no end
    assert len(message.prediction_quantiles) == 101


@pytest.mark.parametrize(
    ("status", "name"),
    [
        ("pending", "BATCH_STATUS_PENDING"),
        ("processing", "BATCH_STATUS_PROCESSING"),
        ("completed", "BATCH_STATUS_COMPLETED"),
        ("cancelled", "BATCH_STATUS_CANCELLED"),
        ("failed", "BATCH_STATUS_FAILED"),
    ],
)
def test_every_status_of_a_batch_has_its_name(status: BatchStatus, name: str) -> None:
    message = batch_to_proto(Progress(replace(BATCH, status=status), None))
    assert batch_pb2.BatchStatus.Name(message.status) == name


def test_batch_is_written_whole() -> None:
    ended = replace(BATCH, started_at=MOMENT, finished_at=MOMENT + timedelta(seconds=1), dataset_id="d", failure="f")
    message = batch_to_proto(Progress(ended, MOMENT + timedelta(seconds=2)))
    assert _unset(message) == set()
    assert message.finished_at.ToDatetime(tzinfo=UTC) - message.started_at.ToDatetime(tzinfo=UTC) == timedelta(
        seconds=1
    )


def test_moments_that_have_not_come_are_unset() -> None:
    message = batch_to_proto(Progress(BATCH, None))
    assert {"started_at", "finished_at", "estimated_completion"} <= _unset(message)


def test_item_has_its_prediction_or_its_error() -> None:
    warning = {"reason": "READ_AS", "field": "district", "given": "상동", "used": "대구광역시 수성구 상동"}
    prediction = ItemPrediction(
        STORED.row.id, 4.5, 5.1, 3.0, 9.0, "일반", [warning], "eclo-1", MOMENT, STORED.row.dataset_id
    )
    problem = {"field": "weather", "reason": "R", "message": "M", "allowed": ["맑음"], "suggestion": "맑음"}
    error = {"reason": "ACCIDENT_INVALID", "message": "No.", "problems": [problem]}
    given = ORDINARY._asdict()
    page = results_to_proto(
        Progress(BATCH, None), [ItemResult(3, given, prediction, None), ItemResult(4, None, None, error)]
    )

    assert page.batch == batch_to_proto(Progress(BATCH, None))
    predicted, failed = page.results
    assert (predicted.index, predicted.WhichOneof("result")) == (3, "prediction")
    assert accident_from_proto(predicted.accident) == ORDINARY
    single = stored_to_proto(STORED)
    single.ClearField("accident")  # a page of results leaves it out
    assert predicted.prediction == single

    assert not failed.HasField("accident")
    assert (failed.index, failed.WhichOneof("result"), failed.error.reason) == (4, "error", "ACCIDENT_INVALID")
    assert failed.error.problems[0] == accident_pb2.FieldProblem(
        field="weather", reason="R", message="M", allowed=["맑음"], suggestion="맑음"
    )
