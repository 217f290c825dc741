"""One log line per event: JSON for machines, coloured text for a terminal."""

import logging
import sys
from collections.abc import Callable
from typing import Any, Literal

import orjson
import structlog

from servicekit import call_context
from servicekit.log_stream import write_stderr_in_background

LogFormat = Literal["json", "console"]


def configure_logs(program: str, log_format: LogFormat, level: str = "INFO") -> None:
    """Sends structlog's and the standard library's log lines to stderr, each with the program and the request id.

    Writing to stderr no longer blocks, whatever happens to it.
    """
    write_stderr_in_background()
    shared: list[Callable[..., Any]] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_call_facts(program),
    ]
    # No local variables in tracebacks: they may hold a key, a question or data.
    renderer: list[Callable[..., Any]] = (
        [_tracebacks(), structlog.processors.JSONRenderer(serializer=_to_json)]
        if log_format == "json"
        else [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.captureWarnings(True)


def _tracebacks() -> structlog.processors.ExceptionRenderer:
    return structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


def _with_call_facts(program: str) -> Callable[..., Any]:
    def add(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
        event.setdefault("program", program)
        request_id = call_context.request_id.get()
        if request_id:
            event.setdefault("request_id", request_id)
        return event

    return add


def _to_json(event: dict[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()
