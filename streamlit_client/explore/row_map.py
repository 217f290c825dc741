"""Maps of rows, as points or counted by region."""

from collections.abc import Sequence
from dataclasses import dataclass

import folium
import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from streamlit_client import state, texts_explore
from streamlit_client.backend.contract_datasets import Profile, Regions
from streamlit_client.charts.categories import as_categories
from streamlit_client.charts.data_map import PopupColumn, RegionCount, Tiles, map_page, points_map, regions_map
from streamlit_client.charts.positions import Points, find_points
from streamlit_client.charts.time_charts import has_hours
from streamlit_client.explore.dataset_frame import load_frame
from streamlit_client.parts.asking import ask
from streamlit_client.parts.chart import show_values
from streamlit_client.parts.shown_text import plain_text
from streamlit_client.server import map_pages

_HEIGHT = 560
_LIMITS = (1_000, 5_000, 15_000, 50_000)
_DEFAULT_LIMIT = 15_000
_MOST_FIELDS, _LONGEST_VALUE = 12, 80
_KEPT_COUNTS, _MOST_EXAMPLES = 64, 3


@dataclass(frozen=True, slots=True)
class Places:
    """All rows of a dataset with a position, and the columns of the popups."""

    points: Points
    frame: pd.DataFrame

    def sample(self, most: int) -> tuple[Points, list[PopupColumn]]:
        """Returns at most `most` points to draw, with the columns of their popups."""
        points = self.points.sample(most)
        return points, popup_columns(self.frame, points.rows)


def show_map(profile: Profile) -> None:
    """Draws the map of a dataset, or why there is none."""
    if profile.coordinates is not None:
        _show_points(profile)
    elif profile.regions is not None and profile.regions.level is not None:
        _show_regions(profile, profile.regions.level)
    else:
        st.caption(texts_explore.NO_MAP)


def load_places(profile: Profile) -> Places | None:
    """Returns all places of a dataset; None if they cannot be loaded."""
    pair = profile.coordinates
    if pair is None:
        return None
    fields = popup_fields(profile)
    wanted = [pair.latitude, pair.longitude, *fields]
    frame = load_frame(profile, "map", wanted)
    if frame is None:
        return None
    periods = {
        name: as_categories(frame[name], profile.column(name)) for name in fields if profile.column(name).precision
    }
    return Places(find_points(frame[pair.latitude], frame[pair.longitude]), frame[fields].assign(**periods))


def popup_fields(profile: Profile) -> list[str]:
    """Returns the columns of a popup: time, kind and severity first, then the others in their order."""
    pair = profile.coordinates
    positions = () if pair is None else (pair.latitude, pair.longitude)
    repeated = texts_explore.REPEATS_OF_DATE if _has_times(profile) else ()
    names = [name for name in profile.names() if name not in (*positions, *repeated)]
    first = [name for name in (*texts_explore.POPUP_FIRST, *profile.date_columns) if name in names]
    return list(dict.fromkeys([*first, *names]))[:_MOST_FIELDS]


def _has_times(profile: Profile) -> bool:
    return any(column.type == "date" and ":" in (column.maximum or "") for column in profile.columns_info)


def popup_columns(frame: pd.DataFrame, rows: npt.NDArray[np.int64]) -> list[PopupColumn]:
    """Returns the popup columns of these rows, with each distinct short text once."""
    columns = []
    for name in frame.columns:
        codes, values = pd.factorize(frame[name].iloc[rows])
        columns.append(PopupColumn(str(name), _cell_texts(pd.Series(values)), codes))
    return columns


def popup_table(columns: Sequence[PopupColumn]) -> pd.DataFrame:
    """Returns the content of the popups as a table with a row per point."""
    return pd.DataFrame({column.label: column.cells() for column in columns})


def draw(drawn: folium.Map, name: str) -> None:
    """Draws a map with a name; clicks on points do not rerun the page."""
    st.iframe(map_pages.keep(map_page(drawn)), height=_HEIGHT, alt=texts_explore.MAP_OF.format(name=name))


def find_tiles() -> Tiles | None:
    """Returns the tile server of maps, or None."""
    settings = state.settings()
    return Tiles(settings.map_tiles_url, settings.map_tiles_attribution) if settings.map_tiles_url else None


def choose_limit(key: str) -> int:
    """Draws the choice of the number of points on a map."""
    return st.select_slider(
        texts_explore.MAP_POINTS, _LIMITS, _DEFAULT_LIMIT, format_func=lambda limit: f"{limit:,}", key=f"limit.{key}"
    )


