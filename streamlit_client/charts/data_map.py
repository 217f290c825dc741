"""Maps of points, of regions, and of two datasets together; drawn in the browser by Leaflet."""

import html
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import folium
import numpy as np
import numpy.typing as npt
import orjson
from branca.element import CssLink, Element, JavascriptLink, MacroElement
from folium.plugins import FastMarkerCluster, HeatMap
from folium.template import Template

from streamlit_client import state, texts_explore
from streamlit_client.backend.contract_datasets import Column
from streamlit_client.charts.axes import number_texts
from streamlit_client.charts.positions import Points
from streamlit_client.server import browser_script, map_assets
from streamlit_client.theme import DARK_GROUND, DARK_TEXT, FONT, LOWERS, RAISES

FIRST_COLOUR, SECOND_COLOUR = LOWERS, RAISES
AREA_COLOURS = ("#d6e6f2", "#9ecae1", "#5a9fce", "#2a6fad", "#08306b")
"""Of the steps of values, the lowest first; they differ in brightness, so that all eyes tell them apart."""
_MOST_ZOOM = 18
_COUNTRY = ((33.1, 125.9), (38.6, 129.6))  # its corners
_DATA = re.compile(r'"data (\d+)"')
Corners = tuple[tuple[float, float], tuple[float, float]]
"""South-west and north-east corner in degrees."""


@dataclass(frozen=True, slots=True)
class Tiles:
    """A tile server, and its attribution in HTML."""

    url: str
    attribution: str


@dataclass(frozen=True, slots=True)
class PopupColumn:
    """A column of the popups: its distinct texts, and for each point the index of its text, or -1."""

    label: str
    texts: Sequence[str]
    codes: npt.NDArray[np.int64]

    def cells(self) -> list[str]:
        """Returns the text of each point, or an empty text."""
        return [self.texts[code] if code >= 0 else "" for code in self.codes]


@dataclass(frozen=True, slots=True)
class Area:
    """A region by its code, its value, and the value as text."""

    code: str
    name: str
    value: float
    text: str


# Leaflet's own colours are light, and its styles come later: `html` makes ours more specific. The iframe of the map
# follows the browser's light or dark mode, as the page does.
_STYLE = f"""
<style>
  .leaflet-container {{ font-family: {FONT}; }}
  html .leaflet-container:focus-visible {{ outline-offset: -2px !important; }}
  .korea-name span {{ position: absolute; transform: translate(-50%, -50%); white-space: nowrap; color: #4a5560;
    font: 400 13px {FONT}; text-shadow: 0 0 2px #fff, 0 0 4px #fff; }}
  .korea-district-name span, .korea-province-name span {{ font-weight: 600; }}
  .korea-area {{ fill-opacity: 0.88; stroke: #fff; stroke-opacity: 1; stroke-width: 0.8px; cursor: pointer; }}
  .korea-area:hover {{ stroke: #14181d; stroke-width: 2px; }}
  .area-legend {{ background: #fff; padding: 8px 10px; border-radius: 6px; font: 400 13px/1.6 {FONT};
    box-shadow: 0 1px 4px rgba(0, 0, 0, 0.3); }}
  .area-legend i {{ display: inline-block; width: 18px; height: 12px; margin-right: 8px; }}
  html .has-outlines {{ background: #dfe7ec; }}
  .korea-land {{ fill: #f8f9f7; fill-opacity: 1; stroke: #8a97a2; stroke-opacity: 1; stroke-width: 1.3px; }}
  .korea-district, .korea-town {{ fill: none; stroke: #aab4bc; stroke-opacity: 1; stroke-width: 1.1px; }}
  .korea-town {{ stroke: #d3d9dd; stroke-width: 1px; }}
  @media (prefers-color-scheme: dark) {{
    html .leaflet-container {{ background: {DARK_GROUND}; }}
    .leaflet-tile-pane {{ filter: invert(1) hue-rotate(180deg) brightness(0.9); }}
    .korea-name span {{ color: #b8c2cb; text-shadow: 0 0 2px #14181d, 0 0 4px #14181d; }}
    .korea-land {{ fill: #262d35; stroke: #6b7885; }}
    .korea-district {{ stroke: #4d5863; }}
    .korea-town {{ stroke: #39434d; }}
    .korea-area {{ stroke: #14181d; }}
    .korea-area:hover {{ stroke: #fff; }}
    .area-legend, .leaflet-tooltip {{ background: {DARK_GROUND}; color: {DARK_TEXT}; border-color: #4a5560; }}
    .leaflet-bar a, .leaflet-control-layers, .leaflet-control-attribution, .leaflet-popup-content-wrapper,
    .leaflet-popup-tip {{ background: {DARK_GROUND} !important; color: {DARK_TEXT} !important; }}
    .leaflet-bar a {{ border-color: #4a5560; }}
    html .leaflet-control-attribution a {{ color: #7fbde0; }}
  }}
</style>
"""


