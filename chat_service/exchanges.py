"""Earlier questions and answers of a conversation."""

from dataclasses import dataclass

from chat_service.answers import ToolCall


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier question with its answer, which may be empty if it was interrupted.

    `broken_off` says why it is incomplete: `stopped`, `failed`, or empty. Only interrupted ones have `tool_calls`.
    """

    question: str
    answer: str
    answer_id: str = ""
    broken_off: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
