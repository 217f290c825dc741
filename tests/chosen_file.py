"""Simulates what a browser does with a chosen file, for pages drawn without one."""

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from streamlit_client.files import file_choice
from streamlit_client.files.upload_routes import upload_routes

_CHOSEN = "chosen_file"


class ChosenFile:
    """A file on the user's disk, and whether it was sent."""

    def __init__(self, name: str, content: bytes) -> None:
        self.id, self.name, self.content = uuid4().hex, name, content
        self.chosen_in: str | None = None
        self.sent: int | None = None
        self.stored: dict[str, str] | None = None
        self.refused: dict[str, Any] | None = None


def choose(at: AppTest, name: str, content: bytes) -> AppTest:
    """Chooses a file in the file input of the page."""
    at.session_state[_CHOSEN] = ChosenFile(name, content)
    return at.run()


def send_without_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the pages of this process work without a browser."""
    monkeypatch.setattr(file_choice, "_render", _render)


def _render(*, data: dict[str, Any], key: str, **_: object) -> SimpleNamespace:
    st.caption(data["words"]["label"])
    file = st.session_state.get(_CHOSEN)
    if not isinstance(file, ChosenFile) or file.chosen_in not in (None, key):
        return SimpleNamespace(file=None, is_sending=None, stored=None, refused=None)
    file.chosen_in = key
    if f".{file.name.rpartition('.')[2]}".lower() not in data["suffixes"]:
        st.error(data["words"]["wrong_kind"])
        return SimpleNamespace(file=None, is_sending=None, stored=None, refused=None)
    order = data["order"]
    if order and order["number"] != file.sent and order["file"] in (None, file.id):
        file.sent = order["number"]
        _send(file, order)
    return SimpleNamespace(
        file={"id": file.id, "name": file.name, "size": len(file.content)},
        is_sending=False,
        stored=file.stored,
        refused=file.refused,
    )


def _send(file: ChosenFile, order: dict[str, Any]) -> None:
    client = TestClient(Starlette(routes=upload_routes()))
    headers = {"Idempotency-Key": order["key"] or file.id}
    files = {"file": (file.name, file.content, "text/csv")}
    answer = client.post(order["path"], files=files, data=order["form"], headers=headers).json()
    if "id" in answer:
        file.stored = {"file": file.id, "id": answer["id"]}
    else:
        st.error(answer["sentence"])
        file.refused = {"file": file.id, **answer} if answer.get("encodings") else None
