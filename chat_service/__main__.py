"""Runs the chat service: `python -m chat_service`."""

import logging
import os

import uvloop

from chat_service.app import run
from chat_service.settings import ChatSettings
from servicekit.logs import configure_logs
from servicekit.tracing import start_tracing


def main() -> None:
    """Reads the settings, sets up the logs and serves until told to stop."""
    settings = ChatSettings()
    # What of it matters is in the settings now. The library would look here for keys, headers and addresses as well.
    for name in [name for name in os.environ if name.startswith("ANTHROPIC_")]:
        del os.environ[name]
    configure_logs("chat", settings.log_format, settings.log_level)
    start_tracing("chat", settings)
    # At DEBUG these two would log every request with the whole conversation, and the headers of every answer.
    for library in ("anthropic", "httpx2", "httpcore2"):
        logging.getLogger(library).setLevel(logging.WARNING)
    uvloop.run(run(settings))


if __name__ == "__main__":
    main()
