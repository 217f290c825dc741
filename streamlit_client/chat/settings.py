"""Draws the choice of the model and the cost so far in the sidebar."""

from contextlib import suppress

import streamlit as st

from streamlit_client import state, texts_chat
from streamlit_client.backend.contract_chat import ChatAnswer, ChatModel, ChatModels, Message
from streamlit_client.backend.gateway_client import GatewayError
from streamlit_client.parts.api_key import find_key

_MODEL, _SPENT = "chat.model", "chat.spent"
_FRESH_SECONDS = 600.0


def show_chat_settings() -> None:
    """Draws the settings."""
    _show_models()
    tokens, cost = state.recall(_SPENT, tuple) or (0, 0.0)
    if tokens:
        st.caption(texts_chat.SESSION_COST.format(tokens=tokens, cost=cost))


def chosen_model() -> str | None:
    """Returns the chosen model; None for the service's default."""
    return state.recall(_MODEL, str)


def note_spending(answer: ChatAnswer | Message) -> None:
    """Adds the cost of an answer to the total of this session."""
    tokens, cost = state.recall(_SPENT, tuple) or (0, 0.0)
    if answer.token_usage is not None:
        state.remember(_SPENT, (tokens + answer.token_usage.total, cost + (answer.cost or 0.0)))


def _show_models() -> None:
    models = _models()
    if models is None:
        return
    by_id = {model.model: model for model in models.models}
    if not by_id:
        return
    default = models.default_model if models.default_model in by_id else next(iter(by_id))
    chosen = chosen_model() or default
    ids = list(by_id)
    picked = st.selectbox(
        texts_chat.MODEL,
        ids,
        index=ids.index(chosen) if chosen in by_id else ids.index(default),
        format_func=lambda model: _label(by_id[model]),
        help=texts_chat.PRICES_OF.format(date=models.prices_of),
    )
    state.remember(_MODEL, picked)


# Called without the key: the models of the price list are enough, and no key becomes part of a cache key.
@st.cache_data(ttl=_FRESH_SECONDS, show_spinner=False)
def _known_models() -> ChatModels:
    return state.chat().list_models(None)


def _models() -> ChatModels | None:
    key = find_key()
    listed = state.recall("chat.models", tuple)
    models: ChatModels | None = listed[1] if listed is not None and listed[0] == hash(key) else None
    if models is None:
        with suppress(GatewayError):
            models = state.chat().list_models(key) if key else None
        with suppress(GatewayError):
            models = models or _known_models()
        state.remember("chat.models", (hash(key), models))
    return models


def _label(model: ChatModel) -> str:
    if model.input_usd is None or model.output_usd is None:
        return model.name
    return texts_chat.MODEL_PRICE.format(name=model.name, input=model.input_usd, output=model.output_usd)
