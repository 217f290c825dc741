"""Facts a service can refuse with. Transport details stay in interceptors.py; Korean words stay in the gateway."""

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar


class Kind(Enum):
    """What sort of refusal it is; interceptors.py turns it into a gRPC status."""

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

    Subclasses set `kind` and `reason` (stable, UPPER_SNAKE). The message is English, for developers; `facts` are short
    values a sentence for people may need, for example the id that was not found.
    """

    kind: ClassVar[Kind]
    reason: ClassVar[str]

    def __init__(self, message: str, *, violations: tuple[FieldViolation, ...] = (), **facts: str) -> None:
        super().__init__(message)
        self.message = message
        self.violations = violations
        self.facts = facts


class RequestInvalid(DomainError):
    """The request itself is malformed: an id that is no id, a page size out of range."""

    kind, reason = Kind.INVALID, "REQUEST_INVALID"


class KeyInText(DomainError):
    """A text holds an API key; nothing of it was kept or sent on."""

    kind, reason = Kind.INVALID, "KEY_IN_TEXT"


class DatabaseUnavailable(DomainError):
    """PostgreSQL cannot be reached or does not answer in time."""

    kind, reason = Kind.UNAVAILABLE, "DATABASE_UNAVAILABLE"


class DatabaseFull(DatabaseUnavailable):
    """PostgreSQL has no room for what is to be stored; it can still be read."""

    kind, reason = Kind.UNAVAILABLE, "STORAGE_FULL"


class DeadlinePassed(DomainError):
    """The caller's deadline has passed; nothing was done."""

    kind, reason = Kind.TOO_LATE, "DEADLINE_PASSED"


class ServiceBroken(DomainError):
    """An unforeseen fault; the log has the details under the request id."""

    kind, reason = Kind.BROKEN, "INTERNAL"
