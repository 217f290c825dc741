"""Runs the dataset service: `python -m dataset_service`."""

import uvloop

from dataset_service.app import run
from dataset_service.settings import DatasetSettings
from servicekit.logs import configure_logs
from servicekit.tracing import start_tracing


def main() -> None:
    """Reads the settings, sets up logging and serves until a stop signal."""
    settings = DatasetSettings()
    configure_logs("dataset", settings.log_format, settings.log_level)
    start_tracing("dataset", settings)
    uvloop.run(run(settings))


if __name__ == "__main__":
    main()
