"""Bodies of requests about datasets and their tools."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from gateway.schemas.common import Strict

NAME_LENGTH, DESCRIPTION_LENGTH = 200, 2000
Name = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH)]
ColumnName = Annotated[str, Field(max_length=NAME_LENGTH)]
Encoding = Annotated[str, Field(pattern=r"^[A-Za-z0-9_+-]{1,32}$")]
_LAST_LINE = 100_000_000
MeaningName = Literal[
    "code", "serial", "year", "month", "day", "hour", "age", "percent", "money", "count", "region", "latitude",
    "longitude", "metres_x", "metres_y", "position", "phone", "address",
]  # fmt: skip
Description = Annotated[str, Field(max_length=DESCRIPTION_LENGTH)]


class DatasetChange(Strict):
    """What to change; omitted fields are kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "대구 교통사고 2024"}]})

    name: Name | None = Field(None, description="New name.")
    description: Description | None = Field(None, description="New description.")
    keep: Literal[True] | None = Field(None, description="Keeps a dataset that would expire.")


class ColumnReadingChange(Strict):
    """How to read a column; null finds the part again, and an omitted part stays."""

    kind: Literal["integer", "number", "text", "date", "boolean", "time"] | None = Field(
        None, description="Type; cells that cannot be of it are missing."
    )
    meaning: MeaningName | None = Field(None, description="What its values say.")
    unit: Annotated[str, Field(min_length=1, max_length=20)] | None = Field(None, description="Unit of its numbers.")


class ReadingChange(Strict):
    """Parts of a reading: null finds the part again, and an omitted part stays as it is chosen now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"encoding": "cp949"},
                {"header_rows": 2, "left_out": [], "columns": {"코드": {"kind": "text"}}},
            ]
        }
    )

    encoding: Encoding | None = Field(None, description="Encoding, for example `cp949` or `utf-8`.")
    delimiter: Annotated[str, Field(min_length=1, max_length=10)] | None = Field(
        None, description="Delimiter; a line feed for a file of one column."
    )
    quote: Literal["", '"', "'"] | None = Field(None, description="Character around cells; empty for none.")
    escape: Literal["", "\\"] | None = Field(
        None, description="Character before quotation marks within cells; empty if they are doubled."
    )
    start_line: Annotated[int, Field(ge=1, le=_LAST_LINE)] | None = Field(
        None, description="First line of the table, from 1: its header, if it has one."
    )
    header_rows: Annotated[int, Field(ge=0, le=3)] | None = Field(None, description="Rows with names.")
    unit_rows: Annotated[int, Field(ge=0, le=1)] | None = Field(None, description="Rows of units below the names.")
    end_line: Annotated[int, Field(ge=0, le=_LAST_LINE)] | None = Field(
        None, description="Last line of the table; 0 for the end of the file."
    )
    left_out: list[Annotated[int, Field(ge=1, le=_LAST_LINE)]] | None = Field(
        None, description="Lines within the table that are not read.", max_length=5_000
    )
    filled: list[ColumnName] | None = Field(
        None, description="Columns whose blank cells have the value above.", max_length=100
    )
    crs: Annotated[str, Field(pattern="^(none|KATEC|EPSG:[0-9]{4,5})$")] | None = Field(
        None,
        description="System of its coordinates: of metres, or `EPSG:4326` for texts of degrees; `none` reads none.",
    )
    is_long: bool | None = Field(None, description="Whether columns named by years, months or quarters become rows.")
    columns: dict[ColumnName, ColumnReadingChange | None] | None = Field(
        None, description="Columns by name; null finds all of one again, and omitted ones stay.", max_length=1_000
    )


class ToolBody(Strict):
    """Arguments of a tool."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"args": {"column": "사고유형", "top_n": 5}}]})

    args: dict[str, Any] = Field(default_factory=dict, description="The arguments by name.")
