"""Converts between the REST and the gRPC contract of datasets."""

from typing import Any

import orjson
from daegu.dataset.v1 import analysis_pb2, dataset_pb2, sharing_pb2

from gateway.envelope import moment
from gateway.texts import dataset_warning_text

_TYPES = {
    dataset_pb2.COLUMN_KIND_INTEGER: "integer",
    dataset_pb2.COLUMN_KIND_NUMBER: "number",
    dataset_pb2.COLUMN_KIND_TEXT: "text",
    dataset_pb2.COLUMN_KIND_DATE: "date",
    dataset_pb2.COLUMN_KIND_BOOLEAN: "boolean",
}
_CHARTS = {
    analysis_pb2.CHART_KIND_BAR: "bar",
    analysis_pb2.CHART_KIND_LINE: "line",
    analysis_pb2.CHART_KIND_HEATMAP: "heatmap",
    analysis_pb2.CHART_KIND_BOX: "box",
    analysis_pb2.CHART_KIND_MAP: "map",
}


def dataset_fields(dataset: dataset_pb2.Dataset) -> dict[str, Any]:
    """Returns a dataset without its rows."""
    return {
        "dataset_id": dataset.dataset_id,
        "name": dataset.name,
        "description": dataset.description,
        "file_name": dataset.file_name,
        "rows": dataset.rows,
        "columns": dataset.columns,
        "size_bytes": dataset.size_bytes,
        "uploaded_at": moment(dataset.uploaded_at),
        "encoding": dataset.encoding,
        "delimiter": dataset.delimiter,
        "content_hash": dataset.content_hash,
    }


def profile_fields(profile: dataset_pb2.Profile) -> dict[str, Any]:
    """Returns the profile of the columns."""
    coordinates = profile.coordinates
    return {
        "columns_info": [_column_fields(column) for column in profile.columns],
        "duplicate_rows": profile.duplicate_rows,
        "missing_cells": profile.missing_cells,
        "date_columns": list(profile.date_columns),
        "coordinates": {"latitude": coordinates.latitude, "longitude": coordinates.longitude}
        if profile.HasField("coordinates")
        else None,
        "district_column": profile.district_column or None,
        "prediction_columns": {found.input: found.column for found in profile.prediction_columns},
        "warnings": [_warning_fields(warning) for warning in profile.warnings],
    }


def link_fields(link: sharing_pb2.ShareLink) -> dict[str, Any]:
    """Returns a link without its token."""
    return {
        "link_id": link.link_id,
        "dataset_id": link.dataset_id,
        "created_at": moment(link.created_at),
        "expires_at": moment(link.expires_at),
        "revoked_at": moment(link.revoked_at) if link.HasField("revoked_at") else None,
        "views": link.views,
    }


def tool_fields(tool: analysis_pb2.Tool) -> dict[str, Any]:
    """Returns a tool and its description."""
    return {
        "name": tool.name,
        "group": tool.group,
        "description": tool.description,
        "args_schema": orjson.loads(tool.schema_json),
    }


def tool_result_fields(result: analysis_pb2.RunToolResponse) -> dict[str, Any]:
    """Returns the result of a tool."""
    return {
        "result": result.text,
        "table": table_fields(result.table) if result.HasField("table") else None,
        "chart": chart_fields(result.chart) if result.HasField("chart") else None,
        "code": result.code,
        "rows_used": result.rows_used,
        "rows_missing": result.rows_missing,
    }


def table_fields(table: analysis_pb2.Table) -> dict[str, Any]:
    """Returns a table; None stands for a missing value."""
    return {
        "columns": list(table.columns),
        "rows": [[_cell(cell) for cell in row.cells] for row in table.rows],
        "total_rows": table.total_rows,
    }


def chart_fields(chart: analysis_pb2.Chart) -> dict[str, Any]:
    """Returns a chart."""
    return {"kind": _CHARTS.get(chart.kind, ""), "x": chart.x, "y": chart.y}


def _cell(cell: analysis_pb2.Cell) -> Any:
    kind = cell.WhichOneof("value")
    return None if kind is None else getattr(cell, kind)


def _column_fields(column: dataset_pb2.Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": _TYPES.get(column.kind, "text"),
        "unique": column.unique,
        "missing": column.missing,
        "sample": list(column.samples),
        "minimum": column.minimum or None,
        "maximum": column.maximum or None,
    }


def _warning_fields(warning: dataset_pb2.DatasetWarning) -> dict[str, Any]:
    return {
        "code": warning.reason,
        "line": warning.line or None,
        "column": warning.column or None,
        "given": warning.given,
        "used": warning.used,
        "message": dataset_warning_text(
            warning.reason, line=warning.line, column=warning.column, given=warning.given, used=warning.used
        ),
    }
