"""The map of the rows that a question is about: as points, or by region."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from servicekit.question import Condition, Question
from streamlit_client import address, texts_explore
from streamlit_client.backend.contract_datasets import Coordinates, Profile
from streamlit_client.charts.data_map import points_map
from streamlit_client.charts.positions import LATITUDES, LONGITUDES, Points
from streamlit_client.explore.answers import ask_rows
from streamlit_client.explore.filters.matched import count_matched
from streamlit_client.explore.map_frame import choose_limit, draw, find_tiles
from streamlit_client.explore.popups import popup_columns, popup_fields, popup_frame, popup_table
from streamlit_client.explore.region_map import region_sources, show_regions
from streamlit_client.parts.chart import show_values

_POINTS = "points"


class _Orientation(NamedTuple):
    """Which columns have the latitudes and longitudes, the conditions of rows in Korea, and how many there are."""

    columns: Coordinates
    where: tuple[Condition, ...]
    rows: int


def show_map(profile: Profile, question: Question) -> None:
    """Draws the map of the rows that a question is about, or why there is none."""
    sources = region_sources(profile)
    kinds = [*([_POINTS] if profile.coordinates is not None else []), *sources]
    if not kinds:
        st.caption(texts_explore.NO_MAP)
        return
    key = f"map.kind.{profile.dataset_id}"
    address.seed(address.MAP, key, kinds if profile.coordinates is not None else kinds[::-1])
    kind = st.segmented_control(
        texts_explore.MAP_KIND,
        kinds,
        format_func=texts_explore.MAP_KINDS.__getitem__,
        required=True,
        key=key,
        on_change=address.follow,
        args=(address.MAP, key),
    )
    if kind is not None and kind in sources:
        show_regions(profile, question, sources[kind], kind)
    elif profile.coordinates is not None:
        _show_points(profile, question, profile.coordinates)


def _show_points(profile: Profile, question: Question, pair: Coordinates) -> None:
    limit = choose_limit(profile.dataset_id)
    matched = count_matched(profile, question)
    found = _find_orientation(profile, question, pair, matched or 0)
    if matched is None or found is None:
        return
    asked = question.model_copy(update={"where": (*question.where, *found.where)})
    fields = popup_fields(profile)
    north, east = found.columns.latitude, found.columns.longitude
    wanted = tuple(dict.fromkeys([north, east, *fields]))
    frame = ask_rows(profile, asked, columns=wanted, sample=limit, limit=0) if found.rows else pd.DataFrame()
    if frame is None:
        return
    if not len(frame):
        st.caption(texts_explore.NO_POINTS)
        return
    rows = np.arange(len(frame))
    left_out, were_swapped = matched - found.rows, found.columns != pair
    norths, easts = (frame[name].to_numpy(dtype=np.float64) for name in (north, east))
    points = Points(rows, norths, easts, left_out, were_swapped)
    columns = popup_columns(popup_frame(frame[fields], profile), rows)
    draw(points_map(points, columns, tiles=find_tiles()), profile.name)
    show_values(lambda: popup_table(columns), key=f"map.points.{profile.dataset_id}")
    note = texts_explore.POINTS_SAMPLED if len(rows) < found.rows else texts_explore.POINTS_SHOWN
    notes = [note.format(shown=len(rows), total=found.rows)]
    if left_out:
        notes.append(texts_explore.POINTS_LEFT_OUT.format(count=left_out))
    if were_swapped:
        notes.append(texts_explore.SWAPPED)
    st.caption(" ".join(notes))


def _find_orientation(profile: Profile, question: Question, pair: Coordinates, matched: int) -> _Orientation | None:
    """Returns how the columns have the positions: as they say, or swapped if so more of the rows are in Korea."""
    swapped = Coordinates(latitude=pair.longitude, longitude=pair.latitude)
    found: list[_Orientation] = []
    for columns in (pair, swapped):
        where = tuple(
            Condition(column=name, operator="between", value=limits)
            for name, limits in ((columns.latitude, LATITUDES), (columns.longitude, LONGITUDES))
        )
        rows = count_matched(profile, question.model_copy(update={"where": (*question.where, *where)}))
        if rows is None:
            return None
        found.append(_Orientation(columns, where, rows))
        if 2 * rows >= matched:
            break
    return max(found, key=lambda one: one.rows)
