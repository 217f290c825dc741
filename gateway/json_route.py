"""Routes that take one JSON body and bypass the framework."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway.edge import DirectApp, Exchange, Receive, Scope


class JsonRoute(APIRoute):
    """A route whose endpoint returns a `Response` and may take one JSON body.

    FastAPI declares and documents it, and reads the other parameters. pydantic-core validates the body from its bytes
    directly. An endpoint without other parameters, `endpoint(body, request)`, can be called through `direct`, without
    routing, middleware and dependencies, which together would cost 40 % of the throughput.
    """

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Returns the request handler."""
        answer_parsed = super().get_route_handler()
        if self.body_field is None:
            return answer_parsed
        body: TypeAdapter[Any] = TypeAdapter(self.body_field.field_info.annotation or Any)
        endpoint: Callable[[Any, Request], Awaitable[Response]] = self.endpoint

        async def answer_with_body(request: Request) -> Response:
            return await endpoint(body.validate_json(await _read(request.receive), strict=True), request)

        async def answer_with_body_and_more(request: Request) -> Response:
            return await answer_parsed(
                _ParsedRequest(request, body.validate_json(await _read(request.receive), strict=True))
            )

        self._answer = answer_with_body if self.takes_body_alone else answer_with_body_and_more
        return self._answer

    @property
    def takes_body_alone(self) -> bool:
        """Whether the body is all that the endpoint needs from a request."""
        needs = self.dependant
        others = (needs.path_params, needs.query_params, needs.header_params, needs.cookie_params, needs.dependencies)
        return self.body_field is not None and not any(others)

    async def direct(self, scope: Scope, exchange: Exchange) -> None:
        """Answers one request."""
        await exchange.answer(scope, await self._answer(Request(scope, exchange.receive)))


class _ParsedRequest(Request):
    """A request whose JSON is an already validated model, which FastAPI uses directly."""

    def __init__(self, request: Request, model: Any) -> None:
        super().__init__(request.scope, request.receive)
        self._body = b"read"
        self._json = model


async def _read(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def direct_apps(routes: Iterable[BaseRoute]) -> Mapping[tuple[str, str], DirectApp]:
    """Returns the apps of routes that need only a body, by method and path."""
    return {
        (method, route.path): route.direct
        for route in routes
        if isinstance(route, JsonRoute) and route.takes_body_alone
        for method in route.methods or ()
    }
