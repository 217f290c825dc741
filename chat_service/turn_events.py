"""Events of a turn."""

from dataclasses import dataclass

from chat_service.answers import Delta, Retrying, Thinking, ToolEnded, ToolStarted
from chat_service.rows import Conversation, Message
from chat_service.turn_store import KeptTurn
from servicekit.errors import Refused


@dataclass(frozen=True, slots=True)
class Started:
    """The question is stored and the run has begun."""

    conversation_id: str
    question_id: str
    model: str


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is complete and stored. `conflict`: the conversation had changed since the client read it."""

    answer: Message
    conversation: Conversation
    conflict: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer failed; the partial answer is stored with the failure, unless storing failed as well.

    `answer` is the partial answer; None if there is none and the question itself is marked.
    """

    reason: str
    message: str
    conversation: Conversation | None
    retry_after_seconds: int = 0
    answer: Message | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """The run was stopped. `answer` is the partial answer, or None."""

    answer: Message | None
    conversation: Conversation


TurnEnd = Done | Failed | Stopped
TurnEvent = Started | Thinking | Delta | ToolStarted | ToolEnded | Retrying | TurnEnd


def failed_with(error: Refused, conversation: Conversation | None, answer: Message | None = None) -> Failed:
    """Returns the end of a turn that failed."""
    return Failed(error.reason, error.message, conversation, int(error.facts.get("retry_after_seconds", 0)), answer)


def end_of(turn: KeptTurn) -> TurnEnd:
    """Returns the end of a stored turn that is no longer pending."""
    question, answer, conversation = turn.question, turn.answer, turn.conversation
    if question.status == "failed":
        return Failed(question.failure_reason, "The run failed; the question is stored with the reason.", conversation)
    if question.status == "stopped":  # an existing answer is from before the question was asked again
        return Stopped(None, conversation)
    if answer is None or answer.status == "stopped":
        return Stopped(answer, conversation)
    if answer.status == "failed":
        message = "The run failed; the answer is stored with the reason."
        return Failed(answer.failure_reason, message, conversation, answer=answer)
    return Done(answer, conversation, conflict=False)
