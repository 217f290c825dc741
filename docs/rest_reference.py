"""Generates docs/rest-api.md from the gateway's OpenAPI description: all requests, objects and error codes."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.errors import RETRY_AFTER_SECONDS
from gateway.schemas.common import Answer
from servicekit.refusals import REFUSALS

_INTRO = """
JSON in, JSON out, UTF-8. Every JSON answer carries `success`, `error` (null, or the Korean sentence to show) and
`timestamp` beside its own fields. A refusal is an [`ErrorAnswer`](#erroranswer): it also carries a stable `code`
([all codes](#codes)), the fields at fault and a `request_id`; those worth repeating carry `Retry-After`.
A running gateway shows the same at `/docs`, where calls can be tried, and as OpenAPI at `/openapi.json`.
"""


def rest_page(openapi: Mapping[str, Any], made: str) -> str:
    """Returns the page; `made` says how it was generated."""
    lines = ["# REST API", "", made, _INTRO.rstrip()]
    subject = None
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            if operation["tags"][0] != subject:
                subject = operation["tags"][0]
                lines += ["", f"## {subject}"]
            lines += ["", f"### `{method.upper()} {path}`", "", *_operation(operation)]
    lines += ["", "## Objects"]
    for name, schema in openapi["components"]["schemas"].items():
        lines += ["", f"### {name}", "", cell(schema.get("description", "")), "", *_fields(schema)]
    lines += ["", "## Codes", "", "| Status | Code | Sentence |", "|---|---|---|"]
    for code, (status, _, sentence) in REFUSALS.items():
        repeat = f" (`Retry-After: {RETRY_AFTER_SECONDS[status]}`)" if status in RETRY_AFTER_SECONDS else ""
        lines.append(f"| {status}{repeat} | `{code}` | {cell(sentence)} |")
    return "\n".join(lines) + "\n"


def _operation(operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"{operation['summary']}. {cell(operation.get('description', ''))}"
    if parameters := operation.get("parameters"):
        yield from ("", "| Parameter | In | Type | What it is |", "|---|---|---|---|")
        for entry in parameters:
            yield f"| `{entry['name']}` | {entry['in']} | {_type(entry['schema'])} | {cell(entry['description'])} |"
    for kind, body in operation.get("requestBody", {}).get("content", {}).items():
        if "properties" in body["schema"]:
            yield from ("", f"Body ({kind}):", "", *_fields(body["schema"]))
        else:
            yield from ("", f"Body: {_type(body['schema'])}")
    answers = []
    for status, answer in operation["responses"].items():
        shapes = [
            _type(content["schema"]) if kind == "application/json" and "schema" in content else f"`{kind}`"
            for kind, content in answer.get("content", {}).items()
        ]
        # For refusals only the status is listed: their shape is always the same.
        answers.append(f"{status} {' or '.join(shapes)}" if status < "300" else status)
    yield from ("", f"Answers: {', '.join(answers)}")


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    yield from ("| Field | Type | What it is |", "|---|---|---|")
    required = schema.get("required", ())
    for name, field in schema["properties"].items():
        if name in Answer.model_fields and schema.get("title") != "ErrorAnswer" and "Answer" in schema.get("title", ""):
            continue  # in every answer
        optional = "" if name in required else "optional, "
        yield f"| `{name}` | {optional}{_type(field)} | {cell(field.get('description', ''))} |"


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[`{name}`](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(entry) for entry in schema["anyOf"]) + _default(schema)
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"]) + _default(schema)
    if schema.get("type") == "array":
        return f"list{_limits(schema, 'minItems', 'maxItems')} of {_type(schema.get('items', {}))}"
    limits = _limits(schema, "minLength", "maxLength", " characters") or _limits(schema, "minimum", "maximum")
    kind = schema.get("format") or schema.get("type", "anything")
    pattern = f" `{cell(schema['pattern'])}`" if "pattern" in schema else ""
    constant = f" `{schema['const']}`" if "const" in schema else ""
    return f"{kind}{constant}{limits}{pattern}{_default(schema)}"


def _limits(schema: Mapping[str, Any], least: str, most: str, unit: str = "") -> str:
    low, high = schema.get(least), schema.get(most)
    if low is None and high is None:
        return ""
    if low is None:
        return f" to {high:,.0f}{unit}"
    return f" {low:,.0f} to {high:,.0f}{unit}" if high is not None else f" from {low:,.0f}{unit}"


def _default(schema: Mapping[str, Any]) -> str:
    return f", default `{schema['default']}`" if schema.get("default") is not None else ""


def cell(text: str) -> str:
    """Returns a text for one cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")
