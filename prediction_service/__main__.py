"""Runs the prediction service: `python -m prediction_service`."""

import sys
from typing import Any

import uvloop

from prediction_service.settings import PredictionSettings
from servicekit.logs import configure_logs
from servicekit.tracing import start_tracing


def main() -> None:
    """Reads the settings, sets up logging and serves until a stop signal."""
    settings = PredictionSettings()
    configure_logs("prediction", settings.log_format, settings.log_level)
    start_tracing("prediction", settings)
    _do_without("pandas", "pyarrow")
    from prediction_service.app import run

    uvloop.run(run(settings))


def _do_without(*packages: str) -> None:
    """Makes imports of the packages fail: LightGBM imports them if installed, which here only costs time and memory."""
    modules: dict[str, Any] = sys.modules
    for package in packages:
        modules[package] = None


if __name__ == "__main__":
    main()
