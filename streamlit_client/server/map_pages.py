"""The HTML pages of maps, kept until their iframes have fetched them.

They are sandboxed with an opaque origin, so that the browser draws them in a separate process in parallel with the
charts, and they cannot access the surrounding page.
"""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from streamlit_client import state
from streamlit_client.server.static_files import page_answer

PATH = "/maps"
_MOST_KEPT = 64
_POLICY = (
    "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox; default-src 'none'; script-src 'self' "
    "'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: {tiles}"
)

_pages: OrderedDict[str, bytes] = OrderedDict()
_lock = Lock()


def keep(page: str) -> str:
    """Keeps the page of a map, and returns its path on the page's server; equal pages have equal paths."""
    content = page.encode()
    name = hashlib.sha256(content).hexdigest()
    with _lock:
        if name not in _pages:
            _pages[name] = gzip.compress(content, compresslevel=1)
        _pages.move_to_end(name)
        if len(_pages) > _MOST_KEPT:
            _pages.popitem(last=False)
    return state.public(f"{PATH}/{name}")


def page_routes() -> Sequence[Route]:
    """Returns the route of the pages."""
    return [Route(f"{PATH}/{{name}}", _answer)]


async def _answer(request: Request) -> Response:
    content = _pages.get(request.path_params["name"])
    if content is None:
        return Response(status_code=404)
    # A map may only access its tile server, under all names that Leaflet generates for `{s}`.
    tiles = "{0.scheme}://{0.netloc}".format(urlsplit(url)) if (url := state.settings().map_tiles_url) else ""
    names = dict.fromkeys(tiles.replace("{s}", letter) for letter in "abc")
    headers = {
        "Content-Security-Policy": _POLICY.format(tiles=" ".join(names)).strip(),
        "Cache-Control": "private, immutable, max-age=86400",
    }
    return page_answer(content, request.headers.get("accept-encoding", ""), headers)
