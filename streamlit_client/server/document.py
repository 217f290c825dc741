"""The HTML document of the page: Streamlit's, in Korean, without its unused font, with charts preloaded.

The script of charts is by far the largest. If the address shows charts at once, the browser fetches it in parallel with
everything else; otherwise once the page is loaded, if the connection is good.
"""

import gzip
import html
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import file_util

from streamlit_client import texts
from streamlit_client.server import map_assets, map_pages
from streamlit_client.server.static_files import page_answer
from streamlit_client.theme import FONT

_HAS_OTHER_HTML = re.compile(rf"^(/_stcore|/component|/media|{map_pages.PATH})/")
_SHOWS_CHARTS = re.compile(r"^/explore\?|[?&]share=")
_CHART_SOURCE = "PlotlyChart.tsx"
# Source Sans: the page uses the system's Korean font instead.
_FONT = re.compile(r"<link\s+rel=\"preload\"[^>]*\.woff2\"[^>]*>")
# Theme and server address, which Streamlit would otherwise get from its server, after drawing with its own font and
# trying addresses that do not exist.
_KNOWN = """<script>
{
  const theme = {bodyFont: %(font)s, headingFont: %(font)s}
  window.__streamlit = {BACKEND_BASE_URL: location.origin + %(base_path)s, LIGHT_THEME: theme, DARK_THEME: theme}
}
</script>"""
_NOSCRIPT = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)
_TITLE = re.compile(r"<title>.*?</title>")
_LATER = """<script type="module">
const line = navigator.connection
if (!line || (line.effectiveType === "4g" && !line.saveData)) {
  const watch = new MutationObserver(() => {
    if (!document.querySelector("h1")) { return }
    watch.disconnect()
    const links = document.createRange().createContextualFragment(%s), chart = links.firstElementChild
    // Running its script takes most of the time of a first chart.
    chart.onload = () => requestIdleCallback(() => import(chart.href))
    requestIdleCallback(() => document.head.append(links), {timeout: 2000})
  })
  watch.observe(document.body, {childList: true, subtree: true})
}
</script>"""


class DocumentMiddleware:
    """Replaces Streamlit's document, which is served for every address without other content."""

    def __init__(self, app: ASGIApp, base_path: str = "") -> None:
        self._app = app
        self._at_once, self._later = (gzip.compress(text.encode()) for text in _documents(base_path))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on; replaces the answer if Streamlit begins to send its document."""
        is_page = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if not is_page or _HAS_OTHER_HTML.match(scope["path"]):
            await self._app(scope, receive, send)
            return
        is_document = False

        async def send_ours(message: Message) -> None:
            nonlocal is_document
            if message["type"] == "http.response.start":
                media_type = Headers(raw=message["headers"]).get("content-type", "")
                is_document = message["status"] == 200 and media_type.startswith("text/html")
                if is_document:
                    await self._answer(scope)(scope, receive, send)
            if not is_document:
                await send(message)

        await self._app(scope, receive, send_ours)

    def _answer(self, scope: Scope) -> Response:
        address = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
        content = self._at_once if _SHOWS_CHARTS.search(address) else self._later
        return page_answer(content, Headers(scope=scope).get("accept-encoding", ""), {"Cache-Control": "no-store"})


def _documents(base_path: str) -> Sequence[str]:
    """Returns the document that fetches charts at once, and the one that fetches them later."""
    root = Path(file_util.get_static_dir())
    text = (root / "index.html").read_text(encoding="utf-8")
    for pattern, ours in (
        (_FONT, _KNOWN % {"font": json.dumps(FONT), "base_path": json.dumps(base_path)}),
        (_TITLE, f"<title>{html.escape(texts.APP_NAME)}</title>"),
        (_NOSCRIPT, f"<noscript><p>{html.escape(texts.NEEDS_JAVASCRIPT)}</p></noscript>"),
    ):
        text = pattern.sub(ours, text)
    text = text.replace('<html lang="en">', '<html lang="ko">')
    links = "".join(_chart_links(root, text, base_path))
    printing = Path(__file__).with_name("printing.html").read_text(encoding="utf-8")
    return [text.replace("</head>", f"{printing}{added}</head>") for added in (links, _LATER % json.dumps(links))]


def _chart_links(root: Path, document: str, base_path: str) -> Iterator[str]:
    """Yields links to the scripts of charts and maps that are not in the document yet."""
    manifest = json.loads((root / "manifest.json").read_text(encoding="utf-8"))
    chart = next((item for source, item in manifest.items() if source.endswith(_CHART_SOURCE)), {"file": ""})
    for file in (chart["file"], *(manifest[name]["file"] for name in chart.get("imports", ()))):
        if file and file not in document:
            yield f'<link rel="modulepreload" crossorigin href="./{file}">'
    for path in map_assets.early_paths():
        yield f'<link rel="prefetch" href="{base_path}{path}">'
