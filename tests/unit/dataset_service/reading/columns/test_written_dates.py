"""Dates and times in a column, all written in one of the known ways, are read as what they were."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dataset_service.reading.columns.column_types import typed
from dataset_service.reading.columns.date_texts import date_texts

_WEEKDAYS = "월화수목금토일"
_MILLISECOND, _SECOND, _MINUTE, _HOUR, _DAY = (
    timedelta(**{unit: 1}) for unit in ("milliseconds", "seconds", "minutes", "hours", "days")
)
# Years of two digits are those from 1969 to 2068.
_FIRST, _LAST = datetime(1969, 1, 1), datetime(2068, 12, 31)  # noqa: DTZ001 - as the files have it


class Way(NamedTuple):
    """How moments are written, what that keeps of them, and the name of the column."""

    keeps: timedelta | str
    """A length of time, or the precision."""
    write: Callable[[datetime], str]
    name: str = "열"


def _in_zone(moment: datetime, hours: int) -> str:
    in_seoul = moment.replace(tzinfo=timezone(timedelta(hours=9)))
    return in_seoul.astimezone(timezone(timedelta(hours=hours))).isoformat("T", "seconds")


def _with_24(moment: datetime, day: str, clock: str) -> str:
    is_midnight = not moment.hour and not (moment.minute and "%M" in clock)
    return (
        f"{moment - _DAY:{day}}{clock.replace('%H', '24').replace('%M', '00')}"
        if is_midnight
        else f"{moment:{day}{clock}}"
    )


def _half(moment: datetime) -> str:
    return "오전" if moment.hour < 12 else "오후"


def _hour(moment: datetime) -> int:
    return (moment.hour - 1) % 12 + 1


def _quarter(moment: datetime) -> int:
    return (moment.month + 2) // 3


_MOMENTS = [
    Way(_MILLISECOND, lambda m: m.isoformat(" ", "milliseconds")),
    Way(_MILLISECOND, lambda m: m.isoformat("T", "milliseconds") + "+0900"),
    Way(_SECOND, lambda m: m.isoformat("T", "seconds")),
    Way(_SECOND, lambda m: _in_zone(m, 9)),
    Way(_SECOND, lambda m: _in_zone(m, 0)),
    Way(_SECOND, lambda m: _in_zone(m, -8)),
    Way(_MINUTE, lambda m: f"{m:%Y-%m-%d %H:%M} KST"),
    Way(_SECOND, lambda m: f"{m:%Y/%m/%d %H:%M:%S}"),
    Way(_SECOND, lambda m: f"{m:%Y%m%d %H:%M:%S}"),
    Way(_SECOND, lambda m: f"{m:%Y%m%dT%H%M%S}"),
    Way(_MINUTE, lambda m: f"{m.year}. {m.month}. {m.day}. {m:%H:%M}"),
    Way(_DAY, lambda m: f"{m.year}.{m.month}.{m.day}"),
    Way(_DAY, lambda m: f"{m:%Y-%m-%d}({_WEEKDAYS[m.weekday()]})"),
    Way(_HOUR, lambda m: f"{m.year}년 {m.month}월 {m.day}일 {_WEEKDAYS[m.weekday()]}요일 {m.hour}시"),
    Way(_SECOND, lambda m: f"{m.year}년{m.month}월{m.day}일 {m.hour}시 {m.minute:02}분 {m.second}초"),
    Way(_SECOND, lambda m: f"{m:%Y-%m-%d} {_half(m)} {_hour(m)}:{m:%M:%S}"),
    Way(_MINUTE, lambda m: f"{m:%Y-%m-%d} {_hour(m)}:{m:%M} {'AM' if m.hour < 12 else 'PM'}"),
    Way(_MINUTE, lambda m: _with_24(m, "%Y-%m-%d", " %H:%M")),
    Way(_DAY, lambda m: f"{m:%Y%m%d}"),
    Way(_HOUR, lambda m: f"{m:%Y%m%d%H}"),
    Way(_HOUR, lambda m: _with_24(m, "%Y%m%d", "%H")),
    Way(_MINUTE, lambda m: f"{m:%Y%m%d%H%M}"),
    Way(_SECOND, lambda m: f"{m:%Y%m%d%H%M%S}"),
]
_DAYS_OF_SHORT_YEARS = [
    Way(_DAY, lambda m: f"{m:%y.%m.%d}"),
    Way(_DAY, lambda m: f"'{m:%y}.{m.month}.{m.day}"),
    Way(_DAY, lambda m: f"{m:%y}-{m.month}-{m.day}", "접수일"),
    Way(_DAY, lambda m: f"{m:%y%m%d}", "접수일자"),
]
_PERIODS = [
    Way("month", lambda m: f"{m:%Y-%m}", "기준월"),
    Way("month", lambda m: f"{m:%Y/%m}", "기준월"),
    Way("month", lambda m: f"{m.year}년 {m.month}월"),
    Way("month", lambda m: f"{m:%Y년%m월}"),
    Way("month", lambda m: f"{m.year}. {m.month}."),
    Way("month", lambda m: f"{m.year}.{m.month}월"),
    Way("month", lambda m: f"{m:%y}.{m.month}월"),
    Way("month", lambda m: f"'{m:%y.%m}"),
    Way("month", lambda m: f"{m:%Y%m}", "기준년월"),
    Way("month", lambda m: f"{m:%Y.%m}", "기준년월"),
    Way("quarter", lambda m: f"{m.year}.{_quarter(m)}/4"),
    Way("quarter", lambda m: f"{m.year} {_quarter(m)}/4"),
    Way("quarter", lambda m: f"{m.year}년 {_quarter(m)}분기"),
    Way("quarter", lambda m: f"{m.year}년 {_quarter(m)}/4분기"),
    Way("quarter", lambda m: f"{m.year}-Q{_quarter(m)}"),
    Way("quarter", lambda m: f"{m.year}Q{_quarter(m)}"),
    Way("quarter", lambda m: f"{_quarter(m)}Q{m:%y}"),
    Way("quarter", lambda m: f"{m:%y}.{_quarter(m)}분기"),
    Way("year", lambda m: f"{m.year}년"),
    Way("year", lambda m: f"{m.year}년도"),
    Way("year", lambda m: f"{m.year} 년"),
    Way("year", lambda m: f"'{m:%y}년"),
    Way("year", lambda m: f"{m:%y}년도"),
]
_TIMES = [
    Way("", lambda m: f"{m:%H:%M:%S}"),
    Way("", lambda m: f"{m.hour}시 {m.minute}분 {m.second}초"),
    Way("", lambda m: f"{_half(m)} {_hour(m)}:{m:%M:%S}"),
    Way("", lambda m: f"{_hour(m)}:{m:%M:%S} {'AM' if m.hour < 12 else 'PM'}"),
]
_ANY = st.lists(st.datetimes(_FIRST + _DAY, _LAST), min_size=1)


def _column(way: Way, moments: list[datetime]) -> tuple[str, str, list[object]]:
    column = typed(way.name, pa.array([way.write(moment) for moment in moments]).dictionary_encode())
    return column.kind, column.reading.precision, column.cells.to_pylist()


@given(_ANY, st.sampled_from(_MOMENTS))
def test_moments_written_in_any_way_are_read(moments: list[datetime], way: Way) -> None:
    assert isinstance(way.keeps, timedelta)
    expected = [moment - (moment - _FIRST) % way.keeps for moment in moments]
    assert _column(way, moments) == ("date", "", expected)


@given(_ANY, st.sampled_from(_DAYS_OF_SHORT_YEARS))
def test_days_with_years_of_two_digits_are_read_if_years_differ_no_more_than_days(
    moments: list[datetime], way: Way
) -> None:
    assume(len({moment.year for moment in moments}) <= len({moment.day for moment in moments}))
    expected = [moment.replace(hour=0, minute=0, second=0, microsecond=0) for moment in moments]
    assert _column(way, moments) == ("date", "", expected)


@given(_ANY, st.sampled_from(_PERIODS))
def test_periods_written_in_any_way_are_read_as_precise_as_they_are(moments: list[datetime], way: Way) -> None:
    assert isinstance(way.keeps, str)
    kind, precision, values = _column(way, moments)
    assert (kind, precision) == ("date", way.keeps)
    as_texts = date_texts(pa.array(moments, pa.timestamp("ms")), precision)
    assert date_texts(pa.array(values, pa.timestamp("ms")), precision) == as_texts


@given(_ANY, st.sampled_from(_TIMES))
def test_times_written_in_any_way_are_read(moments: list[datetime], way: Way) -> None:
    assert _column(way, moments) == ("time", "", [f"{moment:%H:%M:%S}" for moment in moments])


@pytest.mark.parametrize("precision", ["month", "quarter"])
@given(moments=_ANY)
def test_what_is_written_is_read_back(precision: str, moments: list[datetime]) -> None:
    written = date_texts(pa.array(moments, pa.timestamp("ms")), precision)
    found = typed("기준월", written.dictionary_encode())
    assert (found.kind, found.reading.precision) == ("date", precision)
    assert date_texts(found.cells, precision) == written
