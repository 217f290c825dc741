"""One log line per event on stderr: JSON for machines, text for a terminal."""

import logging
import sys
from collections.abc import Callable
from typing import Any, Literal

import structlog

from servicekit.log_stream import write_stderr_in_background


def configure_logs(log_format: Literal["json", "console"], level: str) -> None:
    """Sends structlog's and the standard library's log lines to stderr in one format."""
    write_stderr_in_background()
    shared: list[Callable[..., Any]] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_program,
    ]
    renderer: list[Callable[..., Any]] = (
        [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]
        if log_format == "json"
        else [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for chatty in ("httpx", "httpcore", "uvicorn.access"):  # a line for every poll of a progress bar tells nothing
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _with_program(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    event.setdefault("program", "page")
    return event
