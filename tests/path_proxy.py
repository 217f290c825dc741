"""A reverse proxy that serves one server under a path."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from scripts.benchmarks.processes import free_port

_PIECE_BYTES = 64 * 1024


@contextmanager
def proxy_under(path: str, server: str, *, takes_path_off: bool) -> Iterator[str]:
    """Yields the URL of the server behind the proxy, with a path such as `/daegu`."""
    port = free_port()
    loop = asyncio.new_event_loop()
    is_ready = threading.Event()
    url = urlsplit(server)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, rest = head.split(b" ", 2)
            if not target.startswith(f"{path}/".encode()):
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
                return
            target = target.removeprefix(path.encode()) if takes_path_off else target
            if b"\r\nupgrade: websocket" not in head.lower():  # one request per connection
                rest = rest.replace(b"\r\nConnection: keep-alive", b"\r\nConnection: close", 1)
            behind, ahead = await asyncio.open_connection(url.hostname, url.port)
            ahead.write(b" ".join((method, target, rest)))
            await asyncio.gather(_pass(reader, ahead), _pass(behind, writer))
        writer.close()

    async def run() -> None:
        async with await asyncio.start_server(serve, "127.0.0.1", port):
            is_ready.set()
            await asyncio.Event().wait()

    def work() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has stopped
            loop.run_until_complete(run())

    threading.Thread(target=work, daemon=True).start()
    is_ready.wait()
    yield f"http://127.0.0.1:{port}{path}"
    loop.call_soon_threadsafe(loop.stop)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE_BYTES):
        writer.write(piece)
        await writer.drain()
    writer.close()
