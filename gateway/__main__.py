"""Runs the gateway: `python -m gateway`."""

import gc
import signal
import sys

from gateway.server import create_server
from gateway.settings import GatewaySettings
from servicekit.logs import configure_logs
from servicekit.tracing import start_tracing


def main() -> None:
    """Reads the settings, sets up logging and serves until a stop signal."""
    # Uvicorn shuts down gracefully and then raises the signal again; a requested stop is not a failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    settings = GatewaySettings()
    configure_logs("gateway", settings.log_format, settings.log_level)
    start_tracing("gateway", settings)
    server = create_server(settings)
    # Everything allocated so far lives as long as the process: the garbage collector can skip it during requests.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)
    server.run()


if __name__ == "__main__":
    main()
