"""The map of regions, coloured by the measure of the page."""

from collections.abc import Mapping
from functools import partial

import pandas as pd
import streamlit as st

from servicekit.korean_text.particles import choose_particles
from servicekit.question import Condition, Question
from streamlit_client import texts_explore
from streamlit_client.backend.contract_datasets import Profile, Table
from streamlit_client.charts.axes import number_texts
from streamlit_client.charts.data_map import Area, areas_map
from streamlit_client.explore.answers import ask_aggregate
from streamlit_client.explore.clickable import Mark, add_mark, choose_mark
from streamlit_client.explore.map_frame import draw, find_tiles
from streamlit_client.explore.measures import choose_measure, measured_column
from streamlit_client.parts.chart import show_values
from streamlit_client.parts.shown_text import plain_text
from streamlit_client.server import map_assets

_LEVELS = ("sido", "sigungu", "eupmyeondong")
_MOST_REGIONS, _MOST_EXAMPLES = 2_000, 3
# A map is a page of its own, and tells this one which region was pressed.
_LISTEN = """
export default function ({ setTriggerValue }) {
  const hear = ({ data }) => { if (typeof data?.region === "string") setTriggerValue("region", data.region) }
  addEventListener("message", hear)
  return () => removeEventListener("message", hear)
}
"""
_listen = st.components.v2.component("pressed_region", js=_LISTEN)


def region_sources(profile: Profile) -> Mapping[str, str]:
    """Returns by level the column that tells the regions: the one that names them, or else the positions."""
    regions, place = profile.regions, profile.coordinates
    named = _LEVELS.index(regions.level) + 1 if regions is not None and regions.level in _LEVELS else 0
    sources = dict.fromkeys(_LEVELS[:named], regions.columns[-1]) if regions is not None else {}
    return sources | (dict.fromkeys(_LEVELS[named:], place.latitude) if place is not None else {})


def show_regions(profile: Profile, question: Question, source: str, level: str) -> None:
    """Draws the regions of a level with their values, the values as a table, and what is not on the map."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        measure = choose_measure(profile, key=f"map.{profile.dataset_id}")
    word = texts_explore.MAP_KINDS[level]
    group = f"{source}:{word}"
    answer = ask_aggregate(
        profile, question, groups=(group,), measures=(measure,), region_codes=True, limit=_MOST_REGIONS
    )
    if answer is None:
        return
    title, known = answer.table.columns[-1], measured_column(profile, measure)
    rows = [(str(name), str(code), value) for name, code, value in answer.table.rows if isinstance(value, int | float)]
    if not rows:
        st.caption(texts_explore.NO_POINTS)
        return
    values = number_texts([value for _, _, value in rows], known)
    areas = [
        Area(code, name, value, f"{title}: {text}") for (name, code, value), text in zip(rows, values, strict=True)
    ]
    placed = map_assets.find_areas(area.code for area in areas)
    if placed:
        on_map = [area for area in areas if area.code in placed]
        draw(areas_map(on_map, title, tiles=find_tiles(), column=known), f"{profile.name}, {word}, {title}")
    marks: list[Mark] = [[(group, name, f"{name}: {text}")] for (name, _, _), text in zip(rows, values, strict=True)]
    key = f"map.regions.{profile.dataset_id}"
    _listen(key=f"{key}.pressed", on_region_change=partial(_pick_pressed, f"{key}.pressed", marks))
    choose_mark(marks, key=key, label=texts_explore.PICK_REGION)
    show_values(lambda: _regions_table(answer.table, word), key=key)
    shown = texts_explore.REGIONS_SHOWN.format(column=plain_text(source), level=word, value=plain_text(title))
    notes = [choose_particles(shown)]
    if answer.table.total_rows > len(answer.table.rows):
        notes.append(texts_explore.REGIONS_CUT.format(shown=len(answer.table.rows), total=answer.table.total_rows))
    if len(placed) < len(areas):
        notes.append(texts_explore.REGIONS_UNPLACED.format(count=len(areas) - len(placed)))
    if answer.rows_missing:
        notes.append(texts_explore.REGIONS_UNKNOWN.format(count=answer.rows_missing, level=word))
        notes += _name_examples(profile, question, source, group)
    st.caption(" ".join(notes))


def _pick_pressed(key: str, marks: list[Mark]) -> None:
    name = st.session_state[key].region
    add_mark(next((mark for mark in marks if mark[0][1] == name), ()))


def _name_examples(profile: Profile, question: Question, source: str, group: str) -> list[str]:
    """Returns a sentence with values that name no region of the level, most frequent first."""
    column = next((column for column in profile.columns_info if column.name == source), None)
    if column is None or column.type != "text":
        return []
    where = (*question.where, Condition(column=group, operator="missing"))
    answer = ask_aggregate(
        profile, question.model_copy(update={"where": where}), groups=(source,), limit=_MOST_EXAMPLES
    )
    if answer is None or not answer.table.rows:
        return []
    items = [texts_explore.REGION_ITEM.format(text=plain_text(str(row[0])), count=row[1]) for row in answer.table.rows]
    return [texts_explore.REGIONS_EXAMPLES.format(texts=", ".join(items))]


def _regions_table(table: Table, level: str) -> pd.DataFrame:
    return pd.DataFrame(table.rows, columns=[level, *table.columns[1:]])
