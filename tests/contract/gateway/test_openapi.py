"""The description of the gateway is complete: a client needs nothing else."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import jsonschema  # type: ignore[import-untyped]
import pytest
from fastapi.routing import APIRoute

from gateway.errors import RETRY_AFTER_SECONDS
from gateway.main import _ROUTERS
from prediction_service.accident import NUMBER_RANGES
from servicekit.ids import new_id
from tests.contract.gateway.fake_services import FakeBatches, FakePredictions

UNSAFE = {"post", "put", "patch", "delete"}
# What a service does so many of at a time, and then says that it is busy.
BOUNDED = {
    "POST /api/predict/eclo/batch",
    "POST /api/datasets/upload",
    "POST /api/chat/message",
    "POST /api/chat/message/stream",
}


class Operation(NamedTuple):
    """One method of one path, as described."""

    path: str
    method: str
    entry: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def statuses(self) -> set[str]:
        return set(self.entry["responses"])

    @property
    def json_body(self) -> dict[str, Any]:
        """Schema of the JSON body; empty when it takes none."""
        content = self.entry.get("requestBody", {}).get("content", {})
        schema: dict[str, Any] = content.get("application/json", {}).get("schema", {})
        return schema


@pytest.fixture(scope="module")
async def description(gateway: httpx.AsyncClient) -> dict[str, Any]:
    entry: dict[str, Any] = (await gateway.get("/openapi.json")).json()
    return entry


def operations(description: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in description["paths"].items():
        for method, entry in methods.items():
            yield Operation(path, method, entry)


def lacking(description: dict[str, Any], needed: dict[str, set[str]]) -> list[str]:
    """Returns the operations that do not declare all statuses they need, by the operation's name."""
    return [
        f"{operation}: {sorted(needed[str(operation)] - operation.statuses)}"
        for operation in operations(description)
        if not needed[str(operation)] <= operation.statuses
    ]


async def test_every_route_is_described(description: dict[str, Any]) -> None:
    routes = {
        f"{method} {route.path}"
        for router in _ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.include_in_schema
        for method in route.methods or ()
    }
    assert {str(operation) for operation in operations(description)} == routes


async def test_every_operation_says_what_it_does(description: dict[str, Any]) -> None:
    silent = [
        str(operation)
        for operation in operations(description)
        if not all(operation.entry.get(name) for name in ("summary", "description", "tags", "operationId"))
    ]
    assert silent == []


async def test_every_operation_has_a_name_of_its_own(description: dict[str, Any]) -> None:
    names = [operation.entry["operationId"] for operation in operations(description)]
    assert sorted(names) == sorted(set(names))
    assert {"predict", "create_batch", "get_health"} <= set(names)


async def test_every_parameter_says_what_it_is(description: dict[str, Any]) -> None:
    silent = [
        f"{operation}: {parameter['name']}"
        for operation in operations(description)
        for parameter in operation.entry.get("parameters", ())
        if not parameter.get("description")
    ]
    assert silent == []


async def test_every_field_says_what_it_is(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    silent = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, entry in schema.get("properties", {}).items()
        if not entry.get("description") and not schemas[entry.get("$ref", "/").rpartition("/")[2]].get("description")
    ]
    assert silent == []


async def test_everything_a_caller_sends_tells_its_limits(description: dict[str, Any]) -> None:
    without = [
        f"{where}: {schema}"
        for where, schema in sent_schemas(description)
        if not {"enum", "const"} & schema.keys()
        and (
            (schema.get("type") in ("integer", "number") and not {"minimum", "maximum"} <= schema.keys())
            or (schema.get("type") == "string" and not {"maxLength", "format", "pattern"} & schema.keys())
            or (schema.get("type") == "array" and "maxItems" not in schema)
        )
    ]
    assert without == []


async def test_ranges_of_an_accident_are_those_the_service_takes(description: dict[str, Any]) -> None:
    fields = description["components"]["schemas"]["AccidentBody"]["properties"]
    told = {name: (field["minimum"], field["maximum"]) for name, field in fields.items() if "minimum" in field}
    assert told == {name: tuple(limits) for name, limits in NUMBER_RANGES.items()}


async def test_numbers_beyond_the_limits_of_a_query_are_refused(
    gateway: httpx.AsyncClient, description: dict[str, Any]
) -> None:
    beyond = [
        (re.sub(r"\{.*?\}", new_id(), path), parameter["name"], number)
        for path, operations in description["paths"].items()
        for parameter in operations.get("get", {}).get("parameters", ())
        if parameter["schema"].get("type") == "integer"
        for number in (parameter["schema"]["minimum"] - 1, parameter["schema"]["maximum"] + 1)
    ]
    assert beyond
    for path, name, number in beyond:
        refused = await gateway.get(path, params={name: number})
        assert (refused.status_code, refused.json()["details"][0]["field"]) == (422, name), path


