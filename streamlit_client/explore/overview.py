"""Overview of a dataset: kinds of rows, and when they happened."""

import pandas as pd
import streamlit as st

from streamlit_client import texts_explore
from streamlit_client.backend.contract_datasets import Column, Profile
from streamlit_client.charts.column_charts import label_bars
from streamlit_client.charts.style import PlainFigure
from streamlit_client.charts.time_charts import (
    bars,
    count_by_hour,
    count_by_month,
    count_by_weekday,
    has_hours,
    hour_weekday_heatmap,
)
from streamlit_client.explore.dataset_frame import load_frame
from streamlit_client.parts.chart import show_chart
from streamlit_client.parts.shown_text import plain_text

_WIDTH = 250
_MOST_LABELS = 60


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
    wanted = [name for name in (kind, date) if name is not None]
    if not wanted:
        st.caption(texts_explore.NO_DATES)
        return
    frame = load_frame(profile, "frame", wanted)
    if frame is None:
        return
    if kind is not None:
        st.header(texts_explore.BY_TYPE.format(name=plain_text(kind)), anchor=False)
        _chart(label_bars(frame[kind]), f"type.{profile.dataset_id}", texts_explore.BY_TYPE.format(name=kind))
    if date is None:
        st.caption(texts_explore.NO_DATES)
    else:
        _show_times(pd.to_datetime(frame[date]), profile.dataset_id)


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
        if column.type in ("text", "boolean") and 1 < column.unique <= _MOST_LABELS
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
    missing = len(moments) - used
    sentence = texts_explore.RESTS_ON_MISSING if missing else texts_explore.RESTS_ON
    st.caption(sentence.format(used=used, missing=missing))


def _chart(figure: PlainFigure, key: str, alt: str) -> None:
    show_chart(figure, key=f"overview.chart.{key}", alt=alt)
