"""A file a person chooses: it stays in the browser, which sends it in one stream when it is told to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st
from pydantic import BaseModel

from streamlit_client import state, texts

MOST_BYTES = 52_428_800
_HTML, _CSS, _JS = (
    Path(__file__).with_suffix(suffix).read_text(encoding="utf-8") for suffix in (".html", ".css", ".js")
)
_render = st.components.v2.component("file_choice", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


@dataclass(frozen=True, slots=True)
class Order:
    """Where a browser sends its file. Each new number sends it anew, the same key stores nothing twice.

    With the id of a `file` it is for that one alone. With a form the file goes as its last field, without one as it is.
    """

    number: int
    path: str
    key: str
    form: Mapping[str, str] | None = None
    file: str | None = None


class ChosenFile(BaseModel):
    """A file in a browser; `stored` is the id it was given once it was sent."""

    id: str
    name: str
    size: int
    is_sending: bool = False
    stored: str | None = None


def choose_file(label: str, order: Order | None, *, key: str, suffixes: Sequence[str]) -> ChosenFile | None:
    """Draws the choice of one file, which is refused there in words where it is too large or of another kind."""
    choice = _render(
        data={
            "order": order and {**asdict(order), "path": state.public(order.path)},
            "most_bytes": MOST_BYTES,
            "suffixes": suffixes,
            "words": {"label": label, **texts.FILE_CHOICE},
        },
        key=key,
        on_file_change=_run_page,
        on_is_sending_change=_run_page,
        on_stored_change=_run_page,
    )
    if choice.file is None:
        return None
    stored = choice.stored or {}
    return ChosenFile(
        **choice.file,
        is_sending=bool(choice.is_sending),
        stored=stored.get("id") if stored.get("file") == choice.file["id"] else None,
    )


def _run_page() -> None:
    """A change is read by the run it starts."""
