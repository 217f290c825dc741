"""Answers of the REST contract to questions about a dataset, with only the fields that the page uses."""

from typing import Literal

from pydantic import Field

from streamlit_client.backend.contract import Fields
from streamlit_client.backend.contract_datasets import Chart, Table


class FacetValue(Fields):
    """A value as text, as a condition takes it, and its rows."""

    value: str
    rows: int


class FacetBin(Fields):
    """An interval of numbers or dates as texts, and its rows; the last one holds its end."""

    start: str = Field(alias="from")
    end: str = Field(alias="to")
    rows: int


class Facet(Fields):
    """The values of a column under the conditions on the other columns; `other_rows` have values that are not here."""

    column: str
    kind: Literal["values", "bins"]
    values: tuple[FacetValue, ...] = ()
    bins: tuple[FacetBin, ...] = ()
    other_rows: int
    missing_rows: int
    unique: int
    minimum: str | None = None
    maximum: str | None = None


class Facets(Fields):
    """The facets in the order asked for; `total` are the rows that meet all conditions."""

    total: int
    facets: tuple[Facet, ...]


class Aggregate(Fields):
    """Measures by group, a row for each combination; `code` is pandas code that gives the same from the frame `df`."""

    result: str
    table: Table
    chart: Chart | None
    code: str
    rows_matched: int
    rows_used: int
    rows_missing: int
