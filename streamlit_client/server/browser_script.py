"""The browser script of every page: translates Streamlit's English, and announces news to screen readers."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from streamlit_client import state, texts_streamlit

_WORDS = f":root {{ --download-failed: {json.dumps(texts_streamlit.DOWNLOAD_FAILED, ensure_ascii=False)}; }}\n"
_TABLE = {
    "exact": texts_streamlit.EXACT,
    "patterns": texts_streamlit.PATTERNS,
    "speaksItself": ", ".join(texts_streamlit.SPEAKS_ITSELF),
    "nameless": texts_streamlit.NAMELESS,
    "style": _WORDS + Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
}
_CODE = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
_CONTENT = f"const TABLE = {json.dumps(_TABLE, ensure_ascii=False)}\n{_CODE}".encode()
_PATH = f"/page-script/{hashlib.sha256(_CONTENT).hexdigest()[:16]}.js"


def tag() -> str:
    """Returns the script element for a page."""
    return f'<script type="module" src="{state.public(_PATH)}"></script>'


def script_routes() -> Sequence[Route]:
    """Returns the route of the script; its address changes with its content, so that browsers can cache it forever."""
    return [Route(_PATH, _answer)]


async def _answer(_: Request) -> Response:
    # Maps load it as well, from an opaque origin.
    headers = {"Cache-Control": "max-age=31536000, immutable", "Access-Control-Allow-Origin": "*"}
    return Response(_CONTENT, 200, headers, "text/javascript; charset=utf-8")
