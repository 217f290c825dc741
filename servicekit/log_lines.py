"""Frequent log lines, written without the logging framework, which would take 10 % of a prediction's time."""

import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson

from servicekit import call_context
from servicekit.settings import ProcessSettings


class LogLines:
    """Writes lines of level INFO in the format of servicekit.logs, each with the program and the request id."""

    def __init__(self, program: str, settings: ProcessSettings, out: TextIO | None = None) -> None:
        self._program = program
        self._is_json = settings.log_format == "json"
        self._out = out
        self.is_wanted = logging.getLevelNamesMapping()[settings.log_level.upper()] <= logging.INFO

    def write(self, event: str, facts: dict[str, Any]) -> None:
        """Writes the line of one event."""
        if not self.is_wanted:
            return
        told = {"program": self._program, "request_id": call_context.request_id.get()}
        moment = datetime.now(UTC)
        if self._is_json:
            line = orjson.dumps({"event": event, **facts, "level": "info", "timestamp": moment, **told}).decode()
        else:
            line = f"{moment.isoformat()} [info     ] {event} " + " ".join(
                f"{name}={value!r}" for name, value in {**facts, **told}.items()
            )
        (self._out or sys.stderr).write(line + "\n")
