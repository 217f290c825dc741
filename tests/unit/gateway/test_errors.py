"""The tables of refusals are complete, and whatever goes wrong becomes an answer that says no more than it may."""

import re
from typing import Any

import grpc
import orjson
import pytest
from daegu.prediction.v1 import accident_pb2
from fastapi.exceptions import RequestValidationError
from google.rpc import error_details_pb2, status_pb2
from pydantic import TypeAdapter, ValidationError
from starlette.exceptions import HTTPException

from chat_service.errors import PASSING
from gateway.errors import _PYDANTIC_REASONS, STATUSES, ApiError, FieldDetail, from_prediction_error, refusal_for
from gateway.schemas.common import ErrorAnswer
from gateway.schemas.prediction import BatchBody
from gateway.texts import ERRORS, FIELD_PROBLEMS, RETRIES, WARNINGS, field_text, retry_text, warning_text
from prediction_service.errors import BatchNotFound
from servicekit import call_context
from servicekit.errors import DatabaseUnavailable, DomainError, FieldViolation, Kind, RequestInvalid, ServiceBroken
from servicekit.interceptors import to_status
from tests.unit.gateway.service_facts import domain_errors, field_reasons, reasons_in

CALLER = {400, 401, 402, 404, 409, 410, 413, 422}
STATUSES_BY_KIND = {
    Kind.FORBIDDEN: {403},
    Kind.BUSY: {429, 503},
    Kind.UNAVAILABLE: {502, 503},
    Kind.TOO_LATE: {504},
    Kind.BROKEN: {500},
}
"""Every other kind is the caller's affair, or that of a provider that refuses what we ask it for a caller."""
VERBATIM = {
    "SERVICE_UNAVAILABLE": "서버에 연결할 수 없습니다. 잠시 후 다시 시도해주세요.",
    "DATABASE_UNAVAILABLE": "서버에 연결할 수 없습니다. 잠시 후 다시 시도해주세요.",
    "TOO_MANY_BATCHES": "서버가 혼잡합니다. 잠시 후 다시 시도해주세요",
    "SERVICE_BUSY": "서버가 혼잡합니다. 잠시 후 다시 시도해주세요",
    "DEADLINE_PASSED": "요청 시간 초과. 다시 시도해주세요",
    "KEY_REFUSED": "API 키가 유효하지 않습니다. 다시 확인해주세요.",
    "NOT_CSV": "CSV 형식만 지원됩니다.",
    "FILE_TOO_LARGE": "파일 크기는 50MB를 초과할 수 없습니다",
    "DATASET_IN_USE": "사용 중인 데이터셋은 삭제할 수 없습니다",
    "SHARE_LINK_EXPIRED": "이 링크는 만료되었습니다",
}


# The tables


def test_every_reason_has_a_status_and_a_sentence() -> None:
    assert STATUSES.keys() == ERRORS.keys()


@pytest.mark.parametrize("kind", domain_errors(), ids=lambda kind: str(kind.reason))
def test_every_refusal_of_every_service_has_a_status_of_its_kind_and_a_sentence(kind: type[DomainError]) -> None:
    assert kind.reason in ERRORS
    assert STATUSES[kind.reason] in STATUSES_BY_KIND.get(kind.kind, CALLER | {502})


def test_refusals_that_share_a_reason_are_of_one_kind() -> None:
    kinds = {(kind.reason, kind.kind) for kind in domain_errors()}
    assert len(kinds) == len({reason for reason, _ in kinds})


def test_every_failure_that_is_tried_again_has_a_sentence() -> None:
    assert RETRIES.keys() == {failure.reason for failure in PASSING}
    assert retry_text("PROVIDER_OVERLOADED", 0) == "Anthropic 서버가 혼잡해 다시 시도합니다."
    assert retry_text("SOMETHING_NEW", 1) == "Anthropic 서버에 오류가 발생해 1초 뒤 다시 시도합니다."


def test_refusals_of_all_services_are_found() -> None:
    assert {kind.__module__ for kind in domain_errors()} >= {"servicekit.errors", "prediction_service.errors"}


