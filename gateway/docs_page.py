"""The OpenAPI description at /openapi.json, and a page at /docs made from it, readable without internet."""

import asyncio
from html import escape
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response

_STYLE = """
body{font-family:Pretendard,'Noto Sans KR','Malgun Gothic','Apple SD Gothic Neo',NanumGothic,sans-serif;
max-width:60rem;margin:2rem auto;padding:0 1rem;line-height:1.5;color:#1f2933}
h2{margin-top:2.5rem;border-bottom:1px solid #ddd}code,pre{background:#f4f6f8;border-radius:4px;padding:.1rem .3rem}
pre{padding:.8rem;overflow:auto}td,th{border-bottom:1px solid #eee;padding:.25rem .6rem;text-align:left}
.m{display:inline-block;min-width:4.5rem;font-weight:700}details{margin:.6rem 0}
"""


def add_docs(app: FastAPI) -> None:
    """Adds both. To describe everything takes half a second the first time, in a thread: nobody else waits for it."""

    @app.get("/openapi.json", include_in_schema=False)
    async def description() -> Response:
        return Response(orjson.dumps(await asyncio.to_thread(app.openapi)), media_type="application/json")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(_page(await asyncio.to_thread(app.openapi)))


def _page(description: dict[str, Any]) -> str:
    operations = "".join(
        _operation(path, method, operation, description)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    )
    title = escape(description["info"]["title"])
    return (
        f"<!doctype html><html lang=ko><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style>"
        f"<h1>{title} {escape(description['info']['version'])}</h1><p>{escape(description['info']['description'])}</p>"
        f"<p>기계용 명세: <a href=/openapi.json>/openapi.json</a></p>{operations}</html>"
    )


def _operation(path: str, method: str, operation: dict[str, Any], description: dict[str, Any]) -> str:
    parameters = "".join(
        f"<tr><td><code>{escape(p['name'])}</code><td>{escape(p['in'])}<td>{escape(p.get('description', ''))}"
        for p in operation.get("parameters", ())
    )
    answers = "".join(
        f"<tr><td>{escape(status)}<td>{escape(entry['description'])}"
        for status, entry in operation["responses"].items()
    )
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return (
        f"<details><summary><span class=m>{method.upper()}</span> <code>{escape(path)}</code> "
        f"{escape(operation.get('summary', ''))}</summary><p>{escape(operation.get('description', ''))}</p>"
        f"{_fields(body, description)}"
        f"{f'<table><tr><th>이름<th>위치<th>설명{parameters}</table>' if parameters else ''}"
        f"<table><tr><th>상태<th>뜻{answers}</table></details>"
    )


def _fields(schema: dict[str, Any], description: dict[str, Any]) -> str:
    name = schema.get("$ref", "").rpartition("/")[2]
    if not name:
        return ""
    properties = description["components"]["schemas"][name]["properties"]
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code><td>{escape(spec.get('description', ''))}"
        for field, spec in properties.items()
    )
    return f"<table><tr><th>본문 항목<th>설명{rows}</table>"
