import gzip
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from streamlit_client.server import static_files

SCRIPT = b"export const answer = 42;\n" * 100
PATH = "/static/js/answer.AbCd_-12.js"
Find = Callable[[], TestClient]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A set-up environment with two scripts of Streamlit's, of which one says what it holds in its name."""
    scripts = tmp_path / "streamlit" / "static" / "js"
    scripts.mkdir(parents=True)
    (scripts / Path(PATH).name).write_bytes(SCRIPT)
    (scripts / "plain.js").write_bytes(SCRIPT + b"// another")
    (tmp_path / "streamlit" / "index.html").write_text(f"<script src='.{PATH}'></script>")
    monkeypatch.setattr("streamlit.file_util.get_static_dir", lambda: str(tmp_path / "streamlit"))
    monkeypatch.setattr("streamlit_client.server.map_assets.OUTLINES", tmp_path / "none")
    static_files.prepare(tmp_path / "copies")
    return tmp_path / "copies"


def client(folder: Path) -> TestClient:
    async def streamlit(request: object) -> PlainTextResponse:
        return PlainTextResponse("from Streamlit")

    files = static_files.find_static_files(folder)
    middleware = [Middleware(static_files.StaticFilesMiddleware, files=files)]
    return TestClient(Starlette(routes=[Route("/{path:path}", streamlit)], middleware=middleware))


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br;q=1.0", "br"),
        ("identity", None),
        ("BR;q=0.000", None),
        ("", None),
    ],
)
def test_browser_gets_the_smallest_copy_it_accepts(folder: Path, accepted: str, encoding: str | None) -> None:
    with client(folder).stream("GET", PATH, headers={"Accept-Encoding": accepted}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == encoding
    read = {"br": brotli.decompress, "gzip": gzip.decompress, None: lambda content: content}[encoding]
    assert read(raw) == (SCRIPT if encoding else b"from Streamlit")


def test_copy_says_what_it_is_and_how_long_it_may_be_kept(folder: Path) -> None:
    answer = client(folder).get(PATH, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["cache-control"] == "public, immutable, max-age=31536000"
    unnamed = client(folder).get("/static/js/plain.js", headers={"Accept-Encoding": "gzip"})
    assert unnamed.headers["cache-control"] == "no-cache"


def test_browser_that_has_the_copy_is_told_so(folder: Path) -> None:
    asked = {"Accept-Encoding": "gzip"}
    etag = client(folder).get(PATH, headers=asked).headers["etag"]
    again = client(folder).get(PATH, headers={**asked, "If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert client(folder).get(PATH, headers={"Accept-Encoding": "br", "If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("path", ["/static/js/../../copies/x", "/static/%2e%2e/index.html", "//static/js/plain.js"])
def test_only_the_files_themselves_are_answered(folder: Path, path: str) -> None:
    assert client(folder).get(path, headers={"Accept-Encoding": "gzip"}).text == "from Streamlit"


def test_file_goes_out_as_it_is_where_nothing_was_prepared(folder: Path, tmp_path: Path) -> None:
    assert client(tmp_path / "nowhere").get(PATH, headers={"Accept-Encoding": "br"}).text == "from Streamlit"
    served = client(folder)
    for copy in folder.iterdir():
        copy.unlink()
    assert served.get(PATH, headers={"Accept-Encoding": "br"}).text == "from Streamlit"


def test_copy_of_another_content_is_never_served(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "streamlit" / PATH.lstrip("/")).write_bytes(SCRIPT + b"// a new version")
    assert client(folder).get(PATH, headers={"Accept-Encoding": "br"}).text == "from Streamlit"
    assert static_files.prepare(folder) == 2
    assert client(folder).get(PATH, headers={"Accept-Encoding": "br"}).text.endswith("// a new version")


def test_environment_for_tests_was_prepared() -> None:
    assert len(static_files.find_static_files()) > 200
