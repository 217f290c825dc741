"""Where rows lie: as points, or counted by district."""

from collections.abc import Sequence

import folium
import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

from streamlit_client import state, texts
from streamlit_client import texts_explore as words
from streamlit_client.charts.data_map import districts_map, points_map
from streamlit_client.components.connection import ask
from streamlit_client.components.wording import plain_text
from streamlit_client.contract_datasets import Profile
from streamlit_client.dataset_frame import find_frame
from streamlit_client.positions import Points, count_districts, find_points

_HEIGHT = 560
_LIMITS = (1_000, 5_000, 15_000, 50_000)
_DEFAULT_LIMIT = 15_000
_MOST_FIELDS, _LONGEST_VALUE = 10, 80


def show_map(profile: Profile) -> None:
    """Draws the map of a dataset, or says why there is none."""
    if profile.coordinates is not None:
        _show_points(profile)
    elif profile.district_column is not None:
        _show_districts(profile, profile.district_column)
    else:
        st.caption(words.NO_MAP)


def load_points(profile: Profile, most: int) -> tuple[Points, list[str], list[list[str]]] | None:
    """Returns at most so many points with the labels and the cells of their popups; None where they cannot be had."""
    pair = profile.coordinates
    if pair is None:
        return None
    fields = popup_fields(profile)
    wanted = [pair.latitude, pair.longitude, *fields]
    frame = ask(f"map.{profile.dataset_id}", lambda: find_frame(profile, wanted), waiting=texts.LOADING)
    if frame is None:
        return None
    points = find_points(frame[pair.latitude], frame[pair.longitude]).sample(most)
    return points, fields, popup_cells(frame[fields], points)


def popup_fields(profile: Profile) -> list[str]:
    """Returns the columns a popup shows: when, what and how severe first, then the others in their order."""
    pair = profile.coordinates
    positions = () if pair is None else (pair.latitude, pair.longitude)
    names = [name for name in profile.names() if name not in positions]
    first = [name for name in (*words.POPUP_FIRST, *profile.date_columns) if name in names]
    return list(dict.fromkeys([*first, *names]))[:_MOST_FIELDS]


def popup_cells(frame: pd.DataFrame, points: Points) -> list[list[str]]:
    """Returns the popup's values of each point as short texts; empty where one is missing."""
    columns = [_texts(frame[name].iloc[points.rows]) for name in frame.columns]
    return [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in points.rows]


def draw(drawn: folium.Map, key: str) -> None:
    """Draws a map; nothing comes back from it, so that a click on a point costs no run of the page."""
    st_folium(drawn, returned_objects=[], key=key, height=_HEIGHT, use_container_width=True)


def has_tiles() -> bool:
    """Whether maps may ask the internet for their ground."""
    return state.settings().map_tiles


def choose_limit(key: str) -> int:
    """Draws the choice of how many points a map shows."""
    return st.select_slider(
        words.MAP_POINTS, _LIMITS, _DEFAULT_LIMIT, format_func=lambda limit: f"{limit:,}", key=f"limit.{key}"
    )


def _show_points(profile: Profile) -> None:
    limit = choose_limit(profile.dataset_id)
    loaded = load_points(profile, limit)
    if loaded is None:
        return
    points, labels, cells = loaded
    if not len(points.rows):
        st.caption(words.NO_MAP)
        return
    draw(points_map(points, labels, cells, has_tiles=has_tiles()), f"map.{profile.content_hash}.{limit}")
    notes = [_count_note(points, profile)]
    if points.left_out:
        notes.append(words.POINTS_LEFT_OUT.format(count=points.left_out))
    if points.were_swapped:
        notes.append(words.SWAPPED)
    st.caption(" ".join(notes))


def _count_note(points: Points, profile: Profile) -> str:
    total, shown = profile.rows - points.left_out, len(points.rows)
    if shown < total:
        return words.POINTS_SAMPLED.format(shown=shown, total=total)
    return words.POINTS_SHOWN.format(shown=shown)


def _show_districts(profile: Profile, column: str) -> None:
    frame = ask(f"map.{profile.dataset_id}", lambda: find_frame(profile, [column]), waiting=texts.LOADING)
    if frame is None:
        return
    districts, left_out = count_districts(frame[column])
    if not districts:
        st.caption(words.NO_MAP)
        return
    draw(districts_map(districts, has_tiles=has_tiles()), f"map.{profile.content_hash}")
    note = words.DISTRICTS_SHOWN.format(name=plain_text(column))
    st.caption(f"{note} {words.DISTRICTS_LEFT_OUT.format(count=left_out)}" if left_out else note)


def _texts(values: pd.Series) -> Sequence[str]:
    if pd.api.types.is_datetime64_any_dtype(values):
        pattern = "%Y-%m-%d %H:%M" if (values.dt.hour != 0).any() else "%Y-%m-%d"
        return [str(text) for text in values.dt.strftime(pattern).fillna("")]
    if pd.api.types.is_float_dtype(values):
        return ["" if value != value else f"{value:.10g}" for value in values.tolist()]
    known = values.notna()
    return [str(value)[:_LONGEST_VALUE] if is_known else "" for value, is_known in zip(values, known, strict=True)]
