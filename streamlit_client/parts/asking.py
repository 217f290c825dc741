"""Calls the gateway from a page: shows errors, and retries.

A page asks on every run. After a failure, runs do not ask again until a pause is over; meanwhile a small fragment
counts down and then reruns the page. The user's input stays in the widgets.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from streamlit_client import state, texts
from streamlit_client.backend.contract import Detail
from streamlit_client.backend.gateway_client import GatewayError, GatewayRefused, GatewayUnreachable
from streamlit_client.parts.shown_text import plain_text

MOST_FAILURES = 3
_MOST_DETAILS = 10
_MOST_ALLOWED = 8
_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = 500
_NEVER = math.inf
Value = TypeVar("Value")
Wanted = TypeVar("Wanted")


@dataclass(frozen=True, slots=True)
class Outage:
    """A failed question: the error, the number of consecutive failures, and the next attempt in monotonic seconds."""

    error: GatewayError
    failures: int
    retry_at: float


def ask(
    name: str,
    question: Callable[[], Value],
    *,
    waiting: str | None = None,
    subject: Callable[[str], str] = texts.FIELD_NAMES.__getitem__,
    is_repeatable: bool = True,
    is_aside: bool = False,
) -> Value | None:
    """Returns the answer, or shows the error and returns None.

    `name` identifies the question within a session. `waiting` is shown during a slow answer. `subject` returns the
    Korean name of an invalid field. A question that is not repeatable (not idempotent) is not retried automatically if
    it may have arrived. An `is_aside` question shows its error in small print.
    """
    outage = state.recall(_key(name), Outage)
    if outage is not None and time.monotonic() < outage.retry_at:
        _show(name, outage, subject, is_aside)
        return None
    try:
        if waiting is None:
            answer = question()
        else:
            with st.spinner(waiting):
                answer = question()
    except GatewayError as error:
        failures = 1 if outage is None else outage.failures + 1
        outage = Outage(error, failures, _retry_at(error, failures, is_repeatable))
        state.remember(_key(name), outage)
        _show(name, outage, subject, is_aside)
        return None
    start_over(name)
    return answer


def ask_once(
    name: str,
    owner: str,
    wanted: Wanted | None,
    do: Callable[[Wanted], Value],
    *,
    is_pressed: bool,
    **options: Any,
) -> Value | None:
    """Does what was wanted when a button was pressed; returns the answer once.

    After a failure, later runs try again as `ask` does. `owner` is what the button belongs to: only one of the buttons
    with this name waits for an answer. Pressing with None wanted gives up. `options` are those of `ask`.
    """
    key = f"wanted.{name}"
    if is_pressed:
        start_over(name)
        state.remember(key, (owner, wanted))
    pressed = state.recall(key, tuple)
    if pressed is None or pressed[0] != owner or pressed[1] is None:
        return None
    answer = ask(name, lambda: do(pressed[1]), **options)
    if answer is not None:
        state.forget(key)
    return answer


def give_up(name: str) -> None:
    """Forgets what was wanted."""
    state.forget(f"wanted.{name}")


def start_over(name: str) -> None:
    """Clears the failures of a question, so that the next run asks again."""
    state.forget(_key(name))


def is_worth_repeating(error: GatewayError) -> bool:
    """Whether a retry may succeed."""
    if not isinstance(error, GatewayRefused):
        return True
    return error.status == _TOO_MANY_REQUESTS or error.status >= _SERVER_ERRORS


def _key(name: str) -> str:
    return f"outage.{name}"


def _retry_at(error: GatewayError, failures: int, is_repeatable: bool) -> float:
    if not isinstance(error, GatewayUnreachable) or failures >= MOST_FAILURES:
        return _NEVER
    if error.may_have_arrived and not is_repeatable:
        return _NEVER
    return time.monotonic() + state.settings().retry_seconds


def _show(name: str, outage: Outage, subject: Callable[[str], str], is_aside: bool) -> None:
    error = outage.error
    if is_aside:
        st.caption(f":material/error: {plain_text(error.sentence)}")
    else:
        st.error(describe(error, subject), icon=":material/error:")
    if outage.retry_at < _NEVER:
        _count_down(outage)
    else:
        if outage.failures >= MOST_FAILURES and not is_aside:
            st.warning(texts.ASK_ADMINISTRATOR, icon=":material/support_agent:")
        if isinstance(error, GatewayUnreachable) and error.may_have_arrived:
            st.caption(texts.MAY_HAVE_ARRIVED)
        if is_worth_repeating(error):
            st.button(
                texts.TRY_AGAIN, key=f"{_key(name)}.again", on_click=start_over, args=(name,), icon=":material/refresh:"
            )
    if not is_aside:
        st.caption(texts.REQUEST_ID.format(request_id=error.request_id))


def describe(error: GatewayError, subject: Callable[[str], str], escape: Callable[[str], str] = plain_text) -> str:
    """Returns the error in Markdown: a sentence, and a line for each invalid field."""
    told = error.details if isinstance(error, GatewayRefused) else ()
    details = [detail for detail in told if detail.message != error.sentence]
    lines = [f"- {_detail(detail, subject, escape)}" for detail in details[:_MOST_DETAILS]]
    if len(details) > _MOST_DETAILS:
        lines.append(f"- {texts.MORE_DETAILS.format(count=len(details) - _MOST_DETAILS)}")
    sentence = escape(error.sentence)
    return "\n\n".join([sentence, "\n".join(lines)]) if lines else sentence


def _detail(detail: Detail, subject: Callable[[str], str], escape: Callable[[str], str]) -> str:
    try:
        name = subject(detail.field)
    except LookupError:
        name = detail.field
    line = texts.DETAIL.format(name=escape(name), message=escape(detail.message))
    if detail.suggestion:
        return line + texts.SUGGESTION.format(suggestion=escape(detail.suggestion))
    if detail.allowed:
        return line + texts.ALLOWED.format(allowed=escape(", ".join(detail.allowed[:_MOST_ALLOWED])))
    return line


@st.fragment(run_every=1.0)
def _count_down(outage: Outage) -> None:
    left = outage.retry_at - time.monotonic()
    if left <= 0:
        st.rerun()
    st.caption(texts.RETRY_IN.format(seconds=math.ceil(left), failures=outage.failures, most=MOST_FAILURES))
