"""The pages of maps, kept until the frames that show them have fetched them.

They come sandboxed: a map is of no origin, so that the browser draws it in a process of its own beside the charts, and
nothing in it reaches the page around it.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PATH = "/maps"
_MOST_KEPT = 16
_HEADERS = {
    "Content-Security-Policy": "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox",
    "Cache-Control": "private, immutable, max-age=86400",
}

_pages: OrderedDict[str, str] = OrderedDict()
_lock = Lock()


def keep(page: str) -> str:
    """Keeps the page of a map, and returns its path on the page's server: the same page has the same."""
    name = hashlib.sha256(page.encode()).hexdigest()
    with _lock:
        _pages[name] = page
        _pages.move_to_end(name)
        if len(_pages) > _MOST_KEPT:
            _pages.popitem(last=False)
    return f"{PATH}/{name}"


def page_routes() -> Sequence[Route]:
    """Returns the route of the pages."""
    return [Route(f"{PATH}/{{name}}", _answer, middleware=[Middleware(GZipMiddleware, compresslevel=1)])]


async def _answer(request: Request) -> Response:
    page = _pages.get(request.path_params["name"])
    if page is None:
        return Response(status_code=404)
    return Response(page, 200, _HEADERS, "text/html; charset=utf-8")
