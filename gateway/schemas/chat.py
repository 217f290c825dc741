"""Bodies of requests about the chat and its conversations."""

from typing import Annotated

from pydantic import ConfigDict, Field

from gateway.schemas.common import Strict
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
