"""The HTTP server: uvicorn, with our limits."""

import uvicorn

from gateway.connection import connection_kind
from gateway.main import create_app
from gateway.settings import GatewaySettings


def create_server(settings: GatewaySettings) -> uvicorn.Server:
    """Returns the server, ready to run. Told to stop, it finishes what is under way."""
    app = create_app(settings)
    return uvicorn.Server(
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
            proxy_headers=False,  # nothing here asks who the client is
            timeout_keep_alive=settings.keep_alive_seconds,
            timeout_graceful_shutdown=settings.drain_seconds,
        )
    )
