"""The form that adds a condition: a column, a way to choose rows by it, and the values."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import streamlit as st

from servicekit.question import Condition, Definition, Operator
from streamlit_client import texts_explore
from streamlit_client.backend.contract_datasets import Column, Profile
from streamlit_client.explore.filters.matched import find_facet
from streamlit_client.explore.filters.page_question import add_condition, current_question
from streamlit_client.explore.filters.ways import Way, WayKind, ways_of
from streamlit_client.explore.filters.words import column_words, value_words

Chosen = tuple[Operator, Any] | None
"""Operator and value of the condition; None as long as nothing is chosen."""


@st.dialog(texts_explore.ADD_CONDITION, icon=":material/filter_alt:")
def show_condition_form(profile: Profile) -> None:
    """Draws the form over the page; adding the condition closes it. Only this is drawn again while it is filled in."""
    columns = {column.name: column for column in (*profile.columns_info, *map(_defined, current_question().define))}
    name = st.selectbox(
        texts_explore.CONDITION_COLUMN,
        list(columns),
        index=None,
        placeholder=texts_explore.CONDITION_COLUMN_PLACEHOLDER,
        format_func=lambda name: columns[name].title,
        key=f"filters.column.{profile.dataset_id}",
    )
    if name is None:
        return
    ways = {way.label: way for way in ways_of(columns[name], profile)}
    label = st.segmented_control(
        texts_explore.CONDITION_WAY, list(ways), default=next(iter(ways)), required=True, key=f"filters.way.{name}"
    )
    way = ways[label or next(iter(ways))]
    chosen = _DRAWN[way.kind](profile, columns[name], way)
    is_pressed = st.button(
        texts_explore.CONDITION_ADDED, key="filters.added", type="primary", disabled=chosen is None, width="stretch"
    )
    if is_pressed and chosen is not None:
        add_condition(way.column, *chosen)
        st.rerun()


def _defined(definition: Definition) -> Column:
    kind = "boolean" if definition.where else "number"
    return Column(name=definition.name, type=kind, unique=0, missing=0, sample=(), minimum=None, maximum=None)


def _choose_values(profile: Profile, _: Column, way: Way) -> Chosen:
    facet = find_facet(profile, current_question(), way.column)
    if facet is None:
        return None
    rows = {value.value: value.rows for value in facet.values}
    others = facet.other_rows + sum(bin_.rows for bin_ in facet.bins)
    asked = _asked(way.column)
    before = [] if asked is None else [value_words(value) for value in _as_list(asked.value)]
    values = st.multiselect(
        texts_explore.VALUES,
        dict.fromkeys([*rows, *before]),
        default=before,
        format_func=lambda value: (
            texts_explore.VALUE_WITH_ROWS.format(value=value, rows=rows[value]) if value in rows else value
        ),
        placeholder=texts_explore.VALUES_PLACEHOLDER,
        select_all=False,
        accept_new_options=others > 0,
        key=f"filters.values.{way.column}",
    )
    if others:
        st.caption(texts_explore.VALUES_OTHER.format(rows=others))
    is_without = st.toggle(
        texts_explore.VALUES_EXCLUDED,
        value=asked is not None and asked.operator == "!=",
        key=f"filters.without.{way.column}",
    )
    operator: Operator = "!=" if is_without else "=="
    return (operator, values[0] if len(values) == 1 else values) if values else None


def _asked(column: str) -> Condition | None:
    """Returns the condition on the values of a column, which the new one will replace."""
    where = current_question().where
    return next((one for one in where if one.column == column and one.operator in ("==", "!=")), None)


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, tuple) else [value]


def _choose_numbers(_: Profile, column: Column, way: Way) -> Chosen:
    is_whole = column.type == "integer"
    options: dict[str, Any] = {"value": None, "step": 1 if is_whole else 0.1, "format": "%d" if is_whole else "%g"}
    low, high = st.columns(2)
    return _between(
        low.number_input(texts_explore.LOWEST, placeholder=column.minimum, key=f"filters.low.{way.column}", **options),
        high.number_input(
            texts_explore.HIGHEST, placeholder=column.maximum, key=f"filters.high.{way.column}", **options
        ),
    )


def _choose_dates(_: Profile, column: Column, way: Way) -> Chosen:
    limits = {"min_value": _day(column.minimum), "max_value": _day(column.maximum)}
    options: dict[str, Any] = {"value": None, "format": "YYYY-MM-DD"} | {
        name: day for name, day in limits.items() if day is not None
    }
    first, last = st.columns(2)
    return _between(
        first.date_input(texts_explore.FIRST_DATE, key=f"filters.first.{way.column}", **options),
        last.date_input(texts_explore.LAST_DATE, key=f"filters.last.{way.column}", **options),
    )


def _choose_period(_: Profile, column: Column, way: Way) -> Chosen:
    first, last = st.columns(2)
    return _between(
        first.text_input(texts_explore.FIRST_DATE, placeholder=column.minimum, key=f"filters.first.{way.column}"),
        last.text_input(texts_explore.LAST_DATE, placeholder=column.maximum, key=f"filters.last.{way.column}"),
    )


def _choose_words(_: Profile, __: Column, way: Way) -> Chosen:
    words = st.text_input(texts_explore.WORDS, key=f"filters.words.{way.column}").strip()
    return ("contains", words) if words else None


def _choose_missing(_: Profile, __: Column, way: Way) -> Chosen:
    operators: list[Operator] = ["missing", "present"]
    operator = st.radio(
        column_words(way.column),
        operators,
        format_func=texts_explore.ONLY_MISSING.__getitem__,
        key=f"filters.missing.{way.column}",
    )
    return None if operator is None else (operator, None)


def _between(low: float | date | str | None, high: float | date | str | None) -> Chosen:
    """Returns the condition that values are from one to the other; an end that is not given is open."""
    first, last = (str(end) if isinstance(end, date) else end for end in (low, high))
    match (first in (None, ""), last in (None, "")):
        case True, True:
            return None
        case False, True:
            return ">=", first
        case True, False:
            return "<=", last
        case _:
            return "between", [first, last]


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


_DRAWN: Mapping[WayKind, Callable[[Profile, Column, Way], Chosen]] = {
    "values": _choose_values,
    "numbers": _choose_numbers,
    "dates": _choose_dates,
    "period": _choose_period,
    "words": _choose_words,
    "missing": _choose_missing,
}
