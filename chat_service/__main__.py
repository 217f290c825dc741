"""Runs the chat service: `python -m chat_service`."""

import logging
import os

import uvloop

from chat_service.app import run
from chat_service.settings import ChatSettings
from servicekit.logs import configure_logs
from servicekit.tracing import start_tracing


def main() -> None:
    """Reads the settings, sets up logging and serves until a stop signal."""
    settings = ChatSettings()
    # The settings have everything needed. The library would also read keys, headers and URLs from these variables.
    for name in [name for name in os.environ if name.startswith("ANTHROPIC_")]:
        del os.environ[name]
    configure_logs("chat", settings.log_format, settings.log_level)
    start_tracing("chat", settings)
    # At DEBUG these two log every request with the whole conversation, and all response headers.
    for library in ("anthropic", "httpx2", "httpcore2"):
        logging.getLogger(library).setLevel(logging.WARNING)
    uvloop.run(run(settings))


if __name__ == "__main__":
    main()
