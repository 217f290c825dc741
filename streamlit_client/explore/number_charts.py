"""Charts of columns of numbers: histogram, boxes, density, scatter; and a summary of all of them."""

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from servicekit.question import Condition, Measure, Question
from streamlit_client import texts_explore
from streamlit_client.backend.contract_datasets import Profile, Scalar
from streamlit_client.charts.categories import as_categories, group_column, places_of
from streamlit_client.charts.column_charts import (
    BOX_PERCENTILES,
    MOST_BOXES,
    MOST_KDE_VALUES,
    MOST_SCATTER_POINTS,
    Bins,
    Box,
    bin_bars,
    box,
    density,
    find_bins,
    scatter,
)
from streamlit_client.explore.answers import ask_aggregate, ask_rows, show_basis
from streamlit_client.explore.clickable import show_clickable
from streamlit_client.explore.filters.matched import count_matched
from streamlit_client.explore.filters.words import column_words
from streamlit_client.parts.chart import show_chart
from streamlit_client.parts.table_columns import table_columns

_MOST_ORDERED_BOXES, _MOST_BINS = 40, 200
_DESCRIBED = ("count", "mean", "std", "min", 25, 50, 75, "max")


def show_histogram(profile: Profile, question: Question, name: str) -> None:
    """Draws how often numbers occur, in intervals of a round width."""
    column, asked = profile.column(name), question.model_copy(update={"where": (*question.where, _present(name))})
    ends = _measure(profile, asked, [Measure(measure="min", column=name), Measure(measure="max", column=name)])
    if ends is None:
        return
    low, high = ends
    if low is None or high is None:
        st.caption(texts_explore.NOT_ENOUGH)
        return
    bins = find_bins(low, high, are_whole=column.type == "integer", column=column)
    group = f"{name}:{bins.width:g}"
    measures = (Measure(), Measure(measure="min", column=name), Measure(measure="max", column=name))
    answer = ask_aggregate(profile, question, groups=(group,), measures=measures, limit=_MOST_BINS)
    if answer is None:
        return
    counts, cells = [0] * bins.size, list[Scalar]([None] * bins.size)
    for cell, *numbers in answer.table.rows:
        count, least, most = map(_number, numbers)
        place = _place((least + most) / 2, bins)
        counts[place] += int(count)
        cells[place] = cell
    figure = bin_bars(bins, counts, title=column.title, column=column)
    marks = [[(group, cell, text)] for cell, text in zip(cells, bins.names(column), strict=True)]
    alt = f"{texts_explore.HISTOGRAM}: {name}"
    show_clickable(figure, marks, key=f"chart.histogram.{profile.dataset_id}", alt=alt)
    show_basis(answer)


def show_boxes(profile: Profile, question: Question, name: str, by: str | None) -> None:
    """Draws a box of the numbers, or one for each group."""
    column = profile.column(name)
    measures = [Measure(measure="count")]
    measures += [Measure(measure="percentile", column=name, percentile=share) for share in BOX_PERCENTILES]
    measures += [Measure(measure="mean", column=name)]
    groups = (by,) if by else ()
    answer = ask_aggregate(profile, question, groups=groups, measures=tuple(measures), limit=_MOST_ORDERED_BOXES)
    if answer is None:
        return
    rows = [row for row in answer.table.rows if None not in row[len(groups) :]]
    labels = [column.title] * len(rows)
    if by:
        known = group_column(profile, by)
        if not places_of([row[0] for row in rows], known).is_ordered:
            rows = rows[:MOST_BOXES]
        places = places_of([row[0] for row in rows], known)
        labels = [places.labels[place] for place in places.places]
    boxes = [Box(label, [*map(_number, row[-6:-1])], _number(row[-1])) for label, row in zip(labels, rows, strict=True)]
    if not boxes:
        st.caption(texts_explore.NOT_ENOUGH)
        return
    alt = f"{texts_explore.BOX}: {name}"
    show_chart(box(boxes, column.title, column), key=f"chart.box.{profile.dataset_id}", alt=alt)
    notes = [texts_explore.BOX_ENDS]
    if answer.table.total_rows > len(boxes) and by:
        cut = texts_explore.LABELS_CUT
        notes.append(cut.format(name=column_words(by), total=answer.table.total_rows, shown=len(boxes)))
    st.caption(" ".join(notes))
    show_basis(answer)


