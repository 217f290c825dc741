"""The tab 추이: a value by periods, beside the same period of the year before, and how it changed."""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import streamlit as st

from servicekit.korean_text.particles import choose_particles
from servicekit.question import Measure, Question
from streamlit_client import address, texts_explore
from streamlit_client.backend.contract_datasets import Column, Profile, Scalar
from streamlit_client.charts.axes import count_axis, number_axis, number_texts
from streamlit_client.charts.categories import group_column, places_of
from streamlit_client.charts.group_charts import Grouped, group_chart
from streamlit_client.charts.time_charts import Heights, moving_mean, shifted, trend
from streamlit_client.explore.answers import ask_aggregate, show_basis
from streamlit_client.explore.clickable import show_clickable
from streamlit_client.explore.filters.page_question import rows_of
from streamlit_client.explore.measures import COUNT, choose_measure, measured_column
from streamlit_client.parts.column_roles import suitable_columns
from streamlit_client.parts.shown_text import plain_text

_PER_YEAR = {texts_explore.YEAR_MONTHS: 12, texts_explore.YEAR_QUARTERS: 4, texts_explore.YEARS: 1}
_PERIODS = tuple(_PER_YEAR)
_BY_PRECISION = {"month": _PERIODS, "quarter": _PERIODS[1:], "year": _PERIODS[2:]}
_MOVING_LENGTHS = (0, 3, 12)
_MOST_PERIODS = 2_000


class Series(NamedTuple):
    """A value of each period from the first to the last, without gaps between them; `cells` name those with rows."""

    labels: Sequence[str]
    heights: Heights
    cells: Sequence[Scalar]


def show_trend(profile: Profile, question: Question) -> None:
    """Draws the choices, and the value of the page by periods."""
    dates = list(profile.date_columns)
    if not dates:
        st.caption(texts_explore.NO_TREND)
        return
    key = f"trend.{profile.dataset_id}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = dates[0]
        if len(dates) > 1:
            name = st.selectbox(texts_explore.DATE_COLUMN, dates, key=f"{key}.date")
        column = profile.column(name)
        parts = parts_of(column)
        address.seed(address.PERIOD, f"{key}.period", parts)
        part = st.selectbox(
            texts_explore.PERIOD,
            parts,
            format_func=texts_explore.PERIODS.__getitem__,
            key=f"{key}.period",
            on_change=address.follow,
            args=(address.PERIOD, f"{key}.period"),
        )
        measure = choose_measure(profile, usual_measure(profile, column), key=key)
        length = 0
        if part in _PER_YEAR:
            length = st.selectbox(
                texts_explore.MOVING,
                _MOVING_LENGTHS,
                format_func=lambda length: str(length or texts_explore.MOVING_NONE),
                key=f"{key}.moving",
            )
    show_periods(profile, question, column, part, measure, length)


def usual_measure(profile: Profile, column: Column) -> Measure:
    """Returns what is shown unless something else is chosen: rows, or the value that has one row for each period."""
    numbers = suitable_columns("number", profile)
    is_series = bool(numbers) and column.precision is not None and column.unique == profile.rows - column.missing
    return Measure(measure="mean", column=numbers[0], name=profile.column(numbers[0]).title) if is_series else COUNT


def show_periods(
    profile: Profile, question: Question, column: Column, part: str, measure: Measure, length: int = 0
) -> None:
    """Draws a value by the parts of dates, with a moving mean of `length` periods if it is not 0."""
    group = f"{column.name}:{part}"
    answer = ask_aggregate(profile, question, groups=(group,), measures=(measure,), limit=_MOST_PERIODS)
    if answer is None:
        return
    if not answer.table.rows:
        st.caption(texts_explore.NO_DATES)
        return
    value, period = answer.table.columns[1], texts_explore.PERIODS[part]
    heading = texts_explore.BY_PERIOD.format(period=period, value=plain_text(value))
    st.header(heading, anchor=False)
    cells, values = zip(*((row[0], _number(row[1])) for row in answer.table.rows), strict=True)
    known, key = measured_column(profile, measure), f"trend.chart.{profile.dataset_id}"
    derived, is_count = group_column(profile, group), measure.measure == "count"
    if part not in _PER_YEAR:
        grouped = Grouped([derived], [cells], values, value, known, is_count)
        marks = [[(group, cell, str(cell))] for cell in cells]
        show_clickable(group_chart("bar", grouped), marks, key=key, alt=heading)
        st.caption(choose_particles(texts_explore.ALL_YEARS.format(period=period)))
        show_basis(answer)
        return
    ends = _find_ends(profile, question, column, part)
    series = fill([*cells, *ends], [*values, *[None] * len(ends)], derived, is_count=is_count)
    _show_change(series, _PER_YEAR[part], known)
    others = []
    if _PER_YEAR[part] > 1:
        before = shifted(series.heights, _PER_YEAR[part])
        if any(height is not None for height in before):
            others.append((texts_explore.YEAR_BEFORE.format(period=period), before))
    if length:
        name = texts_explore.MOVING_MEAN.format(length=length, period=period)
        others.append((name, moving_mean(series.heights, length)))
    axis = count_axis if is_count else number_axis
    numbers = [height for height in series.heights if height is not None]
    figure = trend(
        series.labels,
        series.heights,
        x=column.name,
        y=axis(numbers, value) if known is None else number_axis(numbers, value, known),
        others=others,
    )
    marks = [[(group, cell, label)] for cell, label in zip(series.cells, series.labels, strict=True)]
    show_clickable(figure, marks, key=key, alt=heading)
    _show_end(column, part, period)
    show_basis(answer)


