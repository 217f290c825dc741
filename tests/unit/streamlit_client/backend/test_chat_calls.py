import json
from typing import Any

import pytest

from streamlit_client.backend import chat_calls
from streamlit_client.backend.chat_calls import ChatCalls
from streamlit_client.backend.contract_chat import ChatEvent
from streamlit_client.backend.gateway_client import GatewayClient, GatewayRefused, GatewayUnreachable
from streamlit_client.settings import PageSettings
from tests.patience import PATIENCE_SECONDS
from tests.ui.real_gateway import RealGateway

ASK, WATCH = "/api/chat/message/stream", "/api/chat/questions/q/stream"
START = {"question_id": "q", "conversation_id": "c", "model": "m"}


def line(name: str, fields: dict[str, Any], event_id: str = "") -> str:
    id_line = f"id: {event_id}\n" if event_id else ""
    return f"{id_line}event: {name}\ndata: {json.dumps(fields)}\n\n"


def ask(gateway: RealGateway) -> list[ChatEvent]:
    client = GatewayClient(PageSettings(BACKEND_URL=gateway.url, request_seconds=PATIENCE_SECONDS))
    events = ChatCalls(client).ask(key="k", client_id="b", dataset_id="d", message="?")
    return [event for event in events if event.name != "beat"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_calls, "_AGAIN_SECONDS", 0.0)


def test_broken_answer_goes_on_where_it_was(gateway: RealGateway) -> None:
    gateway.answer(ASK, (line("start", START, "a.1.0") + line("delta", {"text": "18"}, "a.1.2")).encode())
    gateway.answer(WATCH, (line("delta", {"text": "시"}, "a.1.3") + line("stopped", {})).encode())
    assert [(event.name, event.fields.get("text")) for event in ask(gateway)] == [
        ("start", None),
        ("delta", "18"),
        ("delta", "시"),
        ("stopped", None),
    ]
    assert [headers.get("Last-Event-ID") for *_, headers, _ in gateway.requests] == [None, "a.1.2"]


def test_answer_that_stays_broken_is_given_up(gateway: RealGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_calls, "_MOST_BREAKS", 2)
    gateway.answer(ASK, line("start", START, "a.1.0").encode())
    gateway.answer(WATCH, b": beat\n\n")
    gateway.refuse(WATCH, 503, "SERVICE_UNAVAILABLE", "연결할 수 없습니다")
    with pytest.raises(GatewayUnreachable, match="연결"):
        ask(gateway)
    assert len(gateway.requests) == 3


def test_question_that_has_gone_is_not_asked_for_again(gateway: RealGateway) -> None:
    gateway.answer(ASK, line("start", START, "a.1.0").encode())
    gateway.refuse(WATCH, 404, "QUESTION_NOT_FOUND", "질문이 없습니다")
    with pytest.raises(GatewayRefused, match="없습니다"):
        ask(gateway)
    assert len(gateway.requests) == 2
