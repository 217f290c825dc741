"""Compares two datasets: on a map, by proximity, and by distribution."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from servicekit.korean_text.particles import choose_particles
from servicekit.question import Question
from streamlit_client import address, state, texts, texts_explore
from streamlit_client.backend.contract_datasets import Column, Profile
from streamlit_client.charts.categories import as_categories
from streamlit_client.charts.column_charts import histogram, two_histograms, two_label_bars
from streamlit_client.charts.data_map import PopupColumn, two_maps
from streamlit_client.charts.positions import Nearness, Points, find_near, find_points
from streamlit_client.explore.answers import ask_rows
from streamlit_client.explore.filters.page_question import question_text, rows_of
from streamlit_client.explore.map_frame import choose_limit, draw, find_tiles
from streamlit_client.explore.popups import popup_columns, popup_fields, popup_frame, popup_table
from streamlit_client.parts.asking import ask
from streamlit_client.parts.chart import show_chart
from streamlit_client.parts.column_roles import columns_for, is_number
from streamlit_client.parts.open_dataset import choice_labels
from streamlit_client.parts.shown_text import plain_text
from streamlit_client.parts.table_columns import table_columns

_RADII = (50, 100, 200, 300, 500, 1_000, 2_000)
_DEFAULT_RADIUS = 300
_MOST_LISTED = 100
_TOP_NEAR = 10
_ALIKE = 0.02
_KEPT_NEAR = 16


class Places(NamedTuple):
    """All rows of a question with a position, and the columns of the popups."""

    points: Points
    frame: pd.DataFrame

    def sample(self, most: int) -> tuple[Points, list[PopupColumn]]:
        """Returns at most `most` points to draw, with the columns of their popups."""
        points = self.points.sample(most)
        return points, popup_columns(self.frame, points.rows)


def load_places(profile: Profile, question: Question) -> Places | None:
    """Returns all places of the rows that a question is about; None if they cannot be loaded."""
    pair = profile.coordinates
    if pair is None:
        return None
    fields = popup_fields(profile)
    frame = ask_rows(profile, question, columns=(pair.latitude, pair.longitude, *fields), limit=0)
    if frame is None:
        return None
    return Places(find_points(frame[pair.latitude], frame[pair.longitude]), popup_frame(frame[fields], profile))


def show_pair(profile: Profile, question: Question) -> None:
    """Draws the choice of a second dataset and its comparison with the rows that the question is about."""
    st.caption(texts_explore.SECOND_INTRO)
    page = ask("pair.list", lambda: state.datasets().list(limit=_MOST_LISTED), waiting=texts.LOADING)
    if page is None:
        return
    labels = choice_labels(page.datasets)
    choices = [None, *(one.dataset_id for one in page.datasets if one.dataset_id != profile.dataset_id)]
    key = f"pair.second.{profile.dataset_id}"
    address.seed(address.SECOND, key, choices)
    second_id = st.selectbox(
        texts_explore.SECOND,
        choices,
        format_func=lambda dataset_id: texts_explore.SECOND_NONE if dataset_id is None else labels[dataset_id],
        key=key,
        on_change=address.follow,
        args=(address.SECOND, key),
    )
    if second_id is None:
        return
    second = ask(f"pair.{second_id}", lambda: state.datasets().get_profile(second_id), waiting=texts.LOADING)
    if second is None:
        return
    _show_places(profile, second, question)
    _show_comparison(profile, second, question)


def _show_places(first: Profile, second: Profile, question: Question) -> None:
    st.header(texts_explore.OVERLAY, anchor=False)
    limit = choose_limit(f"pair.{first.dataset_id}")
    ours, theirs = load_places(first, question), load_places(second, Question())
    if ours is None or theirs is None or not len(ours.points.rows) or not len(theirs.points.rows):
        st.caption(texts_explore.NEAR_NEEDS)
        return
    drawn = two_maps((first.name, *ours.sample(limit)), (second.name, *theirs.sample(limit)), tiles=find_tiles())
    draw(drawn, f"{first.name}, {second.name}")
    st.header(texts_explore.NEAR_HEADING, anchor=False)
    radius = st.select_slider(texts_explore.RADIUS, _RADII, _DEFAULT_RADIUS, key=f"pair.radius.{first.dataset_id}")
    near = _near(_version(first, question), _version(second), radius, ours.points, theirs.points)
    within = int((near.distances <= radius).sum())
    st.markdown(
        texts_explore.NEAR_SENTENCE.format(
            first=plain_text(first.name),
            second=plain_text(second.name),
            total=len(near.distances),
            near=within,
            share=100 * within / len(near.distances),
            radius=radius,
            median=float(np.median(near.distances)),
        )
    )
    distances = pd.Series(near.distances, name=texts_explore.DISTANCE)
    show_chart(histogram(distances), key=f"pair.distances.{first.dataset_id}", alt=texts_explore.DISTANCE)
    top = np.argsort(-near.counts, kind="stable")[:_TOP_NEAR]
    table = popup_table(popup_columns(theirs.frame, theirs.points.rows[top]))
    table.insert(0, texts_explore.NEAR_COLUMN_COUNT, near.counts[top])
    heading = texts_explore.NEAR_TABLE.format(first=plain_text(first.name), second=plain_text(second.name))
    st.subheader(choose_particles(heading), anchor=False)
    st.dataframe(table, hide_index=True, column_config=table_columns(table), key=f"pair.near.{first.dataset_id}")


def _version(profile: Profile, question: Question = Question()) -> str:  # noqa: B008
    return f"{profile.dataset_id}.{profile.content_hash}.{question_text(rows_of(question))}"


# Cached, because it uses all points, not just the drawn ones, which takes seconds for the largest datasets.
@st.cache_resource(max_entries=_KEPT_NEAR, show_spinner=texts.LOADING)
def _near(first: str, second: str, radius: int, _ours: Points, _theirs: Points) -> Nearness:  # noqa: ARG001
    return find_near(_ours, _theirs, radius)


def _show_comparison(first: Profile, second: Profile, question: Question) -> None:
    st.header(texts_explore.COMPARE_HEADING, anchor=False)
    choices = st.grid(2, min_column_width=240)
    ours = choices.selectbox(
        texts_explore.COMPARE_FIRST, columns_for("label", first), key=f"compare.first.{first.dataset_id}"
    )
    our_column = first.column(ours)
    candidates = [name for name in columns_for("label", second) if _may_be_compared(our_column, second.column(name))]
    if not candidates:
        st.caption(texts_explore.NOT_ENOUGH)
        return
    same = candidates.index(ours) if ours in candidates else 0
    theirs = choices.selectbox(
        texts_explore.COMPARE_SECOND, candidates, index=same, key=f"compare.second.{second.dataset_id}"
    )
    loaded = (
        ask_rows(first, question, columns=(ours,), limit=0),
        ask_rows(second, Question(), columns=(theirs,), limit=0),
    )
    if loaded[0] is None or loaded[1] is None:
        return
    their_column = second.column(theirs)
    frames = as_categories(loaded[0][ours], our_column), as_categories(loaded[1][theirs], their_column)
    if not all(values.notna().any() for values in frames):
        st.caption(texts_explore.NOT_ENOUGH)
        return
    names = [f"{first.name} · {our_column.title}", f"{second.name} · {their_column.title}"]
    if is_number(our_column):
        figure, overlap = two_histograms(*frames, names)
        sentence = _number_sentence(*frames, overlap)
    else:
        figure, label, share, other = two_label_bars(*frames, names)
        sentence = texts_explore.COMPARE_LABELS.format(label=plain_text(label), first=share, second=other)
    show_chart(figure, key=f"compare.chart.{first.dataset_id}", alt=texts_explore.COMPARE_HEADING)
    st.markdown(sentence)


def _may_be_compared(ours: Column, theirs: Column) -> bool:
    """Whether both are numbers, in the same unit as far as that is known, or neither is."""
    is_same_unit = None in (ours.unit, theirs.unit) or ours.unit == theirs.unit
    return is_number(ours) == is_number(theirs) and is_same_unit


def _number_sentence(ours: pd.Series, theirs: pd.Series, overlap: float) -> str:
    first, second = float(ours.mean()), float(theirs.mean())
    difference = (first - second) / max(abs(first), abs(second), 1e-12)
    direction = texts_explore.BOTH_ALIKE
    if abs(difference) > _ALIKE:
        direction = texts_explore.FIRST_HIGHER if difference > 0 else texts_explore.SECOND_HIGHER
    return texts_explore.COMPARE_NUMBERS.format(
        first_mean=first, second_mean=second, direction=direction, overlap=100 * overlap
    )
