"""One log line per event on stderr, in the format of all other programs."""

import logging

import servicekit.logs


def configure_logs(log_format: servicekit.logs.LogFormat, level: str) -> None:
    """Sends structlog's and the standard library's log lines to stderr in one format."""
    servicekit.logs.configure_logs("page", log_format, level)
    for chatty in ("httpx", "httpcore", "uvicorn.access"):  # a line for every poll of a progress bar is noise
        logging.getLogger(chatty).setLevel(logging.WARNING)
