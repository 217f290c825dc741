"""The tables of refusals are complete, and whatever goes wrong becomes an answer that says no more than it may."""

import re
from typing import Any

import grpc
import orjson
import pytest
from fastapi.exceptions import RequestValidationError
from google.rpc import error_details_pb2, status_pb2
from pydantic import TypeAdapter, ValidationError
from starlette.exceptions import HTTPException

from gateway.errors import _PYDANTIC_REASONS, ApiError, FieldDetail, refusal_for
from gateway.schemas.common import ErrorAnswer
from gateway.schemas.prediction import BatchBody
from gateway.texts import FIELD_PROBLEMS, RETRIES, WARNINGS, field_text, retry_text, warning_text
from servicekit import call_context
from servicekit.errors import FieldViolation, Refused, ToolRefused
from servicekit.interceptors import to_status
from servicekit.refusals import REFUSALS
from tests.real_servers import REPOSITORY
from tests.unit.gateway.service_facts import field_reasons, reasons_in

# The tables


def test_every_failure_that_is_tried_again_has_a_sentence() -> None:
    sources = (REPOSITORY / "chat_service").glob("*.py")
    assert RETRIES.keys() == {
        reason
        for source in sources
        for reason in re.findall(r'(?:ProviderTrouble|trouble)\(\s*"(\w+)"', source.read_text("utf-8"))
    }
    assert retry_text("PROVIDER_OVERLOADED", 0) == "Anthropic 서버가 혼잡해 다시 시도합니다."
    assert retry_text("SOMETHING_NEW", 1) == "Anthropic 서버에 오류가 발생해 1초 뒤 다시 시도합니다."


def test_every_sentence_about_a_field_is_polite_korean() -> None:
    sentences = {*FIELD_PROBLEMS.values(), *WARNINGS.values()} - {"{found}"}  # of the engine, in Korean
    assert [sentence for sentence in sentences if not re.search(r"(니다|세요)\.?$", sentence)] == []


def test_refusals_worth_another_try_say_when() -> None:
    for reason, (status, _, _) in REFUSALS.items():
        assert ("Retry-After" in ApiError(reason).headers) == (status in (429, 503, 504)), reason


def test_every_fault_of_a_field_and_every_warning_has_words_and_no_others_are_left() -> None:
    assert field_reasons() | set(_PYDANTIC_REASONS.values()) <= FIELD_PROBLEMS.keys()
    said = reasons_in("prediction_service/accident.py")
    assert {"CATEGORY_UNKNOWN", "READ_AS"} | WARNINGS.keys() <= said <= FIELD_PROBLEMS.keys() | WARNINGS.keys()


def test_words_without_the_limits_they_speak_of_become_general_and_braces_stay_text() -> None:
    assert field_text("NUMBER_OUT_OF_RANGE", ["0", "23"]) == "0에서 23 사이여야 합니다."
    assert field_text("NUMBER_OUT_OF_RANGE") == field_text("FROM_MARS") == "올바른 값이 아닙니다."
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
    assert (error.status, error.sentence) == (500, REFUSALS["INTERNAL"].sentence)


# What went wrong elsewhere


def _rpc_error(code: grpc.StatusCode, details: str = "", error: Refused | None = None) -> grpc.aio.AioRpcError:
    packed = to_status(error, "request-1").SerializeToString() if error else b""
    trailing = grpc.aio.Metadata(("grpc-status-details-bin", packed)) if error else grpc.aio.Metadata()
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), trailing, details, None)


def _refusal(error: Exception) -> ApiError:
    refusal = refusal_for(error)
    assert refusal
    return refusal


@pytest.mark.parametrize(
    ("code", "error", "reason", "status"),
    [
        (grpc.StatusCode.UNKNOWN, Refused("BATCH_NOT_FOUND", "secret"), "BATCH_NOT_FOUND", 404),
        (grpc.StatusCode.INTERNAL, Refused("INTERNAL", "KeyError: 'secret'"), "INTERNAL", 500),
        (grpc.StatusCode.UNAVAILABLE, None, "SERVICE_UNAVAILABLE", 503),
        (grpc.StatusCode.DEADLINE_EXCEEDED, None, "DEADLINE_PASSED", 504),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, None, "SERVICE_BUSY", 503),
        (grpc.StatusCode.UNIMPLEMENTED, None, "NOT_IMPLEMENTED", 501),
        (grpc.StatusCode.INTERNAL, None, "INTERNAL", 500),
        (grpc.StatusCode.UNKNOWN, None, "INTERNAL", 500),
        (grpc.StatusCode.DATA_LOSS, None, "INTERNAL", 500),
    ],
)
def test_error_of_a_call_has_its_reason_or_that_of_its_code_and_hides_its_message(
    code: grpc.StatusCode, error: Refused | None, reason: str, status: int
) -> None:
    refusal = _refusal(_rpc_error(code, "/secret/path", error))
    assert (refusal.reason, refusal.status) == (reason, status)
    assert b"secret" not in refusal.body()


def test_message_of_a_tool_is_advice_for_people() -> None:
    refusal = _refusal(_rpc_error(grpc.StatusCode.UNKNOWN, "열이 없습니다.", ToolRefused("열이 없습니다.")))
    assert (refusal.status, refusal.sentence) == (422, "열이 없습니다.")


def test_details_without_a_reason_are_a_fault_of_ours() -> None:
    status = status_pb2.Status()
    status.details.add().Pack(error_details_pb2.RequestInfo(request_id="request-1"))
    trailing = grpc.aio.Metadata(("grpc-status-details-bin", status.SerializeToString()))

    refusal = _refusal(grpc.aio.AioRpcError(grpc.StatusCode.UNKNOWN, grpc.aio.Metadata(), trailing, "", None))

    assert (refusal.reason, refusal.status) == ("INTERNAL", 500)


def test_fields_a_service_refuses_are_told_in_korean() -> None:
    violation = FieldViolation("dataset_id", "ID_INVALID", "not a UUID")
    refusal = _refusal(
        _rpc_error(grpc.StatusCode.INVALID_ARGUMENT, error=Refused("REQUEST_INVALID", "x", violations=(violation,)))
    )

    assert refusal.status == 422
    assert refusal.detail_fields() == [
        {"field": "dataset_id", "message": "올바른 ID(UUID)가 아닙니다.", "allowed": [], "suggestion": None}
    ]


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


def test_unexpected_error_has_none() -> None:
    assert [refusal_for(error) for error in (ValueError("x"), Refused("BATCH_NOT_FOUND", "x"))] == [None, None]


def _validation(body: Any) -> list[dict[str, Any]]:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(BatchBody).validate_json(orjson.dumps(body))
    return _refusal(raised.value).detail_fields()


def test_faults_are_told_up_to_a_limit_and_names_the_caller_made_up_are_cut() -> None:
    faults = _validation({"accidents": [], "가" * 1000: 1, **{f"x{number}": 1 for number in range(100)}})
    assert len(faults) == 50
    assert "가" * 200 in [fault["field"] for fault in faults]
