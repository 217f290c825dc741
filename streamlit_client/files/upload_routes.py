"""Receives files from browsers and streams them to the gateway."""

import re
from collections.abc import Sequence
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from streamlit_client import state, texts, texts_datasets
from streamlit_client.backend.gateway_client import GatewayError, GatewayRefused
from streamlit_client.parts.asking import describe, is_worth_repeating

DATASET_PATH, TEMPORARY_PATH = "/upload/dataset", "/upload/file"


def upload_routes() -> Sequence[Route]:
    """Returns the routes. They answer with an `id`, or with a `sentence` and whether a retry may succeed.

    A file in an unclear encoding is refused with those to choose from.
    """
    return [Route(path, _store_dataset, methods=["POST"]) for path in (DATASET_PATH, TEMPORARY_PATH)]


async def _store_dataset(request: Request) -> Response:
    try:
        dataset_id = await state.datasets().pass_on(
            request.stream(),
            request.headers,
            encoding=request.query_params.get("encoding"),
            is_temporary=request.url.path.endswith(TEMPORARY_PATH),
        )
        return JSONResponse({"id": dataset_id}, 201)
    except GatewayError as error:
        number = texts.REQUEST_ID.format(request_id=error.request_id)
        sentence = f"{describe(error, texts_datasets.FORM_FIELDS.__getitem__, str)}\n\n{number}"
        plain = re.sub(r"\*\*|`", "", sentence)
        choice = error.choice.model_dump() if isinstance(error, GatewayRefused) and error.choice else {}
        return _refuse(plain, getattr(error, "status", 503), is_worth_repeating=is_worth_repeating(error), **choice)
    except ClientDisconnect:
        return _refuse(texts.FILE_CHOICE["broken"], 408, is_worth_repeating=True)


def _refuse(sentence: str, status: int, *, is_worth_repeating: bool, **choice: Any) -> Response:
    return JSONResponse({"sentence": sentence, "is_worth_repeating": is_worth_repeating, **choice}, status)
