"""The profile of a dataset: statistics of its columns and their quality."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

import pyarrow.compute as pc

from dataset_service.reading.columns.column_types import TypedColumn
from dataset_service.reading.columns.date_texts import date_text, has_days_only
from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.columns.known_columns import (
    CoordinateColumns,
    PredictionColumn,
    find_coordinates,
    find_prediction_columns,
)
from dataset_service.reading.columns.region_columns import RegionColumns
from dataset_service.reading.warning import DatasetWarning, warning_from_document
from servicekit.row_numbers import number_rows

MOSTLY_MISSING = 0.3
_SAMPLES = 5
_LONGEST_SAMPLE = 80
_MOST_WARNINGS = 200


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column: counts of rows, values as text, and what is known of its values as in `ColumnReading`."""

    name: str
    kind: ColumnKind
    unique: int
    missing: int
    samples: tuple[str, ...]
    minimum: str = ""
    maximum: str = ""
    meaning: str = ""
    unit: str = ""
    precision: str = ""
    derived_from: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """All columns, in the order of the file, and findings about them."""

    columns: tuple[ColumnProfile, ...]
    duplicate_rows: int
    missing_cells: int
    date_columns: tuple[str, ...]
    coordinates: CoordinateColumns | None
    district_column: str
    prediction_columns: tuple[PredictionColumn, ...]
    warnings: tuple[DatasetWarning, ...]
    regions: RegionColumns | None = None

    @property
    def names(self) -> set[str]:
        """The names of the columns of the file, without those that were calculated."""
        return {column.name for column in self.columns if not column.derived_from}

    def to_document(self) -> dict[str, Any]:
        """Returns the profile as a JSON document."""
        return {
            **asdict(self),
            "coordinates": None if self.coordinates is None else list(self.coordinates),
            "prediction_columns": [list(found) for found in self.prediction_columns],
            "warnings": [list(warning) for warning in self.warnings],
            "regions": None if self.regions is None else list(self.regions),
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Reads the result of `to_document`."""
        coordinates, regions = document["coordinates"], document.get("regions")
        return cls(
            columns=tuple(
                ColumnProfile(**{**column, "kind": ColumnKind(column["kind"]), "samples": tuple(column["samples"])})
                for column in document["columns"]
            ),
            duplicate_rows=document["duplicate_rows"],
            missing_cells=document["missing_cells"],
            date_columns=tuple(document["date_columns"]),
            coordinates=None if coordinates is None else CoordinateColumns(*coordinates),
            district_column=document["district_column"],
            prediction_columns=tuple(PredictionColumn(*pair) for pair in document["prediction_columns"]),
            warnings=tuple(warning_from_document(fields) for fields in document["warnings"]),
            regions=None if regions is None else RegionColumns(tuple(regions[0]), *regions[1:]),
        )


def make_profile(
    columns: Sequence[TypedColumn],
    read_warnings: Sequence[DatasetWarning],
    regions: RegionColumns | None = None,
) -> Profile:
    """Returns the profile of typed columns, including the warnings of reading them."""
    rows = len(columns[0].codes)
    missing = [column.codes.null_count for column in columns]
    mostly_missing = [
        DatasetWarning("COLUMN_MOSTLY_MISSING", column=column.name, given=f"{100 * count / rows:.1f}")
        for column, count in zip(columns, missing, strict=True)
        if count >= MOSTLY_MISSING * rows
    ]
    typing_warnings = [warning for column in columns for warning in column.warnings]
    return Profile(
        columns=tuple(map(_column_profile, columns)),
        duplicate_rows=count_duplicates(columns),
        missing_cells=sum(missing),
        date_columns=tuple(column.name for column in columns if column.kind is ColumnKind.DATE),
        coordinates=find_coordinates(columns),
        district_column=_district_column(columns, regions),
        prediction_columns=tuple(find_prediction_columns([column.name for column in columns])),
        warnings=(*read_warnings, *typing_warnings, *mostly_missing)[:_MOST_WARNINGS],
        regions=regions,
    )


def _district_column(columns: Sequence[TypedColumn], regions: RegionColumns | None) -> str:
    """Returns the column with the most precise names of regions; empty text if only addresses have any."""
    name = regions.columns[-1] if regions else ""
    return next((one.name for one in columns if one.name == name and one.reading.meaning != Meaning.ADDRESS), "")


def _column_profile(column: TypedColumn) -> ColumnProfile:
    values = column.values
    minimum = maximum = ""
    if column.kind is not ColumnKind.TEXT and len(values):
        bounds = pc.min_max(values)
        minimum, maximum = (value_text(bounds[end].as_py(), column) for end in ("min", "max"))
    return ColumnProfile(
        name=column.name,
        kind=column.kind,
        unique=len(values),
        missing=column.codes.null_count,
        samples=tuple(value_text(value, column) for value in values[:_SAMPLES].to_pylist()),
        minimum=minimum,
        maximum=maximum,
        meaning=column.reading.meaning,
        unit=column.reading.unit,
        precision=column.reading.precision,
        derived_from=column.reading.derived_from,
    )


def value_text(value: Any, column: TypedColumn) -> str:
    """Returns a value as people read it: dates no more precise than the column, long texts cut."""
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            return date_text(value, column.reading.precision, is_day=has_days_only(column.values))
        case str() if len(value) > _LONGEST_SAMPLE:
            return value[: _LONGEST_SAMPLE - 1] + "…"
    return str(value)


def count_duplicates(columns: Sequence[TypedColumn]) -> int:
    """Returns the number of rows equal to an earlier row in every column; missing equals missing."""
    rows = len(columns[0].codes)
    if any(len(column.values) == rows for column in columns):
        return 0
    ordered = sorted(columns, key=lambda column: len(column.values), reverse=True)
    return rows - number_rows(rows, ((column.codes, len(column.values)) for column in ordered)).different
