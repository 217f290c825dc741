"""Schemas shared by all answers."""

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

Guard = Annotated[
    Literal["on", "off"],
    Query(description="CSV only: `on` puts an apostrophe before cells that a spreadsheet would run; `off` does not."),
]
After = Annotated[str, Query(max_length=100, description="`next` of the page before, to go on behind it.")]
Offset = Annotated[
    int,
    Query(
        ge=0, le=2**31 - 1, description="How many to skip, at most 1,000 and not beside `after`, which goes further."
    ),
]


class Answer(BaseModel):
    """Fields of every answer."""

    success: bool = Field(description="Whether it worked.", examples=[True])
    error: str | None = Field(description="The Korean sentence to show, or null.", examples=[None])
    timestamp: str = Field(description="When it was answered, ISO 8601, Seoul time.")


class Detail(BaseModel):
    """One invalid field."""

    field: str = Field(description="Name of the field; nested ones with dots.", examples=["weather"])
    message: str = Field(description="What is wrong, in Korean.", examples=["허용되는 값이 아닙니다."])
    allowed: list[str] = Field(description="Allowed values (the nearest of many), or minimum and maximum.")
    suggestion: str | None = Field(description="The nearest allowed value, or null.", examples=["맑음"])


class ErrorAnswer(BaseModel):
    """Answer to a request that failed."""

    success: Literal[False] = Field(description="Always false.")
    error: str = Field(description="The Korean sentence to show.", examples=["사고 조건을 확인해주세요."])
    code: str = Field(description="Stable reason for programs.", examples=["ACCIDENT_INVALID"])
    details: list[Detail] = Field(description="The invalid fields; empty if the fault is not in a field.")
    request_id: str = Field(description="Request id for the logs; also the header X-Request-ID.")
    timestamp: str = Field(description="When it was answered, ISO 8601, Seoul time.")


class EncodingPreview(BaseModel):
    """How doubtful lines of a file read in one encoding."""

    encoding: str = Field(description="The encoding.", examples=["cp949"])
    preview: list[str] = Field(description="The lines; U+FFFD stands for bytes that are no text.")


class FileRefusal(ErrorAnswer):
    """Answer to a file that cannot be read."""

    encodings: list[EncodingPreview] = Field([], description="Encodings to choose from, if that helps; best first.")
    lines: list[int] = Field([], description="Lines of the file that each preview shows.")


class Strict(BaseModel):
    """Base of request bodies: no unknown fields, no silent conversion."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


_WORDS = {
    400: "Malformed request, or an unknown host", 401: "Key refused", 402: "No credit", 403: "Foreign page",
    404: "Not found", 408: "Body too slow", 409: "Conflict", 410: "Expired", 413: "Body too large",
    415: "Content type not supported", 422: "Field errors", 429: "Busy; see Retry-After", 431: "Headers too large",
    500: "Unforeseen fault", 502: "The model provider failed", 503: "Busy, or a dependency is away; see Retry-After",
    504: "Deadline passed",
}  # fmt: skip
_OF_ANY_ROUTE = (400, 413, 431, 500, 503)
_RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}


def errors(*statuses: int, model: type[ErrorAnswer] = ErrorAnswer) -> dict[int | str, dict[str, Any]]:
    """Returns the OpenAPI entries of a route's error statuses: the given ones and those that every route has."""
    return {
        status: {"model": model, "description": _WORDS[status]}
        | ({"headers": _RETRY_AFTER} if status in (429, 503, 504) else {})
        for status in sorted({*statuses, *_OF_ANY_ROUTE})
    }
