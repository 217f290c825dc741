"""Health check of one process for a container engine: `python -m servicekit.probe`, exit code 0 or 1.

    probe 127.0.0.1:50051 daegu.prediction.v1.PredictionService     grpc.health.v1, one service or dependency by name
    probe http://127.0.0.1:8000/health/live                         any answer below 400
    probe /tmp/worker-alive 10                                      a file touched within this many seconds

An engine runs it every few seconds in every container. Importing grpc would take ten times as long, so this speaks
HTTP/2 without TLS itself for the one call, with few imports (`python -S` is enough).
"""

import socket
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_SECONDS = 2.0
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RST_STREAM, _SETTINGS, _GOAWAY = 0x0, 0x1, 0x3, 0x4, 0x7
_END_STREAM, _END_HEADERS, _ACK = 0x1, 0x4, 0x1
_STREAM = 1
_SERVING = 1


class NotServing(Exception):
    """What was checked does not work; the message is the answer."""


def main(arguments: list[str]) -> int:
    """Returns the exit code; prints what is wrong to stderr."""
    try:
        match arguments:
            case [url] if url.startswith("http://"):
                probe_http(url)
            case [path, seconds] if "/" in path:
                probe_file(Path(path), float(seconds))
            case [address, service]:
                probe_grpc(address, service)
            case _:
                print(__doc__, file=sys.stderr)  # noqa: T201
                return 2
    except (NotServing, OSError, ValueError) as error:
        print(f"{arguments[0]}: {error or type(error).__name__}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def probe_http(url: str) -> None:
    """Requests a URL. Raises `NotServing` when the answer is an error."""
    address, _, path = url.removeprefix("http://").partition("/")
    request = f"GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    with _connected(address) as connection:
        connection.sendall(request.encode())
        with connection.makefile("rb") as answer:
            words = answer.readline(1000).decode("latin-1").split()
    if not (len(words) > 1 and words[1].isdigit() and 200 <= int(words[1]) < 400):
        raise NotServing(f"answers {' '.join(words)!r}")


def probe_file(path: Path, seconds: float) -> None:
    """Raises `NotServing` when the file was not touched for that long."""
    age = time.time() - path.stat().st_mtime
    if age > seconds:
        raise NotServing(f"last touched {age:.0f} s ago")


def probe_grpc(address: str, service: str) -> None:
    """Calls grpc.health.v1.Health/Check at `host:port`. Raises `NotServing` for any answer but SERVING."""
    name = service.encode()
    message = b"\x0a" + bytes([len(name)]) + name if name else b""  # HealthCheckRequest.service, below 128 bytes
    with _connected(address) as connection:
        connection.sendall(
            _PREFACE
            + _frame(_SETTINGS, 0, 0, b"")
            + _frame(_HEADERS, _END_HEADERS, _STREAM, _request_headers(address))
            + _frame(_DATA, _END_STREAM, _STREAM, struct.pack(">BI", 0, len(message)) + message)
        )
        status = _read_status(connection)
    if status != _SERVING:
        raise NotServing(f"{service} is not serving")


def _connected(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=_SECONDS)


def _request_headers(authority: str) -> bytes:
    fields = {
        ":method": "POST",
        ":scheme": "http",
        ":path": "/grpc.health.v1.Health/Check",
        ":authority": authority,
        "te": "trailers",
        "content-type": "application/grpc",
        "grpc-timeout": f"{2 * _SECONDS:.0f}S",  # our own timeout comes first
    }
    return b"".join(b"\0" + _text(name) + _text(value) for name, value in fields.items())  # literal, not indexed


def _text(value: str) -> bytes:
    return bytes([len(value)]) + value.encode()  # below 127 bytes, no Huffman code


def _read_status(connection: socket.socket) -> int:
    """Returns HealthCheckResponse.status, 0 when it is left out."""
    for kind, flags, stream, payload in _frames(connection):
        if kind == _SETTINGS and not flags & _ACK:
            connection.sendall(_frame(_SETTINGS, _ACK, 0, b""))
        elif kind == _DATA and stream == _STREAM:
            message = payload[5:]  # after one byte for compression and four for the length
            return message[1] if message[:1] == b"\x08" else 0
        elif kind == _GOAWAY or (stream == _STREAM and (kind == _RST_STREAM or flags & _END_STREAM)):
            raise NotServing("refused")  # stopping, or an unknown name
    raise NotServing("closed the connection")


def _frames(connection: socket.socket) -> Iterator[tuple[int, int, int, bytes]]:
    with connection.makefile("rb") as stream:
        while len(head := stream.read(9)) == 9:
            high, low, kind, flags, stream_id = struct.unpack(">BHBBI", head)
            yield kind, flags, stream_id, stream.read(high << 16 | low)


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">BHBBI", len(payload) >> 16, len(payload) & 0xFFFF, kind, flags, stream) + payload


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
