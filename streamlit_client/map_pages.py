"""The pages of maps, kept until the frames that show them have fetched them.

They come sandboxed: a map is of no origin, so that the browser draws it in a process of its own beside the charts, and
nothing in it reaches the page around it.
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
from streamlit_client.static_files import page_answer

PATH = "/maps"
_MOST_KEPT = 64
_POLICY = (
    "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox; default-src 'none'; script-src 'self' "
    "'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: {tiles}"
)

_pages: OrderedDict[str, bytes] = OrderedDict()
_lock = Lock()


def keep(page: str) -> str:
    """Keeps the page of a map, and returns its path on the page's server: the same page has the same."""
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
    # The one server a map may ask is that of its ground, under all names that Leaflet makes of `{s}`.
    tiles = "{0.scheme}://{0.netloc}".format(urlsplit(url)) if (url := state.settings().map_tiles_url) else ""
    names = dict.fromkeys(tiles.replace("{s}", letter) for letter in "abc")
    headers = {
        "Content-Security-Policy": _POLICY.format(tiles=" ".join(names)).strip(),
        "Cache-Control": "private, immutable, max-age=86400",
    }
    return page_answer(content, request.headers.get("accept-encoding", ""), headers)
