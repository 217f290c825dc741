import json
import logging
import sys
from typing import Literal

import pytest
import structlog

from servicekit import call_context
from servicekit.logs import configure_logs


@pytest.fixture(autouse=True)
def _restore_logging(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr("sys.stderr", sys.stderr)  # puts back what it was
    yield
    logging.basicConfig(handlers=[], force=True)
    structlog.reset_defaults()


def written(capfd: pytest.CaptureFixture[str]) -> str:
    sys.stderr.close()
    return capfd.readouterr().err


def test_json_line_carries_program_event_facts_and_request_id(capfd: pytest.CaptureFixture[str]) -> None:
    configure_logs("gateway", "json")
    call_context.request_id.set("request-1")

    structlog.get_logger().info("dataset_created", rows=15_000, name="사고")

    line = json.loads(written(capfd))
    assert line.pop("timestamp")
    assert line == {
        "event": "dataset_created", "rows": 15_000, "name": "사고", "level": "info",
        "program": "gateway", "request_id": "request-1",
    }  # fmt: skip


def test_standard_library_lines_have_the_same_shape(capfd: pytest.CaptureFixture[str]) -> None:
    configure_logs("worker", "json")
    logging.getLogger("celery").warning("lost %s", "connection")
    line = json.loads(written(capfd))
    assert (line["event"], line["level"], line["program"]) == ("lost connection", "warning", "worker")


def test_traceback_is_logged_whole_on_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    configure_logs("chat", "json")
    try:
        raise ValueError("boom")
    except ValueError:
        structlog.get_logger().exception("call_failed")
    (line,) = written(capfd).splitlines()
    assert json.loads(line)["exception"][0]["exc_value"] == "boom"


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_traceback_tells_no_values_of_variables(
    log_format: Literal["json", "console"], capfd: pytest.CaptureFixture[str]
) -> None:
    configure_logs("chat", log_format)
    key = "-".join(("sk", "canary"))  # joined, so that the line of code itself does not hold it
    try:
        raise ValueError(len(key))
    except ValueError:
        structlog.get_logger().exception("call_failed")
    lines = written(capfd)
    assert "ValueError" in lines
    assert "sk-canary" not in lines
