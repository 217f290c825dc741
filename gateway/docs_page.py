"""The OpenAPI description at /openapi.json, and Swagger UI at /docs to read it and to try calls.

Swagger UI is served from a package, so that browsers need no internet access. All addresses are relative.
"""

import asyncio
from pathlib import Path

import fastapi_offline
import orjson
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

DOCS_PATH = "/docs"
_SWAGGER_UI = Path(fastapi_offline.__file__).parent / "static"
_PAGE = """<!doctype html><html lang=ko><meta charset=utf-8><meta name=viewport content="width=device-width">
<title>{title}</title><link rel=icon href=data:,><link rel=stylesheet href=docs/static/swagger-ui.css>
<div id=swagger-ui></div><script src=docs/static/swagger-ui-bundle.js></script><script src=docs/start.js></script>
"""
_START = """SwaggerUIBundle({
  url: "openapi.json", dom_id: "#swagger-ui", deepLinking: true, displayRequestDuration: true, tryItOutEnabled: true,
  defaultModelsExpandDepth: 0, defaultModelExpandDepth: 4, validatorUrl: null,
})
"""


def add_docs(app: FastAPI) -> None:
    """Adds both. The description takes half a second to build, once, in a thread that blocks no other request."""

    @app.get("/openapi.json", include_in_schema=False)
    async def description() -> Response:
        return Response(orjson.dumps(await asyncio.to_thread(app.openapi)), media_type="application/json")

    @app.get(DOCS_PATH, include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(_PAGE.format(title=app.title))

    @app.get(f"{DOCS_PATH}/start.js", include_in_schema=False)
    async def start() -> Response:
        return Response(_START, media_type="text/javascript")

    app.mount(f"{DOCS_PATH}/static", StaticFiles(directory=_SWAGGER_UI))
