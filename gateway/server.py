"""The HTTP server: uvicorn with the limits of the settings."""

import uvicorn

from gateway.connection import connection_kind
from gateway.main import create_app
from gateway.settings import GatewaySettings
from servicekit.many_acceptors import Server
from servicekit.process_group import Membership


def create_server(settings: GatewaySettings, membership: Membership | None = None) -> Server:
    """Returns the server, ready to run, alone or as one of several processes.

    On a stop signal it finishes the requests in flight.
    """
    app = create_app(settings, membership)
    server = Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            loop="uvloop",
            http=connection_kind(settings, app.admission),
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # the client's address is not used
            timeout_keep_alive=settings.keep_alive_seconds,
            timeout_graceful_shutdown=settings.drain_seconds,
        )
    )
    server.membership = membership
    return server
