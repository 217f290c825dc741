"""An HTTP server that accepts many new connections at once, alone or as one of several processes."""

import asyncio
import os
import socket
from functools import partial
from typing import Any

import uvicorn

from servicekit.process_group import Membership

# More listeners would mostly be woken in vain for a single connection.
_ACCEPTED_AT_ONCE = 32
# By then, what was accepted before a stop is a connection.
_ACCEPTED_SECONDS = 0.05


class Server(uvicorn.Server):
    """Listens on each socket many times, because uvloop accepts one connection per listener and loop iteration.

    With a single listener, a busy loop accepts a few dozen a second, and some clients wait until it is idle. A member
    of a group listens on the socket of the group. With `drain_seconds`, that is how long requests may take to finish at
    a stop, for a configuration that is made elsewhere.
    """

    membership: Membership | None = None
    drain_seconds: int | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to accept connections."""
        if self.drain_seconds is not None:
            self.config.timeout_graceful_shutdown = self.drain_seconds
        membership = self.membership
        if membership is not None:
            for own in sockets or ():
                own.close()
            sockets = [membership.listening]
        await super().startup(sockets)
        self.new_connection = new_connection = partial(
            self.config.http_protocol_class,  # type: ignore[call-arg]
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        loop = asyncio.get_running_loop()
        for listening in [one for server in self.servers for one in server.sockets]:
            for _ in range(_ACCEPTED_AT_ONCE - 1):
                again = socket.socket(fileno=os.dup(listening.fileno()))
                self.servers.append(await loop.create_server(new_connection, sock=again, backlog=self.config.backlog))
        if membership is not None:
            membership.report(self._stop)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Takes no new connections, and ends those there are; also those that were being accepted just now."""
        told = set(self.server_state.connections)
        asyncio.get_running_loop().call_later(_ACCEPTED_SECONDS, self._tell_others, told)
        await super().shutdown(sockets)

    def _tell_others(self, told: set[Any]) -> None:
        for connection in self.server_state.connections - told:
            connection.shutdown()

    def _stop(self) -> None:
        self.should_exit = True
