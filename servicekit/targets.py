"""Targets of services: `host:port`, or one such address for each replica, separated by commas.

A host name may resolve to several replicas, as in containers. In a list the hosts are numeric, because gRPC resolves
one name only: `10.0.0.1:50051,10.0.0.2:50051`.
"""

import asyncio
import ipaddress
import socket
from typing import Annotated

from pydantic import AfterValidator


def grpc_target(target: str) -> str:
    """Returns the target in the notation of gRPC. Raises `ValueError` for a list that gRPC cannot use."""
    addresses = _split(target)
    if len(addresses) == 1:
        return addresses[0]
    versions = {_ip_version(address) for address in addresses}
    if None in versions:
        raise ValueError(f"In a list of replicas, hosts are numeric addresses, not names: {target}")
    if len(versions) > 1:
        raise ValueError(f"Addresses of one kind are needed, IPv4 or IPv6: {target}")
    return f"ipv{versions.pop()}:{','.join(addresses)}"


async def find_addresses(target: str) -> frozenset[str]:
    """Returns the numeric `host:port` of each replica. Raises `OSError` when a name cannot be resolved."""
    addresses = _split(target)
    if all(map(_ip_version, addresses)):
        return frozenset(addresses)
    host, _, port = addresses[0].rpartition(":")
    records = await asyncio.get_running_loop().getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
    # A replica with addresses of both kinds would be taken for two; AF_INET is the lower number.
    family = min(record[0] for record in records)
    hosts = {record[4][0] for record in records if record[0] == family}
    return frozenset(f"[{host}]:{port}" if family == socket.AF_INET6 else f"{host}:{port}" for host in hosts)


def _split(target: str) -> list[str]:
    addresses = [address.strip() for address in target.split(",")]
    for address in addresses:
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal() or (":" in host and not _ip_version(address)):
            raise ValueError(f"Not host:port: {address!r}")
    return addresses


def _ip_version(address: str) -> int | None:
    host = address.rpartition(":")[0]
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).version
    except ValueError:
        return None


def _check(target: str) -> str:
    grpc_target(target)
    return target


Target = Annotated[str, AfterValidator(_check)]
"""A setting that is a target."""
