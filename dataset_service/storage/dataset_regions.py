"""The regions that the rows of a stored table name."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from dataset_service.reading.columns.names import free_name
from servicekit.korea.boundaries import centres
from servicekit.korea.names import LEVELS, regions
from servicekit.korea.rows import RowRegions, Unmatched, find_regions

CODE_COLUMN = "지역 코드"


class RegionRows(NamedTuple):
    """A region, the number of its rows, and a point inside it in degrees, None if its outline is not known."""

    code: str
    name: str
    rows: int
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class DatasetRegions:
    """The rows of each region, as the contract describes them."""

    level: str
    columns: Sequence[str]
    regions: Sequence[RegionRows]
    unmatched: Sequence[Unmatched]
    matched_rows: int
    coarser_rows: int
    unknown_rows: int
    ambiguous_rows: int


NO_REGIONS = DatasetRegions("", (), (), (), 0, 0, 0, 0)


def count_regions(table: pa.Table, level: str) -> DatasetRegions:
    """Returns the rows of each region that the columns of a table name; all of them are columns with regions."""
    found = _find(table)
    digits = next(digits for digits, word in LEVELS.items() if word == level)
    counts, coarser = Counter[str](), 0
    for code, rows in found.rows_by_code().items():
        if len(code) < digits:
            coarser += rows
        else:
            counts[code[:digits]] += rows
    return DatasetRegions(
        level=level,
        columns=table.column_names,
        regions=[_region_rows(code, rows) for code, rows in sorted(counts.items(), key=lambda one: (-one[1], one[0]))],
        unmatched=found.unmatched,
        matched_rows=found.matched_rows,
        coarser_rows=coarser,
        unknown_rows=found.unknown_rows,
        ambiguous_rows=found.ambiguous_rows,
    )


def with_region_codes(table: pa.Table, naming: pa.Table | None) -> pa.Table:
    """Returns a table with the codes of the regions that the same rows name in `naming`; without it no row has one."""
    codes = _find(naming).codes if naming is not None and naming.num_columns else pa.nulls(table.num_rows, pa.string())
    return table.append_column(free_name(CODE_COLUMN, set(table.column_names)), codes)


def _find(table: pa.Table) -> RowRegions:
    return find_regions([column.combine_chunks() for column in table.columns])


def _region_rows(code: str, rows: int) -> RegionRows:
    centre = centres().get(code)
    return RegionRows(code, regions()[code].name, rows, *(centre or (None, None)))
