"""Where a table has coordinates: two columns, or one with both, and their numbers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.column_types import TypedColumn
from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.columns.values.gaps import Gap, find_gaps
from dataset_service.reading.places.axes import Pair, find_pairs
from dataset_service.reading.places.degree_texts import read_degrees
from dataset_service.reading.places.position_texts import read_positions
from dataset_service.reading.places.systems import Floats

# One strange word among coordinates makes a column text, but the others can still be used.
_LEAST_READ = 0.9
_SAMPLE, _ROWS = 50, 300
_PLAIN_NUMBER = r"^[+-]?[0-9]+(?:\.[0-9]*)?$"
# Texts that may hold a position: degrees of Korea, or the forms of WKT and GeoJSON.
_LIKELY_TEXT = r"(?i)(?:^|\D)(?:3[3-9]|12[4-9]|13[012])(?:\.\d|\s?[°º˚도:\s-]\s?\d)|POINT|coordinates"
_LIKELY_NAME = re.compile("좌표|위치|coord|geom|position|location|point|wkt", re.IGNORECASE)
# Words for degrees, and for the minutes and seconds in columns of their own.
_PARTS = (("도", "분", "초"), ("deg", "min", "sec"), ("degree", "minute", "second"))
_MEANT_PAIRS = ((Meaning.LATITUDE, Meaning.LONGITUDE), (Meaning.METRES_Y, Meaning.METRES_X))

_Side = Sequence[TypedColumn]


class Source(NamedTuple):
    """Two coordinates of each row, NaN where there is none; what their columns say is to the north comes first."""

    names: tuple[str, ...]
    """The column to the north and the one to the east, each with those of minutes and seconds, or the only one."""
    north: Floats
    east: Floats
    unread: int = 0
    """Cells that hold something else."""
    system: str = ""
    """The system that the cells name."""

    @property
    def is_present(self) -> npt.NDArray[np.bool_]:
        """Tells of each row whether it has both coordinates."""
        return ~(np.isnan(self.north) | np.isnan(self.east))

    def sample(self) -> npt.NDArray[np.int64]:
        """Returns some rows with coordinates that are not zero, which stands for none."""
        rows = np.flatnonzero(self.is_present & (self.north != 0))
        return rows[np.linspace(0, len(rows) - 1, min(_ROWS, len(rows))).astype(np.int64)]

    def swapped(self) -> "Source":
        """Returns the coordinates the other way round."""
        return self._replace(names=self.names[::-1], north=self.east, east=self.north)


def number_sources(columns: Sequence[TypedColumn]) -> list[Source]:
    """Returns the pairs of columns with numbers, the clearest names first."""
    found = [_of_two(*pair) for pair in _pairs(columns) if _are_numbers(*pair)]
    return [source for source in found if source is not None]


def text_sources(columns: Sequence[TypedColumn]) -> Iterator[Source]:
    """Yields the pairs of columns with texts, then the single columns with both coordinates."""
    for pair in _pairs(columns):
        if not _are_numbers(*pair) and (source := _of_two(*pair)):
            yield source
    for column in columns:
        if column.kind is ColumnKind.TEXT and _may_hold_positions(column) and (source := _of_one(column)):
            yield source


def _pairs(columns: Sequence[TypedColumn]) -> list[tuple[_Side, _Side]]:
    """Returns the pairs of columns by what a person said that they mean, and by their names."""
    by_name = {column.name: column for column in columns}
    by_meaning = {column.reading.meaning: column.name for column in reversed(columns)}
    meant = [Pair(by_meaning[y], by_meaning[x]) for y, x in _MEANT_PAIRS if y in by_meaning and x in by_meaning]
    pairs = dict.fromkeys([*meant, *find_pairs(list(by_name))])
    return [(_with_parts(pair.north, by_name), _with_parts(pair.east, by_name)) for pair in pairs]


def _with_parts(name: str, by_name: Mapping[str, TypedColumn]) -> _Side:
    """Returns a column, and those of the minutes and seconds below its degrees if it has any, by their names."""
    for degrees, minutes, seconds in _PARTS:
        before, found, behind = name.rpartition(degrees)
        if found and (column := by_name.get(before + minutes + behind)):
            return [by_name[name], column, *filter(None, [by_name.get(before + seconds + behind)])]
    return [by_name[name]]


def _are_numbers(north: _Side, east: _Side) -> bool:
    """Tells whether two columns are numbers without minutes beside them, so that they need no reading."""
    return len(north) == len(east) == 1 and _holds_numbers(north[0]) and _holds_numbers(east[0])


def _holds_numbers(column: TypedColumn) -> bool:
    return column.kind in (ColumnKind.INTEGER, ColumnKind.NUMBER)


def _of_two(north: _Side, east: _Side) -> Source | None:
    first, second = _read_side(north), _read_side(east)
    if first is None or second is None:
        return None
    names = tuple(column.name for column in (*north, *east))
    return Source(names, first.cells, second.cells, max(first.unread, second.unread))


def _of_one(column: TypedColumn) -> Source | None:
    texts = _texts(column.values)
    positions = read_positions(texts)
    unread = _count_unread(column, texts, positions.first)
    if unread is None:
        return None
    north, east = (_by_row(column, numbers) for numbers in (positions.first, positions.second))
    if positions.system:  # WKT has x first
        north, east = east, north
    return Source((column.name,), north, east, unread, positions.system)


class _Numbers(NamedTuple):
    cells: Floats
    unread: int


def _read_side(columns: _Side) -> _Numbers | None:
    """Returns the numbers of a column, with a sixtieth of each next one; a missing part of degrees is 0."""
    numbers = [part for column in columns if (part := _read_numbers(column))]
    if len(numbers) < len(columns):
        return None
    cells = numbers[0].cells
    for part, size in zip(numbers[1:], (60, 3600), strict=False):
        cells = cells + np.nan_to_num(part.cells) / size
    return _Numbers(cells, max(part.unread for part in numbers))


def _read_numbers(column: TypedColumn) -> _Numbers | None:
    """Returns the numbers of a column, which may be text if nearly all cells are degrees or plain numbers."""
    if _holds_numbers(column):
        return _Numbers(pc.cast(column.cells, pa.float64()).to_numpy(zero_copy_only=False), 0)
    if column.kind is not ColumnKind.TEXT:
        return None
    texts = _texts(column.values)
    for read in (read_degrees, _read_plain_numbers):
        numbers = read(texts)
        unread = _count_unread(column, texts, numbers)
        if unread is not None:
            return _Numbers(_by_row(column, numbers), unread)
    return None


def _read_plain_numbers(texts: pa.StringArray) -> pa.DoubleArray:
    is_number = pc.match_substring_regex(texts, _PLAIN_NUMBER)
    return pc.cast(pc.if_else(is_number, texts, pa.scalar(None, texts.type)), pa.float64())


def _texts(values: pa.StringArray) -> pa.StringArray:
    """Returns texts without white space around them, null for a word for nothing."""
    texts = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.equal(find_gaps(texts), Gap.NONE), texts, pa.scalar(None, texts.type))


def _count_unread(column: TypedColumn, texts: pa.StringArray, numbers: pa.DoubleArray) -> int | None:
    """Returns the number of cells with a text that is no number; None if these are many, or all."""
    filled, read = (pc.sum(pc.is_valid(one).take(column.codes)).as_py() or 0 for one in (texts, numbers))
    return filled - read if read and read >= _LEAST_READ * filled else None


def _by_row(column: TypedColumn, numbers: pa.DoubleArray) -> Floats:
    return np.asarray(numbers.take(column.codes).to_numpy(zero_copy_only=False))


def _may_hold_positions(column: TypedColumn) -> bool:
    """Tells quickly, by some of its texts, whether a column may hold positions."""
    rows = np.linspace(0, len(column.values) - 1, min(_SAMPLE, len(column.values))).astype(np.int64)
    texts = _texts(column.values.take(rows)).drop_null()
    likely = r"\d" if _LIKELY_NAME.search(column.name) else _LIKELY_TEXT
    matches = pc.sum(pc.match_substring_regex(texts, likely)).as_py() or 0
    return len(texts) > 0 and matches >= _LEAST_READ * len(texts)
