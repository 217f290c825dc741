"""Elements that several pages draw."""

import html
from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from streamlit_client import state, texts
from streamlit_client.parts.shown_text import answer_html

_LONGEST_NEWS = 300


def name_page(*names: str) -> None:
    """Sets the browser's title, most specific part first, followed by the app's name. The last call of a run counts."""
    st.set_page_config(page_title=" · ".join((*names, texts.APP_NAME)))


def announce(news: str) -> None:
    """Announces a text to screen readers, once however often the page runs."""
    st.html(f'<span data-news="{html.escape(news[:_LONGEST_NEWS])}"></span>')


def show_answer(text: str, *, place: DeltaGenerator | None = None, is_growing: bool = False) -> None:
    """Draws Markdown of a model or a tool, in `place` to replace its content."""
    draw = st.markdown if place is None else place.markdown
    draw(answer_html(text, is_growing=is_growing), unsafe_allow_html=True, anchors=False)


def show_download(
    label: str, content: bytes | Callable[[], bytes], file_name: str, *, key: str, icon: str, **options: Any
) -> None:
    """Draws a button that saves a file, by default CSV; a function makes its content when it is pressed."""
    options = {"mime": "text/csv"} | options
    st.download_button(label, content, file_name, key=key, icon=icon, on_click="ignore", **options)


def show_paging(key: str, number: int, turn: Callable[[int], None], *, has_more: bool) -> None:
    """Draws the buttons to the newer and the older page, where `number` counts from 0 and `turn` gets the new one."""
    newer: dict[str, Any] = {"icon": ":material/chevron_left:", "disabled": number == 0, "args": (number - 1,)}
    older: dict[str, Any] = {"icon": ":material/chevron_right:", "disabled": not has_more, "args": (number + 1,)}
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        st.button(texts.NEWER, key=f"{key}.newer", on_click=turn, **newer)
        st.caption(texts.PAGE_NUMBER.format(number=number + 1), width="content")
        st.button(texts.OLDER, key=f"{key}.older", on_click=turn, icon_position="right", **older)


def recall_cursors(key: str) -> tuple[str, ...]:
    """Returns the cursors of the pages of a list from the second to the current one."""
    return state.recall(f"{key}.cursors", tuple) or ()


def show_cursor_paging(key: str, cursors: tuple[str, ...], following: str | None) -> None:
    """Draws the buttons to the newer and the older page of a list, unless there is one page only."""
    if cursors or following:
        turn = partial(turn_page, key, (*cursors, following))
        show_paging(key, len(cursors), turn, has_more=following is not None)


def turn_page(key: str, cursors: tuple[str | None, ...], number: int) -> None:
    """Turns to a page of the list, counted from 0."""
    state.remember(f"{key}.cursors", cursors[:number])


def is_fitting(name: str, text: str, most: int, *, may_be_empty: bool = True) -> bool:
    """Tells whether the text of a field is accepted; otherwise draws the error.

    A limit in the browser would silently drop longer texts.
    """
    if len(text) > most:
        st.error(texts.TEXT_TOO_LONG.format(name=name, most=most, length=len(text)), icon=":material/error:")
        return False
    if not may_be_empty and not text.strip():
        st.error(texts.TEXT_EMPTY.format(name=name), icon=":material/error:")
        return False
    return True
