"""Runs the gateway: `python -m gateway`."""

import gc

import uvicorn

from gateway.main import create_app
from gateway.patience import PatientProtocol
from gateway.settings import GatewaySettings
from servicekit.logs import configure_logs


def main() -> None:
    """Reads the settings, sets up the logs and serves until told to stop."""
    settings = GatewaySettings()
    configure_logs("gateway", settings.log_format, settings.log_level)
    app = create_app(settings)
    # What exists now lives as long as the process: the collector need not look at it again during requests.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)
    PatientProtocol.header_seconds = settings.header_seconds
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=PatientProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.drain_seconds,
    )


if __name__ == "__main__":
    main()
