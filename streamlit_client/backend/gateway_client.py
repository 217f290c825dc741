"""The only HTTP code of the page: one method per operation of the gateway."""

import time
import uuid
from collections.abc import AsyncIterable, AsyncIterator, Callable, Generator, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import orjson
import structlog
from pydantic import TypeAdapter, ValidationError

from servicekit.loggable_path import loggable
from streamlit_client import texts
from streamlit_client.backend.contract import (
    Accident,
    Batch,
    BatchPage,
    Detail,
    EncodingChoice,
    FullPrediction,
    Health,
    HistoryPage,
    Model,
    Prediction,
)
from streamlit_client.backend.contract_chat import ChatEvent
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.settings import PageSettings

Content = TypeVar("Content")
Parsed = TypeVar("Parsed")
_UNAVAILABLE, _TIMED_OUT = 503, 504
_FILE_SECONDS = 90.0

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
        self,
        sentence: str,
        request_id: str,
        *,
        status: int,
        code: str = "",
        details: Sequence[Detail] = (),
        choice: EncodingChoice | None = None,
    ) -> None:
        super().__init__(sentence, request_id)
        self.status = status
        self.code = code
        self.details = details
        self.choice = choice


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
        return self.ask(Prediction, "POST", "/api/predict/eclo", body={**accident.model_dump(), "explain": explain})

    def get_prediction(self, prediction_id: str) -> FullPrediction:
        """Returns a stored prediction, explained when the loaded model made it."""
        return self.ask(FullPrediction, "GET", "/api/predictions/{}", prediction_id)

    def list_predictions(self, *, limit: int, after: str | None = None) -> HistoryPage:
        """Returns a page of the stored predictions, newest first; `after` comes from the page before."""
        return self.ask(HistoryPage, "GET", "/api/predictions", parameters={"limit": limit, "after": after})

    def create_batch(self, dataset_id: str, columns: Mapping[str, str | None]) -> str:
        """Starts the prediction of all rows of a dataset, with the column of each input, and returns the batch's id."""
        body = {"dataset_id": dataset_id, "columns": columns}
        return self.ask(str, "POST", "/api/predict/eclo/batch", part="batch_id", body=body)

    def list_batches(self, *, limit: int, after: str | None = None) -> BatchPage:
        """Returns a page of the batches, newest first; `after` comes from the page before."""
        return self.ask(BatchPage, "GET", "/api/predict/batch", parameters={"limit": limit, "after": after})

    def get_batch(self, batch_id: str) -> Batch:
        """Returns a batch and its progress."""
        return self.ask(Batch, "GET", "/api/predict/batch/{}", batch_id)

    def cancel_batch(self, batch_id: str) -> Batch:
        """Stops a batch; predictions so far are kept."""
        return self.ask(Batch, "DELETE", "/api/predict/batch/{}", batch_id)

    def get_results_csv(self, batch_id: str, *, most: int) -> bytes:
        """Returns the first results as CSV in UTF-8 with BOM, unguarded: not for spreadsheets."""
        parameters = {"format": "csv", "guard": "off", "limit": most}
        return self.fetch("GET", "/api/predict/batch/{}/results", batch_id, parameters=parameters)

    def get_results_file(self, batch_id: str) -> bytes:
        """Returns all results as CSV for Korean Excel."""
        path, parameters = "/api/predict/batch/{}/results", {"format": "csv"}
        return self.fetch("GET", path, batch_id, parameters=parameters, total_seconds=_FILE_SECONDS)

    def keep_results(self, batch_id: str) -> Profile:
        """Stores the results of an ended batch as a dataset. Repeating it returns the same one."""
        path = "/api/predict/batch/{}/dataset"
        return self.ask(Profile, "POST", path, batch_id, total_seconds=_FILE_SECONDS)

    def get_health(self) -> Health:
        """Returns the state of the back end, also if it is unhealthy (503)."""
        return self.ask(Health, "GET", "/health", total_seconds=self._settings.health_seconds, accepted=(_UNAVAILABLE,))

    def ask(self, kind: type[Parsed], method: str, path: str, *ids: str, part: str = "", **options: Any) -> Parsed:
        """Returns the JSON of one answer, or its `part`, as `kind`. The rest is as for `fetch`."""
        return self.fetch(method, path, *ids, parse=partial(_from_json, kind, part), **options)

    def fetch(
        self,
        method: str,
        path: str,
        *ids: str,
        parse: Callable[[bytes], Parsed] = bytes,  # type: ignore[assignment]  # without it, the answer itself
        accepted: Sequence[int] = (),
        **options: Any,
    ) -> Parsed:
        """Sends one request, and returns what `parse` makes of the bytes of its answer.

        `ids` fill the gaps of the path. Options: `body` (sent as JSON), `files` and `form` (sent as multipart), query
        `parameters` and `headers` without those that are None, `total_seconds`. `accepted` are statuses besides
        success.
        """
        request, request_id, total = self._request(method, path, ids, **options)
        try:
            response, content = self._receive(request, time.monotonic() + total)
        except httpx.HTTPError as error:
            raise _lost(error, request, request_id) from error
        if not (response.is_success or response.status_code in accepted):
            raise _refusal(response.status_code, content, request, request_id)
        return _read(request_id, parse, content)

    def stream_events(self, method: str, path: str, *ids: str, **options: Any) -> Generator[ChatEvent]:
        """Yields server-sent events; `beat` is a keep-alive. The arguments are those of `fetch`.

        Closing the iterator closes the connection.
        """
        request, request_id, total = self._request(method, path, ids, **options)
        response = None
        try:
            response = self._http.send(request, stream=True)
            if not response.is_success:
                raise _refusal(response.status_code, response.read(), request, request_id)
            request.extensions["timeout"]["read"] = total
            name = event_id = ""
            for line in _lines(response.iter_bytes()):
                field, _, value = line.partition(": ")
                if line.startswith(":"):
                    yield ChatEvent(name="beat", fields={})
                elif field == "event":
                    name = value
                elif field == "id":
                    event_id = value
                elif field == "data":
                    yield _read(request_id, partial(_event, name, event_id), value)
                    event_id = ""
        except httpx.HTTPError as error:
            raise _lost(error, request, request_id) from error
        finally:
            if response is not None:
                response.close()

    async def stream(
        self, method: str, path: str, *ids: str, **options: Any
    ) -> tuple[httpx.Headers, AsyncIterator[bytes]]:
        """Returns the headers of an answer, and its bytes while they come. The arguments are those of `fetch`."""
        client = httpx.AsyncClient(base_url=self._http.base_url, verify=self._trusted, trust_env=False)
        request, request_id, _ = self._request(method, path, ids, total_seconds=_FILE_SECONDS, **options)
        try:
            response = await client.send(request, stream=True)
            if not response.is_success:
                raise _refusal(response.status_code, await response.aread(), request, request_id)
        except BaseException as error:
            await client.aclose()
            if isinstance(error, httpx.HTTPError):
                raise _lost(error, request, request_id) from error
            raise
        return response.headers, _parts(client, response)

    async def pass_on(
        self,
        path: str,
        body: AsyncIterable[bytes],
        *,
        part: str,
        headers: Mapping[str, str],
        parameters: Mapping[str, str | None],
        answer_seconds: float,
    ) -> str:
        """Sends a body on while it arrives, and returns a part of the answer.

        The gateway limits how long the body may take.
        """
        request_id = uuid.uuid4().hex
        timeout = httpx.Timeout(answer_seconds, connect=self._settings.connect_seconds)
        async with httpx.AsyncClient(base_url=self._http.base_url, verify=self._trusted, trust_env=False) as client:
            request = client.build_request(
                "POST",
                path,
                params=_known(parameters),
                content=body,
                headers=_encoded({**headers, "X-Request-ID": request_id}),
                timeout=timeout,
            )
            try:
                response = await client.send(request)
            except httpx.HTTPError as error:
                raise _lost(error, request, request_id) from error
        if not response.is_success:
            raise _refusal(response.status_code, response.content, request, request_id)
        return _read(request_id, partial(_from_json, str, part), response.content)

    def _request(
        self,
        method: str,
        path: str,
        ids: Sequence[str],
        *,
        body: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        parameters: Mapping[str, Any] = {},
        headers: Mapping[str, str | None] = {},
        total_seconds: float | None = None,
    ) -> tuple[httpx.Request, str, float]:
        request_id = uuid.uuid4().hex
        total = total_seconds or self._settings.request_seconds
        ours = {"X-Request-ID": request_id} | ({"Content-Type": "application/json"} if body is not None else {})
        request = self._http.build_request(
            method,
            path.format(*(quote(id_, safe="") for id_ in ids)),
            params=_known(parameters),
            content=None if body is None else orjson.dumps(body),
            files=files,
            data=form,
            headers=_encoded({**headers, **ours}),
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


async def _parts(client: httpx.AsyncClient, response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for part in response.aiter_bytes():
            yield part
    finally:
        await response.aclose()
        await client.aclose()


def _lines(parts: Iterator[bytes]) -> Iterator[str]:
    """Yields the lines of events; httpx would also split at U+2028 and the like, which texts may contain."""
    rest = b""
    for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        yield from (line.decode() for line in lines)


def _encoded(headers: Mapping[str, str | None]) -> dict[bytes, bytes]:
    # httpx only accepts ASCII; a key with Hangul letters is left to the gateway to refuse.
    return {name.encode(): value.encode() for name, value in _known(headers).items()}


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)


def _from_json(kind: type[Parsed], part: str, content: bytes) -> Parsed:
    adapter: TypeAdapter[Parsed] = _adapter(kind)
    return adapter.validate_python(orjson.loads(content)[part]) if part else adapter.validate_json(content)


def _event(name: str, event_id: str, fields: str) -> ChatEvent:
    return ChatEvent.model_validate({"name": name, "id": event_id, "fields": orjson.loads(fields)})


def _read(request_id: str, parse: Callable[[Content], Parsed], content: Content) -> Parsed:
    try:
        return parse(content)
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        log.error("answer_unreadable", request_id=request_id, reason=str(error)[:500])
        raise GatewayRefused(texts.ANSWER_UNREADABLE, request_id, status=200) from error


def _lost(error: httpx.HTTPError, request: httpx.Request, request_id: str) -> GatewayError:
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.UnsupportedProtocol):
        return _log(GatewayUnreachable(texts.UNREACHABLE, request_id), request, error)
    if isinstance(error, httpx.TimeoutException):
        return _log(GatewayTimedOut(texts.TIMED_OUT, request_id), request, error)
    return _log(GatewayUnreachable(texts.UNREACHABLE, request_id, may_have_arrived=True), request, error)


