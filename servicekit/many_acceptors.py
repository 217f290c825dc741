"""An HTTP server that accepts many new connections at once, alone or as one of several processes."""

import asyncio
import os
import socket
from functools import partial

import uvicorn

from servicekit.process_group import Membership

# More listeners would mostly be woken in vain for a single connection.
_ACCEPTED_AT_ONCE = 32


class Server(uvicorn.Server):
    """Listens on each socket many times, because uvloop accepts one connection per listener and loop iteration.

    With a single listener, a busy loop accepts a few dozen a second, and some clients wait until it is idle. A member
    of a group listens on the socket of the group.
    """

    membership: Membership | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to accept connections."""
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

    def _stop(self) -> None:
        self.should_exit = True
