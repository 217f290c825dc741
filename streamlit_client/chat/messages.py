"""Draws the messages of a conversation."""

import json
from typing import Literal

import streamlit as st

from streamlit_client import texts, texts_chat
from streamlit_client.backend.contract_chat import Message, ToolCall
from streamlit_client.chat.question_link import show_question_link
from streamlit_client.parts.elements import show_answer
from streamlit_client.parts.shown_text import plain_text
from streamlit_client.tools.known_tools import tool_title
from streamlit_client.tools.result import show_basis, show_code, show_table_and_chart, without_table

Wish = Literal["go_on", "ask_again"]


def show_message(message: Message, dataset_id: str, *, may_ask: bool = True, is_last: bool = False) -> Wish | None:
    """Draws a message about a dataset. Returns the action chosen for a failed question or an interrupted answer."""
    with st.chat_message(message.role):
        for call in message.tool_calls:
            show_tool_call(call, dataset_id, key=f"{message.message_id}.{call.call_id}")
        if message.role == "user":
            st.text(message.content)
        elif message.content:
            show_answer(message.content)
            _show_unconfirmed(message)
        for call in message.tool_calls:
            if call.chart is not None and call.error is None:
                with st.container(border=True):
                    show_table_and_chart(call.table, call.chart, key=f"shown.{message.message_id}.{call.call_id}")
        if message.role == "assistant":
            _show_receipt(message)
        return _show_ending(message, may_ask=may_ask, is_last=is_last)


def _show_ending(message: Message, *, may_ask: bool, is_last: bool) -> Wish | None:
    """Draws why a message is incomplete, and what can be done."""
    is_answer = message.role == "assistant"
    failure = plain_text(message.failure_message or texts.UNFORESEEN)
    if message.status == "stopped":
        st.caption(f":material/stop_circle: {texts_chat.STOPPED}")
    elif message.status == "failed" and is_answer:
        st.warning(texts_chat.KEPT.format(failure=failure), icon=":material/warning:")
    elif message.status == "failed":
        st.error(failure, icon=":material/error:")
    if message.status not in ("stopped", "failed") or not may_ask:
        return None
    with st.container(horizontal=True):
        may_go_on = is_answer and is_last
        if may_go_on and st.button(texts_chat.GO_ON, key=f"go_on.{message.message_id}", icon=":material/play_arrow:"):
            return "go_on"
        label = texts_chat.RETRY if message.status == "failed" and not is_answer else texts_chat.ASK_AGAIN
        if st.button(label, key=f"ask_again.{message.message_id}", icon=":material/refresh:"):
            return "ask_again"
    return None


def show_tool_call(call: ToolCall, dataset_id: str, *, key: str) -> None:
    """Draws one tool call, collapsed, with a link to its question in the charts of the dataset."""
    label = texts_chat.TOOL_FAILED if call.error else texts_chat.TOOL_DONE
    icon = ":material/error:" if call.error else ":material/build:"
    with st.expander(label.format(label=plain_text(tool_title(call.name)), milliseconds=call.duration_ms), icon=icon):
        st.caption(texts_chat.CALLED.format(name=plain_text(call.name)))
        if call.args:
            st.code(json.dumps(call.args, ensure_ascii=False), language="json")
        if call.error:
            st.text(call.error)
        else:
            show_answer(without_table(call.result) if call.table else call.result)
        if call.chart is None:
            show_table_and_chart(call.table, None, key=key)
        show_basis(call.rows_used, call.rows_missing)
        show_question_link(call, dataset_id, key=key)
        if call.code:
            st.caption(texts_chat.CODE)
            show_code(call.code)


def _show_unconfirmed(message: Message) -> None:
    """Names the numbers of an answer that no result of a tool bears out."""
    if message.number_check and message.number_check.unconfirmed:
        numbers = ", ".join(message.number_check.unconfirmed)
        st.caption(f":material/help: {plain_text(texts_chat.UNCONFIRMED.format(numbers=numbers))}")


def _show_receipt(message: Message) -> None:
    parts = [f":material/bolt: **{texts_chat.FROM_CACHE}**"] if message.cache_hit else []
    if message.tool_calls:
        parts.append(texts_chat.RECEIPT_TOOLS.format(count=len(message.tool_calls)))
        rows = max(call.rows_used for call in message.tool_calls)
        if rows:
            parts.append(texts_chat.RECEIPT_ROWS.format(rows=rows))
    check = message.number_check
    if check and check.numbers:
        parts.append(texts_chat.RECEIPT_NUMBERS.format(numbers=check.numbers, confirmed=check.confirmed))
    parts.append(texts_chat.RECEIPT_TIME.format(seconds=message.duration_ms / 1000))
    usage = message.token_usage
    if usage is not None:
        line = texts_chat.RECEIPT_CACHED_TOKENS if usage.cached else texts_chat.RECEIPT_TOKENS
        parts.append(line.format(total=usage.total, cached=usage.cached))
    if message.cost is not None:
        parts.append(plain_text(texts_chat.RECEIPT_COST.format(cost=message.cost)))
    if message.model:
        parts.append(plain_text(message.model))
    st.caption(" · ".join(parts))
    if message.turns_left_out:
        st.caption(f":material/history: {texts_chat.LEFT_OUT.format(count=message.turns_left_out)}")
