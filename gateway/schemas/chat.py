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
    conversation_id: Id | None = Field(None, description="Conversation it continues; null begins one.")
    expected_version: int = Field(
        0, ge=0, le=2**53, description="Version of the conversation that was seen; 0 skips the check."
    )
    model: Annotated[str, Field(max_length=100)] | None = Field(None, description="Model to ask; null for the setting.")
    retry_of: Id | None = Field(None, description="Question that failed or broke off and is asked again.")


class TitleBody(Strict):
    """A new title."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "사고가 잦은 시간대"}]})

    title: Annotated[str, Field(min_length=1, max_length=TITLE_LENGTH)] = Field(description="The new title.")


class ToolCallFields(BaseModel):
    """One tool call."""

    call_id: str = Field(description="Id of the use within its message.")
    name: str = Field(description="Name of the tool.")
    args: dict[str, object] = Field(description="Its arguments.")
    result: str = Field(description="Short Korean Markdown.")
    table: TableFields | None = Field(description="The table, or null.")
    chart: ChartFields | None = Field(description="How to draw it, or null.")
    code: str = Field(description="Equivalent pandas code; may be empty.")
    duration_ms: float = Field(description="How long it took.")
    error: str | None = Field(description="Why it failed, or null.")
    rows_used: int = Field(description="Rows the result rests on.")
    rows_missing: int = Field(description="Rows left out because a value was missing.")


class TokenUsageFields(BaseModel):
    """Tokens used by a run."""

    input: int = Field(description="Sent, not in the provider's cache.")
    output: int = Field(description="Received.")
    cached: int = Field(description="Sent, read from the provider's cache.")
    cache_written: int = Field(description="Written to the provider's cache.")
    total: int = Field(description="All of them.")


class ConversationFields(BaseModel):
    """A conversation without its messages."""

    conversation_id: str = Field(description="Id, a UUIDv7.")
    dataset_id: str = Field(description="Dataset it is about.")
    dataset_name: str = Field(description="Name of the dataset when it began.")
    title: str = Field(description="Title.")
    created_at: str = Field(description="When it began, ISO 8601, Seoul time.")
    updated_at: str = Field(description="When it last changed.")
    version: int = Field(description="Grows with every change; send it back as expected_version.")
    message_count: int = Field(description="How many messages it has.")
    is_being_answered: bool = Field(description="Whether a question of it is being answered now.")


class MessageFields(BaseModel):
    """One message."""

    message_id: str = Field(description="Id, a UUIDv7.")
    role: str = Field(description="user or assistant.")
    content: str = Field(description="What was said: Markdown.")
    tool_calls: list[ToolCallFields] = Field(description="The tools that were used, in order.")
    created_at: str = Field(description="When it was said.")
    status: str = Field(description="complete, stopped, failed or pending.")
    failure: str | None = Field(description="Stable reason of a failure, or null.")
    failure_message: str | None = Field(description="The Korean sentence for it, or null.")
    token_usage: TokenUsageFields | None = Field(description="Null for questions and cached answers.")
    cost: float | None = Field(description="US dollars by the dated price list; null when not known.")
    cache_hit: bool = Field(description="Whether it came from the answer cache.")
    model: str = Field(description="Model that answered; empty for questions.")
    duration_ms: float = Field(description="How long the answer took.")
    turns_left_out: int = Field(description="Earlier questions the model was not sent: too many, or too long.")


class ChatRefusal(ErrorAnswer):
    """Refusal of a question that was not answered, or only in part."""

    answer: MessageFields | None = Field(
        None, description="What was said until the run failed or was stopped; absent or null when nothing was."
    )
    conversation_id: str | None = Field(None, description="Conversation of the question; absent when no run began.")
    question_id: str | None = Field(None, description="Id of the question; absent when no run began.")


class ChatAnswer(Answer):
    """A complete answer."""

    response: str = Field(description="The answer: Markdown.")
    tool_calls: list[ToolCallFields] = Field(description="The tools that were used, in order.")
    token_usage: TokenUsageFields | None = Field(description="Null for a cached answer.")
    cost: float | None = Field(description="US dollars by the dated price list; null when not known.")
    cache_hit: bool = Field(description="Whether it came from the answer cache.")
    notice: str | None = Field(description="A Korean remark to show beside the answer, or null.")
    conversation_id: str = Field(description="Conversation it belongs to.")
    message_id: str = Field(description="Id of the answer.")
    model: str = Field(description="Model that answered.")
    duration_ms: float = Field(description="How long it took.")
    turns_left_out: int = Field(description="Earlier questions the model was not sent: too many, or too long.")
    version: int = Field(description="Version of the conversation now.")
    conflict: str | None = Field(description="Says that the conversation was changed elsewhere, or null.")


class AnswerEnd(Answer):
    """How a run ended."""

    status: str = Field(description="complete, stopped or failed.")
    failure: str | None = Field(description="Stable reason of a failure, or null.")
    failure_message: str | None = Field(description="The Korean sentence for it, or null.")
    conversation_id: str | None = Field(description="Conversation it belongs to; null when it could not be read.")
    version: int | None = Field(description="Version of the conversation now; null when it could not be read.")


class ConversationListAnswer(Answer):
    """A page of the conversations."""

    conversations: list[ConversationFields] = Field(description="Latest first.")
    total: int = Field(description="How many there are in all.")


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
    name: str = Field(description="Name for people.")
    input_usd: float | None = Field(description="US dollars for a million tokens sent; null when not known.")
    output_usd: float | None = Field(description="US dollars for a million tokens received; null when not known.")


class ChatModelsAnswer(Answer):
    """The models."""

    models: list[ChatModelItem] = Field(description="Newest first.")
    default_model: str = Field(description="The one that is asked unless another is named.")
    prices_of: str = Field(description="Date of the price list.")