@pytest.mark.parametrize(("reason", "sentence"), VERBATIM.items())
def test_sentences_of_the_specification_are_verbatim(reason: str, sentence: str) -> None:
    assert ERRORS[reason] == sentence


@pytest.mark.parametrize("sentence", sorted({*ERRORS.values(), *FIELD_PROBLEMS.values(), *WARNINGS.values()}))
def test_every_sentence_is_polite_korean(sentence: str) -> None:
    assert re.search(r"(니다|세요)\.?$", sentence)


@pytest.mark.parametrize("reason", sorted(STATUSES))
def test_refusals_worth_another_try_say_when(reason: str) -> None:
    assert ("Retry-After" in ApiError(reason).headers) == (STATUSES[reason] in (429, 503, 504))


def test_every_fault_of_a_field_has_words() -> None:
    assert field_reasons() | set(_PYDANTIC_REASONS.values()) <= FIELD_PROBLEMS.keys()


def test_everything_said_of_an_accident_has_words() -> None:
    said = reasons_in("prediction_service/accident.py")
    assert {"CATEGORY_UNKNOWN", "READ_AS"} <= said <= FIELD_PROBLEMS.keys() | WARNINGS.keys()


def test_no_words_are_left_for_a_warning_that_nobody_gives() -> None:
    assert WARNINGS.keys() <= reasons_in("prediction_service/accident.py")


def test_words_without_the_limits_they_speak_of_become_general() -> None:
    assert field_text("NUMBER_OUT_OF_RANGE", ["0", "23"]) == "0에서 23 사이여야 합니다."
    assert field_text("NUMBER_OUT_OF_RANGE") == field_text("FROM_MARS") == "올바른 값이 아닙니다."


def test_braces_in_a_value_are_only_text() -> None:
    assert warning_text("READ_AS", given="{used}", used="{0}") == "입력한 값 ‘{used}’ 대신 ‘{0}’ 값으로 계산했습니다."


# The answer


def test_body_is_the_documented_shape_with_the_request_id() -> None:
    call_context.request_id.set("request-1")
    detail = FieldDetail("weather", "허용되는 값이 아닙니다.", ("맑음",), "맑음")

    body = orjson.loads(ApiError("ACCIDENT_INVALID", [detail]).body())

    ErrorAnswer.model_validate(body)
    assert body.pop("timestamp")
    assert body == {
        "success": False,
        "error": "사고 조건을 확인해주세요.",
        "code": "ACCIDENT_INVALID",
        "request_id": "request-1",
        "details": [
            {"field": "weather", "message": "허용되는 값이 아닙니다.", "allowed": ["맑음"], "suggestion": "맑음"}
        ],
    }


def test_unknown_reason_is_a_fault_of_ours() -> None:
    error = ApiError("FROM_MARS")
    assert (error.status, error.sentence) == (500, ERRORS["INTERNAL"])


# What went wrong elsewhere


def _rpc_error(code: grpc.StatusCode, details: str = "", error: DomainError | None = None) -> grpc.aio.AioRpcError:
    packed = to_status(error, "request-1").SerializeToString() if error else b""
    trailing = grpc.aio.Metadata(("grpc-status-details-bin", packed)) if error else grpc.aio.Metadata()
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), trailing, details, None)


def _refusal(error: Exception) -> ApiError:
    refusal = refusal_for(error)
    assert refusal
    return refusal


@pytest.mark.parametrize("kind", domain_errors(), ids=lambda kind: str(kind.reason))
def test_refusal_of_a_service_keeps_its_reason_and_hides_its_message(kind: type[DomainError]) -> None:
    refusal = _refusal(_rpc_error(grpc.StatusCode.UNKNOWN, "secret", kind("secret")))

    assert refusal.reason == kind.reason
    if kind.reason != "TOOL_REFUSED":  # its message is advice for people
        assert b"secret" not in refusal.body()


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (grpc.StatusCode.UNAVAILABLE, "SERVICE_UNAVAILABLE"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_PASSED"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "SERVICE_BUSY"),
        (grpc.StatusCode.UNIMPLEMENTED, "NOT_IMPLEMENTED"),
        (grpc.StatusCode.INTERNAL, "INTERNAL"),
        (grpc.StatusCode.UNKNOWN, "INTERNAL"),
        (grpc.StatusCode.DATA_LOSS, "INTERNAL"),
    ],
)
def test_fault_of_the_transport_is_told_by_its_code(code: grpc.StatusCode, reason: str) -> None:
    refusal = _refusal(_rpc_error(code, "/secret/path"))

    assert refusal.reason == reason
    assert b"secret" not in refusal.body()


