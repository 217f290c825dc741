"""The one place where anything that went wrong becomes an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import orjson
from daegu.prediction.v1 import accident_pb2
from pydantic import ValidationError

from gateway.envelope import now
from gateway.texts import ERRORS, FIELD_PROBLEMS
from servicekit import call_context
from servicekit.remote_errors import read_remote_error

STATUSES: Mapping[str, int] = {
    "BODY_MALFORMED": 400,
    "HOST_UNKNOWN": 400,
    "ROUTE_NOT_FOUND": 404,
    "BATCH_NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "BODY_TOO_SLOW": 408,
    "BATCH_ENDED": 409,
    "BODY_TOO_LARGE": 413,
    "CONTENT_TYPE_UNSUPPORTED": 415,
    "FIELDS_INVALID": 422,
    "REQUEST_INVALID": 422,
    "ACCIDENT_INVALID": 422,
    "TOO_MANY_ACCIDENTS": 422,
    "BATCH_SIZE_INVALID": 422,
    "TOO_MANY_BATCHES": 429,
    "PREDICTION_FAILED": 500,
    "INTERNAL": 500,
    "NOT_IMPLEMENTED": 501,
    "PREDICTIONS_BUSY": 503,
    "SERVICE_BUSY": 503,
    "SERVICE_UNAVAILABLE": 503,
    "DATABASE_UNAVAILABLE": 503,
    "DEADLINE_PASSED": 504,
}
RETRY_AFTER_SECONDS: Mapping[int, str] = {429: "10", 503: "5"}

# What pydantic calls a fault, in our words. Anything else is VALUE_INVALID.
_PYDANTIC_REASONS = {
    "missing": "MISSING",
    "extra_forbidden": "FIELD_UNKNOWN",
    "int_type": "NUMBER_EXPECTED",
    "int_from_float": "NUMBER_EXPECTED",
    "int_parsing": "NUMBER_EXPECTED",
    "int_parsing_size": "NUMBER_OUT_OF_RANGE",
    "greater_than_equal": "NUMBER_OUT_OF_RANGE",
    "less_than_equal": "NUMBER_OUT_OF_RANGE",
    "string_type": "TEXT_EXPECTED",
    "string_too_long": "TEXT_TOO_LONG",
    "uuid_parsing": "ID_INVALID",
    "uuid_type": "ID_INVALID",
    "list_type": "LIST_EXPECTED",
    "too_short": "LIST_TOO_SHORT",
    "too_long": "LIST_TOO_LONG",
    "model_type": "OBJECT_EXPECTED",
    "model_attributes_type": "OBJECT_EXPECTED",
}
_MOST_DETAILS = 50


@dataclass(frozen=True, slots=True)
class FieldDetail:
    """One field at fault, in Korean, with the way to mend it."""

    field: str
    message: str
    allowed: Sequence[str] = ()
    suggestion: str | None = None


class ApiError(Exception):
    """A refusal by reason; its status, sentence and Retry-After come from the tables."""

    def __init__(self, reason: str, details: Sequence[FieldDetail] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details

    @property
    def status(self) -> int:
        """The HTTP status code."""
        return STATUSES.get(self.reason, 500)

    @property
    def headers(self) -> dict[str, str]:
        """Retry-After where trying again helps."""
        seconds = RETRY_AFTER_SECONDS.get(self.status)
        return {"Retry-After": seconds} if seconds else {}

    def body(self) -> bytes:
        """Returns the JSON of the answer."""
        return orjson.dumps(self.fields() | {"request_id": call_context.request_id.get()})

    def fields(self) -> dict[str, Any]:
        """Returns the fields of the answer."""
        return {
            "success": False,
            "error": ERRORS.get(self.reason, ERRORS["INTERNAL"]),
            "code": self.reason,
            "details": self.detail_fields(),
            "timestamp": now(),
        }

    def detail_fields(self) -> list[dict[str, Any]]:
        """Returns the fields at fault."""
        return [
            {"field": d.field, "message": d.message, "allowed": list(d.allowed), "suggestion": d.suggestion}
            for d in self.details
        ]


def from_rpc(error: grpc.aio.AioRpcError) -> ApiError:
    """Returns the refusal for a failed call of a service."""
    remote = read_remote_error(error)
    details = [
        FieldDetail(violation.field, field_text(violation.reason)) for violation in remote.violations[:_MOST_DETAILS]
    ]
    return ApiError(remote.reason, details)


def from_prediction_error(error: accident_pb2.PredictionError) -> ApiError:
    """Returns the refusal for one accident of a group."""
    details = [
        FieldDetail(problem.field, field_text(problem.reason), tuple(problem.allowed), problem.suggestion or None)
        for problem in error.problems
    ]
    return ApiError(error.reason, details)


def from_validation(errors: Sequence[Any]) -> ApiError:
    """Returns the refusal for what pydantic found, without echoing any input."""
    if any(error["type"] == "json_invalid" for error in errors):
        return ApiError("BODY_MALFORMED")
    details = []
    for error in errors[:_MOST_DETAILS]:
        where = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")]
        reason = _PYDANTIC_REASONS.get(error["type"], "VALUE_INVALID")
        limits = [str(error.get("ctx", {})[name]) for name in ("ge", "le") if name in error.get("ctx", {})]
        details.append(FieldDetail(".".join(where)[:200], field_text(reason), limits))
    return ApiError("FIELDS_INVALID", details)


def from_validation_error(error: ValidationError) -> ApiError:
    """Returns the refusal for a body that pydantic refused."""
    return from_validation(error.errors(include_url=False, include_input=False))


def field_text(reason: str) -> str:
    """Returns the Korean words for what is wrong with a field."""
    return FIELD_PROBLEMS.get(reason, FIELD_PROBLEMS["VALUE_INVALID"])
