"""The description of the loaded model, cached so that it is available during outages."""

import time
from collections.abc import Callable

from streamlit_client.backend.contract import Model
from streamlit_client.backend.gateway_client import GatewayError

_FRESH_SECONDS = 600.0
_PAUSE_SECONDS = 30.0


class KnownModel:
    """Caches the description of the model for ten minutes, or longer if it cannot be refreshed.

    So a form and its input stay on the page while the gateway is down.
    """

    def __init__(self, fetch: Callable[[], Model], clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._model: Model | None = None
        self._fresh_until = 0.0

    def get(self) -> Model:
        """Returns the model. Raises `GatewayError` only if it was never fetched."""
        if self._model is not None and self._clock() < self._fresh_until:
            return self._model
        try:
            self._model = self._fetch()
            self._fresh_until = self._clock() + _FRESH_SECONDS
        except GatewayError:
            if self._model is None:
                raise
            self._fresh_until = self._clock() + _PAUSE_SECONDS
        return self._model

    def saw_version(self, version: str) -> None:
        """Notes the model version of an answer; a different one invalidates the cache."""
        if self._model is not None and self._model.model_version != version:
            self._fresh_until = 0.0
