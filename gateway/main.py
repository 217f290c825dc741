"""The wiring of the gateway."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import grpc
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Route

from gateway.access_log import AccessLog
from gateway.admission import Admission
from gateway.clients import Clients
from gateway.docs_page import add_docs
from gateway.edge import Edge
from gateway.errors import ApiError, refusal_for
from gateway.json_route import direct_apps
from gateway.routes import batches, chat, conversations, datasets, health, predictions, questions, sharing, tools
from gateway.settings import GatewaySettings
from servicekit.group_metrics import sharing_metrics
from servicekit.metrics import Metrics
from servicekit.metrics_page import serving_metrics
from servicekit.process_group import Membership
from servicekit.settings import VERSION

_ROUTERS = (
    predictions.router,
    batches.router,
    datasets.router,
    sharing.router,
    chat.router,
    conversations.router,
    tools.router,
    questions.router,
    health.router,
)
_UPLOAD = ("POST", datasets.UPLOAD_PATH)


def create_app(settings: GatewaySettings, membership: Membership | None = None) -> Edge:
    """Returns the ASGI application; `membership` if it is one of several processes."""
    metrics = Metrics()
    admission = Admission(settings.concurrent_requests, target_seconds=settings.quick_seconds / 2)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with Clients(settings) as clients:
            queue = clients.prediction_queue
            metrics.add_gauge("predictions_waiting", "Predictions no replica has taken yet.", lambda: queue.waiting)
            metrics.add_gauge(
                "prediction_replicas_in_use", "Replicas that get predictions.", lambda: queue.replicas_in_use
            )
            with sharing_metrics(metrics, settings, membership) if membership else serving_metrics(metrics, settings):
                yield {"clients": clients}

    app = FastAPI(
        title="대구 공공데이터 API",
        version=VERSION,
        description="사고 심각도(ECLO) 예측, 데이터셋, 채팅. 모든 응답은 success, error, timestamp를 포함합니다.",
        lifespan=lifespan,
        servers=[{"url": settings.base_path}] if settings.base_path else None,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        strict_content_type=False,  # checked by the edge
    )
    for router in _ROUTERS:
        app.include_router(router)
    add_docs(app)
    routes = [*app.routes, *(route for router in _ROUTERS for route in router.routes)]

    async def refuse(request: Request, error: Exception) -> Response:
        refusal = refusal_for(error) or ApiError("INTERNAL")
        if refusal.reason == "METHOD_NOT_ALLOWED" and not isinstance(error, ApiError):
            refusal = ApiError(refusal.reason, headers={"Allow": _allowed_methods(routes, request)})
        return Response(refusal.body(), refusal.status, refusal.headers, "application/json")

    # The framework's default handlers answer in plain text.
    for kind in (RequestValidationError, HTTPException, grpc.aio.AioRpcError, ValidationError, ApiError, Exception):
        app.add_exception_handler(kind, refuse)
    edge = Edge(
        app,
        settings,
        AccessLog(settings),
        admission,
        direct=direct_apps(routes),
        body_limits={
            ("POST", batches.BATCH_PATH): settings.batch_body_bytes,
            _UPLOAD: settings.upload_body_bytes,
        },
        uploads=frozenset({datasets.UPLOAD_PATH}),
    )
    metrics.add(edge.timings)
    metrics.add_gauge("http_requests_under_way", "Requests being answered.", lambda: admission.under_way)
    metrics.add_gauge("http_requests_let_in", "Requests that may be under way at once.", lambda: admission.limit)
    return edge


def _allowed_methods(routes: Iterable[BaseRoute], request: Request) -> str:
    # The framework lists the methods of one route, but a path may have several routes.
    by_path: dict[str, set[str]] = {}
    for route in routes:
        if isinstance(route, Route) and route.include_in_schema and route.matches(request.scope)[0] is not Match.NONE:
            by_path.setdefault(route.path, set()).update(route.methods or ())
    nearest = next(iter(by_path.values()), {"GET"})  # `/datasets/upload` before `/datasets/{dataset_id}`
    return ", ".join(sorted(nearest))
