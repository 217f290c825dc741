"""An HTTP server that accepts many new connections at once."""

import asyncio
import os
import socket
from functools import partial

import uvicorn

# More listeners would mostly be woken in vain for a single connection.
_ACCEPTED_AT_ONCE = 32


class Server(uvicorn.Server):
    """Listens on each socket many times, because uvloop accepts one connection per listener and loop iteration.

    With a single listener, a busy loop accepts a few dozen a second, and some clients wait until it is idle.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to accept connections."""
        await super().startup(sockets)
        new_connection = partial(
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
