"""The one place where an error becomes an answer."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import orjson
import structlog
from daegu.prediction.v1 import accident_pb2
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from gateway.envelope import now
from gateway.texts import error_text, field_text
from servicekit import call_context
from servicekit.refusals import refusal_of
from servicekit.remote_errors import read_remote_error

log = structlog.get_logger()

RETRY_AFTER_SECONDS: Mapping[int, str] = {429: "10", 503: "5", 504: "5"}

# Pydantic's error types as reasons. Any other type is VALUE_INVALID.
_PYDANTIC_REASONS = {
    "missing": "MISSING",
    "extra_forbidden": "FIELD_UNKNOWN",
    "int_type": "NUMBER_EXPECTED",
    "int_from_float": "NUMBER_EXPECTED",
    "int_parsing": "NUMBER_EXPECTED",
    "int_parsing_size": "NUMBER_OUT_OF_RANGE",
    "greater_than_equal": "NUMBER_TOO_SMALL",
    "less_than_equal": "NUMBER_TOO_LARGE",
    "greater_than": "NUMBER_NOT_GREATER",
    "float_type": "DECIMAL_EXPECTED",
    "finite_number": "DECIMAL_EXPECTED",
    "scalar_expected": "SCALAR_EXPECTED",
    "bool_type": "BOOLEAN_EXPECTED",
    "string_type": "TEXT_EXPECTED",
    "string_unicode": "TEXT_EXPECTED",
    "string_too_long": "TEXT_TOO_LONG",
    "string_too_short": "MISSING",
    "literal_error": "CATEGORY_UNKNOWN",
    "uuid_parsing": "ID_INVALID",
    "uuid_type": "ID_INVALID",
    "list_type": "LIST_EXPECTED",
    "tuple_type": "LIST_EXPECTED",
    "too_short": "LIST_TOO_SHORT",
    "too_long": "LIST_TOO_LONG",
    "model_type": "OBJECT_EXPECTED",
    "model_attributes_type": "OBJECT_EXPECTED",
}
# Where pydantic puts the limits.
_LIMITS = ("ge", "gt", "le", "min_length", "max_length")
_REASONS_BY_STATUS = {400: "BODY_MALFORMED", 404: "ROUTE_NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
_MOST_DETAILS = 50
_LONGEST_FIELD = 200
# One message carries many items, each with several faults.
_LONGEST_ITEM_FIELD = 50
# For an item, the range of the field is reported, not that of the contract's integers.
_ITEM_REASONS = dict.fromkeys(("NUMBER_TOO_SMALL", "NUMBER_TOO_LARGE"), "NUMBER_OUT_OF_RANGE")


@dataclass(frozen=True, slots=True)
class FieldDetail:
    """One invalid field: what is wrong, in Korean, and how to fix it."""

    field: str
    message: str
    allowed: Sequence[str] = ()
    suggestion: str | None = None


class ApiError(Exception):
    """A refusal by reason, from which its status, sentence and Retry-After follow.

    `facts` fill in the sentence, for example the line of a file; `more_fields` are added to the answer.
    """

    def __init__(
        self,
        reason: str,
        details: Sequence[FieldDetail] = (),
        headers: Mapping[str, str] | None = None,
        facts: Mapping[str, str] | None = None,
        more_fields: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details
        self._headers = headers or {}
        self._facts = facts or {}
        self.more_fields = dict(more_fields or {})

    @property
    def status(self) -> int:
        """The HTTP status code."""
        return refusal_of(self.reason).status

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of the answer, with Retry-After where a retry helps."""
        seconds = RETRY_AFTER_SECONDS.get(self.status)
        return {"Retry-After": seconds, **self._headers} if seconds else self._headers

    def fields(self) -> dict[str, Any]:
        """Returns the fields of the answer."""
        return {
            "success": False,
            "error": self.sentence,
            "code": self.reason,
            "details": self.detail_fields(),
            "request_id": call_context.request_id.get(),
            "timestamp": now(),
            **self.more_fields,
        }

    def body(self) -> bytes:
        """Returns the JSON of the answer."""
        return orjson.dumps(self.fields())

    @property
    def sentence(self) -> str:
        """The Korean sentence to show."""
        return error_text(self.reason, self._facts)

    def detail_fields(self) -> list[dict[str, Any]]:
        """Returns the invalid fields."""
        return [
            {"field": d.field, "message": d.message, "allowed": list(d.allowed), "suggestion": d.suggestion}
            for d in self.details
        ]


