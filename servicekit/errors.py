"""Refusals of the services. Their statuses and Korean sentences are in refusals.toml."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from servicekit.refusals import refusal_of

if TYPE_CHECKING:  # imported below when needed: the processes that read CSV files do without it
    import grpc


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One input field that cannot be used."""

    field: str
    reason: str
    description: str


class Refused(Exception):
    """A refusal that states one fact by a reason of refusals.toml. Subclasses exist where code catches them.

    The message is in English, for developers; `facts` are short values for the sentence that people see, for example
    the id that was not found.
    """

    def __init__(self, reason: str, message: str, *, violations: tuple[FieldViolation, ...] = (), **facts: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message
        self.violations = violations
        self.facts = facts

    @property
    def code(self) -> "grpc.StatusCode":
        """The status of the call that is refused."""
        import grpc

        return grpc.StatusCode[refusal_of(self.reason).code]


class ToolRefused(Refused):
    """The arguments of a tool, or a question, do not fit; the message, in Korean, says what would.

    `field` is the path of the part of a question, for example `where[1].value`; empty for arguments of a tool.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        violations = (FieldViolation(field, "QUESTION_REFUSED", message),) if field else ()
        super().__init__("QUESTION_REFUSED" if field else "TOOL_REFUSED", message, violations=violations)
        self.field = field


class DatabaseUnavailable(Refused):
    """PostgreSQL cannot be reached, does not answer in time, or has a full disk and can only read (`STORAGE_FULL`)."""


def field_refused(field: str, reason: str, description: str, *, refusal: str = "REQUEST_INVALID") -> Refused:
    """Returns the refusal of one field of a request."""
    violation = FieldViolation(field, reason, description)
    return Refused(refusal, f"{field}: {description}.", violations=(violation,))
