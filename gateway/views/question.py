"""What answers to questions hold."""

from collections.abc import Mapping
from typing import Any

import orjson
from daegu.dataset.v1 import analysis_pb2
from pydantic import Field

from gateway.schemas.common import Answer
from gateway.views.dataset import Cell, Table, chart
from gateway.views.view import View

_rows = View(analysis_pb2.QueriedRows)


class Rows(Answer, _rows.model):  # type: ignore[name-defined,misc]
    """Rows of a dataset, and what is known of all that meet the conditions."""

    rows: list[list[Cell]] = Field(description="The rows; null where a value is missing.")


def rows_fields(rows: analysis_pb2.QueriedRows) -> Mapping[str, Any]:
    """Returns what is told besides the rows."""
    return _rows(rows)


def _table(result: analysis_pb2.AggregateResponse) -> Table:
    """A row for each combination of groups; one row of totals if there are no groups."""
    table: Table = orjson.loads(result.table_json)
    return table


aggregate = View(
    analysis_pb2.AggregateResponse,
    renamed={"text": "result"},
    omitted=("table_json", "chart_json"),
    computed={"table": _table, "chart": chart},
)
facets = View(
    analysis_pb2.CountFacetsResponse,
    inner=[View(analysis_pb2.FacetBin, renamed={"start": "from", "end": "to"})],
)
