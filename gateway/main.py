"""The wiring of the gateway."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from gateway.access_log import AccessLog
from gateway.clients import Clients
from gateway.docs_page import add_docs_page
from gateway.edge import Edge
from gateway.errors import ApiError, from_rpc, from_validation
from gateway.routes import batches, health, predictions
from gateway.settings import GatewaySettings
from servicekit.settings import VERSION

_REASONS_BY_STATUS = {400: "BODY_MALFORMED", 404: "ROUTE_NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}


def create_app(settings: GatewaySettings) -> Edge:
    """Returns the ASGI application."""
    clients = Clients(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with clients:
            yield {"clients": clients}

    app = FastAPI(
        title="대구 공공데이터 API",
        version=VERSION,
        description="교통사고 심각도(ECLO) 예측. 모든 응답은 success, error, timestamp를 포함합니다.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    for module in (predictions, batches, health):
        app.include_router(module.router)
    add_docs_page(app)
    _answer_errors(app)
    return Edge(
        app,
        settings,
        AccessLog(settings.log_format),
        direct={("POST", predictions.PREDICT_PATH): _with_rpc_errors(predictions.PredictEndpoint(clients))},
        body_limits={("POST", batches.BATCH_PATH): settings.batch_body_bytes},
    )


def _answer_errors(app: FastAPI) -> None:
    async def refuse(_request: Request, error: Exception) -> Response:
        match error:
            case RequestValidationError():
                refusal = from_validation(error.errors())
            case HTTPException():
                refusal = ApiError(_REASONS_BY_STATUS.get(error.status_code, "INTERNAL"))
            case grpc.aio.AioRpcError():
                refusal = from_rpc(error)
            case ApiError():
                refusal = error
            case _:
                raise error
        return Response(refusal.body(), refusal.status, refusal.headers, "application/json")

    for kind in (RequestValidationError, HTTPException, grpc.aio.AioRpcError, ApiError):
        app.add_exception_handler(kind, refuse)


def _with_rpc_errors(endpoint: predictions.PredictEndpoint) -> Any:
    async def call(scope: Any, receive: Any, send: Any) -> None:
        try:
            await endpoint(scope, receive, send)
        except grpc.aio.AioRpcError as error:
            raise from_rpc(error) from error

    return call
