"""Runs the worker: `python -m worker`."""

import warnings

from celery.exceptions import SecurityWarning
from celery.signals import setup_logging

from servicekit.logs import configure_logs
from servicekit.metrics import Metrics
from servicekit.metrics_page import serving_metrics
from worker.app import create_app
from worker.settings import WorkerSettings


def main() -> None:
    """Reads the settings, sets up logging and works until a stop signal."""
    settings = WorkerSettings()
    setup_logging.connect(lambda **_: None, weak=False)  # keeps Celery from replacing our logging
    configure_logs("worker", settings.log_format, settings.log_level)
    # Celery warns root about pickled messages, which are not accepted here.
    warnings.simplefilter("ignore", SecurityWarning)
    metrics = Metrics()
    app = create_app(settings, metrics)
    with serving_metrics(metrics, settings):
        # --quiet suppresses the banner, which is not a log line.
        app.worker_main(["--quiet", "worker", "--loglevel", settings.log_level, "--without-gossip", "--without-mingle"])


if __name__ == "__main__":
    main()
