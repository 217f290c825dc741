"""Passes the rows that a question leaves on from the gateway to the browser, as a file and without keeping them."""

from collections.abc import Sequence

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from servicekit.question import Question
from streamlit_client import state, texts_explore
from streamlit_client.backend.gateway_client import GatewayError

ROWS_PATH = "/rows"
_FORMATS = ("csv", "arrow")
_PASSED_ON = ("content-type", "content-disposition")


def row_routes() -> Sequence[Route]:
    """Returns the route `/rows/{dataset_id}?format=csv&q={question}`. It refuses with a Korean sentence."""
    return [Route(f"{ROWS_PATH}/{{dataset_id}}", _send_rows)]


async def _send_rows(request: Request) -> Response:
    file_format = request.query_params.get("format", "")
    try:
        question = Question.model_validate_json(request.query_params.get("q", ""))
    except ValidationError:
        return PlainTextResponse(texts_explore.QUESTION_UNREADABLE, 422)
    if file_format not in _FORMATS:
        return PlainTextResponse(texts_explore.QUESTION_UNREADABLE, 422)
    whole = question.model_copy(update={"limit": 0})
    try:
        headers, parts = await state.datasets().stream_rows(request.path_params["dataset_id"], whole, file_format)
    except GatewayError as error:
        return PlainTextResponse(error.sentence, getattr(error, "status", 503))
    kept = {name: headers[name] for name in _PASSED_ON if name in headers}
    return StreamingResponse(parts, 200, kept | {"Cache-Control": "no-store"})
