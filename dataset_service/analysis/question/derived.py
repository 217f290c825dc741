"""Columns that are named after another: `사고일시:연월`, `시군구:시도`, `연령:10`."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dataset_service.analysis.arguments import column_of
from dataset_service.analysis.frame.column import WEEKDAYS, Column, has_times
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.frame.readings import Reading, dates_of, hours_of, numbers_of
from dataset_service.analysis.question.added import Added
from dataset_service.analysis.question.regions import REGION_PARTS, region_parts, regions_of
from dataset_service.analysis.wording import code_text
from dataset_service.reading.columns.kinds import ColumnKind, Meaning, Precision
from dataset_service.reading.reading import ColumnReading
from servicekit.errors import ToolRefused
from servicekit.question import PARTS

SIGN = ":"
_WORDS = {*PARTS, *PARTS.values()}
_HOUR, _WEEKDAY = "시", "요일"
_OF_PRECISION: Mapping[str, tuple[str, ...]] = {
    Precision.YEAR: ("연도",),
    Precision.QUARTER: ("연도", "분기", "연분기"),
    Precision.MONTH: ("연도", "분기", "월", "연월", "연분기"),
    "": ("연도", "분기", "월", "연월", "연분기", "일", _WEEKDAY),
}
_WIDTH = re.compile(r"(\d{1,12})(?:\.(\d{1,6}))?")
_MOST_STEPS = 1000
_AS_STEPS = """\
def as_steps(numbers, step, decimals, last):
    def edge(place):
        text = f"{place / 10**decimals:.{decimals}f}"
        return text.rstrip("0").rstrip(".") if decimals else text

    def label(place):
        return "~".join(dict.fromkeys([edge(place * step), edge((place + 1) * step - last)]))

    places = (numbers * 10**decimals).round(6) // step if decimals else numbers // step
    return places.map({place: label(place) for place in places.dropna().unique()})
