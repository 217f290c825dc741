"""Lists, describes and calls every RPC by name: `./scripts/call`. Needs only server reflection.

Also works in a container: docker compose -f deploy/docker-compose.yml exec gateway python -m deploy.call
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import grpc
from dotenv import dotenv_values
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from servicekit.call_context import REQUEST_ID_HEADER
from servicekit.ids import new_id
from servicekit.korean_text.particles import choose_particles
from servicekit.remote_errors import read_remote_error
from servicekit.targets import grpc_target

_REPOSITORY = Path(__file__).resolve().parent.parent
_CONNECT_SECONDS = 2.0
_TYPE_NAMES = {
    number: name.removeprefix("TYPE_").lower() for name, number in vars(FieldDescriptor).items() if "TYPE_" in name[:5]
}
_EXAMPLES: dict[int, Any] = {FieldDescriptor.CPPTYPE_STRING: "", FieldDescriptor.CPPTYPE_BOOL: False}

_HELP = "gRPC 서비스의 메서드를 보고 부릅니다. 인자가 없으면 모두 나열합니다."
_NAME_HELP = "서비스, 메서드, 메시지 이름. 끝부분만 써도 됩니다: Predict, PredictionService/Predict"
_JSON_HELP = "요청 JSON. - 는 표준 입력. 스트림 메서드에는 여러 개를 이어 쓸 수 있습니다."
_ADDRESS_HELP = "host:port, 복제본이 여럿이면 쉼표로 잇습니다. 여러 번 쓸 수 있습니다. 기본: 이 스택의 세 서비스"
_NOBODY = "{address}에 연결할 수 없습니다. ./scripts/up으로 스택을 띄우거나 --address로 주소를 지정하세요."
_UNKNOWN = "‘{name}’을(를) 찾지 못했습니다. 이름은 ./scripts/call 로 볼 수 있습니다."
_SEVERAL = "‘{name}’에 해당하는 것이 여럿입니다: {names}"
_BAD_JSON = "요청을 읽을 수 없습니다: {error}\n{name}의 형식:\n{example}"


class CallFailed(Exception):
    """The call is not possible; the text tells the user why."""


class Door:
    """One server and its services, as listed by reflection."""

    def __init__(self, address: str) -> None:
        try:
            self.channel = grpc.insecure_channel(grpc_target(address), [("grpc.enable_http_proxy", 0)])
            grpc.channel_ready_future(self.channel).result(_CONNECT_SECONDS)
        except grpc.FutureTimeoutError:
            raise CallFailed(_NOBODY.format(address=address)) from None
        except ValueError as error:
            raise CallFailed(str(error)) from None
        database = ProtoReflectionDescriptorDatabase(self.channel)
        self.pool = DescriptorPool(database)
        names = [name for name in database.get_services() if not name.startswith("grpc.reflection.")]
        self.services: list[ServiceDescriptor] = [self.pool.FindServiceByName(name) for name in sorted(names)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="call", description=_HELP)
    parser.add_argument("name", nargs="?", help=_NAME_HELP)
    parser.add_argument("json", nargs="?", help=_JSON_HELP)
    parser.add_argument("--address", action="append", help=_ADDRESS_HELP)
    parser.add_argument("--header", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args(arguments)
    try:
        doors = _doors(options.address)
        if options.name is None:
            _print("\n\n".join(_summary(service) for door in doors for service in door.services))
        elif options.json is None:
            _print(_describe(doors, options.name))
        else:
            door, method = _find_method(doors, options.name)
            text = sys.stdin.read() if options.json == "-" else options.json
            headers = dict(header.split("=", 1) for header in options.header)
            _call(door, method, _requests(method, text), headers, options.seconds)
    except CallFailed as failure:
        print(failure, file=sys.stderr)  # noqa: T201
        return 1
    except grpc.RpcError as error:
        print(_refusal(error), file=sys.stderr)  # noqa: T201
        return 1
    except BrokenPipeError:  # the reader has closed the pipe: `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _doors(addresses: Sequence[str] | None) -> list[Door]:
    if addresses:
        return [Door(address) for address in addresses]
    doors: list[Door] = []
    failures: list[CallFailed] = []
    for address in _addresses():
        try:
            doors.append(Door(address))
        except CallFailed as failure:
            failures.append(failure)
    if not doors:
        raise failures[0]
    for problem in failures:
        print(problem, file=sys.stderr)  # noqa: T201
    return doors


def _addresses() -> Iterator[str]:
    """Yields host:port of each service: from the variables of the containers, otherwise those of `./scripts/up`."""
    environment = {
        **dotenv_values(_REPOSITORY / ".env"),
        **{name: value for name, value in os.environ.items() if value},
    }
    for name, port in (("PREDICTION", 50051), ("DATASET", 50053), ("CHAT", 50052)):
        yield environment.get(f"{name}_TARGET") or f"127.0.0.1:{environment.get(f'{name}_PORT') or port}"


def _methods(doors: Iterable[Door]) -> Iterator[tuple[Door, MethodDescriptor]]:
    return ((door, method) for door in doors for service in door.services for method in service.methods)


def _find_method(doors: Iterable[Door], name: str) -> tuple[Door, MethodDescriptor]:
    wanted = "." + name.strip("/").replace("/", ".")
    matches = {method.full_name: (door, method) for door, method in _methods(doors)
               if f".{method.full_name}".endswith(wanted)}  # fmt: skip
    if not matches:
        raise CallFailed(choose_particles(_UNKNOWN.format(name=name)))
    if len(matches) > 1:
        raise CallFailed(_SEVERAL.format(name=name, names=", ".join(_path(method) for _, method in matches.values())))
    return next(iter(matches.values()))


def _path(method: MethodDescriptor) -> str:
    return f"{method.containing_service.full_name}/{method.name}"


def _describe(doors: Sequence[Door], name: str) -> str:
    services = [service for door in doors for service in door.services if name in (service.full_name, service.name)]
    if services:
        return "\n\n".join(map(_summary, services))
    for message in _messages(method for _, method in _methods(doors)):
        if name in (message.full_name, message.name):
            return f"{_fields(message)}\n\n{_example_text(message)}"
    _, method = _find_method(doors, name)
    example = json.dumps(_example(method.input_type), ensure_ascii=False)
    line = f"./scripts/call {method.containing_service.name}/{method.name} '{example}'"
    return "\n\n".join([_signature(method), _fields(method.input_type), _fields(method.output_type), line])


def _messages(methods: Iterable[MethodDescriptor]) -> Iterator[Descriptor]:
    """Yields each message type used by the methods, directly or nested, once."""
    waiting = [message for method in methods for message in (method.input_type, method.output_type)]
    seen: set[str] = set()
    while waiting:
        message = waiting.pop()
        if message.full_name in seen:
            continue
        seen.add(message.full_name)
        yield message
        waiting += [field.message_type for field in message.fields if field.message_type is not None]


def _summary(service: ServiceDescriptor) -> str:
    return "\n".join([service.full_name, *(f"  {_signature(method)}" for method in service.methods)])


def _signature(method: MethodDescriptor) -> str:
    asks, answers = ("stream " if streams else "" for streams in (method.client_streaming, method.server_streaming))
    return f"rpc {method.name}({asks}{method.input_type.name}) returns ({answers}{method.output_type.name})"


def _fields(message: Descriptor) -> str:
    lines = []
    for field in message.fields:
        kind = field.message_type or field.enum_type
        type_name = kind.full_name if kind else _TYPE_NAMES[field.type]
        values = f"  // {', '.join(value.name for value in field.enum_type.values)}" if field.enum_type else ""
        repeated = "repeated " if field.is_repeated else ""
        lines.append(f"  {repeated}{type_name} {field.name} = {field.number};{values}")
    return "\n".join([f"message {message.full_name} {{", *lines, "}"])


def _example_text(message: Descriptor) -> str:
    return json.dumps(_example(message), ensure_ascii=False, indent=2)


def _example(message: Descriptor, above: tuple[str, ...] = ()) -> Any:
    """Returns a request template: every field, the first of each oneof, without recursion."""
    if message.full_name == "google.protobuf.Timestamp":
        return "2026-01-31T09:00:00Z"
    if message.full_name in above:
        return {}
    others = {field.name for oneof in message.oneofs for field in oneof.fields[1:]}
    above = (*above, message.full_name)
    return {field.name: _value(field, above) for field in message.fields if field.name not in others}


def _value(field: FieldDescriptor, above: tuple[str, ...]) -> Any:
    if field.message_type is not None:
        if field.message_type.GetOptions().map_entry:
            return {}
        value = _example(field.message_type, above)
    elif field.enum_type is not None:
        value = field.enum_type.values[-1].name
    else:
        value = _EXAMPLES.get(field.cpp_type, 0)
    return [value] if field.is_repeated else value


def _requests(method: MethodDescriptor, text: str) -> list[Any]:
    kind = message_factory.GetMessageClass(method.input_type)
    try:
        documents = list(_documents(text))
        return [json_format.ParseDict(document, kind()) for document in documents or [{}]]
    except (ValueError, json_format.ParseError) as error:
        example = _example_text(method.input_type)
        raise CallFailed(_BAD_JSON.format(error=error, name=method.input_type.full_name, example=example)) from None


def _documents(text: str) -> Iterator[Any]:
    decoder, rest = json.JSONDecoder(), text.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        yield document
        rest = rest[end:].strip()


def _call(
    door: Door, method: MethodDescriptor, requests: Sequence[Any], headers: Mapping[str, str], seconds: float
) -> None:
    kind = message_factory.GetMessageClass(method.output_type)
    # On the wire a single message is a stream of one, so this works for all four kinds of methods.
    call = door.channel.stream_stream(
        f"/{_path(method)}",
        request_serializer=lambda request: request.SerializeToString(),
        response_deserializer=kind.FromString,
    )
    metadata = tuple({REQUEST_ID_HEADER: new_id(), **headers}.items())
    for response in call(iter(requests), timeout=seconds, metadata=metadata):
        fields = json_format.MessageToJson(
            response, preserving_proto_field_name=True, always_print_fields_with_no_presence=True, ensure_ascii=False
        )
        _print(fields)


def _refusal(error: Any) -> str:
    remote = read_remote_error(error)
    lines = [f"{remote.code.name} {remote.reason}: {remote.message}"]
    lines += [f"  {name}: {value}" for name, value in remote.facts.items()]
    lines += [f"  {v.field}: {v.reason} ({v.description})" for v in remote.violations]
    return "\n".join(lines)


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
