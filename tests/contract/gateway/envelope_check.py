"""What schemathesis needs to know of us besides the description."""

from typing import Any

import schemathesis

_ERROR_FIELDS = {"success", "error", "code", "details", "request_id", "timestamp"}


@schemathesis.check
def answer_is_the_envelope(_context: Any, response: Any, _case: Any) -> None:
    """Success with its three fields, or a refusal with all of its fields; files and streams have their own shapes."""
    content_type = response.headers.get("content-type", [""])[0]
    is_refusal = response.status_code >= 400
    if response.request.method == "HEAD" or (content_type != "application/json" and not is_refusal):
        return
    assert content_type == "application/json"
    answer = response.json()
    assert answer["success"] is not is_refusal
    assert answer["timestamp"]
    if is_refusal:
        assert answer.keys() >= _ERROR_FIELDS
        assert isinstance(answer["error"], str)
        assert answer["request_id"] == response.headers["x-request-id"][0]
    else:
        assert answer["error"] is None


@schemathesis.hook
def map_body(_context: Any, body: Any) -> Any:
    """Writes 14.0 as 14: to JSON Schema both are integers, and to us only the second."""
    match body:
        case float():
            return int(body) if body.is_integer() else body
        case dict():
            return {name: map_body(_context, value) for name, value in body.items()}
        case list():
            return [map_body(_context, value) for value in body]
    return body
