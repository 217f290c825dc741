"""Overview of a dataset: kinds of rows, and when they happened."""

import pandas as pd
import streamlit as st

from streamlit_client import texts_explore
from streamlit_client.backend.contract_datasets import Column, Profile
from streamlit_client.charts.axes import count_axis, number_axis
from streamlit_client.charts.categories import as_categories, count_bars, hours_of
from streamlit_client.charts.column_charts import label_bars
from streamlit_client.charts.style import PlainFigure
from streamlit_client.charts.time_charts import (
    bars,
    count_by_hour,
    count_by_month,
    count_by_weekday,
    has_hours,
    hour_weekday_heatmap,
    trend,
)
from streamlit_client.explore.dataset_frame import load_frame
from streamlit_client.parts.chart import show_chart
from streamlit_client.parts.column_roles import suitable_columns
from streamlit_client.parts.shown_text import plain_text

_WIDTH = 250
_MOST_LABELS = 60
_NAMES = ("phone", "address", "position")  # meanings of texts that make no kinds of rows


def show_overview(profile: Profile) -> None:
    """Draws the kinds of rows, and charts of time if there is a date column."""
    choices = _type_columns(profile)
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
        value = _choose_value(profile, date)
    clock = _find_clock(profile, date)
    wanted = [name for name in (kind, date, clock, value) if name is not None]
    if not wanted:
        st.caption(texts_explore.NO_DATES)
        return
    frame = load_frame(profile, "frame", wanted)
    if frame is None:
        return
    if kind is not None:
        st.header(texts_explore.BY_TYPE.format(name=plain_text(kind)), anchor=False)
        _chart(label_bars(frame[kind]), f"type.{profile.dataset_id}", texts_explore.BY_TYPE.format(name=kind))
    if date is not None and profile.column(date).precision is not None:
        _show_trend(frame, profile, date, value)
    elif date is not None:
        _show_times(_moments(frame, profile, date, clock), profile.dataset_id)
        if clock is not None:
            st.caption(texts_explore.HOURS_OF.format(name=plain_text(clock)))
    elif clock is not None:
        st.header(texts_explore.BY_HOUR, anchor=False)
        _chart(count_bars(frame[clock], profile.column(clock)), f"hour.{profile.dataset_id}", texts_explore.BY_HOUR)
    else:
        st.caption(texts_explore.NO_DATES)


def _choose_value(profile: Profile, date: str | None) -> str | None:
    """Draws the choice of what the trend of periods shows: None for the number of rows."""
    column = None if date is None else profile.column(date)
    numbers = suitable_columns("number", profile)
    if column is None or column.precision is None or not numbers:
        return None
    is_series = column.unique == profile.rows - column.missing  # has a row for each period
    return st.selectbox(
        texts_explore.TREND_OF,
        [*numbers, None] if is_series else [None, *numbers],
        format_func=lambda name: texts_explore.ROW_COUNT if name is None else profile.column(name).title,
        key=f"overview.value.{profile.dataset_id}.{date}",
    )


def _find_clock(profile: Profile, date: str | None) -> str | None:
    """Returns the column with the hours of the dates, or of rows without dates; None if the dates have their own."""
    if date is not None:
        column = profile.column(date)
        if column.precision is not None or ":" in (column.maximum or ""):
            return None
    clocks = (column.name for column in profile.columns_info if column.type == "time" or column.meaning == "hour")
    return next(clocks, None)


def _moments(frame: pd.DataFrame, profile: Profile, date: str, clock: str | None) -> pd.Series:
    dates = pd.to_datetime(frame[date])
    if clock is None:
        return dates
    return dates + pd.to_timedelta(hours_of(frame[clock], profile.column(clock)), unit="h")


def _show_trend(frame: pd.DataFrame, profile: Profile, date: str, value: str | None) -> None:
    """Draws the number of rows, or the mean of a value, by the precision of the dates."""
    column = profile.column(date)
    is_used = frame[date].notna() if value is None else frame[[date, value]].notna().all(axis="columns")
    if column.precision is None or not is_used.any():
        st.caption(texts_explore.NO_DATES)
        return
    periods = as_categories(frame[date], column)
    if value is None:
        heights = periods.value_counts(sort=False)
        axis = count_axis(heights.to_numpy(), texts_explore.ROW_COUNT)
    else:
        heights = frame[value].groupby(periods, observed=False).mean()
        known, is_series = profile.column(value), column.unique == profile.rows - column.missing
        title = known.title if is_series else texts_explore.MEAN_OF.format(name=known.title)
        axis = number_axis(heights.to_numpy(), title, known)
    st.header(texts_explore.BY_PERIOD[column.precision], anchor=False)
    figure = trend(heights.index.tolist(), heights.tolist(), x=column.name, y=axis)
    _chart(figure, f"trend.{profile.dataset_id}", texts_explore.BY_PERIOD[column.precision])
    _show_basis(int(is_used.sum()), len(frame))


def _type_columns(profile: Profile) -> list[str]:
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


def _show_times(moments: pd.Series, dataset_id: str) -> None:
    used = int(moments.notna().sum())
    if not used:
        st.caption(texts_explore.NO_DATES)
        return
    weekdays, months = count_by_weekday(moments), count_by_month(moments)
    with_hours = has_hours(moments)
    if with_hours:
        hours = count_by_hour(moments)
        peak = max(range(24), key=hours.__getitem__)
        busiest = texts_explore.WEEKDAYS[max(range(7), key=weekdays.__getitem__)]
        st.markdown(
            texts_explore.PEAK.format(hour=peak, count=hours[peak], share=100 * hours[peak] / used, weekday=busiest)
        )
    grid = st.grid(3 if with_hours else 2, min_column_width=_WIDTH, gap="medium")
    if with_hours:
        with grid.cell():
            st.header(texts_explore.BY_HOUR, anchor=False)
            labels = [texts_explore.HOUR_VALUE.format(hour=hour) for hour in range(24)]
            _chart(bars(labels, hours, x=texts_explore.HOUR, every=6), f"hour.{dataset_id}", texts_explore.BY_HOUR)
    with grid.cell():
        st.header(texts_explore.BY_WEEKDAY, anchor=False)
        _chart(
            bars(texts_explore.WEEKDAYS, weekdays, x=texts_explore.WEEKDAY),
            f"weekday.{dataset_id}",
            texts_explore.BY_WEEKDAY,
        )
    with grid.cell():
        st.header(texts_explore.BY_MONTH, anchor=False)
        labels = [texts_explore.MONTH_VALUE.format(month=month) for month in range(1, 13)]
        _chart(bars(labels, months, x=texts_explore.MONTH, every=3), f"month.{dataset_id}", texts_explore.BY_MONTH)
    if with_hours:
        st.header(texts_explore.HEATMAP, anchor=False)
        _chart(hour_weekday_heatmap(moments), f"heat.{dataset_id}", texts_explore.HEATMAP)
    _show_basis(used, len(moments))


def _show_basis(used: int, rows: int) -> None:
    sentence = texts_explore.RESTS_ON_MISSING if used < rows else texts_explore.RESTS_ON
    st.caption(sentence.format(used=used, missing=rows - used))


def _chart(figure: PlainFigure, key: str, alt: str) -> None:
    show_chart(figure, key=f"overview.chart.{key}", alt=alt)
