"""A link of the table leads to a file of exactly the rows that are asked for."""

from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from servicekit.question import Condition, Question
from streamlit_client import state, texts_explore
from streamlit_client.backend.dataset_calls import DatasetCalls
from streamlit_client.backend.gateway_client import GatewayClient
from streamlit_client.explore.filters.page_question import question_text
from streamlit_client.files.row_files import ROWS_PATH, row_routes
from streamlit_client.settings import PageSettings
from tests.ui.real_gateway import RealGateway

WEST = Question(where=(Condition(column="구", value="서구"),), columns=("구",))
QUERY = "/api/datasets/d-1/query"
FILE = "\ufeff구\r\n서구\r\n".encode() * 100_000

client = TestClient(Starlette(routes=[*row_routes()]))


@pytest.fixture(autouse=True)
def _asks_gateway(gateway: RealGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = DatasetCalls(GatewayClient(PageSettings(BACKEND_URL=gateway.url)))
    monkeypatch.setattr(state, "datasets", lambda: calls)


def path(file_format: str = "csv", question: str | None = question_text(WEST)) -> str:
    return f"{ROWS_PATH}/d-1?{urlencode({'format': file_format, 'q': question})}"


@pytest.mark.parametrize("file_format", ["csv", "arrow"])
def test_file_has_all_rows_of_the_question_as_the_gateway_sends_them(gateway: RealGateway, file_format: str) -> None:
    gateway.answer(QUERY, FILE, kind="text/csv; charset=utf-8")
    answer = client.get(path(file_format))
    assert answer.content == FILE
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    (body,) = gateway.calls("POST", QUERY)
    assert Question.model_validate(body) == WEST.model_copy(update={"limit": 0})
    assert gateway.queries[-1] == f"format={file_format}"


def test_refusal_is_said_in_words(gateway: RealGateway) -> None:
    gateway.refuse(QUERY, 422, "QUESTION_REFUSED", "‘구’ 열이 없습니다.")
    answer = client.get(path())
    assert (answer.status_code, answer.text) == (422, "‘구’ 열이 없습니다.")


def test_gateway_that_is_away_is_said_in_words(gateway: RealGateway) -> None:
    gateway.cut(QUERY)
    assert client.get(path()).status_code == 503


@pytest.mark.parametrize(("file_format", "question"), [("csv", "{"), ("csv", ""), ("json", "{}"), ("", "{}")])
def test_link_that_is_broken_asks_nothing(gateway: RealGateway, file_format: str, question: str) -> None:
    answer = client.get(path(file_format, question))
    assert (answer.status_code, answer.text) == (422, texts_explore.QUESTION_UNREADABLE)
    assert gateway.requests == []
