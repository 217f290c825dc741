"""The regions of rows, as columns: `시군구:시도`, `주소:읍면동`, `위도:시군구`."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from dataset_service.analysis.frame.column import Column
from dataset_service.analysis.frame.coordinates import CoordinateColumns, find_coordinates, typed
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.added import Added
from dataset_service.analysis.wording import code_text
from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.columns.region_columns import regions_named_by
from dataset_service.reading.reading import ColumnReading
from servicekit.korea.boundaries import regions_at
from servicekit.korea.matching import find_region
from servicekit.korea.names import regions
from servicekit.row_numbers import number_rows

REGION_PARTS: Mapping[str, int] = {"시도": 2, "시군구": 5, "읍면동": 8}
"""The parts of regions, and the length of their codes."""
_CODE_COLUMN = "지역 코드"
_MOST_NAMES_IN_CODE = 500


class _RowRegions(NamedTuple):
    """The regions of rows: `codes` by row, or null, as a dictionary; `columns` tell them, none for positions."""

    codes: pa.DictionaryArray
    columns: tuple[str, ...]

    @property
    def size_bytes(self) -> int:
        """Memory of the codes in bytes."""
        return int(self.codes.nbytes)


def region_parts(frame: Frame, source: Column) -> list[str]:
    """Returns the levels of regions that a column tells."""
    found = _find(frame, source)
    longest = max(map(len, found.codes.dictionary.to_pylist()), default=0) if found else 0
    return [part for part, digits in REGION_PARTS.items() if digits <= longest]


def regions_of(frame: Frame, source: Column, part: str, name: str) -> Added | None:
    """Returns the regions of one level that a column tells as a column of that name; None if it tells none."""
    found, digits = _find(frame, source), REGION_PARTS[part]
    if found is None or part not in region_parts(frame, source):
        return None
    codes = [code[:digits] if len(code) >= digits else "" for code in found.codes.dictionary.to_pylist()]
    known = sorted({code for code in codes if code in regions()})
    names = pa.array([regions()[code].name for code in known], pa.string())
    places = pa.array([known.index(code) if code in regions() else None for code in codes], pa.int32())
    column = Column(
        name,
        pa.chunked_array([pa.DictionaryArray.from_arrays(places.take(found.codes.indices), names)]),
        ColumnReading(kind=ColumnKind.TEXT, meaning=Meaning.REGION),
        region_codes=tuple(known),
    )
    code, remark = _code(frame, column, found, digits)
    notes = (*_notes(source, column), *_moved(frame, column, found))
    return Added(column, code, notes=notes, remark=remark)


def _find(frame: Frame, source: Column) -> _RowRegions | None:
    return frame.once(("regions", source), lambda: _find_by_text(frame, source) or _find_by_position(frame, source))


def _find_by_text(frame: Frame, source: Column) -> _RowRegions | None:
    if source.kind is not ColumnKind.TEXT or source.name not in frame.base.columns:
        return None
    columns = [typed(column) for column in frame.base.of_kind(ColumnKind.TEXT)]
    named = regions_named_by(columns, source.name)
    return _RowRegions(named[1].codes, tuple(named[0])) if named else None


def _find_by_position(frame: Frame, source: Column) -> _RowRegions | None:
    degrees = coordinates_of(frame)
    if degrees is None or source not in (degrees.latitude.column, degrees.longitude.column):
        return None
    positions = degrees.latitude.values + 1j * degrees.longitude.values
    distinct, places = np.unique(positions, return_inverse=True)
    codes = regions_at(distinct.real.copy(), distinct.imag.copy())
    present = degrees.latitude.present & degrees.longitude.present
    by_row = pa.array(codes, mask=codes == "").take(pa.array(places, mask=~present))
    return _RowRegions(by_row.dictionary_encode(), ())


def coordinates_of(frame: Frame) -> CoordinateColumns | None:
    """Returns the columns of the dataset with positions, or None."""
    return frame.once("coordinates", lambda: find_coordinates(frame.base))


def _notes(source: Column, column: Column) -> tuple[str, ...]:
    unknown = column.missing - source.missing
    if unknown <= 0:
        return ()
    unmatched = np.flatnonzero(~column.present & source.present)[:1]
    example = code_text(str(source.cells(unmatched)[0]))
    return (f"{code_text(column.name)}: 지역을 찾지 못한 {unknown:,}행은 빈 값입니다 (예: {example}).",)


def _moved(frame: Frame, column: Column, found: _RowRegions) -> list[str]:
    """Returns a note on rows that name a former 시도 of their region: 경북 군위군, now of 대구."""
    if not found.columns:
        return []
    said = frame.base.columns[found.columns[0]]
    words = [str(text).split(" ")[0] for text in said.categories.to_pylist()]
    named = {word: region.code[:2] for word in set(words) if (region := find_region(word))}
    codes = np.array([*(named.get(word, "") for word in words), ""])[said.codes]
    ours = np.array([*(code[:2] for code in column.region_codes or ()), ""])[column.codes]
    moved = np.flatnonzero((codes != ours) & (codes != "") & (ours != ""))
    if not len(moved):
        return []
    first = [str(frame.base.columns[name].cells(moved[:1])[0]) for name in found.columns]
    return [
        f"{code_text(column.name)}: 다른 시도로 적힌 {len(moved):,}행은 지금의 행정구역으로 셉니다 "
        f"(예: {code_text(' '.join(first))} → {code_text(str(column.cells(moved[:1])[0]))})."
    ]


def _code(frame: Frame, column: Column, found: _RowRegions, digits: int) -> tuple[str, str]:
    """Returns a pandas expression for the column, and a remark."""
    if names := _names_by_text(frame, column, found.columns):
        if len(found.columns) == 1:
            return f"df[{found.columns[0]!r}].map({names!r})", ""
        return f'df[{list(found.columns)!r}].fillna("").agg(" ".join, axis=1).map({names!r})', ""
    labels = dict(zip(column.region_codes or (), column.categories.to_pylist(), strict=True))
    if found.columns and len(labels) <= _MOST_NAMES_IN_CODE:
        remark = f"`{_CODE_COLUMN}` 열은 지역 코드를 함께(region_codes=true) 내려받은 표에 있습니다."
        return f"df[{_CODE_COLUMN!r}].str[:{digits}].map({labels!r})", remark
    return "", f"{code_text(column.name)} 열은 이 열을 골라 내려받은 표에 있습니다."


def _names_by_text(frame: Frame, column: Column, columns: tuple[str, ...]) -> dict[str, Any]:
    """Returns the names of regions by the texts of the columns, joined by spaces; nothing if there are too many."""
    sources = [frame.base.columns[name] for name in columns]
    kinds, different = number_rows(frame.rows, ((one.array.indices, len(one.categories)) for one in sources))
    if not sources or different > _MOST_NAMES_IN_CODE:
        return {}
    _, first_rows = np.unique(kinds, return_index=True)
    texts = zip(*(source.cells(first_rows) for source in sources), strict=True)
    named = zip(texts, column.cells(first_rows), strict=True)
    return {" ".join(str(text or "") for text in row): name for row, name in named if name is not None}
