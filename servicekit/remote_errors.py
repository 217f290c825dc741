"""Parses the error of a called service, as written by interceptors.py."""

from dataclasses import dataclass, field
from typing import Any

import grpc
from google.rpc import error_details_pb2, status_pb2

from servicekit.errors import FieldViolation, Refused

_DETAILS_KEY = "grpc-status-details-bin"
# Message of grpc.aio when a call ends while a request is being written, before its status is known.
_BROKEN_WHILE_WRITING = "Internal error from Core"
_REASON_BY_CODE = {
    grpc.StatusCode.UNAVAILABLE: "SERVICE_UNAVAILABLE",
    grpc.StatusCode.DEADLINE_EXCEEDED: "DEADLINE_PASSED",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "SERVICE_BUSY",
    grpc.StatusCode.UNIMPLEMENTED: "NOT_IMPLEMENTED",
}


@dataclass(frozen=True, slots=True)
class RemoteError:
    """Why a call failed. `reason` comes from the service, or from the transport if the service did not answer."""

    code: grpc.StatusCode
    reason: str
    message: str
    facts: dict[str, str] = field(default_factory=dict)
    violations: tuple[FieldViolation, ...] = ()


def read_remote_error(error: Any) -> RemoteError:
    """Returns the facts of a failed call, of `grpc` or `grpc.aio`."""
    code, message = error.code(), error.details() or ""
    trailing: Any = error.trailing_metadata() or ()
    packed = dict(trailing).get(_DETAILS_KEY)
    if packed is None and message == _BROKEN_WHILE_WRITING:
        return RemoteError(grpc.StatusCode.UNAVAILABLE, "SERVICE_UNAVAILABLE", message)
    transport_reason = _REASON_BY_CODE.get(code, "INTERNAL")
    if packed is None:
        return RemoteError(code, transport_reason, message)
    info, bad_request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status_pb2.Status.FromString(packed).details:
        for kind in (info, bad_request):
            if detail.Is(kind.DESCRIPTOR):
                detail.Unpack(kind)
    violations = tuple(FieldViolation(v.field, v.reason, v.description) for v in bad_request.field_violations)
    return RemoteError(code, info.reason or transport_reason, message, dict(info.metadata), violations)


class PassedOn(Refused):
    """The refusal of a called service, passed on: its reason, message, facts and fields."""

    def __init__(self, error: grpc.aio.AioRpcError) -> None:
        remote = read_remote_error(error)
        super().__init__(remote.reason, remote.message, violations=remote.violations, **remote.facts)
