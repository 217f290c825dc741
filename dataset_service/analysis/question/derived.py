"""Columns that are named after another: `사고일시:연월`, `시군구:시도`, `연령:10`."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from dataset_service.analysis.frame.column import Column
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.frame.readings import dates_of
from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.reading import ColumnReading

SIGN = ":"
PARTS: Mapping[str, str] = {
    "year": "연도", "quarter": "분기", "month": "월", "year_month": "연월", "year_quarter": "연분기", "day": "일",
    "weekday": "요일", "hour": "시", "sido": "시도", "sigungu": "시군구", "eupmyeondong": "읍면동",
}  # fmt: skip
"""The Korean names of parts by their English ones; both are understood."""


class Added(NamedTuple):
    """A column that a question adds; `code` is a pandas expression for it, `function` defines what that calls."""

    column: Column
    code: str
    function: str = ""

    @property
    def size_bytes(self) -> int:
        """Memory of the column in bytes."""
        return self.column.size_bytes


def derive(frame: Frame, name: str) -> Added | None:
    """Returns the column that a name derives from another one, None if it derives none. Raises `ToolRefused`."""
    source_name, sign, written = name.rpartition(SIGN)
    source = frame.find(source_name) if sign else None
    part = PARTS.get(written.strip(), written.strip())
    if source is None:
        return None
    return frame.once(("derived", source.name, part), lambda: _derive(source, part))


def _derive(source: Column, part: str) -> Added | None:
    dates = dates_of(source)
    if dates is None or part != "연도":
        return None
    years = dates.values.astype("datetime64[Y]").astype(np.int64) + 1970
    name = f"{source.name}{SIGN}{part}"
    column = Column(
        name,
        pa.chunked_array([pa.array(years, mask=~dates.present)]),
        ColumnReading(kind=ColumnKind.INTEGER, meaning=Meaning.YEAR),
    )
    return Added(column, f"{dates.code}.dt.year.astype('Int64')", dates.function)
