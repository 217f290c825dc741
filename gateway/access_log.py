"""One log line per request."""

from collections.abc import Mapping
from typing import Any, TextIO

from gateway.settings import GatewaySettings
from servicekit.log_lines import LogLines
from servicekit.loggable_path import loggable


class AccessLog:
    """Writes the line of each request, without its query string, which is the caller's data."""

    def __init__(self, settings: GatewaySettings, out: TextIO | None = None) -> None:
        self._lines = LogLines("gateway", settings, out)

    def write(self, scope: Mapping[str, Any], status: int, seconds: float) -> None:
        """Writes the line of one request."""
        if self._lines.is_wanted:
            path = loggable(scope["path"])
            facts = {"method": scope["method"], "path": path, "status": status, "duration_ms": round(seconds * 1000, 2)}
            self._lines.write("request_ended", facts)
