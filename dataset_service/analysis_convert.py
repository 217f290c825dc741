"""Converts tools and their results to the contract of the analyses."""

import orjson
from daegu.dataset.v1 import analysis_pb2 as pb

from dataset_service.analysis import Chart, Table, Tool, ToolResult
from dataset_service.analysis.frame_column import Cell

_CHARTS = {
    "bar": pb.CHART_KIND_BAR,
    "line": pb.CHART_KIND_LINE,
    "heatmap": pb.CHART_KIND_HEATMAP,
    "box": pb.CHART_KIND_BOX,
    "map": pb.CHART_KIND_MAP,
}


def tool_to_proto(tool: Tool) -> pb.Tool:
    """Converts a tool and its description."""
    schema = orjson.dumps(tool.schema()).decode()
    return pb.Tool(name=tool.name, group=tool.group, description=tool.description, schema_json=schema)


def result_to_proto(result: ToolResult) -> pb.RunToolResponse:
    """Converts the result of a tool."""
    return pb.RunToolResponse(
        text=result.text,
        table=None if result.table is None else _table_to_proto(result.table),
        chart=None if result.chart is None else _chart_to_proto(result.chart),
        code=result.code,
        rows_used=result.rows_used,
        rows_missing=result.rows_missing,
    )


def _table_to_proto(table: Table) -> pb.Table:
    rows = [pb.Row(cells=map(_cell_to_proto, row)) for row in table.rows]
    return pb.Table(columns=table.columns, rows=rows, total_rows=table.total_rows)


def _chart_to_proto(chart: Chart) -> pb.Chart:
    return pb.Chart(kind=_CHARTS[chart.kind], x=chart.x, y=chart.y)


def _cell_to_proto(cell: Cell) -> pb.Cell:
    match cell:
        case None:
            return pb.Cell()
        case bool():
            return pb.Cell(boolean=cell)
        case int():
            return pb.Cell(integer=cell)
        case float():
            return pb.Cell(number=cell)
    return pb.Cell(text=cell)
