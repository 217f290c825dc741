"""Base errors of the services. Transport details belong in interceptors.py, Korean texts in the gateway."""

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar


class Kind(Enum):
    """Category of a refusal; interceptors.py maps it to a gRPC status."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    GONE = "gone"
    TOO_LARGE = "too_large"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    TOO_LATE = "too_late"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One input field that cannot be used."""

    field: str
    reason: str
    description: str


class DomainError(Exception):
    """A refusal that states one fact.

    Subclasses set `kind` and `reason` (stable, UPPER_SNAKE). The message is in English, for developers; `facts` are
    short values for the sentence that people see, for example the id that was not found.
    """

    kind: ClassVar[Kind]
    reason: ClassVar[str]

    def __init__(self, message: str, *, violations: tuple[FieldViolation, ...] = (), **facts: str) -> None:
        super().__init__(message)
        self.message = message
        self.violations = violations
        self.facts = facts


class RequestInvalid(DomainError):
    """The request is malformed: an invalid id, a page size out of range."""

    kind, reason = Kind.INVALID, "REQUEST_INVALID"


class KeyInText(DomainError):
    """A text contains an API key; none of it was stored or sent on."""

    kind, reason = Kind.INVALID, "KEY_IN_TEXT"


class DatabaseUnavailable(DomainError):
    """PostgreSQL cannot be reached or does not answer in time."""

    kind, reason = Kind.UNAVAILABLE, "DATABASE_UNAVAILABLE"


class DatabaseFull(DatabaseUnavailable):
    """PostgreSQL's disk is full; reading still works."""

    kind, reason = Kind.UNAVAILABLE, "STORAGE_FULL"


class DeadlinePassed(DomainError):
    """The caller's deadline has passed; nothing was done."""

    kind, reason = Kind.TOO_LATE, "DEADLINE_PASSED"


class ServiceBroken(DomainError):
    """An unforeseen fault; the log has the details under the request id."""

    kind, reason = Kind.BROKEN, "INTERNAL"