def test_details_without_a_reason_are_a_fault_of_ours() -> None:
    status = status_pb2.Status()
    status.details.add().Pack(error_details_pb2.RequestInfo(request_id="request-1"))
    trailing = grpc.aio.Metadata(("grpc-status-details-bin", status.SerializeToString()))

    refusal = _refusal(grpc.aio.AioRpcError(grpc.StatusCode.UNKNOWN, grpc.aio.Metadata(), trailing, "", None))

    assert (refusal.reason, refusal.status) == ("INTERNAL", 500)


def test_fields_a_service_refuses_are_told_in_korean() -> None:
    violation = FieldViolation("dataset_id", "ID_INVALID", "not a UUID")
    refusal = _refusal(_rpc_error(grpc.StatusCode.INVALID_ARGUMENT, error=RequestInvalid("x", violations=(violation,))))

    assert refusal.status == 422
    assert refusal.detail_fields() == [
        {"field": "dataset_id", "message": "올바른 ID(UUID)가 아닙니다.", "allowed": [], "suggestion": None}
    ]


def test_unforeseen_fault_of_a_service_is_one_of_ours() -> None:
    refusal = _refusal(_rpc_error(grpc.StatusCode.INTERNAL, error=ServiceBroken("KeyError: 'secret'")))
    assert (refusal.reason, refusal.status) == ("INTERNAL", 500)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ApiError("BATCH_ENDED"), "BATCH_ENDED"),
        (TimeoutError(), "DEADLINE_PASSED"),
        (HTTPException(404), "ROUTE_NOT_FOUND"),
        (HTTPException(405), "METHOD_NOT_ALLOWED"),
        (HTTPException(400), "BODY_MALFORMED"),
        (HTTPException(418), "INTERNAL"),
        (RequestValidationError([{"type": "json_invalid", "loc": ("body", 1), "msg": ""}]), "BODY_MALFORMED"),
    ],
)
def test_expected_error_has_its_reason(error: Exception, reason: str) -> None:
    assert _refusal(error).reason == reason


@pytest.mark.parametrize("error", [KeyError("x"), ValueError("x"), BatchNotFound("x"), DatabaseUnavailable("x")])
def test_unexpected_error_has_none(error: Exception) -> None:
    assert refusal_for(error) is None


def test_methods_that_are_allowed_are_passed_on() -> None:
    assert _refusal(HTTPException(405, headers={"Allow": "GET"})).headers == {"Allow": "GET"}


def test_outcome_of_a_group_keeps_the_way_to_mend_it() -> None:
    problem = accident_pb2.FieldProblem(field="accident_day", reason="DATE_IMPOSSIBLE", allowed=["1", "29"])
    error = from_prediction_error(accident_pb2.PredictionError(reason="ACCIDENT_INVALID", problems=[problem]))

    assert error.status == 422
    assert error.detail_fields() == [
        {
            "field": "accident_day",
            "message": "달력에 없는 날짜입니다. 이 달은 1일부터 29일까지입니다.",
            "allowed": ["1", "29"],
            "suggestion": None,
        }
    ]


def _validation(body: Any) -> list[dict[str, Any]]:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(BatchBody).validate_json(orjson.dumps(body))
    return _refusal(raised.value).detail_fields()


def test_faults_are_told_up_to_a_limit() -> None:
    assert len(_validation({"accidents": [], **{f"x{number}": 1 for number in range(100)}})) == 50


def test_name_of_a_field_the_caller_made_up_is_cut() -> None:
    (unknown,) = [d for d in _validation({"accidents": [], "가" * 1000: 1}) if d["message"] == "알 수 없는 항목입니다."]
    assert unknown["field"] == "가" * 200