def _refusal(status: int, content: bytes, request: httpx.Request, request_id: str) -> GatewayError:
    """Returns the error of a refused request, and logs it."""
    try:
        fields = orjson.loads(content)
        sentence = str(fields["error"] or texts.ANSWER_UNREADABLE)
        details = _adapter(list[Detail]).validate_python(fields.get("details") or [])
        choice = EncodingChoice.model_validate(fields)
        request_id, code = str(fields.get("request_id") or request_id), str(fields.get("code") or "")
    except (ValueError, KeyError, TypeError, AttributeError):  # not from our gateway, perhaps from a proxy
        sentence, details, code, choice = texts.ANSWER_UNREADABLE, [], "", None
    error: GatewayError
    if status == _UNAVAILABLE:
        error = GatewayUnreachable(sentence, request_id)
    elif status == _TIMED_OUT:
        error = GatewayTimedOut(sentence, request_id)
    else:
        error = GatewayRefused(sentence, request_id, status=status, code=code, details=details, choice=choice)
    return _log(error, request, status)


def _log(error: GatewayError, request: httpx.Request, reason: object) -> GatewayError:
    log.warning(
        "gateway_call_failed",
        method=request.method,
        path=loggable(request.url.path),
        request_id=error.request_id,
        kind=type(error).__name__,
        reason=reason if isinstance(reason, int) else repr(reason),
    )
    return error
