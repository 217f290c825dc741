"""Serves Leaflet, its plugins and styles, and the outlines of Korea from our own server, for closed networks.

folium loads each script and style from a public server. The package folium-offline has them all; here each gets a local
path, and folium is patched to use it.
"""

import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import folium
import orjson
from folium.plugins import FastMarkerCluster, HeatMap
from offlinefolium import elements
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

PATH = "/map-assets"
OUTLINES = Path(sys.prefix) / "share" / "daegu-map-outlines"
"""Files of the outlines of Korea, which `build_outlines` writes: that of the country, and one for each province."""
COUNTRY = "korea"
AREAS = {2: "sido", 5: "sigungu", 8: "towns"}
"""The beginnings of the names of files with areas, by the digits of their codes; those of towns are one by province."""
_KINDS = (folium.Map, FastMarkerCluster, HeatMap)
# folium's icons and their fonts, a megabyte: unused, because our maps draw only circles and text.
_UNUSED = frozenset({
    "bootstrap", "awesome_markers", "bootstrap_css", "glyphicons_css",
    "awesome_markers_font_css", "awesome_markers_css", "awesome_rotate_css",
})  # fmt: skip
_MEDIA_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "json": "application/json"}
_CACHE_CONTROL = "public, immutable, max-age=31536000"
_Links = list[tuple[str, str]]


def _links(kind: type) -> Iterable[_Links]:
    return (links for links in (kind.default_js, kind.default_css) if links)  # type: ignore[attr-defined]


def _file_name(name: str, url: str) -> str:
    ending = "css" if url.endswith(".css") else "js"
    return _named_by_content(name.removesuffix(".js"), elements._res[url], ending)


def _named_by_content(name: str, content: str, ending: str) -> str:
    return f"{name}.{hashlib.sha256(content.encode()).hexdigest()[:8]}.{ending}"


def _our_address(base_path: str, name: str, url: str) -> str:
    return f"{base_path}{PATH}/{_file_name(name, url)}" if url in elements._res else url


# Read before folium is patched: its original URLs are the keys of the package.
_FILES = {
    _file_name(name, url): elements._res[url]
    for kind in _KINDS
    for links in _links(kind)
    for name, url in links
    if name not in _UNUSED
}
_DRAWING = Path(__file__).with_name("outlines.js").read_text(encoding="utf-8")
_FILES[_DRAWING_NAME := _named_by_content("outlines", _DRAWING, "js")] = _DRAWING
DRAWING = f"{PATH}/{_DRAWING_NAME}"
"""The path of the script that draws outlines."""


def serve_from_here(base_path: str = "") -> None:
    """Makes every map use our files, and only those it needs. Idempotent."""
    for kind in _KINDS:
        for links in _links(kind):
            links[:] = [(name, _our_address(base_path, name, url)) for name, url in links if name not in _UNUSED]


def contents() -> Iterator[tuple[str, bytes]]:
    """Yields the path of each file on the page's server, and its content."""
    for name, content in _FILES.items():
        yield f"{PATH}/{name}", content.encode()
    for path in sorted(OUTLINES.glob("*.json")):
        yield f"{PATH}/{path.name}", path.read_bytes()


def find_outlines() -> str | None:
    """Returns the path of the outlines of the country; None if they were not built."""
    return next((f"{PATH}/{path.name}" for path in OUTLINES.glob(f"{COUNTRY}.*.json")), None)


def find_areas(codes: Iterable[str]) -> Mapping[str, str]:
    """Returns the path of the file with the area of each region, by code; a region without an outline has none."""
    return {code: path for code in codes if (path := _areas(_area_file(code)).get(code))}


def _area_file(code: str) -> str:
    return f"{AREAS[8]}-{code[:2]}" if len(code) == 8 else AREAS.get(len(code), "")


@cache
def _areas(name: str) -> Mapping[str, str]:
    paths = {path: orjson.loads(path.read_bytes())["areas"] for path in OUTLINES.glob(f"{name}.*.json") if name}
    return {code: f"{PATH}/{path.name}" for path, areas in paths.items() for code in areas}


def early_paths() -> Iterator[str]:
    """Yields the paths of the files that every map needs."""
    yield from (f"{PATH}/{name}" for name in _FILES)
    if outlines := find_outlines():
        yield outlines


def asset_routes() -> Sequence[Route]:
    """Returns the routes of the files. Their names change with their content, so that browsers can cache them."""
    return [Route(f"{PATH}/{{name}}", _answer)]


def find_missing() -> list[str]:
    """Returns the files that maps need but the package or the environment lacks."""
    return [name for name, content in _FILES.items() if not content] + ([] if find_outlines() else [COUNTRY])


async def _answer(request: Request) -> Response:
    name = request.path_params["name"]
    content = _FILES.get(name)
    media_type, headers = _MEDIA_TYPES.get(name.rpartition(".")[2]), {"Cache-Control": _CACHE_CONTROL}
    if content is not None:
        return Response(content, 200, headers, media_type)
    if name in {path.name for path in OUTLINES.glob("*.json")}:
        return FileResponse(OUTLINES / name, 200, headers, media_type)
    return Response(status_code=404)
