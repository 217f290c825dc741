"""Runs the worker: `python -m worker`."""

import warnings

from celery.exceptions import SecurityWarning
from celery.signals import setup_logging

from servicekit.logs import configure_logs
from servicekit.metrics import Metrics
from worker.app import create_app
from worker.settings import WorkerSettings


def main() -> None:
    """Reads the settings, sets up the logs and works until told to stop."""
    settings = WorkerSettings()
    setup_logging.connect(lambda **_: None, weak=False)  # or Celery would put its own in place of ours
    configure_logs("worker", settings.log_format, settings.log_level)
    # It warns root of pickled messages, which are not accepted here.
    warnings.simplefilter("ignore", SecurityWarning)
    metrics = Metrics()
    app = create_app(settings, metrics)
    with metrics.serving(settings):
        # Quiet is the banner, which is no line of a log.
        app.worker_main(["--quiet", "worker", "--loglevel", settings.log_level, "--without-gossip", "--without-mingle"])


if __name__ == "__main__":
    main()