def sent_schemas(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields what callers send, parameters and bodies, down to the last part, with the place where it stands."""
    named, seen = description["components"]["schemas"], set()

    def parts(where: str, schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        name = schema.get("$ref", "").rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            yield from parts(name, named[name])
        yield where, schema
        inner = schema.get("properties", {}) | ({"[]": schema["items"]} if "items" in schema else {})
        for key, part in inner.items():
            yield from parts(f"{where}.{key}", part)
        for choice in [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]:
            yield from parts(where, choice)

    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", ()):
                yield from parts(f"{method} {path} {parameter['name']}", parameter["schema"])
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield from parts(f"{method} {path}", content["schema"])


async def test_every_schema_says_what_it_is(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    assert [name for name, schema in schemas.items() if not schema.get("description")] == []


async def test_every_success_has_a_shape(description: dict[str, Any]) -> None:
    shapeless = [
        f"{operation} {status}"
        for operation in operations(description)
        for status in operation.statuses
        if status.startswith("2")
        for media in operation.entry["responses"][status]["content"].values()
        if not (media.get("schema") or media.get("itemSchema"))  # one of each item of a stream
    ]
    assert shapeless == []


async def test_every_refusal_has_the_one_shape(description: dict[str, Any]) -> None:
    def has_the_shape(schema: dict[str, Any]) -> bool:
        name = schema["$ref"].rpartition("/")[2]
        return set(schemas["ErrorAnswer"]["required"]) <= set(schemas[name]["required"])

    schemas = description["components"]["schemas"]
    odd = [
        f"{operation} {status}"
        for operation in operations(description)
        for status in operation.statuses
        if not status.startswith("2")
        for schema in [operation.entry["responses"][status]["content"]["application/json"]["schema"]]
        if not any(map(has_the_shape, schema.get("anyOf", [schema])))
    ]
    assert odd == []


async def test_no_shape_of_the_framework_is_left(description: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in description["components"]["schemas"]


async def test_every_operation_declares_how_it_may_refuse(description: dict[str, Any]) -> None:
    needed = {}
    for operation in operations(description):
        statuses = {"400", "413", "431", "500", "503"}
        if operation.method in UNSAFE:
            statuses |= {"403", "415"}
        if operation.json_body:
            statuses |= {"408", "422"}
        if operation.entry.get("parameters"):
            statuses |= {"422"}
        if "{" in operation.path:
            statuses |= {"404"}
        if not operation.path.startswith("/health"):
            statuses |= {"504"}
        if str(operation) in BOUNDED:
            statuses |= {"429"}
        needed[str(operation)] = statuses
    assert lacking(description, needed) == []


async def test_refusal_worth_another_try_says_when(description: dict[str, Any]) -> None:
    silent = [
        f"{operation} {status}"
        for operation in operations(description)
        for status in set(map(str, RETRY_AFTER_SECONDS)) & operation.statuses
        if "Retry-After" not in operation.entry["responses"][status].get("headers", {})
    ]
    assert silent == []


def examples(description: dict[str, Any]) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Yields every example of every schema with where it stands and the schema it is for."""
    for name, schema in description["components"]["schemas"].items():
        for example in schema.get("examples", ()):
            yield name, example, schema
        for field, entry in schema.get("properties", {}).items():
            for example in entry.get("examples", ()):
                yield f"{name}.{field}", example, entry


async def test_every_example_is_valid(description: dict[str, Any]) -> None:
    seen = 0
    for where, example, schema in examples(description):
        validator = jsonschema.Draft202012Validator(schema | {"components": description["components"]})
        assert not list(validator.iter_errors(example)), where
        seen += 1
    assert seen > 10


async def test_every_body_has_an_example(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    without = []
    for operation in operations(description):
        if operation.json_body:
            schema = schemas[operation.json_body["$ref"].rpartition("/")[2]]
            required = (schema["properties"][field] for field in schema.get("required", ()))
            if "examples" not in schema and not all("examples" in entry for entry in required):
                without.append(str(operation))
    assert without == []


@pytest.mark.parametrize("path", ["/api/predict/eclo", "/api/predict/eclo/batch"])
async def test_examples_work(
    gateway: httpx.AsyncClient,
    description: dict[str, Any],
    predictions: FakePredictions,
    batches: FakeBatches,
    path: str,
) -> None:
    schema = description["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    for example in description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["examples"]:
        assert (await gateway.post(path, json=example)).is_success
