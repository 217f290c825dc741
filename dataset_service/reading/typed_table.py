"""Reads the bytes of a file into a table whose columns have types and say what they mean."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from dataset_service.reading.columns.column_types import TypedColumn, typed
from dataset_service.reading.columns.long import apply_periods, find_periods
from dataset_service.reading.columns.profile import Profile, make_profile
from dataset_service.reading.columns.region_columns import RegionColumns, name_regions
from dataset_service.reading.csv_file import CsvTable, read_csv
from dataset_service.reading.places.find import Hints, find_places
from dataset_service.reading.reading import ColumnReading, Reading
from dataset_service.reading.warning import DatasetWarning


@dataclass(frozen=True, slots=True)
class TypedTable:
    """The columns, how the file was read, what had to be repaired, and the columns that name regions."""

    columns: Sequence[TypedColumn]
    reading: Reading
    warnings: Sequence[DatasetWarning]
    regions: RegionColumns | None

    def profile(self) -> Profile:
        """Returns the statistics of the columns."""
        return make_profile(self.columns, self.warnings, self.regions)


def read_typed_table(content: bytes, wanted: Reading, threads: Executor) -> TypedTable:
    """Returns the table in a file; parts of the reading that are not chosen are found. Raises `CsvRefused`."""
    table = read_csv(content, wanted, threads)
    units = [table.units.get(name, "") for name in table.columns]
    columns = list(threads.map(typed, table.columns, table.cells, _choices(table, wanted), units))
    long = apply_periods(columns, is_long=bool(wanted.is_long))
    named = name_regions(long.columns)
    hints = Hints(named.regions.columns if named.regions else (), table.notes)
    places = find_places(named.columns, wanted.crs, hints)
    readings = {column.name: column.reading for column in (*columns, *places.columns)}
    return TypedTable(
        places.columns,
        replace(table.reading, columns=readings, crs=places.crs, is_long=long.is_long),
        [*table.warnings, *long.warnings, *named.warnings, *places.warnings],
        named.regions,
    )


def _choices(table: CsvTable, wanted: Reading) -> list[ColumnReading]:
    """Returns what is chosen of each column; in a long table, what is chosen of its measure."""
    periods = find_periods(table.columns) if wanted.is_long else None
    return [
        wanted.column(name if periods is None or wanted.column(name).chosen else periods.measure_of(name))
        for name in table.columns
    ]
