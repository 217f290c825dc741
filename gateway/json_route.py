"""Routes that take one JSON body, reached past the framework."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway.edge import App, Receive, Scope, Send


class JsonRoute(APIRoute):
    """A route whose endpoint is `endpoint(body, request) -> Response` when it takes a body alone; else like any other.

    FastAPI declares and documents it. The body is validated from its bytes in one step of pydantic-core, and `direct`
    answers without routing, middleware and dependencies: together they would cost 40 % of the throughput.
    """

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Returns what answers a request."""
        if self.body_field is None or self.param_convertors:
            return super().get_route_handler()
        body: TypeAdapter[Any] = TypeAdapter(self.body_field.field_info.annotation or Any)
        endpoint: Callable[[Any, Request], Awaitable[Response]] = self.endpoint

        async def answer(request: Request) -> Response:
            return await endpoint(body.validate_json(await _read(request.receive)), request)

        self._answer = answer
        return answer

    async def direct(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; an ASGI application."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)


async def _read(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def direct_apps(routes: Iterable[BaseRoute]) -> Mapping[tuple[str, str], App]:
    """Returns what may be reached directly, by method and path: routes with a body and without path parameters."""
    return {
        (method, route.path): route.direct
        for route in routes
        if isinstance(route, JsonRoute) and route.body_field is not None and not route.param_convertors
        for method in route.methods or ()
    }
