"""Refusals of the chat service that its code catches."""

import grpc

from servicekit.errors import Refused
from servicekit.remote_errors import read_remote_error


class ProviderTrouble(Refused):
    """A temporary failure of the provider, after which a retry may work.

    The fact `retry_after_seconds` has the provider's wait, if any.
    """


class KeyInvalid(Refused):
    """The key is malformed, or the provider does not accept it."""


class PassedOn(Refused):
    """The refusal of a called service, passed on: its reason, message, facts and fields."""

    def __init__(self, error: grpc.aio.AioRpcError) -> None:
        remote = read_remote_error(error)
        super().__init__(remote.reason, remote.message, violations=remote.violations, **remote.facts)
