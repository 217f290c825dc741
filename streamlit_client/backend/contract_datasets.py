"""Answers of the REST contract about datasets, links and tools, with only the fields that the page uses."""

import re
from datetime import datetime
from typing import Any, Literal
from unicodedata import normalize

from streamlit_client.backend.contract import Fields

ColumnType = Literal["integer", "number", "text", "date", "boolean", "time"]
Scalar = str | int | float | bool | None


def _bracketed(name: str, unit: str) -> bool:
    name, unit = (normalize("NFKC", text) for text in (name, unit))
    return any(unit in words for words in re.findall(r"[(\[<]([^)\]>]*)", name))


class Dataset(Fields):
    """A dataset without its rows; `expires_at` is None if it is kept."""

    dataset_id: str
    name: str
    description: str
    rows: int
    columns: int
    size_bytes: int
    uploaded_at: datetime
    encoding: str
    content_hash: str
    expires_at: datetime | None


class DatasetPage(Fields):
    """A page of datasets, newest first, and where the next one begins; `total` is counted up to `MOST_COUNTED`."""

    datasets: tuple[Dataset, ...]
    total: int
    next: str | None


class Column(Fields):
    """Statistics of one column."""

    name: str
    type: ColumnType
    unique: int
    missing: int
    sample: tuple[str, ...]
    minimum: str | None
    maximum: str | None
    meaning: str | None = None
    unit: str | None = None
    precision: str | None = None
    derived_from: str | None = None

    @property
    def title(self) -> str:
        """The name with the unit: `금액 (원)`. A name that has it already stays."""
        if self.unit is None or _bracketed(self.name, self.unit):
            return self.name
        return f"{self.name} ({self.unit})"


class DatasetWarning(Fields):
    """A repair made while reading the file, or something worth knowing about it.

    `undo` are the changes of the reading that take it back, or read the table that was not read.
    """

    code: str
    message: str
    undo: dict[str, Any] | None


class Coordinates(Fields):
    """Names of the columns with latitude and longitude in degrees."""

    latitude: str
    longitude: str


class RegionColumns(Fields):
    """The columns that name the region of each row, the greater regions first; `level` is `sigungu` or the like."""

    columns: tuple[str, ...]
    level: str | None
    matched_rows: int
    unknown_rows: int
    ambiguous_rows: int


class Findings(Fields):
    """What was found in the columns of a table. `prediction_columns` has the column of each input."""

    columns_info: tuple[Column, ...]
    duplicate_rows: int
    missing_cells: int
    date_columns: tuple[str, ...]
    coordinates: Coordinates | None
    district_column: str | None
    prediction_columns: dict[str, str]
    warnings: tuple[DatasetWarning, ...]
    regions: RegionColumns | None = None


class Profile(Dataset, Findings):
    """A dataset and the profile of its columns."""

    def column(self, name: str) -> Column:
        """Returns a column. Raises StopIteration for an unknown one."""
        return next(column for column in self.columns_info if column.name == name)

    def names(self, *types: ColumnType) -> list[str]:
        """Returns the names of the columns of these types, or of all columns."""
        return [column.name for column in self.columns_info if not types or column.type in types]


class SharedDataset(Profile):
    """The dataset of a link, and when the link expires."""

    link_id: str
    expires_at: datetime


class ShareLink(Fields):
    """A link without its token."""

    link_id: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    views: int


class SharePage(Fields):
    """A page of the links of a dataset, newest first, and where the next one begins."""

    links: tuple[ShareLink, ...]
    next: str | None


class NewShareLink(ShareLink):
    """A new link; only this answer has its address."""

    share_url: str


class Tool(Fields):
    """An analysis tool; `args_schema` is the JSON Schema of its arguments."""

    name: str
    group: str
    description: str
    args_schema: dict[str, Any]

    @property
    def title(self) -> str:
        """The name for people."""
        return str(self.args_schema.get("title", self.name))


class Table(Fields):
    """A table, truncated if too long; `total_rows` includes the omitted rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Scalar, ...], ...]
    total_rows: int


class ColumnReading(Fields):
    """How a column is read; `chosen` are the parts that a person chose."""

    kind: ColumnType
    meaning: str | None = None
    unit: str | None = None
    derived_from: str | None = None
    chosen: tuple[str, ...]


class Reading(Fields):
    """How a file is read. Lines count from 1; `chosen` are the parts that a person chose."""

    encoding: str
    delimiter: str
    quote: str
    escape: str
    start_line: int
    header_rows: int
    unit_rows: int
    end_line: int
    left_out: tuple[int, ...]
    filled: tuple[str, ...]
    crs: str
    is_long: bool
    columns: dict[str, ColumnReading]
    chosen: tuple[str, ...]


class OriginalLine(Fields):
    """A line of the file as it was uploaded, and what it is to the reading; long texts are cut."""

    line: int
    role: str
    text: str


class ReadingPreview(Findings):
    """How the file is read, or would be: lines of the original and the first rows of the table."""

    reading: Reading
    lines: tuple[OriginalLine, ...]
    table: Table

    def profile_of(self, dataset: Profile) -> Profile:
        """Returns the profile that the dataset would have."""
        findings = {name: getattr(self, name) for name in Findings.model_fields}
        size = {"rows": self.table.total_rows, "columns": len(self.columns_info)}
        return dataset.model_copy(update={**findings, **size, "encoding": self.reading.encoding})


class Chart(Fields):
    """How to draw a table; `series` is the column whose values are lines or columns of a heatmap, empty if none."""

    kind: Literal["bar", "line", "heatmap", "box", "map"]
    x: str
    y: str
    series: str = ""


class ToolResult(Fields):
    """The result of a tool; `code` is pandas code that gives the same table from the frame `df`."""

    result: str
    table: Table | None
    chart: Chart | None
    code: str
    rows_used: int
    rows_missing: int
