"""Share links of a dataset, valid for seven days."""

import html
from datetime import UTC, datetime

import segno
import streamlit as st

from streamlit_client import state, texts, texts_datasets
from streamlit_client.backend.contract_datasets import NewShareLink, ShareLink
from streamlit_client.datasets.copy_button import show_copy_button
from streamlit_client.parts.asking import ask, ask_once
from streamlit_client.parts.elements import recall_cursors, show_cursor_paging
from streamlit_client.parts.wording import moment_text

_MADE = "share.made"
_PAGE_SIZE = 20


def show_sharing(dataset_id: str) -> None:
    """Draws the creation of a link, and the existing links."""
    st.markdown(texts_datasets.SHARE_INTRO)
    made = ask_once(
        "share",
        dataset_id,
        dataset_id,
        state.datasets().share,
        is_pressed=st.button(texts_datasets.SHARE, key="share.make", type="primary", icon=":material/share:"),
        waiting=texts.LOADING,
        is_repeatable=False,
    )
    if made is not None:
        state.remember(_MADE, (dataset_id, made))
    remembered = state.recall(_MADE, tuple)
    if remembered is not None and remembered[0] == dataset_id:
        _show_new(remembered[1], is_new=made is not None)
    _show_links(dataset_id)


def _show_new(link: NewShareLink, *, is_new: bool) -> None:
    st.success(texts_datasets.SHARED.format(expires=moment_text(link.expires_at)), icon=":material/link:")
    st.code(link.share_url, language=None, wrap_lines=True)
    show_copy_button(link.share_url, is_new=is_new, key=f"copy.{link.link_id}")
    _show_qr_code(link.share_url)


def _show_qr_code(url: str) -> None:
    picture = segno.make(url, error="m").svg_data_uri(border=2, light="#fff")
    st.html(f'<img src="{html.escape(picture)}" width="160" alt="{texts_datasets.QR_ALT}">')
    st.caption(texts_datasets.QR_CAPTION)


def _show_links(dataset_id: str) -> None:
    st.subheader(texts_datasets.LINKS_HEADING, anchor=False)
    key = f"links.{dataset_id}"
    cursors = recall_cursors(key)
    page = ask(
        key,
        lambda: state.datasets().list_links(dataset_id, limit=_PAGE_SIZE, after=cursors[-1] if cursors else None),
        is_aside=True,
    )
    if page is None:
        return
    if not page.links:
        st.caption(texts_datasets.LINKS_EMPTY)
    now = datetime.now(UTC)
    for link in page.links:
        _show_link(dataset_id, link, now)
    show_cursor_paging(key, cursors, page.next)


def _show_link(dataset_id: str, link: ShareLink, now: datetime) -> None:
    is_live = link.revoked_at is None and link.expires_at > now
    word = (
        texts_datasets.LINK_LIVE
        if is_live
        else texts_datasets.LINK_REVOKED
        if link.revoked_at
        else texts_datasets.LINK_EXPIRED
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        line = texts_datasets.LINK_LINE.format(
            created=moment_text(link.created_at), expires=moment_text(link.expires_at), views=link.views
        )
        st.markdown(f"**{word}** · {line}", width="content")
        is_pressed = is_live and st.button(
            texts_datasets.REVOKE, key=f"revoke.{link.link_id}", icon=":material/link_off:"
        )
        revoked = ask_once(
            "share.revoked",
            link.link_id,
            link.link_id,
            lambda link_id: state.datasets().revoke_link(dataset_id, link_id),
            is_pressed=is_pressed,
        )
        if revoked is not None:
            made = state.recall(_MADE, tuple)
            if made is not None and made[1].link_id == link.link_id:
                state.forget(_MADE)
            st.rerun()
