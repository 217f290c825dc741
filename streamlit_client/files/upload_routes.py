"""Receives files from browsers: streams them to the gateway, or holds them for the session that reads them."""

import re
from collections.abc import Sequence

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from streamlit_client import state, texts, texts_datasets
from streamlit_client.backend.gateway_client import GatewayError
from streamlit_client.files.file_choice import MOST_BYTES
from streamlit_client.files.held_files import RoomFull, held_files
from streamlit_client.parts.asking import describe, is_worth_repeating

DATASET_PATH, FILE_PATH = "/upload/dataset", "/upload/file"


def upload_routes() -> Sequence[Route]:
    """Returns the routes. They answer with an `id`, or with a `sentence` and whether a retry may succeed."""
    return [
        Route(DATASET_PATH, _store_dataset, methods=["POST"]),
        Route(FILE_PATH, _hold_file, methods=["POST"]),
    ]


async def _store_dataset(request: Request) -> Response:
    try:
        encoding = request.query_params.get("encoding")
        return JSONResponse({"id": await state.datasets().pass_on(request.stream(), request.headers, encoding)}, 201)
    except GatewayError as error:
        number = texts.REQUEST_ID.format(request_id=error.request_id)
        sentence = f"{describe(error, texts_datasets.FORM_FIELDS.__getitem__, str)}\n\n{number}"
        plain = re.sub(r"\*\*|`", "", sentence)
        return _refuse(plain, getattr(error, "status", 503), is_worth_repeating=is_worth_repeating(error))
    except ClientDisconnect:
        return _refuse(texts.FILE_CHOICE["broken"], 408, is_worth_repeating=True)


async def _hold_file(request: Request) -> Response:
    size_bytes = request.headers.get("content-length", "")
    if not size_bytes.isdigit() or int(size_bytes) > MOST_BYTES:
        return _refuse(texts.TOO_LARGE, 413, is_worth_repeating=False)
    try:
        return JSONResponse({"id": await held_files.receive(int(size_bytes), request.stream())}, 201)
    except RoomFull:
        return _refuse(texts.NO_ROOM, is_worth_repeating=True)
    except ClientDisconnect:
        return _refuse(texts.FILE_CHOICE["broken"], 408, is_worth_repeating=True)


def _refuse(sentence: str, status: int = 503, *, is_worth_repeating: bool) -> Response:
    return JSONResponse({"sentence": sentence, "is_worth_repeating": is_worth_repeating}, status)