"""


class _Moments(NamedTuple):
    """Dates, and the days and months since 1970 that they are in."""

    seconds: npt.NDArray[np.datetime64]

    @property
    def days(self) -> npt.NDArray[np.int64]:
        return self.seconds.astype("datetime64[D]").astype(np.int64)

    @property
    def months(self) -> npt.NDArray[np.int64]:
        return self.seconds.astype("datetime64[M]").astype(np.int64)


class _DatePart(NamedTuple):
    """`work_out` returns the part of dates, `code` follows `.dt` in pandas."""

    work_out: Callable[[_Moments], npt.NDArray[np.int64]]
    code: str
    meaning: str = ""
    precision: str = ""


_DATE_PARTS: Mapping[str, _DatePart] = {
    "연도": _DatePart(lambda at: at.months // 12 + 1970, "year", Meaning.YEAR),
    "분기": _DatePart(lambda at: at.months % 12 // 3 + 1, "quarter"),
    "월": _DatePart(lambda at: at.months % 12 + 1, "month", Meaning.MONTH),
    "일": _DatePart(lambda at: at.days - _first_days(at.months) + 1, "day", Meaning.DAY),
    # 1970-01-01 was a Thursday.
    _WEEKDAY: _DatePart(lambda at: (at.days + 3) % 7, f"day_of_week.map(dict(enumerate({list(WEEKDAYS)!r})))"),
    _HOUR: _DatePart(lambda at: at.seconds.astype(np.int64) // 3600 % 24, "hour", Meaning.HOUR),
    "연월": _DatePart(lambda at: _first_days(at.months), 'to_period("M").dt.to_timestamp()', precision=Precision.MONTH),
    "연분기": _DatePart(
        lambda at: _first_days(at.months // 3 * 3), 'to_period("Q").dt.to_timestamp()', precision=Precision.QUARTER
    ),
}


def find_or_derive(frame: Frame, name: str) -> Added:
    """Returns the column that a name means: one of the frame, or one derived from it. Raises `ToolRefused`."""
    column = frame.find(name)
    if column is not None:
        return Added(column)
    source, _, part = name.rpartition(SIGN)
    is_part = part.strip() in _WORDS or _WIDTH.fullmatch(part)
    return derive(frame, name) or Added(column_of(frame, source if source and is_part else name))


def derive(frame: Frame, name: str) -> Added | None:
    """Returns the column that a name derives from another one, None if it derives none. Raises `ToolRefused`."""
    source_name, sign, written = name.rpartition(SIGN)
    if not sign or not written.strip():
        return None
    column = frame.find(source_name)
    source = Added(column) if column is not None else derive(frame, source_name)
    if source is None:
        return None
    part = PARTS.get(written.strip().casefold(), written.strip())
    added = frame.once(("derived", source.column, part), lambda: _derive(frame, source.column, part))
    return added._replace(needs=(*source.needs, source)) if column is None else added


def _derive(frame: Frame, source: Column, part: str) -> Added:
    name = f"{source.name}{SIGN}{part}"
    dates = dates_of(source)
    if dates and part in _parts_of_dates(dates):
        return _part_of_dates(name, dates, part)
    if part == _HOUR and (hours := hours_of(source)):
        return _integers(name, hours.values, hours.present, f"{hours.code}", Meaning.HOUR, hours)
    if part in REGION_PARTS and (regions := regions_of(frame, source, part, name)):
        return regions
    if (width := _WIDTH.fullmatch(part)) and (numbers := _amounts(source)):
        return _steps(name, numbers, width[1], width[2] or "")
    raise ToolRefused(
        f"{code_text(source.name)} 열에서 {code_text(part)} 부분은 만들 수 없습니다. "
        f"이 열에서 만들 수 있는 것: {_known_parts(frame, source) or '없음'}."
    )


def _known_parts(frame: Frame, source: Column) -> str:
    dates, parts = dates_of(source), list[str]()
    if dates:
        parts += _parts_of_dates(dates)
    elif hours_of(source):
        parts.append(_HOUR)
    parts += region_parts(frame, source)
    if _amounts(source):
        parts.append("10 같은 너비")
    return ", ".join(parts)


def _parts_of_dates(dates: Reading) -> tuple[str, ...]:
    parts = _OF_PRECISION[dates.column.precision]
    return (*parts, _HOUR) if not dates.column.precision and has_times(dates.used) else parts


def _part_of_dates(name: str, dates: Reading, part: str) -> Added:
    rule = _DATE_PARTS[part]
    values = rule.work_out(_Moments(dates.values.astype("datetime64[s]")))
    code = f"{dates.code}.dt.{rule.code}"
    if rule.precision:
        array = pa.array(values.astype("datetime64[D]").astype("datetime64[s]"), mask=~dates.present)
        reading = ColumnReading(kind=ColumnKind.DATE, precision=rule.precision)
        return Added(Column(name, pa.chunked_array([array]), reading, is_ordered=True), code, (dates.function,))
    if part == _WEEKDAY:
        return Added(_ordered_texts(name, values, dates.present, WEEKDAYS), code, (dates.function,))
    return _integers(name, values, dates.present, code, rule.meaning, dates)


def _integers(
    name: str, values: npt.NDArray[Any], present: npt.NDArray[np.bool_], code: str, meaning: str, source: Reading
) -> Added:
    array = pa.array(np.where(present, values, 0).astype(np.int64), mask=~present)
    reading = ColumnReading(kind=ColumnKind.INTEGER, meaning=meaning)
    column = Column(name, pa.chunked_array([array]), reading, is_ordered=True)
    return Added(column, f'{code}.astype("{"Int64" if column.missing else "int64"}")', (source.function,))


def _amounts(source: Column) -> Reading | None:
    return None if source.is_name or source.kind is ColumnKind.BOOLEAN else numbers_of(source)


def _steps(name: str, numbers: Reading, whole: str, fraction: str) -> Added:
    """Returns the numbers in steps of a width: `20~29` for whole numbers, otherwise `0~0.5` without its end."""
    decimals = len(fraction)
    step = int(whole + fraction)
    if not step:
        raise ToolRefused(f"{code_text(name)}: 너비는 0보다 커야 합니다.")
    used = numbers.used
    last = int(not decimals and (used.dtype.kind == "i" or bool(np.all(used == np.floor(used)))))
    # Rounded, because 0.3 / 0.1 is less than 3.
    places = np.round(used * 10.0**decimals, 6) // step if decimals else used // step
    distinct, codes = np.unique(places, return_inverse=True)
    if len(distinct) > _MOST_STEPS:
        raise ToolRefused(
            f"{code_text(name)} 구간이 {len(distinct):,}개입니다. {_MOST_STEPS:,}개 이하가 되게 너비를 늘려주세요."
        )

    def edge(place: Any) -> str:
        text = f"{place / 10**decimals:.{decimals}f}"
        return text.rstrip("0").rstrip(".") if decimals else text

    labels = [
        "~".join(dict.fromkeys([edge(place * step), edge((place + 1) * step - last)])) for place in distinct.tolist()
    ]
    by_row = np.zeros(len(numbers.values), np.int32)
    by_row[numbers.present] = codes
    column = _ordered_texts(name, by_row, numbers.present, labels)
    return Added(column, f"as_steps({numbers.code}, {step}, {decimals}, {last})", (numbers.function, _AS_STEPS))


def _ordered_texts(
    name: str, codes: npt.NDArray[Any], present: npt.NDArray[np.bool_], labels: "list[str] | tuple[str, ...]"
) -> Column:
    indices = pa.array(np.where(present, codes, 0).astype(np.int32), mask=~present)
    texts = pa.DictionaryArray.from_arrays(indices, pa.array(list(labels), pa.string()))
    return Column(name, pa.chunked_array([texts]), is_ordered=True)


def _first_days(months: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
