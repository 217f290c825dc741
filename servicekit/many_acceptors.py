"""An HTTP server that takes many new connections at once."""

import socket

import uvicorn

# More would mostly be woken for nothing, each time a single connection comes.
_ACCEPTED_AT_ONCE = 32


class Server(uvicorn.Server):
    """Listens on each socket many times: uvloop accepts one connection for each in one round of its loop.

    With one, a busy loop accepts a few dozen a second, and some clients wait until it is idle.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to accept connections."""
        listening = sockets or [self.config.bind_socket()]
        await super().startup([*listening, *(one.dup() for one in listening for _ in range(_ACCEPTED_AT_ONCE - 1))])
