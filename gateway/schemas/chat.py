"""Bodies and answers of the chat and its conversations."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gateway.schemas.common import Answer, ErrorAnswer, Strict
from gateway.schemas.dataset import ChartFields, TableFields
from gateway.schemas.prediction import Id

QUESTION_LENGTH, TITLE_LENGTH = 8_000, 200


class QuestionBody(Strict):
    """A question about a dataset."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "dataset_id": "01980000-0000-7000-8000-000000000000",
                    "message": "사고가 가장 많은 시간대는?",
                    "conversation_id": None,
                }
            ]
        }
    )

    dataset_id: Id = Field(description="Dataset the question is about.")
    message: Annotated[str, Field(min_length=1, max_length=QUESTION_LENGTH)] = Field(description="The question.")
    conversation_id: Id | None = Field(None, description="Conversation to continue; null begins a new one.")
    expected_version: int = Field(
        0, ge=0, le=2**53, description="Version of the conversation that the client has seen; 0 skips the check."
    )
    model: Annotated[str, Field(max_length=100)] | None = Field(None, description="Model to ask; null for the default.")
    retry_of: Id | None = Field(None, description="Id of a failed or interrupted question to retry.")


class TitleBody(Strict):
    """A new title."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "사고가 잦은 시간대"}]})

    title: Annotated[str, Field(min_length=1, max_length=TITLE_LENGTH)] = Field(description="The new title.")


class ToolCallFields(BaseModel):
    """One tool call."""

    call_id: str = Field(description="Id of the call within its message.")
    name: str = Field(description="Name of the tool.")
    args: dict[str, object] = Field(description="Its arguments.")
    result: str = Field(description="Short Korean Markdown.")
    table: TableFields | None = Field(description="The table, or null.")
    chart: ChartFields | None = Field(description="How to draw it, or null.")
    code: str = Field(description="Equivalent pandas code; may be empty.")
    duration_ms: float = Field(description="Duration.")
    error: str | None = Field(description="Why it failed, or null.")
    rows_used: int = Field(description="Rows that the result is based on.")
    rows_missing: int = Field(description="Rows left out because a value was missing.")


class TokenUsageFields(BaseModel):
    """Tokens used by a run."""

    input: int = Field(description="Sent, neither read from nor written to the provider's cache.")
    output: int = Field(description="Received.")
    cached: int = Field(description="Sent, read from the provider's cache.")
    cache_written: int = Field(description="Written to the provider's cache.")
    total: int = Field(description="All tokens.")


class ConversationFields(BaseModel):
    """A conversation without its messages."""

    conversation_id: str = Field(description="Id, a UUIDv7.")
    dataset_id: str = Field(description="Dataset.")
    dataset_name: str = Field(description="Name of the dataset when it began.")
    title: str = Field(description="Title.")
    created_at: str = Field(description="When it began, ISO 8601, Seoul time.")
    updated_at: str = Field(description="When it last changed.")
    version: int = Field(description="Increases with every change; send it back as expected_version.")
    message_count: int = Field(description="Number of messages.")
    is_being_answered: bool = Field(description="Whether one of its questions is being answered.")


class MessageFields(BaseModel):
    """One message."""

    message_id: str = Field(description="Id, a UUIDv7.")
    role: str = Field(description="user or assistant.")
    content: str = Field(description="Content in Markdown.")
    tool_calls: list[ToolCallFields] = Field(description="The tool calls, in order.")
    created_at: str = Field(description="When it was written.")
    status: str = Field(description="complete, stopped, failed or pending.")
    failure: str | None = Field(description="Stable reason of a failure, or null.")
    failure_message: str | None = Field(description="The Korean sentence for it, or null.")
    token_usage: TokenUsageFields | None = Field(description="Null for questions and cached answers.")
    cost: float | None = Field(description="US dollars by the dated price list; null if unknown.")
    cache_hit: bool = Field(description="Whether it came from the answer cache.")
    model: str = Field(description="Model that answered; empty for questions.")
    duration_ms: float = Field(description="Duration of the answer.")
    turns_left_out: int = Field(description="Number of earlier questions not sent to the model, for length.")


class ChatRefusal(ErrorAnswer):
    """Refusal of a question that was not answered, or only in part."""

    answer: MessageFields | None = Field(None, description="The partial answer; absent or null if there is none.")
    conversation_id: str | None = Field(None, description="Conversation of the question; absent if no run began.")
    question_id: str | None = Field(None, description="Id of the question; absent if no run began.")


class ChatAnswer(Answer):
    """A complete answer."""

    response: str = Field(description="The answer: Markdown.")
    tool_calls: list[ToolCallFields] = Field(description="The tool calls, in order.")
    token_usage: TokenUsageFields | None = Field(description="Null for a cached answer.")
    cost: float | None = Field(description="US dollars by the dated price list; null if unknown.")
    cache_hit: bool = Field(description="Whether it came from the answer cache.")
    notice: str | None = Field(description="A Korean note to show with the answer, or null.")
    conversation_id: str = Field(description="Conversation it belongs to.")
    message_id: str = Field(description="Id of the answer.")
    model: str = Field(description="Model that answered.")
    duration_ms: float = Field(description="Duration.")
    turns_left_out: int = Field(description="Number of earlier questions not sent to the model, for length.")
    version: int = Field(description="Current version of the conversation.")
    conflict: str | None = Field(description="Korean note that the conversation was changed elsewhere, or null.")


class AnswerEnd(Answer):
    """How a run ended."""

    status: str = Field(description="complete, stopped or failed.")
    failure: str | None = Field(description="Stable reason of a failure, or null.")
    failure_message: str | None = Field(description="The Korean sentence for it, or null.")
    conversation_id: str | None = Field(description="Conversation it belongs to; null if it could not be read.")
    version: int | None = Field(description="Current version of the conversation; null if it could not be read.")


class ConversationListAnswer(Answer):
    """A page of the conversations."""

    conversations: list[ConversationFields] = Field(description="Latest first.")
    total: int = Field(description="Total number.")


class ConversationAnswer(Answer, ConversationFields):
    """A conversation without its messages."""


class FullConversationAnswer(ConversationAnswer):
    """A conversation with its messages."""

    messages: list[MessageFields] = Field(description="Oldest first.")


class KeyAnswer(Answer):
    """Whether the provider accepts a key."""

    state: str = Field(description="valid, invalid or unreachable.")
    message: str = Field(description="The Korean sentence to show.")


class ChatModelItem(BaseModel):
    """One model."""

    model: str = Field(description="Id to send.")
    name: str = Field(description="Display name.")
    input_usd: float | None = Field(description="US dollars per million tokens sent; null if unknown.")
    output_usd: float | None = Field(description="US dollars per million tokens received; null if unknown.")


class ChatModelsAnswer(Answer):
    """The models."""

    models: list[ChatModelItem] = Field(description="Newest first.")
    default_model: str = Field(description="The default model.")
    prices_of: str = Field(description="Date of the price list.")