def refusal_for(error: Exception) -> ApiError | None:
    """Returns the refusal for an expected error, or None for a bug."""
    match error:
        case ApiError():
            return error
        case grpc.aio.AioRpcError():
            return _from_rpc(error)
        case ValidationError():
            return _from_validation(error.errors(include_url=False, include_input=False))
        case RequestValidationError():
            return _from_validation(error.errors())
        case HTTPException():
            reason = _REASONS_BY_STATUS.get(error.status_code, "INTERNAL")
            return ApiError(reason, headers=error.headers)  # for example Allow
        case TimeoutError():
            return ApiError("DEADLINE_PASSED")
    return None


def from_prediction_error(error: accident_pb2.PredictionError) -> ApiError:
    """Returns the refusal for an accident that got no prediction."""
    details = [
        FieldDetail(
            problem.field,
            field_text(problem.reason, problem.allowed, problem.found),
            tuple(problem.allowed),
            problem.suggestion or None,
        )
        for problem in error.problems
    ]
    return ApiError(error.reason, details)


def shape_faults(error: ValidationError) -> Iterator[tuple[str, str, str]]:
    """Yields field, reason and English message of each fault of one item; the field is empty for the whole item."""
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        reason = _PYDANTIC_REASONS.get(fault["type"], "VALUE_INVALID")
        field = ".".join(map(str, fault["loc"]))[:_LONGEST_ITEM_FIELD]
        yield field, _ITEM_REASONS.get(reason, reason), fault["msg"]


def _from_rpc(error: grpc.aio.AioRpcError) -> ApiError:
    remote = read_remote_error(error)
    if remote.reason == "INTERNAL":  # unforeseen: logged here, not disclosed in the answer
        log.error("call_failed", code=remote.code.name, message=remote.message)
    details = [
        FieldDetail(violation.field, field_text(violation.reason, found=violation.description))
        for violation in remote.violations[:_MOST_DETAILS]
    ]
    seconds = remote.facts.get("retry_after_seconds", "0")
    headers = None if seconds == "0" else {"Retry-After": seconds}
    facts = {**remote.facts, "advice": remote.message}
    return ApiError(remote.reason, details, headers, facts, _encodings(remote.facts))


def _encodings(facts: Mapping[str, str]) -> dict[str, Any]:
    """Returns the fields `encodings` and `lines` of `FileRefusal`, if people may choose the encoding."""
    if "encodings" not in facts:
        return {}
    previews = {name: facts.get(f"preview_{name}", "").split("\n") for name in facts["encodings"].split(", ")}
    return {
        "encodings": [{"encoding": name, "preview": lines} for name, lines in previews.items()],
        "lines": [int(line) for line in facts.get("lines", "").split(", ") if line],
    }


def _from_validation(errors: Sequence[Any]) -> ApiError:
    if any(error["type"] == "json_invalid" for error in errors):
        return ApiError("BODY_MALFORMED")
    return ApiError("FIELDS_INVALID", [_detail(error) for error in errors[:_MOST_DETAILS]])


def _detail(error: Any) -> FieldDetail:
    where = ".".join(str(part) for part in error["loc"] if part not in ("body", "query", "path", "header"))
    facts = error.get("ctx", {})
    limits = [str(facts[name]).removesuffix(".0") for name in _LIMITS if name in facts]
    allowed = limits or re.findall(r"'([^']*)'", str(facts.get("expected", "")))
    reason = _PYDANTIC_REASONS.get(error["type"], "VALUE_INVALID")
    return FieldDetail(where[:_LONGEST_FIELD], field_text(reason, allowed), allowed)
