"""The document is Streamlit's own with changes: these tests fail when a new Streamlit is shaped otherwise."""

import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.testclient import TestClient
from streamlit import file_util
from streamlit.web.server.starlette.starlette_static_routes import create_streamlit_static_handler

from streamlit_client import texts
from streamlit_client.server import map_assets
from streamlit_client.server.browser_id import BrowserIdMiddleware
from streamlit_client.server.document import DocumentMiddleware

STATIC = Path(file_util.get_static_dir())


@pytest.fixture(scope="module")
def client() -> TestClient:
    streamlit = create_streamlit_static_handler(str(STATIC), None)
    middleware = [Middleware(BrowserIdMiddleware), Middleware(DocumentMiddleware)]
    return TestClient(Starlette(routes=[Mount("/", app=streamlit)], middleware=middleware))


@pytest.mark.parametrize("path", ["/", "/explore", "/chat", "/no-such-page"])
def test_every_page_runs_in_a_korean_document_that_nobody_stores(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["cache-control"] == "no-store"
    assert '<html lang="ko">' in answer.text
    assert f"<title>{texts.APP_NAME}</title>" in answer.text
    assert texts.NEEDS_JAVASCRIPT in answer.text
    assert "need to enable JavaScript" not in answer.text
    assert "SourceSans" not in answer.text
    for accepted in ("identity", "gzip;q=0"):
        plain = client.get(path, headers={"Accept-Encoding": accepted})
        assert (plain.text, plain.headers.get("content-encoding")) == (answer.text, None)


def test_document_brings_the_cookie_and_files_do_not(client: TestClient) -> None:
    script = f"/static/js/{next((STATIC / 'static' / 'js').glob('index.*.js')).name}"
    for path, has_cookie in (("/", True), (script, False), ("/favicon.png", False)):
        client.cookies.clear()
        assert ("set-cookie" in client.get(path).headers) is has_cookie, path


@pytest.mark.parametrize("address", ["/explore", "/?share=abc"])
def test_address_that_shows_charts_fetches_their_scripts_at_once(client: TestClient, address: str) -> None:
    document = client.get(address).text
    (chart,) = re.findall(r'<link rel="modulepreload" crossorigin href="\.(/static/js/PlotlyChart\.[^"]+)">', document)
    assert (STATIC / chart.lstrip("/")).is_file()
    assert all(f'href="{path}"' in document for path in map_assets.early_paths())


@pytest.mark.parametrize("address", ["/", "/explorers", "/chat?shared=1"])
def test_other_pages_fetch_charts_once_they_are_there(client: TestClient, address: str) -> None:
    head, _, later = client.get(address).text.partition("MutationObserver")
    assert "/PlotlyChart" not in head
    assert "/PlotlyChart" in later
