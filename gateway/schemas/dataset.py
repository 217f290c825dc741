"""Bodies and answers of datasets, their links and their tools."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.schemas.common import Answer, Strict

NAME_LENGTH, DESCRIPTION_LENGTH = 200, 2000
Name = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH)]
Description = Annotated[str, Field(max_length=DESCRIPTION_LENGTH)]


class DatasetFields(BaseModel):
    """A dataset without its rows."""

    dataset_id: str = Field(description="Id, a UUIDv7.")
    name: str = Field(description="Name, by default that of the file.")
    description: str = Field(description="Free text; may be empty.")
    file_name: str = Field(description="Name of the uploaded file.")
    rows: int = Field(description="Number of rows, without the header.")
    columns: int = Field(description="Number of columns.")
    size_bytes: int = Field(description="Size of the uploaded file.")
    uploaded_at: str = Field(description="When it was uploaded, ISO 8601, Seoul time.")
    encoding: str = Field(description="Encoding of the file, for example cp949.")
    delimiter: str = Field(description="Delimiter: comma, semicolon or tab.")
    content_hash: str = Field(description="Equal content has an equal hash.")


class ColumnItem(BaseModel):
    """Statistics of one column."""

    name: str = Field(description="Name as in the header, after repairs.")
    type: str = Field(description="integer, number, text, date or boolean.")
    unique: int = Field(description="Number of distinct values.")
    missing: int = Field(description="Rows without a value.")
    sample: list[str] = Field(description="Up to five example values.")
    minimum: str | None = Field(description="Smallest value; null for text.")
    maximum: str | None = Field(description="Greatest value; null for text.")


class DatasetWarningItem(BaseModel):
    """A repair made while reading the file, or something worth knowing about it."""

    code: str = Field(description="Stable reason.")
    line: int | None = Field(description="Line of the file, from 1; null if it is not about a line.")
    column: str | None = Field(description="Column, or null.")
    given: str = Field(description="The original value or name.")
    used: str = Field(description="What was used instead.")
    message: str = Field(description="The Korean sentence to show.")


class Coordinates(BaseModel):
    """The columns that hold latitude and longitude."""

    latitude: str = Field(description="Column with the latitude.")
    longitude: str = Field(description="Column with the longitude.")


class ProfileFields(BaseModel):
    """The columns and their data quality."""

    columns_info: list[ColumnItem] = Field(description="The columns, in the order of the file.")
    duplicate_rows: int = Field(description="Rows equal to an earlier row.")
    missing_cells: int = Field(description="Cells without a value.")
    date_columns: list[str] = Field(description="Columns that hold dates.")
    coordinates: Coordinates | None = Field(description="Columns with positions, or null.")
    district_column: str | None = Field(description="Column with district names, or null.")
    prediction_columns: dict[str, str] = Field(description="Column of each input of the prediction.")
    warnings: list[DatasetWarningItem] = Field(description="Warnings about the file.")


class DatasetAnswer(Answer, DatasetFields):
    """A dataset."""


class ProfileAnswer(Answer, DatasetFields, ProfileFields):
    """A dataset and its columns."""


class DatasetListAnswer(Answer):
    """A page of the datasets."""

    datasets: list[DatasetFields] = Field(description="Newest first.")
    total: int = Field(description="Total number.")


class DatasetChange(Strict):
    """What to change; omitted fields are kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "대구 교통사고 2024"}]})

    name: Name | None = Field(None, description="New name.")
    description: Description | None = Field(None, description="New description.")


class RereadBody(Strict):
    """How to read the original file again."""

    encoding: Literal["utf-8", "utf-8-sig", "cp949", "euc-kr", "utf-16", "latin-1"] = Field(
        description="Encoding to read the original with.", examples=["cp949"]
    )


class LeaseAnswer(Answer):
    """Until when the dataset counts as in use."""

    expires_at: str = Field(description="When the lease expires unless it is renewed, ISO 8601, Seoul time.")


class LinkFields(BaseModel):
    """A link without its token."""

    link_id: str = Field(description="Id of the link, a UUIDv7.")
    dataset_id: str = Field(description="Id of the dataset.")
    created_at: str = Field(description="When it was created.")
    expires_at: str = Field(description="When it expires, after seven days.")
    revoked_at: str | None = Field(description="When it was revoked, or null.")
    views: int = Field(description="Number of views.")


class NewLinkAnswer(Answer, LinkFields):
    """A new link."""

    share_token: str = Field(description="The token, only in this answer.")
    share_url: str = Field(description="The URL to share.")


class LinkAnswer(Answer, LinkFields):
    """A link."""


class LinkListAnswer(Answer):
    """The links of a dataset."""

    links: list[LinkFields] = Field(description="Newest first.")


class SharedAnswer(ProfileAnswer):
    """The dataset that a link leads to, read-only."""

    link_id: str = Field(description="Id of the link, from the list of links.")
    expires_at: str = Field(description="When the link expires.")


class ToolItem(BaseModel):
    """A tool and its description."""

    name: str = Field(description="Name of the tool.", examples=["get_value_counts"])
    group: str = Field(description="Group it belongs to.", examples=["데이터 정보"])
    description: str = Field(description="What it does, in Korean.")
    args_schema: dict[str, Any] = Field(description="JSON Schema of its arguments.")


class ToolListAnswer(Answer):
    """The tools."""

    tools: list[ToolItem] = Field(description="In their fixed order.")


class ToolBody(Strict):
    """Arguments of a tool."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"args": {"column": "사고유형", "top_n": 5}}]})

    args: dict[str, Any] = Field(default_factory=dict, description="The arguments by name.")


class TableFields(BaseModel):
    """A table, truncated if it is too long."""

    columns: list[str] = Field(description="Names of the columns.")
    rows: list[list[str | int | float | bool | None]] = Field(description="The rows; null where a value is missing.")
    total_rows: int = Field(description="Total number of rows.")


class ChartFields(BaseModel):
    """How to draw the table."""

    kind: str = Field(description="bar, line, heatmap, box or map.")
    x: str = Field(description="Column on the horizontal axis.")
    y: str = Field(description="Column on the vertical axis; empty for a heatmap.")


class ToolResultFields(BaseModel):
    """The result of a tool."""

    result: str = Field(description="Short Korean Markdown.")
    table: TableFields | None = Field(description="The table, or null.")
    chart: ChartFields | None = Field(description="How to draw it, or null.")
    code: str = Field(description="Pandas code that gives the same table when run on the frame df.")
    rows_used: int = Field(description="Rows of the dataset that the result is based on.")
    rows_missing: int = Field(description="Rows left out because a value was missing.")


class ToolAnswer(Answer, ToolResultFields):
    """The result of a tool call."""
