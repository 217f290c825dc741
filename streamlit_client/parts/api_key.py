"""The user's Anthropic key: from the environment, or typed. It stays in the session and is only sent to the chat."""

import streamlit as st

from streamlit_client import cookies, state, texts_chat
from streamlit_client.backend.contract_chat import KeyAnswer
from streamlit_client.backend.gateway_client import GatewayError, GatewayRefused
from streamlit_client.parts.shown_text import plain_text

_TYPED, _CHECKED, _OTHER, _REFUSED = "key.typed", "key.checked", "key.other", "key.refused"
_HAD_KEY = "had_key"
_TAIL = 4
_UNAUTHORIZED = 401


def find_key() -> str | None:
    """Returns the key to use, or None."""
    typed = state.recall(_TYPED, str)
    if typed:
        return typed
    kept = state.settings().anthropic_api_key
    return kept.get_secret_value() if kept is not None and kept.get_secret_value() else None


def show_key() -> None:
    """Draws the current key and the field for another, which is checked at once. No key is sent to the browser."""
    typed = state.recall(_TYPED, str)
    kept = state.settings().anthropic_api_key
    if typed:
        st.caption(f":material/key: {texts_chat.KEY_TYPED.format(tail=typed[-_TAIL:])}")
        st.caption(texts_chat.KEY_STAYS)
        cookies.keep(_HAD_KEY, "1")
        st.button(texts_chat.KEY_BACK if kept else texts_chat.KEY_FORGET, key="key.forget", on_click=_forget)
    elif kept is not None and kept.get_secret_value():
        st.caption(f":material/key: {texts_chat.KEY_FROM_ENVIRONMENT.format(tail=kept.get_secret_value()[-_TAIL:])}")
        if st.toggle(texts_chat.KEY_OTHER, key=_OTHER):
            _show_input()
    else:
        # The browser remembers that there was a key, never the key itself.
        sentence = texts_chat.KEY_GONE if cookies.find_text(_HAD_KEY) else texts_chat.KEY_NONE
        st.caption(f":material/key_off: {sentence}")
        _show_input()
    checked = state.recall(_CHECKED, KeyAnswer)
    if checked is not None:
        {"valid": st.success, "invalid": st.error, "unreachable": st.warning}[checked.state](
            plain_text(checked.message)
        )


def _show_input() -> None:
    written = st.text_input(
        texts_chat.KEY_INPUT,
        type="password",
        key="key.input",
        help=texts_chat.KEY_HELP,
        autocomplete="off",
        placeholder="sk-ant-…",
    )
    key = written.strip()
    if not key or key == state.recall(_REFUSED, str):  # a key left in the field is not checked again
        return
    try:
        with st.spinner(texts_chat.KEY_CHECKING):
            answer = state.chat().verify_key(key)
    except GatewayError as error:
        is_refused = isinstance(error, GatewayRefused) and error.status == _UNAUTHORIZED
        answer = KeyAnswer(state="invalid" if is_refused else "unreachable", message=error.sentence)
    state.remember(_CHECKED, answer)
    if answer.state == "invalid":
        state.remember(_REFUSED, key)
        return
    state.remember(_TYPED, key)
    state.forget("key.input", _REFUSED)
    st.rerun()


def _forget() -> None:
    cookies.drop(_HAD_KEY)
    state.forget(_TYPED, _CHECKED, _OTHER, _REFUSED, "key.input")
