"""What was said before in a conversation."""

from dataclasses import dataclass

from chat_service.answers import ToolCall


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier question with its answer, which may be empty when it broke off.

    `broken_off` says why it is not whole: `stopped`, `failed`, or empty. `tool_calls` are those of a broken-off one.
    """

    question: str
    answer: str
    answer_id: str = ""
    broken_off: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
