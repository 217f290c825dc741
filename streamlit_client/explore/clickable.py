"""Charts whose marks can be clicked: the values of the mark become conditions, and everything follows them."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from streamlit_client import texts_explore
from streamlit_client.backend.contract_datasets import Scalar
from streamlit_client.charts.style import PlainFigure
from streamlit_client.explore.filters.page_question import add_condition
from streamlit_client.parts.chart import show_chart

Mark = Sequence[tuple[str, Scalar, str]]
"""What a mark stands for: by column a value, and its words."""
_MOST_CHOICES = 500


def show_clickable(figure: PlainFigure, marks: Sequence[Mark], *, key: str, alt: str) -> None:
    """Draws a chart whose marks have their number in `marks` as customdata; below it the marks can be chosen by name.

    One of several values of a condition on the same column replaces them.
    """
    show_chart(
        figure, key=key, alt=alt, on_select=partial(_pick_clicked, key, marks), more=partial(_choose, key, marks)
    )


def choose_mark(marks: Sequence[Mark], *, key: str, label: str = texts_explore.PICK) -> None:
    """Draws the choice of a mark by its name, which adds its conditions."""
    st.selectbox(
        label,
        range(min(len(marks), _MOST_CHOICES)),
        index=None,
        format_func=lambda number: " · ".join(words for _, _, words in marks[number]),
        placeholder=texts_explore.PICK_PLACEHOLDER,
        key=f"{key}.pick",
        on_change=_pick_chosen,
        args=(key, marks),
    )


def _choose(key: str, marks: Sequence[Mark]) -> None:
    choose_mark(marks, key=key)


def _pick_clicked(key: str, marks: Sequence[Mark]) -> None:
    for point in st.session_state[key].selection.points[:1]:
        _add(marks, point.get("customdata"))


def _pick_chosen(key: str, marks: Sequence[Mark]) -> None:
    _add(marks, st.session_state.pop(f"{key}.pick"))


def _add(marks: Sequence[Mark], number: int | list[int] | None) -> None:
    number = number[0] if isinstance(number, list) else number
    if number is not None and 0 <= number < len(marks):
        add_mark(marks[number])


def add_mark(mark: Mark) -> None:
    """Adds the conditions of a mark. Where there is no row, as in a period between others, there are none."""
    for column, value, _ in mark:
        if value is not None:
            add_condition(column, "==", value)
