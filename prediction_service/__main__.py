"""Runs the prediction service: `python -m prediction_service`."""

import uvloop

from prediction_service.app import run
from prediction_service.settings import PredictionSettings
from servicekit.logs import configure_logs


def main() -> None:
    """Reads the settings, sets up the logs and serves until told to stop."""
    settings = PredictionSettings()
    configure_logs("prediction", settings.log_format, settings.log_level)
    uvloop.run(run(settings))


if __name__ == "__main__":
    main()
