"""Runs the gateway: `python -m gateway`."""

import gc
import signal
import sys
from functools import partial

from gateway.settings import GatewaySettings
from servicekit.group_metrics import serving_group_metrics
from servicekit.logs import configure_logs
from servicekit.process_group import join_group, run_group
from servicekit.tracing import start_tracing

_UNWIND_SECONDS = 5.0  # what a stop takes besides finishing requests


def main() -> None:
    """Reads the settings, sets up logging and serves until a stop signal."""
    # Uvicorn shuts down gracefully and then raises the signal again; a requested stop is not a failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    settings = GatewaySettings()
    configure_logs("gateway", settings.log_format, settings.log_level)
    membership = join_group()
    if membership is None and settings.processes > 1:
        run_group(
            (sys.executable, "-m", "gateway"),
            settings.processes,
            (settings.host, settings.port),
            stop_seconds=settings.drain_seconds + _UNWIND_SECONDS,
            beside=partial(serving_group_metrics, settings),
        )
    from gateway.server import create_server  # the parent of a group saves its memory

    start_tracing("gateway", settings)
    server = create_server(settings.share_of(membership.count) if membership else settings, membership)
    # Everything allocated so far lives as long as the process: the garbage collector can skip it during requests.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)
    server.run()


if __name__ == "__main__":
    main()