def fill(cells: Sequence[Scalar], values: Heights, column: Column, *, is_count: bool) -> Series:
    """Returns the values with the periods between them: 0 if rows are counted, else none. The last of equals counts."""
    labels, places, _ = places_of(cells, column)
    heights: list[float | None] = [0 if is_count else None] * len(labels)
    found: list[Scalar] = [None] * len(labels)
    for place, cell, value in zip(places.tolist(), cells, values, strict=True):
        found[place] = cell
        heights[place] = value if value is not None else heights[place]
    return Series(labels, heights, found)


def parts_of(column: Column) -> list[str]:
    """Returns the parts of dates that the values of a column have."""
    if column.precision is not None:
        parts = list(_BY_PRECISION[column.precision])
        return [*parts, texts_explore.MONTHS] if column.precision == "month" else parts
    hours = [texts_explore.HOURS] if has_hours(column) else []
    return [*_PERIODS, texts_explore.MONTHS, texts_explore.PART_WEEKDAYS, *hours]


def has_hours(column: Column) -> bool:
    """Whether the dates of a column have times of day."""
    return any(":" in text for text in (column.minimum or "", column.maximum or "", *column.sample))


def _find_ends(profile: Profile, question: Question, column: Column, part: str) -> list[Scalar]:
    """Returns the first and the last period with rows under the conditions on the dates alone.

    Between them, a period in which no row meets the other conditions has the number 0.
    """
    asked = rows_of(question)
    on_dates = tuple(one for one in asked.where if one.column.partition(":")[0] == column.name)
    narrowed = Question(define=asked.define, where=on_dates)
    group = f"{column.name}:{part}"
    answer = ask_aggregate(profile, narrowed, groups=(group,), limit=_MOST_PERIODS)
    rows = answer.table.rows if answer is not None else ()
    return [rows[0][0], rows[-1][0]] if rows else []


def _show_change(series: Series, per_year: int, column: Column | None) -> None:
    """Draws the value of the last period, and how it differs from the one before and from a year before."""
    last = len(series.heights) - 1
    now = series.heights[last]
    if now is None:
        return
    places = dict.fromkeys((1, per_year))
    with st.container(horizontal=True):
        (text,) = number_texts([now], column)
        st.metric(texts_explore.LATEST.format(period=series.labels[last]), text, width="content")
        for number, back in enumerate(places):
            before = series.heights[last - back] if back <= last else None
            if before is None:
                continue
            label = texts_explore.CHANGE_YEAR if back == per_year and number else texts_explore.CHANGE_BEFORE
            (text,) = number_texts([before], column)
            st.metric(
                label.format(period=series.labels[last - back]),
                text,
                _change(now, before, column),
                delta_color="off",
                width="content",
            )


def _change(now: float, before: float, column: Column | None) -> str:
    (size,) = number_texts([abs(now - before)], None if column is None or column.meaning == "year" else column)
    change = f"{'-' if now < before else '+'}{size}"
    if not before or not math.isfinite(now / before):
        return texts_explore.CHANGE_ONLY.format(change=change)
    return texts_explore.CHANGE.format(change=change, share=100 * (now - before) / abs(before))


def _show_end(column: Column, part: str, period: str) -> None:
    """Says where the dates end within the last period, whose value may hence be a part of it."""
    try:
        end = date.fromisoformat((column.maximum or "")[:10])
    except ValueError:
        return
    following = end + timedelta(days=1)
    months = 12 // _PER_YEAR[part]
    if column.precision is None and (following.day > 1 or (following.month - 1) % months):
        st.caption(texts_explore.PERIOD_UNFINISHED.format(day=end.isoformat(), period=period))


def _number(cell: Scalar) -> float | None:
    return cell if isinstance(cell, int | float) else None
