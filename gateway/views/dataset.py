"""What answers about datasets, their links and their tools hold."""

from typing import Any

import orjson
from daegu.dataset.v1 import analysis_pb2, dataset_pb2, sharing_pb2
from pydantic import BaseModel, Field

from gateway.schemas.common import Answer
from gateway.schemas.dataset import ReadingChange
from gateway.views.view import View
from servicekit.korean_text.dataset_warnings import dataset_warning_text
from servicekit.question import Question


def _prediction_columns(profile: dataset_pb2.Profile) -> dict[str, str]:
    """Column of each input of the prediction."""
    return {column.input: column.column for column in profile.prediction_columns}


def _warning_sentence(warning: dataset_pb2.DatasetWarning) -> str:
    """The Korean sentence to show."""
    return dataset_warning_text(
        warning.reason,
        lines=warning.lines or [warning.line],
        column=warning.column,
        given=warning.given,
        used=warning.used,
    )


_column_reading = View(dataset_pb2.ColumnReading, omitted=["name"])


def _column_readings(reading: dataset_pb2.Reading) -> dict[str, _column_reading.model]:  # type: ignore[name-defined]
    """The columns by name, in the order of the table."""
    return {column.name: _column_reading(column) for column in reading.columns}


reading = View(dataset_pb2.Reading, computed={"columns": _column_readings})


def _undo(warning: dataset_pb2.DatasetWarning) -> ReadingChange | None:
    """The body of a request to read again that takes the repair back, or reads what was not read; else null."""
    if not warning.HasField("undo"):
        return None
    parts = reading(warning.undo.reading)
    columns = {name: {part: column[part] for part in column["chosen"]} for name, column in parts.pop("columns").items()}
    changes: dict[str, Any] = {name: parts[name] for name in parts["chosen"]}
    return changes | dict.fromkeys(warning.undo.found_again) | ({"columns": columns} if columns else {})  # type: ignore[return-value]


dataset = View(dataset_pb2.Dataset)
datasets = View(dataset_pb2.ListDatasetsResponse, inner=[dataset])
_profile = View(
    dataset_pb2.Profile,
    renamed={"columns": "columns_info"},
    inner=[
        View(dataset_pb2.Column, renamed={"kind": "type", "samples": "sample"}),
        View(
            dataset_pb2.DatasetWarning,
            renamed={"reason": "code"},
            computed={"undo": _undo, "message": _warning_sentence},
        ),
    ],
    computed={"prediction_columns": _prediction_columns},
)
# The answers to an upload and to a request to read again have the same messages.
profiled = View(dataset_pb2.GetDatasetProfileResponse, flat=("dataset", "profile"), inner=(dataset, _profile, reading))
regions = View(dataset_pb2.GetDatasetRegionsResponse)
lease = View(dataset_pb2.AcquireLeaseResponse)

link = View(sharing_pb2.ShareLink)
links = View(sharing_pb2.ListShareLinksResponse, inner=[link])


shared = View(
    sharing_pb2.OpenShareLinkResponse,
    flat=("link", "dataset", "profile"),
    inner=(
        View(sharing_pb2.ShareLink, omitted=("dataset_id", "created_at", "revoked_at", "views")),
        View(dataset_pb2.Dataset, omitted=["expires_at"]),  # that of the link is told
        _profile,
    ),
)


class NewLinkAnswer(Answer, link.model):  # type: ignore[name-defined,misc]
    """A new link."""

    share_token: str = Field(description="The token, only in this answer.")
    share_url: str = Field(description="The URL to share.")


def _args_schema(tool: analysis_pb2.Tool) -> dict[str, Any]:
    """JSON Schema of its arguments."""
    schema: dict[str, Any] = orjson.loads(tool.schema_json)
    return schema


tool_list = View(
    analysis_pb2.ListToolsResponse,
    inner=[View(analysis_pb2.Tool, omitted=["schema_json"], computed={"args_schema": _args_schema})],
)


Cell = str | int | float | bool | None


class Table(BaseModel):
    """A table, truncated if it is too long."""

    columns: list[str] = Field(description="Names of the columns.")
    rows: list[list[Cell]] = Field(description="The rows; null where a value is missing.")
    total_rows: int = Field(description="Total number of rows.")


class Chart(BaseModel):
    """How to draw the table."""

    kind: str = Field(description="bar, line, heatmap, box or map.")
    x: str = Field(description="Column on the horizontal axis.")
    y: str = Field(description="Column on the vertical axis; empty for a heatmap of all columns after the first.")
    series: str = Field("", description="Column whose values are the lines, bars or columns; empty if there is none.")


def _table(result: analysis_pb2.RunToolResponse) -> Table | None:
    """The table, or null."""
    return orjson.loads(result.table_json) if result.HasField("table_json") else None


def _table_of_preview(result: dataset_pb2.PreviewReadingResponse) -> Table:
    """The first rows of the resulting table: at most 20, with cells of at most 200 characters."""
    table: Table = orjson.loads(result.table_json)
    return table


preview = View(
    dataset_pb2.PreviewReadingResponse,
    flat=["profile"],
    omitted=["table_json"],
    inner=(_profile, reading),
    computed={"table": _table_of_preview},
)


def chart(result: analysis_pb2.RunToolResponse | analysis_pb2.AggregateResponse) -> Chart | None:
    """How to draw it, or null."""
    return orjson.loads(result.chart_json) if result.HasField("chart_json") else None


def _question(result: analysis_pb2.RunToolResponse) -> Question | None:
    """The question that shows the rows or the groups of this result, or null."""
    return orjson.loads(result.question_json) if result.HasField("question_json") else None


tool_result = View(
    analysis_pb2.RunToolResponse,
    renamed={"text": "result"},
    omitted=("table_json", "chart_json", "question_json"),
    computed={"table": _table, "chart": chart, "question": _question},
)
