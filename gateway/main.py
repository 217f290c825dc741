"""The wiring of the gateway."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from gateway.access_log import AccessLog
from gateway.clients import Clients
from gateway.docs_page import add_docs_page
from gateway.edge import Edge
from gateway.errors import ApiError, refusal_for
from gateway.json_route import direct_apps
from gateway.routes import batches, chat, conversations, datasets, health, predictions, sharing, tools
from gateway.settings import GatewaySettings
from servicekit.metrics import Metrics
from servicekit.settings import VERSION

_ROUTERS = (
    predictions.router,
    batches.router,
    datasets.router,
    sharing.router,
    chat.router,
    conversations.router,
    tools.router,
    health.router,
)
_UPLOAD = ("POST", datasets.UPLOAD_PATH)


def create_app(settings: GatewaySettings) -> Edge:
    """Returns the ASGI application."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with Clients(settings) as clients:
            with metrics.serving(settings):
                yield {"clients": clients}

    app = FastAPI(
        title="대구 공공데이터 API",
        version=VERSION,
        description="사고 심각도(ECLO) 예측, 데이터셋, 채팅. 모든 응답은 success, error, timestamp를 포함합니다.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    for router in _ROUTERS:
        app.include_router(router)
    add_docs_page(app)
    # The framework has handlers of its own, in plain text, for whatever it is not told about.
    for kind in (RequestValidationError, HTTPException, grpc.aio.AioRpcError, ValidationError, ApiError, Exception):
        app.add_exception_handler(kind, _refuse)
    edge = Edge(
        app,
        settings,
        AccessLog(settings),
        direct=direct_apps(route for router in _ROUTERS for route in router.routes),
        body_limits={
            ("POST", batches.BATCH_PATH): settings.batch_body_bytes,
            _UPLOAD: settings.upload_body_bytes,
        },
        uploads=frozenset({_UPLOAD}),
    )
    metrics.add(edge.timings)
    metrics.add_gauge("http_requests_under_way", "Requests being answered.", lambda: edge.under_way)
    return edge


async def _refuse(_request: Request, error: Exception) -> Response:
    refusal = refusal_for(error) or ApiError("INTERNAL")
    return Response(refusal.body(), refusal.status, refusal.headers, "application/json")
