"""Maps of points, of districts, and of two datasets together; drawn in the browser by Leaflet."""

import html
import json
import math
from collections.abc import Sequence

import folium
import numpy as np
from folium.plugins import FastMarkerCluster, HeatMap

from streamlit_client import texts_explore as words
from streamlit_client.positions import DistrictCount, Points, county_positions
from streamlit_client.theme import FONT, LOWERS, RAISES

FIRST_COLOUR, SECOND_COLOUR = LOWERS, RAISES
_LARGEST_RADIUS = 26
_MOST_ZOOM = 18
Cells = Sequence[Sequence[str]]

# Builds the popup only when it is opened, cell by cell as text: whatever a file holds, none of it is taken for HTML.
_CALLBACK = """
function (row) {
  var marker = L.circleMarker([row[0], row[1]], {radius: 6, weight: 1, color: "#fff", fillColor: %(colour)s,
    fillOpacity: 0.85});
  var labels = %(labels)s;
  marker.bindPopup(function () {
    var box = document.createElement("div");
    box.style.fontFamily = %(font)s;
    labels.forEach(function (label, index) {
      var value = row[index + 2];
      if (value === "") { return; }
      var line = document.createElement("div"), name = document.createElement("b");
      name.textContent = label + " ";
      line.appendChild(name); line.appendChild(document.createTextNode(value)); box.appendChild(line);
    });
    return box;
  }, {maxWidth: 320});
  return marker;
}
"""


def points_map(points: Points, labels: Sequence[str], cells: Cells, *, has_tiles: bool) -> folium.Map:
    """Draws points in clusters; each opens a popup of `labels` and its row of `cells`. Their density is at hand."""
    drawn = _ground(has_tiles=has_tiles)
    _add_points(drawn, words.POINT_LAYER, points, labels, cells, FIRST_COLOUR)
    heat = np.column_stack([points.latitudes, points.longitudes]).tolist()
    layer = HeatMap(heat, name=words.HEAT_LAYER, show=False, radius=14, blur=18)  # type: ignore[no-untyped-call]
    layer.add_to(drawn)
    folium.LayerControl(collapsed=False).add_to(drawn)
    _fit(drawn, [points])
    return drawn


def two_maps(
    first: tuple[str, Points, Sequence[str], Cells],
    second: tuple[str, Points, Sequence[str], Cells],
    *,
    has_tiles: bool,
) -> folium.Map:
    """Draws two datasets over each other, each with its name, labels and cells, in two colours."""
    drawn = _ground(has_tiles=has_tiles)
    for (name, points, labels, cells), colour in ((first, FIRST_COLOUR), (second, SECOND_COLOUR)):
        _add_points(drawn, html.escape(name), points, labels, cells, colour)
    folium.LayerControl(collapsed=False).add_to(drawn)
    _fit(drawn, [first[1], second[1]])
    return drawn


def districts_map(districts: Sequence[DistrictCount], *, has_tiles: bool) -> folium.Map:
    """Draws a circle for each town whose area is its share."""
    drawn = _ground(has_tiles=has_tiles)
    total = sum(district.count for district in districts)
    most = max(district.count for district in districts)
    for district in districts:
        folium.CircleMarker(
            (district.latitude, district.longitude),
            radius=max(3.0, _LARGEST_RADIUS * math.sqrt(district.count / most)),
            weight=1,
            color="#ffffff",
            fill_color=FIRST_COLOUR,
            fill_opacity=0.65,
            popup=folium.Popup(
                words.DISTRICT_POPUP.format(
                    name=html.escape(district.name), count=district.count, share=100 * district.count / total
                ),
                max_width=240,
            ),
        ).add_to(drawn)
    drawn.fit_bounds(
        [
            (min(district.latitude for district in districts), min(district.longitude for district in districts)),
            (max(district.latitude for district in districts), max(district.longitude for district in districts)),
        ]
    )
    return drawn


def bounds_map(latitudes: Sequence[float], longitudes: Sequence[float], *, has_tiles: bool) -> folium.Map:
    """Draws the rectangle round the positions."""
    drawn = _ground(has_tiles=has_tiles)
    corners = [(min(latitudes), min(longitudes)), (max(latitudes), max(longitudes))]
    folium.Rectangle(corners, color=FIRST_COLOUR, weight=2, fill=True, fill_opacity=0.15).add_to(drawn)
    drawn.fit_bounds(corners)
    return drawn


def _ground(*, has_tiles: bool) -> folium.Map:
    drawn = folium.Map((35.87, 128.6), zoom_start=11, tiles=None, prefer_canvas=True)
    drawn.options["maxZoom"] = _MOST_ZOOM  # clusters need it where there are no tiles to say it
    if has_tiles:
        folium.TileLayer("OpenStreetMap", name=words.TILES_NAME, control=False, max_zoom=_MOST_ZOOM).add_to(drawn)
    for name, north, east in county_positions():
        label = f'<span style="font:600 13px {html.escape(FONT)};color:#4a5560;white-space:nowrap">{name}</span>'
        folium.Marker((north, east), icon=folium.DivIcon(html=label, class_name=""), interactive=False).add_to(drawn)
    return drawn


def _add_points(drawn: folium.Map, name: str, points: Points, labels: Sequence[str], cells: Cells, colour: str) -> None:
    rows = [
        [north, east, *row]
        for north, east, row in zip(
            np.round(points.latitudes, 6).tolist(), np.round(points.longitudes, 6).tolist(), cells, strict=True
        )
    ]
    callback = _CALLBACK % {"colour": _script(colour), "labels": _script(list(labels)), "font": _script(FONT)}
    options = {"maxClusterRadius": 50, "chunkedLoading": True}
    layer = FastMarkerCluster(rows, callback, name=name, options=options)  # type: ignore[no-untyped-call]
    layer.add_to(drawn)


def _script(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _fit(drawn: folium.Map, all_points: Sequence[Points]) -> None:
    norths = np.concatenate([points.latitudes for points in all_points])
    easts = np.concatenate([points.longitudes for points in all_points])
    # A few strays far away must not make all others a dot.
    (south, north), (west, east) = (np.quantile(values, (0.01, 0.99)).tolist() for values in (norths, easts))
    drawn.fit_bounds([(south, west), (north, east)])