class _PointLayers(MacroElement):
    """Points in clusters, and optionally their density, from columns that are sent once.

    A popup is built only when opened, with each cell as text, so that no data can be interpreted as HTML. Nor as a
    template: folium renders its output with Jinja, so `map_page` inserts the data afterwards.
    """

    _template = Template("""
    {% macro script(this, kwargs) %}
    {{ this._parent.get_name() }}.isFitted.then(function () {
      var map = {{ this._parent.get_name() }}, data = "data {{ this._id }}", columns;
      var how = {maxClusterRadius: 50, chunkedLoading: true, chunkDelay: 0};
      if (!data.density) { // with several layers, the colour identifies the layer, not the density
        data.name = '<b style="color: ' + data.colour + '">●</b> ' + data.name;
        how.iconCreateFunction = function (cluster) {
          var circle = '<div style="font-weight: 700; color: #fff; background: ' + data.colour + '"><span>';
          circle += cluster.getChildCount() + "</span></div>";
          return L.divIcon({html: circle, className: "marker-cluster", iconSize: [40, 40]});
        };
      }
      var group = L.markerClusterGroup(how).addTo(map);
      var Point = L.CircleMarker.extend({options: {radius: 6, weight: 1, color: "#fff", fillColor: data.colour,
        fillOpacity: 0.85}});
      group.addLayers(data.north.map(function (north, index) {
        var point = new Point([north, data.east[index]]);
        point.index = index;
        return point;
      }));
      group.on("click", function (event) {
        var box = document.createElement("div");
        columns = columns || JSON.parse(data.columns);
        columns.forEach(function (column) {
          var code = column.codes[event.layer.index];
          if (code < 0) { return; }
          var line = document.createElement("div"), name = document.createElement("b");
          name.textContent = column.label + " ";
          line.append(name, column.texts[code]);
          box.append(line);
        });
        L.popup({maxWidth: 320}).setLatLng(event.layer.getLatLng()).setContent(box).openOn(map);
      });
      map.layerControl = map.layerControl || L.control.layers(null, null, {collapsed: false}).addTo(map);
      map.layerControl.addOverlay(group, data.name);
      if (data.density) {
        map.layerControl.addOverlay(L.heatLayer(data.north.map(function (north, index) {
          return [north, data.east[index]];
        }), {radius: 14, blur: 18}), data.density);
      }
    });
    {% endmacro %}
    """)

    def __init__(
        self, name: str, points: Points, columns: Sequence[PopupColumn], colour: str, density: str | None = None
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "PointLayers"
        self.data = _script(
            {
                "name": html.escape(name),
                "density": density,
                "colour": colour,
                "north": np.round(points.latitudes, 6),
                "east": np.round(points.longitudes, 6),
                "columns": _json(columns),  # parsed when a popup is opened, because that takes long
            }
        )

    def render(self, **kwargs: object) -> str:
        """Adds the plugins' files as folium's own layers do."""
        header = self.get_root().header  # type: ignore[attr-defined]
        for kind in (FastMarkerCluster, HeatMap):
            for name, url in kind.default_js:
                header.add_child(JavascriptLink(url), name=name)
            for name, url in kind.default_css:
                header.add_child(CssLink(url), name=name)
        rendered: str = super().render(**kwargs)  # type: ignore[no-untyped-call]
        return rendered


class _Areas(MacroElement):
    """Regions coloured by steps of their values, with a legend."""

    _template = Template("""
    {% macro script(this, kwargs) %}
    {{ this._parent.get_name() }}.isFitted.then(function () {
      drawAreas({{ this._parent.get_name() }}, {{ this.paths }}, "data {{ this._id }}");
    });
    {% endmacro %}
    """)

    def __init__(self, areas: Sequence[Area], title: str, column: Column | None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Areas"
        paths = map_assets.find_areas(area.code for area in areas)
        steps, texts = value_steps([area.value for area in areas], column)
        colours = AREA_COLOURS[len(AREA_COLOURS) - len(texts) :]
        self.paths = _script([state.public(path) for path in sorted(set(paths.values()))])
        self.data = _script(
            {
                "title": title,
                "source": texts_explore.OUTLINES_SOURCE,
                "legend": [{"colour": colour, "text": text} for colour, text in zip(colours, texts, strict=True)],
                "codes": [area.code for area in areas],
                "names": [area.name for area in areas],
                "texts": [area.text for area in areas],
                "steps": steps,
            }
        )

    def render(self, **kwargs: object) -> str:
        """Adds the script that draws them."""
        return _render_with_drawing(self, super().render, kwargs)


class _View(MacroElement):
    """Fits the view to two corners, and keeps clusters waiting for it: one that loads cannot take a change of view.

    An iframe gets its size some time after its page; while it is hidden, only polling shows when.
    """

    _template = Template("""
    {% macro script(this, kwargs) %}
    {{ this._parent.get_name() }}.isFitted = new Promise(function show(resolve) {
      var map = {{ this._parent.get_name() }};
      map.invalidateSize(false);
      if (!map.getSize().x) { setTimeout(show, 20, resolve); return; }
      map.options.zoomSnap = {{ this.snap }}; // outlines can be drawn at any zoom, tiles only at whole ones
      map.fitBounds({{ this.corners }}, {animate: false, maxZoom: 15, padding: [24, 24]});
      map.options.zoomSnap = 1;
      resolve();
    });
    {% endmacro %}
    """)

    def __init__(self, corners: Corners, *, snap: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "View"
        self.snap = snap
        self.corners = _script(corners)


class _Outlines(MacroElement):
    """The regions of Korea under the data, as soon as they have come; data do not wait for them."""

    _template = Template("""
    {% macro script(this, kwargs) %}
    {{ this._parent.get_name() }}.isFitted.then(function () {
      drawKorea({{ this._parent.get_name() }}, {{ this.address }}, {{ this.source }});
    });
    {% endmacro %}
    """)

    def __init__(self, country: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Outlines"
        self.address = _script(state.public(country))
        self.source = _script(texts_explore.OUTLINES_SOURCE)

    def render(self, **kwargs: object) -> str:
        """Adds the script that draws them."""
        return _render_with_drawing(self, super().render, kwargs)


def map_page(drawn: folium.Map) -> str:
    """Returns the map as an HTML page. Equal maps give equal text, so that browsers can cache it."""
    root = drawn.get_root()
    root.header.add_child(Element(_STYLE + browser_script.tag()), name="style")  # type: ignore[attr-defined]
    for number, element in enumerate(_descendants(root)):
        element._id = str(number)
    page: str = root.render()
    data = {element._id: element.data for element in _descendants(root) if isinstance(element, _PointLayers | _Areas)}
    page = _DATA.sub(lambda place: data[place[1]], page)
    return page.replace("<html>", '<html lang="ko">', 1)


def points_map(points: Points, columns: Sequence[PopupColumn], *, tiles: Tiles | None) -> folium.Map:
    """Draws points in clusters, each with a popup of its cells, and their density as an optional layer."""
    drawn = _ground(_corners([points]), tiles=tiles)
    _PointLayers(texts_explore.POINT_LAYER, points, columns, FIRST_COLOUR, texts_explore.HEAT_LAYER).add_to(drawn)
    return drawn


def two_maps(
    first: tuple[str, Points, Sequence[PopupColumn]],
    second: tuple[str, Points, Sequence[PopupColumn]],
    *,
    tiles: Tiles | None,
) -> folium.Map:
    """Draws two datasets as named layers in two colours."""
    drawn = _ground(_corners([first[1], second[1]]), tiles=tiles)
    for (name, points, columns), colour in ((first, FIRST_COLOUR), (second, SECOND_COLOUR)):
        _PointLayers(name, points, columns, colour).add_to(drawn)
    return drawn


def areas_map(areas: Sequence[Area], title: str, *, tiles: Tiles | None, column: Column | None = None) -> folium.Map:
    """Colours regions of one level, all with outlines, by their values; `column` is what they are values of."""
    drawn = _ground(_COUNTRY, tiles=tiles)
    _Areas(areas, title, column).add_to(drawn)
    return drawn


def value_steps(values: Sequence[float], column: Column | None = None) -> tuple[list[int], list[str]]:
    """Returns the step of each value, and the range of each step in words and numbers, the lowest first.

    Each step has about as many values; the limits are round numbers. No step is empty.
    """
    numbers = np.asarray(values, dtype=float)
    limits = np.unique(numbers)[1:]
    if len(limits) >= len(AREA_COLOURS):
        quantiles = np.quantile(numbers, np.arange(1, len(AREA_COLOURS)) / len(AREA_COLOURS)).tolist()
        round_limits = np.unique([_round_down(limit) for limit in quantiles])
        limits = round_limits[round_limits > numbers.min()] if round_limits[-1] > numbers.min() else limits[:1]
    _, steps = np.unique(np.searchsorted(limits, numbers, side="right"), return_inverse=True)
    ranges = [numbers[steps == step] for step in range(int(steps.max()) + 1)]
    ends = iter(number_texts([end for inside in ranges for end in (inside.min(), inside.max())], column))
    texts = [low if low == high else f"{low} ~ {high}" for low, high in zip(ends, ends, strict=True)]
    texts = [texts_explore.STEP.format(range=text, count=len(of)) for text, of in zip(texts, ranges, strict=True)]
    if len(texts) > 1:
        texts[0] = texts_explore.LOWEST_STEP.format(step=texts[0])
        texts[-1] = texts_explore.HIGHEST_STEP.format(step=texts[-1])
    return steps.tolist(), texts


def _round_down(value: float) -> float:
    """Returns the number cut to two digits: 1,234 becomes 1,200."""
    if not value:
        return 0.0
    unit: float = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    return math.floor(value / unit) * unit


def bounds_map(latitudes: Sequence[float], longitudes: Sequence[float], *, tiles: Tiles | None) -> folium.Map:
    """Draws the bounding box of the positions."""
    corners = (min(latitudes), min(longitudes)), (max(latitudes), max(longitudes))
    drawn = _ground(corners, tiles=tiles)
    folium.Rectangle(corners, color=FIRST_COLOUR, weight=2, fill=True, fill_opacity=0.15).add_to(drawn)
    return drawn


def _ground(corners: Corners, *, tiles: Tiles | None) -> folium.Map:
    drawn = folium.Map((35.87, 128.6), zoom_start=11, tiles=None, prefer_canvas=True)
    drawn.options["maxZoom"] = _MOST_ZOOM  # clusters need it, and without tiles nothing sets it
    _View(corners, snap=0.25 if tiles is None else 1).add_to(drawn)
    if tiles is not None:
        folium.TileLayer(tiles.url, attr=tiles.attribution, control=False, max_zoom=_MOST_ZOOM).add_to(drawn)
    elif outlines := map_assets.find_outlines():
        _Outlines(outlines).add_to(drawn)
    return drawn


def _render_with_drawing(element: Element, render: Callable[..., str], options: Mapping[str, object]) -> str:
    header = element.get_root().header  # type: ignore[attr-defined]
    header.add_child(JavascriptLink(state.public(map_assets.DRAWING)), name="outlines")
    return render(**options)


def _corners(all_points: Sequence[Points]) -> Corners:
    norths = np.concatenate([points.latitudes for points in all_points])
    easts = np.concatenate([points.longitudes for points in all_points])
    # A few distant outliers must not shrink all other points to a dot.
    (south, north), (west, east) = (np.quantile(values, (0.01, 0.99)).tolist() for values in (norths, easts))
    return (south, west), (north, east)


def _descendants(element: Element) -> Iterator[Element]:
    yield element
    for child in element._children.values():
        yield from _descendants(child)


def _script(value: object) -> str:
    return _json(value).replace("<", "\\u003c")


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()
