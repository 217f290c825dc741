"""The only HTTP code of the page: one method per operation of the gateway."""

import time
import uuid
from collections.abc import AsyncIterable, Callable, Generator, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import orjson
import structlog
from pydantic import BaseModel, TypeAdapter, ValidationError

from servicekit.loggable_path import loggable
from streamlit_client import texts
from streamlit_client.backend.contract import (
    Accident,
    Batch,
    BatchCreated,
    BatchItem,
    Detail,
    FullPrediction,
    Health,
    HistoryPage,
    Model,
    Prediction,
)
from streamlit_client.settings import PageSettings

Answer = TypeVar("Answer", bound=BaseModel)
Parsed = TypeVar("Parsed")
_BATCHES = TypeAdapter(list[Batch])
_ITEMS = TypeAdapter(list[BatchItem])
_DETAILS = TypeAdapter(tuple[Detail, ...])
_UNAVAILABLE, _TIMED_OUT = 503, 504
_RESULTS_PAGE = 1000

log = structlog.get_logger(__name__)


class GatewayError(Exception):
    """A call failed. `sentence` is in Korean, for the user; `request_id` identifies the call in the logs."""

    def __init__(self, sentence: str, request_id: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.request_id = request_id


class GatewayUnreachable(GatewayError):
    """The gateway cannot be reached. `may_have_arrived` means that the connection broke after sending."""

    def __init__(self, sentence: str, request_id: str, *, may_have_arrived: bool = False) -> None:
        super().__init__(sentence, request_id)
        self.may_have_arrived = may_have_arrived


class GatewayTimedOut(GatewayError):
    """The answer did not come in time."""


class GatewayRefused(GatewayError):
    """The gateway refused the request."""

    def __init__(
        self, sentence: str, request_id: str, *, status: int, code: str = "", details: Sequence[Detail] = ()
    ) -> None:
        super().__init__(sentence, request_id)
        self.status = status
        self.code = code
        self.details = details


class GatewayClient:
    """Calls the gateway at one address. Thread-safe. Raises only `GatewayError`."""

    def __init__(self, settings: PageSettings) -> None:
        self._settings = settings
        # Ignores proxies of the environment: the gateway is ours, and usually on this machine.
        self._trusted = httpx.create_ssl_context(trust_env=False)
        self._http = httpx.Client(base_url=settings.backend_url, verify=self._trusted, trust_env=False)

    def get_model(self) -> Model:
        """Returns the loaded model."""
        return self.ask(Model, "GET", "/api/predict/model")

    def predict(self, accident: Accident, *, explain: bool) -> Prediction:
        """Predicts one accident; `explain` asks for the contributions too."""
        body = {**accident.model_dump(), "explain": explain}
        return self.ask(Prediction, "POST", "/api/predict/eclo", body=body)

    def get_prediction(self, prediction_id: str) -> FullPrediction:
        """Returns a stored prediction, explained when the loaded model made it."""
        return self.ask(FullPrediction, "GET", f"/api/predictions/{quote(prediction_id, safe='')}")

    def list_predictions(self, *, limit: int, cursor: str | None = None) -> HistoryPage:
        """Returns a page of the stored predictions, newest first; `cursor` comes from the previous page."""
        parameters = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        return self.ask(HistoryPage, "GET", "/api/predictions", parameters=parameters)

    def create_batch(self, accidents: Sequence[Accident], *, dataset_id: str | None = None) -> str:
        """Starts a batch and returns its id; `dataset_id` is the dataset of the accidents."""
        body: dict[str, Any] = {"accidents": [accident.model_dump() for accident in accidents]}
        if dataset_id is not None:
            body["dataset_id"] = dataset_id
        return self.ask(BatchCreated, "POST", "/api/predict/eclo/batch", body=body).batch_id

    def list_batches(self) -> list[Batch]:
        """Returns the latest batches, newest first."""
        content, request_id = self._send("GET", "/api/predict/batch")
        return _read(request_id, lambda: _BATCHES.validate_python(orjson.loads(content)["batches"]))

    def get_batch(self, batch_id: str) -> Batch:
        """Returns a batch and its progress."""
        return self.ask(Batch, "GET", _batch_path(batch_id))

    def cancel_batch(self, batch_id: str) -> Batch:
        """Stops a batch; predictions so far are kept."""
        return self.ask(Batch, "DELETE", _batch_path(batch_id))

    def iterate_results(self, batch_id: str, total: int) -> Iterator[BatchItem]:
        """Yields the results so far, by index; `total` is the size of the batch. Fetches pages on demand."""
        for offset in range(0, total, _RESULTS_PAGE):
            yield from self._list_results(batch_id, offset)

    def _list_results(self, batch_id: str, offset: int) -> list[BatchItem]:
        parameters = {"limit": _RESULTS_PAGE, "offset": offset}
        content, request_id = self._send("GET", f"{_batch_path(batch_id)}/results", parameters=parameters)
        return _read(request_id, lambda: _ITEMS.validate_python(orjson.loads(content)["results"]))

    def get_results_csv(self, batch_id: str) -> bytes:
        """Returns all results with their inputs as CSV in UTF-8 with BOM, unguarded: not for spreadsheets."""
        parameters = {"format": "csv", "guard": "off"}
        content, _ = self._send("GET", f"{_batch_path(batch_id)}/results", parameters=parameters)
        return content

    def get_health(self) -> Health:
        """Returns the state of the back end, also if it is unhealthy (503)."""
        return self.ask(Health, "GET", "/health", total_seconds=self._settings.health_seconds, accepted=(_UNAVAILABLE,))

    def ask(self, kind: type[Answer], method: str, path: str, **options: Any) -> Answer:
        """Sends one request and returns its answer as `kind`. `options` are those of `fetch`."""
        content, request_id = self._send(method, path, **options)
        return _read(request_id, lambda: kind.model_validate_json(content))

    def fetch(self, method: str, path: str, **options: Any) -> bytes:
        """Returns the bytes of one answer.

        Options: `body` (sent as JSON), `files` and `form` (sent as multipart), query `parameters`, `headers`,
        `total_seconds`, and further `accepted` statuses besides success.
        """
        return self._send(method, path, **options)[0]

    def fetch_json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Returns the fields of one answer."""
        content, request_id = self._send(method, path, **options)
        fields: dict[str, Any] = _read(request_id, lambda: orjson.loads(content))
        return fields

    def read(self, parse: Callable[[], Parsed]) -> Parsed:
        """Parses an answer with `parse`. Raises `GatewayRefused` if it cannot be read."""
        return _read("", parse)

    def stream_events(self, method: str, path: str, **options: Any) -> Generator[tuple[str, dict[str, Any]]]:
        """Yields server-sent events as name and fields; `beat` is a keep-alive.

        Closing the iterator closes the connection. `options` are those of `fetch`.
        """
        request, request_id, total = self._request(method, path, **options)
        response = None
        try:
            response = self._http.send(request, stream=True)
            if not response.is_success:
                raise _logged(
                    _refusal(response.status_code, response.read(), request_id), request, response.status_code
                )
            request.extensions["timeout"]["read"] = total
            name = ""
            for line in _lines(response.iter_bytes()):
                field, _, value = line.partition(": ")
                if line.startswith(":"):
                    yield "beat", {}
                elif field == "event":
                    name = value
                elif field == "data":
                    yield name, _read(request_id, partial(orjson.loads, value))
        except httpx.HTTPError as error:
            raise _lost(error, request, request_id) from error
        finally:
            if response is not None:
                response.close()

    async def pass_on(
        self,
        path: str,
        body: AsyncIterable[bytes],
        *,
        headers: Mapping[str, str],
        parameters: Mapping[str, str] | None,
        answer_seconds: float,
    ) -> bytes:
        """Sends a body on while it arrives, and returns the answer. The gateway limits how long the body may take."""
        request_id = uuid.uuid4().hex
        timeout = httpx.Timeout(answer_seconds, connect=self._settings.connect_seconds)
        async with httpx.AsyncClient(base_url=self._http.base_url, verify=self._trusted, trust_env=False) as client:
            ours = _encoded({**headers, "X-Request-ID": request_id})
            request = client.build_request("POST", path, params=parameters, content=body, headers=ours, timeout=timeout)
            try:
                response = await client.send(request)
            except httpx.HTTPError as error:
                raise _lost(error, request, request_id) from error
        if not response.is_success:
            refusal = _refusal(response.status_code, response.content, request_id)
            raise _logged(refusal, request, response.status_code)
        return response.content

    def _send(
        self,
        method: str,
        path: str,
        *,
        accepted: Sequence[int] = (),
        **options: Any,
    ) -> tuple[bytes, str]:
        request, request_id, total = self._request(method, path, **options)
        try:
            response, content = self._receive(request, time.monotonic() + total)
        except httpx.HTTPError as error:
            raise _lost(error, request, request_id) from error
        if response.is_success or response.status_code in accepted:
            return content, request_id
        refusal = _refusal(response.status_code, content, request_id)
        raise _logged(refusal, request, response.status_code)

    def _request(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        parameters: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        total_seconds: float | None = None,
    ) -> tuple[httpx.Request, str, float]:
        request_id = uuid.uuid4().hex
        total = total_seconds or self._settings.request_seconds
        ours = {"X-Request-ID": request_id} | ({"Content-Type": "application/json"} if body is not None else {})
        request = self._http.build_request(
            method,
            path,
            params=parameters,
            content=None if body is None else orjson.dumps(body),
            files=files,
            data=form,
            headers=_encoded({**(headers or {}), **ours}),
            timeout=httpx.Timeout(total, connect=min(self._settings.connect_seconds, total)),
        )
        return request, request_id, total

    def _receive(self, request: httpx.Request, deadline: float) -> tuple[httpx.Response, bytes]:
        """Returns the whole answer. The timeouts of httpx apply to single reads; `deadline` applies to all of them."""
        response = self._http.send(request, stream=True)
        try:
            request.extensions["timeout"]["read"] = max(0.001, deadline - time.monotonic())
            parts = []
            for part in response.iter_bytes():
                parts.append(part)
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("the answer as a whole", request=request)
        finally:
            response.close()
        return response, b"".join(parts)


def _lines(parts: Iterator[bytes]) -> Iterator[str]:
    """Yields the lines of events; httpx would also split at U+2028 and the like, which texts may contain."""
    rest = b""
    for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        yield from (line.decode() for line in lines)


def _encoded(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    # httpx only accepts ASCII; a key with Hangul letters is left to the gateway to refuse.
    return {name.encode(): value.encode() for name, value in headers.items()}


def _batch_path(batch_id: str) -> str:
    return f"/api/predict/batch/{quote(batch_id, safe='')}"


def _read(request_id: str, parse: Callable[[], Parsed]) -> Parsed:
    try:
        return parse()
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        log.error("answer_unreadable", request_id=request_id, reason=str(error)[:500])
        raise GatewayRefused(texts.ANSWER_UNREADABLE, request_id, status=200) from error


def _lost(error: httpx.HTTPError, request: httpx.Request, request_id: str) -> GatewayError:
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.UnsupportedProtocol):
        return _logged(GatewayUnreachable(texts.UNREACHABLE, request_id), request, error)
    if isinstance(error, httpx.TimeoutException):
        return _logged(GatewayTimedOut(texts.TIMED_OUT, request_id), request, error)
    return _logged(GatewayUnreachable(texts.UNREACHABLE, request_id, may_have_arrived=True), request, error)


def _refusal(status: int, content: bytes, request_id: str) -> GatewayError:
    try:
        fields = orjson.loads(content)
        sentence = str(fields["error"] or texts.ANSWER_UNREADABLE)
        details = _DETAILS.validate_python(fields.get("details") or ())
        request_id, code = str(fields.get("request_id") or request_id), str(fields.get("code") or "")
    except (ValueError, KeyError, TypeError, AttributeError):  # not from our gateway, perhaps from a proxy
        sentence, details, code = texts.ANSWER_UNREADABLE, (), ""
    if status == _UNAVAILABLE:
        return GatewayUnreachable(sentence, request_id)
    if status == _TIMED_OUT:
        return GatewayTimedOut(sentence, request_id)
    return GatewayRefused(sentence, request_id, status=status, code=code, details=details)


def _logged(error: GatewayError, request: httpx.Request, reason: object) -> GatewayError:
    log.warning(
        "gateway_call_failed",
        method=request.method,
        path=loggable(request.url.path),
        request_id=error.request_id,
        kind=type(error).__name__,
        reason=reason if isinstance(reason, int) else repr(reason),
    )
    return error
