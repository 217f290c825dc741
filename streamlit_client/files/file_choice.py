"""A file input whose file stays in the browser until it is told to stream it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st
from pydantic import BaseModel

from streamlit_client import state, texts
from streamlit_client.backend.contract import EncodingChoice

MOST_BYTES = 52_428_800
_HTML, _CSS, _JS = (
    Path(__file__).with_suffix(suffix).read_text(encoding="utf-8") for suffix in (".html", ".css", ".js")
)
_render = st.components.v2.component("file_choice", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


@dataclass(frozen=True, slots=True)
class Order:
    """Tells the browser to send its file as the last field of a form. Each new number sends it again.

    The same key stores nothing twice; an empty one stands for the file's own. With a `file` id it applies only to that
    file.
    """

    number: int
    path: str
    key: str
    form: Mapping[str, str]
    file: str | None = None


class ChosenFile(BaseModel):
    """A file in the browser; `stored` is its id once it was sent.

    If it was refused for its encoding, `choice` has those to send it again with.
    """

    id: str
    name: str
    size: int
    is_sending: bool = False
    stored: str | None = None
    choice: EncodingChoice | None = None


def choose_file(label: str, order: Order | None, *, key: str, suffixes: Sequence[str]) -> ChosenFile | None:
    """Draws the choice of one file; the browser refuses files that are too large or of another type."""
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
        on_refused_change=_run_page,
    )
    if choice.file is None:
        return None
    stored, refused = (
        part if part and part["file"] == choice.file["id"] else {} for part in (choice.stored, choice.refused)
    )
    return ChosenFile(
        **choice.file,
        is_sending=bool(choice.is_sending),
        stored=stored.get("id"),
        choice=EncodingChoice.model_validate(refused) if refused else None,
    )


def _run_page() -> None:
    """Does nothing: the change itself reruns the page."""
