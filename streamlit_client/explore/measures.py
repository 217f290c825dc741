"""The measure of the page: what charts and maps show of each group. The address holds it, in the question."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from servicekit.question import Measure, MeasureName, Question
from streamlit_client import texts_explore
from streamlit_client.backend.contract_datasets import Column, Profile
from streamlit_client.explore.filters.page_question import change_question, current_question
from streamlit_client.parts.column_roles import suitable_columns

COUNT = Measure()
_TIMES = (1, 100, 1_000, 10_000, 100_000)
_USUAL_PERCENTILE = 90.0
_NO_COLUMN: tuple[MeasureName, ...] = ("count", "share")


def measure_of(question: Question, usual: Measure = COUNT) -> Measure:
    """Returns the measure that the question asks for, `usual` if it asks for none."""
    return question.measures[0] if question.measures else usual


def measured_column(profile: Profile, measure: Measure) -> Column | None:
    """Returns the column whose values a measure has the unit of; None for counts, shares and ratios."""
    if measure.measure in ("count", "share", "unique", "rate"):
        return None
    return next((column for column in profile.columns_info if column.name == measure.column), None)


def choose_measure(profile: Profile, usual: Measure = COUNT, *, key: str) -> Measure:
    """Draws the choice of the measure and its column, and returns it."""
    measure = measure_of(current_question(), usual)
    numbers = list(dict.fromkeys([*_measurable(profile), *filter(None, (measure.column, measure.per))]))
    titles = {"": texts_explore.ROW_COUNT} | {column.name: column.title for column in profile.columns_info}

    def draw(label: str, part: str, options: Sequence[Any], names: Mapping[Any, str]) -> None:
        name, value = f"{key}.{part}", getattr(measure, part)
        st.session_state[name] = value if value in options else options[0]
        st.selectbox(
            label,
            options,
            format_func=lambda option: names.get(option, option),
            key=name,
            on_change=_change,
            args=(name, measure, usual, numbers),
        )

    draw(
        texts_explore.TREND_OF,
        "measure",
        list(texts_explore.MEASURES) if numbers else ["count"],
        texts_explore.MEASURES,
    )
    if measure.measure not in _NO_COLUMN:
        draw(texts_explore.COLUMN, "column", numbers, titles)
    if measure.measure == "rate":
        draw(texts_explore.PER, "per", ["", *numbers], titles)
        times = sorted({*_TIMES, measure.times})
        draw(texts_explore.TIMES, "times", times, {one: f"{one:,g}" for one in times})
    if measure.measure == "percentile":
        name = f"{key}.percentile"
        st.session_state[name] = measure.percentile
        options: dict[str, Any] = {"on_change": _change, "args": (name, measure, usual, numbers)}
        st.number_input(texts_explore.PERCENTILE, 0.0, 100.0, step=5.0, key=name, **options)
    return measure


def _measurable(profile: Profile) -> list[str]:
    defined = [one.name for one in current_question().define]
    truths = [column.name for column in profile.columns_info if column.type == "boolean"]
    return [*suitable_columns("number", profile), *defined, *truths]


def _change(key: str, before: Measure, usual: Measure, columns: Sequence[str]) -> None:
    """Puts the measure with one part changed into the question; parts that it then lacks get their usual values."""
    fields = before.model_dump(exclude={"name"}) | {key.rpartition(".")[2]: st.session_state[key]}
    kind = fields["measure"]
    fields["column"] = "" if kind in _NO_COLUMN else fields["column"] or columns[0]
    fields["percentile"] = (fields["percentile"] or _USUAL_PERCENTILE) if kind == "percentile" else None
    if kind != "rate":
        fields |= {"per": "", "times": COUNT.times}
    chosen = Measure.model_validate(fields)
    change_question(measures=() if chosen == usual else (chosen,))
