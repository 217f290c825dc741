"""A way to Valkey that may hang, be cut and come back, without touching the server that other tests use."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import sqlalchemy as sa


class MoodyRedis:
    """Passes bytes on to the real server. `hang` holds all of them back, `leave` refuses connections."""

    def __init__(self, real_url: str) -> None:
        self._real = sa.make_url(real_url)
        self._server: asyncio.Server | None = None
        self._may_pass = asyncio.Event()
        self._may_pass.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._port = 0

    @property
    def url(self) -> str:
        """URL of this way, without a database number."""
        return self._real.set(host="127.0.0.1", port=self._port).render_as_string(hide_password=False)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["MoodyRedis"]:
        """Passes on inside the block."""
        await self.come_back()
        try:
            yield self
        finally:
            await self.leave()

    def hang(self) -> None:
        """Takes everything and passes nothing on."""
        self._may_pass.clear()

    def go_on(self) -> None:
        """Passes on what was held back, and all that follows."""
        self._may_pass.set()

    async def leave(self) -> None:
        """Cuts every connection and takes no new one."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def come_back(self) -> None:
        """Takes connections, on the same port as before."""
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        copying: list[asyncio.Task[None]] = []
        try:
            real_reader, real_writer = await asyncio.open_connection(self._real.host, self._real.port)
            copying = [
                asyncio.create_task(self._copy(reader, real_writer)),
                asyncio.create_task(self._copy(real_reader, writer)),
            ]
            await asyncio.wait(copying, return_when=asyncio.FIRST_COMPLETED)
            real_writer.close()
        except asyncio.CancelledError:
            pass  # it was told to leave
        finally:
            for copy in copying:
                copy.cancel()
            self._tasks.discard(task)
            writer.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                await self._may_pass.wait()
                writer.write(data)
