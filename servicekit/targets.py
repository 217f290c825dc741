"""Targets of services: `host:port`, or one such address for each replica, separated by commas.

A host name may resolve to several replicas, as in containers. In a list the hosts are numeric, because gRPC resolves
one name only: `10.0.0.1:50051,10.0.0.2:50051`.
"""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator


def grpc_target(target: str) -> str:
    """Returns the target in the notation of gRPC. Raises `ValueError` for a list that gRPC cannot use."""
    addresses = [address.strip() for address in target.split(",")]
    if len(addresses) == 1:
        return target.strip()
    versions = {_ip_version(address) for address in addresses}
    if len(versions) > 1:
        raise ValueError(f"Addresses of one kind are needed, IPv4 or IPv6: {target}")
    return f"ipv{versions.pop()}:{','.join(addresses)}"


def _ip_version(address: str) -> int:
    host, _, port = address.rpartition(":")
    if not port.isdecimal():
        raise ValueError(f"Not host:port: {address!r}")
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).version
    except ValueError:
        raise ValueError(f"In a list of replicas, hosts are numeric addresses, not names: {address!r}") from None


def _check(target: str) -> str:
    grpc_target(target)
    return target


Target = Annotated[str, AfterValidator(_check)]
"""A setting that is a target."""
