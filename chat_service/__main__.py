"""Runs the chat service: `python -m chat_service`."""

import uvloop

from chat_service.app import run
from chat_service.settings import ChatSettings
from servicekit.logs import configure_logs


def main() -> None:
    """Reads the settings, sets up the logs and serves until told to stop."""
    settings = ChatSettings()
    configure_logs("chat", settings.log_format, settings.log_level)
    uvloop.run(run(settings))


if __name__ == "__main__":
    main()