def show_density(profile: Profile, question: Question, name: str) -> None:
    """Draws the density of the numbers, from a sample of many."""
    column, asked = profile.column(name), question.model_copy(update={"where": (*question.where, _present(name))})
    frame = ask_rows(profile, asked, columns=(name,), sample=MOST_KDE_VALUES, limit=0)
    if frame is None:
        return
    figure = density(frame[name], column)
    if figure is None:
        st.caption(texts_explore.NOT_ENOUGH)
        return
    show_chart(figure, key=f"chart.density.{profile.dataset_id}", alt=f"{texts_explore.KDE}: {name}")
    _show_sample(profile, asked, len(frame))


def show_scatter(profile: Profile, question: Question, x: str, y: str, by: str | None) -> None:
    """Draws two columns against each other, from a sample of many rows."""
    asked = question.model_copy(update={"where": (*question.where, _present(x), _present(y))})
    wanted = tuple(dict.fromkeys(name for name in (x, y, by) if name))
    frame = ask_rows(profile, asked, columns=wanted, sample=MOST_SCATTER_POINTS, limit=0)
    if frame is None:
        return
    if frame.empty:
        st.caption(texts_explore.NOT_ENOUGH)
        return
    if by is not None:
        frame = frame.assign(**{by: as_categories(frame[by], group_column(profile, by))})
    figure = scatter(frame, profile.column(x), profile.column(y), by)
    show_chart(figure, key=f"chart.scatter.{profile.dataset_id}", alt=f"{texts_explore.SCATTER}: {x}, {y}")
    _show_sample(profile, asked, len(frame))


def show_summary(profile: Profile, question: Question, names: Sequence[str]) -> None:
    """Draws a collapsed table of the number columns; they are summed up when it is expanded."""
    folded = st.expander(texts_explore.DESCRIBE_HEADING, key=f"summary.{profile.dataset_id}", on_change="rerun")
    if not folded.open:
        return
    rows = []
    for name in names:
        measured = _measure(profile, question, [_described(what, name) for what in _DESCRIBED])
        if measured is None:
            return
        rows.append([profile.column(name).title, *measured])
    table = pd.DataFrame(rows, columns=[texts_explore.COLUMN, *texts_explore.DESCRIBE.values()])
    folded.dataframe(table, hide_index=True, column_config=table_columns(table))


def _described(what: str | int, name: str) -> Measure:
    if isinstance(what, int):
        return Measure(measure="percentile", column=name, percentile=what)
    return Measure.model_validate({"measure": what, "column": name})


def _measure(profile: Profile, question: Question, measures: Sequence[Measure]) -> list[float | None] | None:
    """Returns measures of all rows of a question; None after showing why there are none."""
    answer = ask_aggregate(profile, question, measures=tuple(measures))
    if answer is None or not answer.table.rows:
        return None
    return [cell if isinstance(cell, int | float) else None for cell in answer.table.rows[0]]


def _number(cell: Scalar) -> float:
    return cell if isinstance(cell, int | float) else math.nan


def _present(name: str) -> Condition:
    return Condition(column=name, operator="present")


def _place(value: float, bins: Bins) -> int:
    return min(max(math.floor((value - bins.start) / bins.width + 1e-9), 0), bins.size - 1)


def _show_sample(profile: Profile, question: Question, shown: int) -> None:
    total = count_matched(profile, question) or shown
    sentence = texts_explore.SAMPLED if shown < total else texts_explore.RESTS_ON
    st.caption(sentence.format(shown=shown, used=total, total=total))
