"""The tab 차트: the form of a chart, its groups and columns, and a summary of all number columns."""

from collections.abc import Sequence

import streamlit as st

from servicekit.question import Question
from streamlit_client import address, state, texts_explore
from streamlit_client.backend.contract_datasets import Column, Profile
from streamlit_client.charts.categories import has_order
from streamlit_client.charts.column_charts import find_bins
from streamlit_client.explore.filters.page_question import change_question
from streamlit_client.explore.filters.words import column_words
from streamlit_client.explore.group_charts import show_groups
from streamlit_client.explore.measures import choose_measure
from streamlit_client.explore.number_charts import show_boxes, show_density, show_histogram, show_scatter, show_summary
from streamlit_client.explore.overview import kind_columns
from streamlit_client.explore.region_map import region_sources
from streamlit_client.explore.trend import parts_of
from streamlit_client.parts.column_roles import is_number, is_place

GROUP_FORMS, _NUMBER_FORMS = ("bar", "line", "heatmap"), ("histogram", "box", "density")


def show_charts(profile: Profile, question: Question) -> None:
    """Draws the choice of a chart and its columns, the chart, and a summary of all number columns."""
    numbers = [column.name for column in sorted(profile.columns_info, key=is_place) if is_number(column)]
    groups = group_names(profile, question)
    forms = [*(GROUP_FORMS[: 3 if len(groups) > 1 else 2] if groups else ()), *(_NUMBER_FORMS if numbers else ())]
    forms += ["scatter"] if len(numbers) > 1 else []
    if not forms:
        st.caption(texts_explore.NOT_ENOUGH)
        return
    key = f"chart.form.{profile.dataset_id}"
    address.seed(address.CHART, key, forms)
    form = st.segmented_control(
        texts_explore.KIND,
        forms,
        format_func=texts_explore.FORMS.__getitem__,
        required=True,
        key=key,
        on_change=address.follow,
        args=(address.CHART, key),
    )
    if form in GROUP_FORMS:
        _show_grouped(profile, question, str(form), groups)
    else:
        _show_numbers(profile, question, str(form), numbers, groups)
    if numbers:
        show_summary(profile, question, numbers)


def _show_grouped(profile: Profile, question: Question, form: str, groups: Sequence[str]) -> None:
    key = f"chart.{profile.dataset_id}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = _choose_group(0, groups, question, key) or groups[0]
        others = [name for name in groups if name != first]
        second = _choose_group(1, others if form == "heatmap" else ["", *others], question, key)
        measure = choose_measure(profile, key=key)
    show_groups(profile, question, form, [first, *([second] if second else [])], measure)


def _show_numbers(
    profile: Profile, question: Question, form: str, numbers: Sequence[str], groups: Sequence[str]
) -> None:
    key, by, other = f"chart.{profile.dataset_id}", None, ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = texts_explore.X_COLUMN if form == "scatter" else texts_explore.COLUMN
        column = _choose_number(label, address.X, numbers, profile)
        if form == "scatter":
            rest = [name for name in numbers if name != column]
            other = _choose_number(texts_explore.Y_COLUMN, address.Y, rest, profile)
        if form in ("box", "scatter"):
            by = _choose_group(0, ["", *groups], question, key, texts_explore.COLOUR_COLUMN)
    match form:
        case "histogram":
            show_histogram(profile, question, column)
        case "box":
            show_boxes(profile, question, column, by)
        case "density":
            show_density(profile, question, column)
        case "scatter":
            show_scatter(profile, question, column, other, by)


def group_names(profile: Profile, question: Question) -> list[str]:
    """Returns the names of columns to group by: kinds of rows, parts of dates, regions, and numbers in steps."""
    kinds = kind_columns(profile)
    labels = [column.name for column in profile.columns_info if column.type in ("text", "boolean") or has_order(column)]
    dates = [f"{name}:{part}" for name in profile.date_columns for part in parts_of(profile.column(name))]
    regions = [f"{name}:{texts_explore.MAP_KINDS[level]}" for level, name in region_sources(profile).items()]
    steps = [f"{column.name}:{width}" for column in profile.columns_info if (width := _step(column))]
    truths = [one.name for one in question.define if one.where]
    return list(dict.fromkeys([*question.groups, *kinds, *truths, *dates, *regions, *labels, *steps]))


def _step(column: Column) -> int | None:
    """Returns the width of the steps of a column of numbers."""
    if column.type != "integer" or not is_number(column):
        return None
    try:
        low, high = (float((text or "").replace(",", "")) for text in (column.minimum, column.maximum))
    except ValueError:
        return None
    return max(10, int(find_bins(low, high, are_whole=True, column=column).width)) if high - low >= 20 else None


def _choose_group(
    place: int, options: Sequence[str], question: Question, key: str, label: str | None = None
) -> str | None:
    """Draws the choice of the first or second group of the question; an empty name among the options is none."""
    name = f"{key}.group.{place}"
    asked = question.groups[place] if place < len(question.groups) else ""
    state.remember(name, asked if asked in options else options[0])
    chosen: str = st.selectbox(
        label or texts_explore.GROUPS[place],
        options,
        format_func=lambda option: column_words(option) if option else texts_explore.NO_COLOUR,
        key=name,
        on_change=_change_groups,
        args=(key,),
    )
    return chosen or None


def _change_groups(key: str) -> None:
    chosen = [st.session_state.get(f"{key}.group.{place}") for place in (0, 1)]
    change_question(groups=tuple(dict.fromkeys(name for name in chosen if name)))


def _choose_number(label: str, name: str, options: Sequence[str], profile: Profile) -> str:
    key = f"chart.{name}.{profile.dataset_id}"
    address.seed(name, key, options)
    if st.session_state[key] not in options:  # it has become the other one
        state.remember(key, options[0])
    chosen: str = st.selectbox(
        label,
        options,
        format_func=lambda option: profile.column(option).title,
        key=key,
        on_change=address.follow,
        args=(name, key),
    )
    return chosen
