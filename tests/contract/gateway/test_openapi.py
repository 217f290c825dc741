"""The description of the gateway is complete: a client needs nothing else."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import jsonschema  # type: ignore[import-untyped]
import pytest
from fastapi.routing import APIRoute

from gateway.errors import RETRY_AFTER_SECONDS
from gateway.main import _ROUTERS
from prediction_service.accident import NUMBER_RANGES
from tests.contract.gateway.fake_datasets import UNKNOWN_ID
from tests.contract.gateway.running_gateway import Gateway, refused_fields

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
    def responses(self) -> dict[str, Any]:
        responses: dict[str, Any] = self.entry["responses"]
        return responses

    @property
    def bodies(self) -> dict[str, Any]:
        """What it takes, by content type."""
        bodies: dict[str, Any] = self.entry.get("requestBody", {}).get("content", {})
        return bodies


@pytest.fixture(scope="module")
async def description(shared_gateway: Gateway) -> dict[str, Any]:
    entry: dict[str, Any] = (await shared_gateway.get("/openapi.json")).json()
    return entry


@pytest.fixture(scope="module")
def schemas(description: dict[str, Any]) -> dict[str, Any]:
    schemas: dict[str, Any] = description["components"]["schemas"]
    return schemas


@pytest.fixture(scope="module")
def operations(description: dict[str, Any]) -> list[Operation]:
    return [Operation(path, *entry) for path, methods in description["paths"].items() for entry in methods.items()]


def name_in(schema: dict[str, Any]) -> str:
    """Returns the name of the schema it refers to, if any."""
    return str(schema.get("$ref", "")).rpartition("/")[2]


def test_every_route_is_described(operations: list[Operation]) -> None:
    routes = {
        f"{method} {route.path}"
        for router in _ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.include_in_schema
        for method in route.methods or ()
    }
    assert {str(operation) for operation in operations} == routes


def test_everything_says_what_it_is(operations: list[Operation], schemas: dict[str, Any]) -> None:
    told = {
        f"{operation} {name}": operation.entry.get(name)
        for operation in operations
        for name in ("summary", "description", "tags", "operationId")
    }
    told |= {
        f"{operation}: {parameter['name']}": parameter.get("description")
        for operation in operations
        for parameter in operation.entry.get("parameters", ())
    }
    told |= {name: schema.get("description") for name, schema in schemas.items()}
    told |= {
        f"{name}.{field}": entry.get("description") or schemas.get(name_in(entry), {}).get("description")
        for name, schema in schemas.items()
        for field, entry in schema.get("properties", {}).items()
    }
    assert [name for name, words in told.items() if not words] == []
    assert "HTTPValidationError" not in schemas  # of the framework


def test_every_operation_has_a_name_of_its_own(operations: list[Operation]) -> None:
    names = [operation.entry["operationId"] for operation in operations]
    assert sorted(names) == sorted(set(names))
    assert {"predict", "create_batch", "get_health"} <= set(names)


def test_everything_a_caller_sends_tells_its_limits(operations: list[Operation], schemas: dict[str, Any]) -> None:
    without = [
        f"{where}: {schema}"
        for where, schema in sent_schemas(operations, schemas)
        if not {"enum", "const"} & schema.keys()
        and (
            (schema.get("type") in ("integer", "number") and not _has_limits(schema) and ".value" not in where)
            or (schema.get("type") == "string" and not {"maxLength", "format", "pattern"} & schema.keys())
            or (schema.get("type") == "array" and "maxItems" not in schema)
        )
    ]
    assert without == []


def test_ranges_of_an_accident_are_those_the_service_takes(schemas: dict[str, Any]) -> None:
    fields = schemas["AccidentBody"]["properties"]
    told = {name: (field["minimum"], field["maximum"]) for name, field in fields.items() if "minimum" in field}
    assert told == {name: tuple(limits) for name, limits in NUMBER_RANGES.items()}


async def test_numbers_beyond_the_limits_of_a_query_are_refused(gateway: Gateway, operations: list[Operation]) -> None:
    beyond = [
        (re.sub(r"\{.*?\}", UNKNOWN_ID, operation.path), parameter["name"], number)
        for operation in operations
        if operation.method == "get"
        for parameter in operation.entry.get("parameters", ())
        if parameter["schema"].get("type") == "integer"
        for number in (parameter["schema"]["minimum"] - 1, parameter["schema"]["maximum"] + 1)
    ]
    assert beyond
    for path, name, number in beyond:
        assert [*refused_fields(await gateway.get(path, params={name: number}))] == [name], path


def _has_limits(schema: dict[str, Any]) -> bool:
    return {"minimum", "maximum"} <= {key.replace("exclusiveM", "m") for key in schema}


def sent_schemas(operations: list[Operation], schemas: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields what callers send, parameters and bodies, down to the last part, with its place."""
    seen = set()

    def parts(where: str, schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        name = name_in(schema)
        if name and name not in seen:
            seen.add(name)
            yield from parts(name, schemas[name])
        yield where, schema
        inner = schema.get("properties", {}) | ({"[]": schema["items"]} if "items" in schema else {})
        for key, part in inner.items():
            yield from parts(f"{where}.{key}", part)
        for choice in [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]:
            yield from parts(where, choice)

    for operation in operations:
        for parameter in operation.entry.get("parameters", ()):
            yield from parts(f"{operation} {parameter['name']}", parameter["schema"])
        for content in operation.bodies.values():
            yield from parts(str(operation), content["schema"])


def test_every_answer_has_a_shape_and_every_refusal_the_one(
    operations: list[Operation], schemas: dict[str, Any]
) -> None:
    def is_refusal(schema: dict[str, Any]) -> bool:
        return {*schemas["ErrorAnswer"]["required"]} <= {*schemas[name_in(schema)]["required"]}

    def has_its_shape(status: str, content: dict[str, Any]) -> bool:
        if status.startswith("2"):  # in a stream one of each item
            return all(media.get("schema") or media.get("itemSchema") for media in content.values())
        schema = content["application/json"]["schema"]
        return any(map(is_refusal, schema.get("anyOf", [schema])))

    odd = [
        f"{operation} {status}"
        for operation in operations
        for status, response in operation.responses.items()
        if not has_its_shape(status, response["content"])
    ]
    assert odd == []


def test_every_operation_declares_how_it_may_refuse_and_when_to_try_again(operations: list[Operation]) -> None:
    for operation in operations:
        needed = {"400", "413", "431", "500", "503"}
        if operation.method in UNSAFE:
            needed |= {"403", "415"}
        if "application/json" in operation.bodies:
            needed |= {"408", "422"}
        if operation.entry.get("parameters"):
            needed |= {"422"}
        if "{" in operation.path:
            needed |= {"404"}
        if not operation.path.startswith("/health"):
            needed |= {"504"}
        if str(operation) in BOUNDED:
            needed |= {"429"}
        assert needed <= operation.responses.keys(), operation
        for status in set(map(str, RETRY_AFTER_SECONDS)) & operation.responses.keys():
            assert "Retry-After" in operation.responses[status].get("headers", {}), operation


def test_every_example_is_valid(schemas: dict[str, Any]) -> None:
    examples = [
        (where, example, schema)
        for name, whole in schemas.items()
        for where, schema in ((name, whole), *whole.get("properties", {}).items())
        for example in schema.get("examples", ())
    ]
    for where, example, schema in examples:
        validator = jsonschema.Draft202012Validator(schema | {"components": {"schemas": schemas}})
        assert not list(validator.iter_errors(example)), where
    assert len(examples) > 10


async def test_every_body_has_an_example_and_those_of_predictions_work(
    gateway: Gateway, operations: list[Operation], schemas: dict[str, Any]
) -> None:
    for operation in operations:
        if "application/json" in operation.bodies:
            schema = schemas[name_in(operation.bodies["application/json"]["schema"])]
            required = (schema["properties"][field] for field in schema.get("required", ()))
            assert "examples" in schema or all("examples" in entry for entry in required), operation
            if operation.path.startswith("/api/predict"):
                for example in schema["examples"]:
                    assert (await gateway.post(operation.path, json=example)).is_success
