"""Overview of a dataset: kinds of rows, and when they happened."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import streamlit as st

from servicekit.question import Question
from streamlit_client import texts_explore
from streamlit_client.backend.contract_datasets import Column, Profile, Scalar
from streamlit_client.backend.contract_questions import Aggregate
from streamlit_client.charts.column_charts import label_bars
from streamlit_client.charts.style import PlainFigure
from streamlit_client.charts.time_charts import DAYS, HOURS, bars, hour_weekday_heatmap
from streamlit_client.explore.answers import ask_aggregate, show_basis
from streamlit_client.explore.clickable import Mark, show_clickable
from streamlit_client.explore.measures import measure_of
from streamlit_client.explore.trend import has_hours, show_periods, usual_measure
from streamlit_client.parts.shown_text import plain_text

_WIDTH = 250
_MOST_LABELS = 60
_NAMES = ("phone", "address", "position")  # meanings of texts that make no kinds of rows
_PERIODS = {
    "year": texts_explore.YEARS, "quarter": texts_explore.YEAR_QUARTERS, "month": texts_explore.YEAR_MONTHS
}  # fmt: skip
_MOST_CELLS = 200


def show_overview(profile: Profile, question: Question) -> None:
    """Draws the kinds of rows, and charts of time if there is a date column."""
    choices = kind_columns(profile)
    dates = list(profile.date_columns)
    with st.container(horizontal=True):
        kind = (
            st.selectbox(texts_explore.TYPE_COLUMN, choices, key=f"overview.type.{profile.dataset_id}")
            if choices
            else None
        )
        date = (
            st.selectbox(texts_explore.DATE_COLUMN, dates, key=f"overview.date.{profile.dataset_id}") if dates else None
        )
    if kind is not None:
        _show_kinds(profile, question, kind)
    column = None if date is None else profile.column(date)
    clock = _find_clock(profile, column)
    if column is not None and column.precision is not None:
        measure = measure_of(question, usual_measure(profile, column))
        show_periods(profile, question, column, _PERIODS[column.precision], measure)
    elif column is not None:
        _show_times(profile, question, column, clock)
        if clock is not None:
            st.caption(texts_explore.HOURS_OF.format(name=plain_text(clock.name)))
    elif clock is not None:
        st.header(texts_explore.BY_HOUR, anchor=False)
        answer = ask_aggregate(profile, question, groups=(_hour_group(clock),))
        if answer is not None:
            counts = [0] * HOURS
            for hour, count in answer.table.rows:
                counts[_hour(hour)] += _count(count)
            _show_hours(counts, _hour_group(clock), profile)
    else:
        st.caption(texts_explore.NO_DATES)


def _find_clock(profile: Profile, date: Column | None) -> Column | None:
    """Returns the column with the hours of the dates, or of rows without dates; None if the dates have their own."""
    if date is not None and (date.precision is not None or has_hours(date)):
        return None
    clocks = (column for column in profile.columns_info if column.type == "time" or column.meaning == "hour")
    return next(clocks, None)


def _hour_group(column: Column) -> str:
    return column.name if column.meaning == "hour" else f"{column.name}:{texts_explore.HOURS}"


def _show_kinds(profile: Profile, question: Question, kind: str) -> None:
    heading = texts_explore.BY_TYPE.format(name=kind)
    answer = ask_aggregate(profile, question, groups=(kind,), limit=texts_explore.TOP_COUNT)
    if answer is None or not answer.table.rows:
        return
    st.header(plain_text(heading), anchor=False)
    labels = [_text(row[0]) for row in answer.table.rows]
    others = answer.table.total_rows - len(labels)
    counts = [_count(row[1]) for row in answer.table.rows]
    figure = label_bars(labels, counts, total=answer.rows_used, others=others)
    marks = [[(kind, row[0], label)] for row, label in zip(answer.table.rows, labels, strict=True)]
    show_clickable(figure, marks, key=f"overview.chart.type.{profile.dataset_id}", alt=heading)


def _text(cell: Scalar) -> str:
    return texts_explore.TRUTH[cell] if isinstance(cell, bool) else str(cell)


def kind_columns(profile: Profile) -> list[str]:
    """Returns the columns that tell kinds of rows, the most telling first."""

    def place(column: Column) -> tuple[int, int]:
        named = (
            texts_explore.TYPE_COLUMNS.index(column.name)
            if column.name in texts_explore.TYPE_COLUMNS
            else len(texts_explore.TYPE_COLUMNS)
        )
        return named, column.unique

    usable = [
        column
        for column in profile.columns_info
        if column.type in ("text", "boolean") and column.meaning not in _NAMES and 1 < column.unique <= _MOST_LABELS
    ]
    return [column.name for column in sorted(usable, key=place)]


def _show_times(profile: Profile, question: Question, date: Column, clock: Column | None) -> None:
    weekday, month = f"{date.name}:{texts_explore.PART_WEEKDAYS}", f"{date.name}:{texts_explore.MONTHS}"
    hour = (
        _hour_group(clock) if clock is not None else f"{date.name}:{texts_explore.HOURS}" if has_hours(date) else None
    )
    by_week = ask_aggregate(
        profile, question, groups=(weekday,) if hour is None else (weekday, hour), limit=_MOST_CELLS
    )
    by_month = ask_aggregate(profile, question, groups=(month,))
    if by_week is None or by_month is None:
        return
    if not by_month.rows_used:
        st.caption(texts_explore.NO_DATES)
        return
    cells = _week_cells(by_week)
    weekdays, hours = cells.sum(axis=1).tolist(), cells.sum(axis=0).tolist()
    if hour is not None and by_week.rows_used:
        peak = max(range(HOURS), key=hours.__getitem__)
        busiest = texts_explore.WEEKDAYS[max(range(DAYS), key=weekdays.__getitem__)]
        share = 100 * hours[peak] / by_week.rows_used
        st.markdown(texts_explore.PEAK.format(hour=peak, count=hours[peak], share=share, weekday=busiest))
    grid = st.grid(2 if hour is None else 3, min_column_width=_WIDTH, gap="medium")
    if hour is not None:
        with grid.cell():
            st.header(texts_explore.BY_HOUR, anchor=False)
            _show_hours(hours, hour, profile)
    with grid.cell():
        st.header(texts_explore.BY_WEEKDAY, anchor=False)
        days = [texts_explore.WEEKDAY_VALUE.format(day=day) for day in texts_explore.WEEKDAYS]
        figure = bars(texts_explore.WEEKDAYS, weekdays, x=texts_explore.WEEKDAY)
        _show(figure, "weekday", texts_explore.BY_WEEKDAY, [[(weekday, day, day)] for day in days], profile)
    with grid.cell():
        st.header(texts_explore.BY_MONTH, anchor=False)
        counts = [0] * 12
        for number, count in by_month.table.rows:
            counts[_hour(number) - 1] = _count(count)
        labels = [texts_explore.MONTH_VALUE.format(month=number) for number in range(1, 13)]
        marks: list[Mark] = [[(month, number, label)] for number, label in enumerate(labels, 1)]
        _show(bars(labels, counts, x=texts_explore.MONTH, every=3), "month", texts_explore.BY_MONTH, marks, profile)
    if hour is not None:
        st.header(texts_explore.HEATMAP, anchor=False)
        marks = [
            [(weekday, day, day), (hour, number, texts_explore.HOUR_VALUE.format(hour=number))]
            for day in days
            for number in range(HOURS)
        ]
        _show(hour_weekday_heatmap(cells.tolist()), "heat", texts_explore.HEATMAP, marks, profile)
    show_basis(by_week)


def _show_hours(counts: Sequence[int], group: str, profile: Profile) -> None:
    labels = [texts_explore.HOUR_VALUE.format(hour=hour) for hour in range(HOURS)]
    marks = [[(group, hour, label)] for hour, label in enumerate(labels)]
    _show(bars(labels, counts, x=texts_explore.HOUR, every=6), "hour", texts_explore.BY_HOUR, marks, profile)


def _show(figure: PlainFigure, name: str, heading: str, marks: Sequence[Mark], profile: Profile) -> None:
    show_clickable(figure, marks, key=f"overview.chart.{name}.{profile.dataset_id}", alt=heading)


def _week_cells(answer: Aggregate) -> npt.NDArray[np.int64]:
    """Returns the rows of each hour of each weekday; without hours all are in the first one."""
    cells = np.zeros((DAYS, HOURS), dtype=np.int64)
    for weekday, *hour, count in answer.table.rows:
        cells[texts_explore.WEEKDAYS.index(str(weekday)[0]), _hour(hour[0]) if hour else 0] += _count(count)
    return cells


def _hour(cell: Scalar) -> int:
    return int(cell or 0) % HOURS


def _count(cell: Scalar) -> int:
    return int(cell or 0)
