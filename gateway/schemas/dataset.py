"""Bodies of requests about datasets and their tools."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from gateway.schemas.common import Strict

NAME_LENGTH, DESCRIPTION_LENGTH = 200, 2000
Name = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH)]
Description = Annotated[str, Field(max_length=DESCRIPTION_LENGTH)]


class DatasetChange(Strict):
    """What to change; omitted fields are kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "대구 교통사고 2024"}]})

    name: Name | None = Field(None, description="New name.")
    description: Description | None = Field(None, description="New description.")
    keep: Literal[True] | None = Field(None, description="Keeps a dataset that would expire.")


class RereadBody(Strict):
    """How to read the original file again."""

    encoding: Literal["utf-8", "utf-8-sig", "cp949", "euc-kr", "utf-16", "latin-1"] = Field(
        description="Encoding to read the original with.", examples=["cp949"]
    )


class ToolBody(Strict):
    """Arguments of a tool."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"args": {"column": "사고유형", "top_n": 5}}]})

    args: dict[str, Any] = Field(default_factory=dict, description="The arguments by name.")