def _show_points(profile: Profile) -> None:
    limit = choose_limit(profile.dataset_id)
    places = load_places(profile)
    if places is None:
        return
    points, columns = places.sample(limit)
    if not len(points.rows):
        st.caption(texts_explore.NO_MAP)
        return
    draw(points_map(points, columns, tiles=find_tiles()), profile.name)
    show_values(lambda: popup_table(columns), key=f"map.points.{profile.dataset_id}")
    notes = [_count_note(points, profile)]
    if points.left_out:
        notes.append(texts_explore.POINTS_LEFT_OUT.format(count=points.left_out))
    if points.were_swapped:
        notes.append(texts_explore.SWAPPED)
    st.caption(" ".join(notes))


def _count_note(points: Points, profile: Profile) -> str:
    total, shown = profile.rows - points.left_out, len(points.rows)
    if shown < total:
        return texts_explore.POINTS_SAMPLED.format(shown=shown, total=total)
    return texts_explore.POINTS_SHOWN.format(shown=shown)


def _show_regions(profile: Profile, finest: str) -> None:
    levels = list(texts_explore.REGION_LEVELS)
    level = finest
    if coarser := levels[: levels.index(finest)]:
        options = [*coarser, finest]
        chosen = st.segmented_control(
            texts_explore.REGION_LEVEL,
            options,
            default=finest,
            format_func=texts_explore.REGION_LEVELS.__getitem__,
            key=f"map.level.{profile.dataset_id}",
        )
        level = chosen or finest
    found = ask(
        f"regions.{profile.dataset_id}", lambda: _count_regions(profile.dataset_id, profile.content_hash, level)
    )
    if found is None:
        return
    counts = [
        RegionCount(region.name, region.latitude, region.longitude, region.rows)
        for region in found.regions
        if region.latitude is not None and region.longitude is not None
    ]
    if not counts:
        st.caption(texts_explore.NO_MAP)
        return
    draw(regions_map(counts, tiles=find_tiles()), profile.name)
    show_values(lambda: _regions_table(found), key=f"map.regions.{profile.dataset_id}")
    names = ", ".join(map(plain_text, found.columns))
    note = texts_explore.REGIONS_SHOWN.format(names=names, level=texts_explore.REGION_LEVELS[level])
    st.caption(" ".join([note, *region_notes(found, profile.rows)]))


# The content hash is part of the key, as for frames.
@st.cache_data(max_entries=_KEPT_COUNTS, show_spinner=False)
def _count_regions(dataset_id: str, content_hash: str, level: str) -> Regions:  # noqa: ARG001
    return state.datasets().count_regions(dataset_id, level)


def region_notes(found: Regions, rows: int) -> list[str]:
    """Returns a sentence for each reason why rows are not on the map."""
    on_map = sum(region.rows for region in found.regions)
    unplaced = sum(region.rows for region in found.regions if region.latitude is None)
    empty = rows - on_map - found.coarser_rows - found.unknown_rows - found.ambiguous_rows
    examples = ", ".join(plain_text(text.text) for text in found.unmatched[:_MOST_EXAMPLES])
    reasons = (
        (texts_explore.REGIONS_UNKNOWN, found.unknown_rows),
        (texts_explore.REGIONS_AMBIGUOUS, found.ambiguous_rows),
        (texts_explore.REGIONS_COARSER, found.coarser_rows),
        (texts_explore.REGIONS_UNPLACED, unplaced),
        (texts_explore.REGIONS_EMPTY, empty),
    )
    notes = [sentence.format(count=count) for sentence, count in reasons if count]
    return [*notes, texts_explore.REGIONS_EXAMPLES.format(texts=examples)] if examples else notes


def _regions_table(found: Regions) -> pd.DataFrame:
    rows = [(region.name, region.rows) for region in found.regions]
    return pd.DataFrame(rows, columns=[texts_explore.REGION, texts_explore.COUNT])


def _cell_texts(values: pd.Series) -> list[str]:
    if pd.api.types.is_datetime64_any_dtype(values):
        pattern = "%Y-%m-%d %H:%M" if has_hours(values) else "%Y-%m-%d"
        return [str(text) for text in values.dt.strftime(pattern)]
    if pd.api.types.is_float_dtype(values):
        return [f"{value:.10g}" for value in values.tolist()]
    return [str(value)[:_LONGEST_VALUE] for value in values]
