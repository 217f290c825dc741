"""The frame of a map on the page, its tiles, and how many points it has."""

import folium
import streamlit as st

from streamlit_client import state, texts_explore
from streamlit_client.charts.data_map import Tiles, map_page
from streamlit_client.server import map_pages

_HEIGHT = 560
_LIMITS = (1_000, 5_000, 15_000, 50_000)
_DEFAULT_LIMIT = 15_000


def draw(drawn: folium.Map, name: str) -> None:
    """Draws a map with a name; clicks on points do not rerun the page."""
    source = map_pages.keep(map_page(drawn))
    # Another map is another frame: one that goes to another address would be a step of its own in the history.
    with st.container(key=f"map-{source.rpartition('/')[2]}"):
        st.iframe(source, height=_HEIGHT, alt=texts_explore.MAP_OF.format(name=name))


def find_tiles() -> Tiles | None:
    """Returns the tile server of maps, or None."""
    settings = state.settings()
    return Tiles(settings.map_tiles_url, settings.map_tiles_attribution) if settings.map_tiles_url else None


def choose_limit(key: str) -> int:
    """Draws the choice of the number of points on a map."""
    return st.select_slider(
        texts_explore.MAP_POINTS, _LIMITS, _DEFAULT_LIMIT, format_func=lambda limit: f"{limit:,}", key=f"limit.{key}"
    )
