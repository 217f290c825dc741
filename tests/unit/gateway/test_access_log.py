import io
import json
import re

import pytest

from gateway.access_log import AccessLog
from gateway.settings import GatewaySettings
from servicekit import call_context

SCOPE = {"method": "POST", "path": "/api/predict/eclo", "query_string": b"secret=1"}


@pytest.fixture
def out() -> io.StringIO:
    call_context.request_id.set("request-1")
    return io.StringIO()


def test_json_line_has_the_facts_of_the_request(out: io.StringIO) -> None:
    AccessLog(GatewaySettings(log_format="json"), out).write(SCOPE, 200, 0.0012345)

    line = json.loads(out.getvalue())
    assert line.pop("timestamp")
    assert line == {
        "event": "request_ended",
        "method": "POST",
        "path": "/api/predict/eclo",
        "status": 200,
        "duration_ms": 1.23,
        "level": "info",
        "program": "gateway",
        "request_id": "request-1",
    }


def test_line_for_people_has_the_date_and_names_the_same_facts(out: io.StringIO) -> None:
    AccessLog(GatewaySettings(log_format="console"), out).write(SCOPE, 200, 0.0012345)
    assert re.match(r"\d{4}-\d\d-\d\dT.* \[info *\] request_ended .* status=200 duration_ms=1.23 ", out.getvalue())


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_request_is_one_line_whatever_its_path(out: io.StringIO, log_format: str) -> None:
    path = '/한글\r\n{"event":"made up"}'
    AccessLog(GatewaySettings(log_format=log_format), out).write(SCOPE | {"path": path}, 404, 0.001)

    assert out.getvalue().count("\n") == 1
    assert out.getvalue().endswith("\n")
    assert "request-1" in out.getvalue()


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("beginning", ["/api/shared/", "//api/shared/", "/sk-ant-", "/api/datasets/sk-ant-"])
def test_query_share_token_and_key_stay_out(out: io.StringIO, log_format: str, beginning: str) -> None:
    AccessLog(GatewaySettings(log_format=log_format), out).write(SCOPE | {"path": f"{beginning}secret"}, 200, 0.001)

    assert f"{beginning}***" in out.getvalue()
    assert "secret" not in out.getvalue()


@pytest.mark.parametrize(("level", "lines"), [("debug", 1), ("INFO", 1), ("warning", 0), ("ERROR", 0)])
def test_requests_are_told_at_level_info(out: io.StringIO, level: str, lines: int) -> None:
    AccessLog(GatewaySettings(log_level=level), out).write(SCOPE, 200, 0.001)

    assert out.getvalue().count("\n") == lines
