"""What comes to the server of the page: files of browsers, and what others send."""

import re
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.sync.client import connect
from websockets.typing import Origin

from streamlit_client import texts
from streamlit_client.files.upload_routes import DATASET_PATH, TEMPORARY_PATH
from tests.patience import PATIENCE_SECONDS
from tests.ui.page_process import page_process
from tests.ui.real_gateway import RealGateway

UPLOAD, STORED = "/api/datasets/upload", b'{"dataset_id": "new"}'
FILE_BYTES = 50 * 1024 * 1024
ROOM_FOR_PIECES = 16 * 1024


@pytest.fixture(scope="module")
def gateway() -> Iterator[RealGateway]:
    with RealGateway() as gateway:
        yield gateway


@pytest.fixture(scope="module")
def page(gateway: RealGateway) -> Iterator[tuple[str, int]]:
    with page_process(gateway.url, PAGE_HEADER_SECONDS="2", PAGE_ALLOWED_HOSTS="daegu.example") as page:
        yield page


@pytest.fixture
def browser(page: tuple[str, int]) -> Iterator[httpx.Client]:
    url, _ = page
    with httpx.Client(base_url=url, headers={"Origin": url}, timeout=PATIENCE_SECONDS, trust_env=False) as client:
        yield client


def send(client: httpx.Client, content: bytes, **headers: str) -> httpx.Response:
    """Sends a file as a browser does."""
    return client.post(DATASET_PATH, files={"file": ("사고.csv", content)}, data={"name": "사고"}, headers=headers)


def most_kilobytes(pid: int) -> int:
    (found,) = re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_large_file_passes_through_the_page_without_standing_in_it(
    browser: httpx.Client, page: tuple[str, int], gateway: RealGateway
) -> None:
    content = b"1,2,3,4\n" * (FILE_BYTES // 8)
    gateway.answer(UPLOAD, STORED, 201)
    assert send(browser, b"a\n1\n").status_code == 201  # what is made once is made
    before = most_kilobytes(page[1])
    gateway.answer(UPLOAD, STORED, 201)
    assert send(browser, content).status_code == 201
    assert most_kilobytes(page[1]) - before < ROOM_FOR_PIECES
    assert content in gateway.calls("POST", UPLOAD)[-1]


@pytest.mark.parametrize(("path", "query"), [(DATASET_PATH, ""), (TEMPORARY_PATH, "temporary=true")])
def test_file_of_a_batch_is_stored_for_a_while(
    browser: httpx.Client, gateway: RealGateway, path: str, query: str
) -> None:
    gateway.answer(UPLOAD, STORED, 201)
    assert browser.post(path, files={"file": ("a.csv", b"a\n1\n")}).status_code == 201
    assert gateway.queries[-1] == query


def test_key_of_an_upload_reaches_the_gateway(browser: httpx.Client, gateway: RealGateway) -> None:
    gateway.answer(UPLOAD, STORED, 201)
    assert send(browser, b"a\n1\n", **{"Idempotency-Key": "same"}).json()["id"]
    assert gateway.requests[-1][2]["idempotency-key"] == "same"


def test_refusal_says_what_is_wrong_and_whether_the_same_may_work_later(
    browser: httpx.Client, gateway: RealGateway
) -> None:
    detail: dict[str, Any] = {"field": "name", "message": "너무 깁니다.", "allowed": [], "suggestion": None}
    gateway.refuse(UPLOAD, 422, "FIELDS_INVALID", "입력값을 확인해주세요.", [detail])
    refused = send(browser, b"a\n1\n")
    assert (refused.status_code, refused.json()["is_worth_repeating"]) == (422, False)
    assert refused.json()["sentence"].startswith("입력값을 확인해주세요.\n\n- 이름 — 너무 깁니다.\n\n")

    gateway.cut(UPLOAD)
    broken = send(browser, b"a\n1\n")
    assert (broken.status_code, broken.json()["is_worth_repeating"]) == (503, True)
    assert broken.json()["sentence"].startswith(texts.UNREACHABLE)


@pytest.mark.parametrize("path", [DATASET_PATH, TEMPORARY_PATH])
@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=str,
)
def test_file_that_no_page_of_ours_sends_is_refused(
    page: tuple[str, int], gateway: RealGateway, path: str, headers: dict[str, str]
) -> None:
    seen = len(gateway.calls("POST", UPLOAD))
    own = {"Origin": page[0]} if "Sec-Fetch-Site" in headers else {}
    assert httpx.post(page[0] + path, content=b"a\n1\n", headers=own | headers, trust_env=False).status_code == 403
    assert len(gateway.calls("POST", UPLOAD)) == seen


@pytest.mark.parametrize(
    ("request_of", "status"),
    [
        (lambda host: f"GET / HTTP/1.1\r\nHost: {host}\r\nCookie: {'x' * 40_000}\r\n\r\n", b"431"),
        (lambda host: f"GET / HTTP/1.1\r\nHost: {host}\r\nHost: elsewhere.example\r\n\r\n", b"400"),
        (lambda host: f"GET / HTTP/1.1\r\nHost: {host}\r\nX-Half:", b""),
    ],
    ids=["large headers", "two hosts", "half of a request"],
)
def test_request_that_is_none_ends_in_time(
    page: tuple[str, int], request_of: Callable[[str], str], status: bytes
) -> None:
    url = httpx.URL(page[0])
    with socket.create_connection((url.host, url.port), PATIENCE_SECONDS) as connection:
        connection.sendall(request_of(url.netloc.decode()).encode())
        assert connection.recv(1024)[9:12] == status


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/static/none.js", "/maps/none", "/page-script/none.js"])
def test_foreign_host_gets_nothing_and_nobody_frames_the_page(browser: httpx.Client, path: str) -> None:
    foreign = browser.get(path, headers={"Host": "elsewhere.example"})
    assert (foreign.status_code, foreign.text) == (400, texts.HOST_UNKNOWN)
    assert browser.get(path, headers={"Host": "daegu.example"}).status_code == browser.get(path).status_code != 400
    for answer in (foreign, browser.get(path)):
        framing = "'self'" if path.startswith("/maps/") else "'none'"
        assert answer.headers["content-security-policy"] == f"frame-ancestors {framing}"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "strict-origin"


def test_way_of_streamlit_for_files_is_closed(browser: httpx.Client) -> None:
    assert browser.put("/_stcore/upload_file/session/file", files={"file": b"x"}).status_code == 404


def test_message_too_large_ends_its_connection_before_it_stands_in_the_page(page: tuple[str, int]) -> None:
    address = page[0].replace("http", "ws", 1) + "/_stcore/stream"
    with connect(address, origin=Origin(page[0]), compression=None) as tab:
        with suppress(ConnectionClosed):
            tab.send(bytes(2 * 1024 * 1024))
            tab.recv(PATIENCE_SECONDS)
        assert tab.protocol.close_code == CloseCode.MESSAGE_TOO_BIG
