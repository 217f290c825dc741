"""People at work: predictions and batches all the time, each remembered once it was acknowledged."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from gateway.schemas.prediction import ACCIDENT_EXAMPLE

_SECONDS = 30.0
_PAUSE_SECONDS = 0.2  # after a refusal, as people make one
_BATCH_ROWS = 200
_PAGE = 100


class Load:
    """What was acknowledged, and what was refused: (what, status or kind of error, body)."""

    def __init__(self, api: str, people: int) -> None:
        self._api = api
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.predictions: list[str] = []
        self.batches: list[str] = []
        self.refusals: list[tuple[str, str, str]] = []
        work: list[Callable[[httpx.Client], None]] = [self._explain, self._look, self._batch]
        work += [self._predict] * people
        self._threads = [threading.Thread(target=self._repeat, args=(each,)) for each in work]

    @contextmanager
    def running(self) -> Iterator["Load"]:
        """Goes on inside the block."""
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()

    def lost(self, api: httpx.Client) -> set[str]:
        """Returns the acknowledged predictions and batches that are not stored."""
        missing = set(self.predictions)
        cursor: str | None = None
        while missing:
            page = api.get("/api/predictions", params={"limit": _PAGE, **({"cursor": cursor} if cursor else {})}).json()
            missing -= {prediction["prediction_id"] for prediction in page["predictions"]}
            cursor = page["next_cursor"]
            if cursor is None:
                break
        return missing | {batch for batch in self.batches if api.get(f"/api/predict/batch/{batch}").status_code != 200}

    def unfinished(self, api: httpx.Client) -> list[str]:
        """Returns the batches that are not predicted yet."""
        states = {batch: api.get(f"/api/predict/batch/{batch}").json() for batch in self.batches}
        return [batch for batch, state in states.items() if state["status"] != "completed"]

    def _repeat(self, work: Callable[[httpx.Client], None]) -> None:
        with httpx.Client(base_url=self._api, timeout=_SECONDS, trust_env=False) as client:
            while not self._stop.is_set():
                try:
                    work(client)
                except httpx.HTTPStatusError as error:
                    self._note(work.__name__, str(error.response.status_code), error.response.text)
                    self._stop.wait(_PAUSE_SECONDS)
                except httpx.HTTPError as error:
                    self._note(work.__name__, type(error).__name__, str(error))
                    self._stop.wait(_PAUSE_SECONDS)

    def _note(self, what: str, kind: str, text: str) -> None:
        with self._lock:
            self.refusals.append((what, kind, text))

    def _predict(self, client: httpx.Client) -> None:
        self.predictions.append(_post(client, "/api/predict/eclo", ACCIDENT_EXAMPLE)["prediction_id"])

    def _explain(self, client: httpx.Client) -> None:
        answer = _post(client, "/api/predict/eclo", ACCIDENT_EXAMPLE | {"explain": True})
        self.predictions.append(answer["prediction_id"])

    def _look(self, client: httpx.Client) -> None:
        for path in ("/api/predictions?limit=5", "/api/predict/model", "/api/predict/batch?limit=5"):
            client.get(path).raise_for_status()

    def _batch(self, client: httpx.Client) -> None:
        body = {"accidents": [ACCIDENT_EXAMPLE] * _BATCH_ROWS}
        self.batches.append(_post(client, "/api/predict/eclo/batch", body)["batch_id"])
        self._stop.wait(1.0)


def _post(client: httpx.Client, path: str, body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.post(path, json=body).raise_for_status().json()
    return answer
