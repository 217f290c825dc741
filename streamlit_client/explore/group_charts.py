"""Charts of the measure of the page by one or two groups."""

from collections.abc import Sequence

import streamlit as st

from servicekit.question import Measure, Question
from streamlit_client import texts_explore
from streamlit_client.backend.contract_datasets import Profile, Scalar
from streamlit_client.charts.categories import group_column, places_of
from streamlit_client.charts.group_charts import MOST_SERIES, Grouped, group_chart
from streamlit_client.explore.answers import ask_aggregate, show_basis
from streamlit_client.explore.clickable import show_clickable
from streamlit_client.explore.filters.words import column_words
from streamlit_client.explore.measures import measured_column

_MOST_LABELS, _MOST_CELLS = 40, 2_000


def show_groups(profile: Profile, question: Question, kind: str, groups: Sequence[str], measure: Measure) -> None:
    """Draws the measure as `bar`, `line` or `heatmap`, and says what is left out."""
    limit = _MOST_CELLS
    answer = ask_aggregate(profile, question, groups=tuple(groups), measures=(measure,), limit=limit)
    if answer is None:
        return
    title, columns = answer.table.columns[-1], [group_column(profile, name) for name in groups]
    rows = [row for row in answer.table.rows if measure.measure == "count" or isinstance(row[-1], int | float)]
    if not rows:
        st.caption(texts_explore.NOT_ENOUGH)
        return
    shown, notes = rows, []
    for place, (name, column) in enumerate(zip(groups, columns, strict=True)):
        cells = [row[place] for row in shown]
        labels, _, is_ordered = places_of(cells, column)
        most = MOST_SERIES if place == 1 and kind != "heatmap" else _MOST_LABELS
        if len(labels) > most and not (is_ordered and place == 0):
            kept = list(dict.fromkeys(cells))[:most]
            shown = [row for row in shown if row[place] in kept]
            notes.append(
                texts_explore.LABELS_CUT.format(name=column_words(name), total=len(set(cells)), shown=len(kept))
            )
    if answer.table.total_rows > len(answer.table.rows):
        notes.append(texts_explore.CELLS_CUT.format(total=answer.table.total_rows, shown=len(answer.table.rows)))
    values = [row[-1] if isinstance(row[-1], int | float) else None for row in shown]
    cells_of = [[row[place] for row in shown] for place in range(len(groups))]
    grouped = Grouped(columns, cells_of, values, title, measured_column(profile, measure), measure.measure == "count")
    marks = [[(name, cell, _words(cell)) for name, cell in zip(groups, row, strict=False)] for row in shown]
    alt = " · ".join([*map(column_words, groups), title])
    show_clickable(group_chart(kind, grouped), marks, key=f"chart.{kind}.{profile.dataset_id}", alt=alt)
    if notes:
        st.caption(" ".join(notes))
    show_basis(answer)


def _words(cell: Scalar) -> str:
    return texts_explore.TRUTH[cell] if isinstance(cell, bool) else str(cell)
