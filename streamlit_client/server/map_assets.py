"""Serves Leaflet, its plugins and styles from our own server, for closed networks.

folium loads each script and style from a public server. The package folium-offline has them all; here each gets a local
path, and folium is patched to use it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

import folium
from folium.plugins import FastMarkerCluster, HeatMap
from offlinefolium import elements
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PATH = "/map-assets"
_KINDS = (folium.Map, FastMarkerCluster, HeatMap)
# folium's icons and their fonts, a megabyte: unused, because our maps draw only circles and text.
_UNUSED = frozenset({
    "bootstrap", "awesome_markers", "bootstrap_css", "glyphicons_css",
    "awesome_markers_font_css", "awesome_markers_css", "awesome_rotate_css",
})  # fmt: skip
_MEDIA_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
_Links = list[tuple[str, str]]


def _links(kind: type) -> Iterable[_Links]:
    return (links for links in (kind.default_js, kind.default_css) if links)  # type: ignore[attr-defined]


def _file_name(name: str, url: str) -> str:
    ending = "css" if url.endswith(".css") else "js"
    digest = hashlib.sha256(elements._res[url].encode()).hexdigest()[:8]
    return f"{name.removesuffix('.js')}.{digest}.{ending}"


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


def serve_from_here(base_path: str = "") -> None:
    """Makes every map use our files, and only those it needs. Idempotent."""
    for kind in _KINDS:
        for links in _links(kind):
            links[:] = [(name, _our_address(base_path, name, url)) for name, url in links if name not in _UNUSED]


def contents() -> Iterator[tuple[str, bytes]]:
    """Yields the path of each file on the page's server, and its content."""
    for name, content in _FILES.items():
        yield f"{PATH}/{name}", content.encode()


def asset_routes() -> Sequence[Route]:
    """Returns the routes of the files. Their names change with their content, so that browsers can cache them."""
    return [Route(f"{PATH}/{{name}}", _answer)]


def find_missing() -> list[str]:
    """Returns the files that maps need but the package lacks."""
    return [name for name, content in _FILES.items() if not content]


async def _answer(request: Request) -> Response:
    name = request.path_params["name"]
    content = _FILES.get(name)
    if content is None:
        return Response(status_code=404)
    media_type = _MEDIA_TYPES[name.rpartition(".")[2]]
    return Response(content, 200, {"Cache-Control": "public, immutable, max-age=31536000"}, media_type)
