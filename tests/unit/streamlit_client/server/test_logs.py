"""What the page writes about a fault: where it was, and nothing of what people typed."""

import subprocess
import sys

import pytest

_FAILS = """
import structlog
from streamlit_client.server.logs import configure_logs
configure_logs({log_format!r}, "INFO")
def answer(api_key):
    return api_key.missing
try:
    answer("sk-ant-typed")
except AttributeError as error:
    structlog.get_logger().error("page_failed", exc_info=error)
"""


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_traceback_has_no_values_of_local_variables(log_format: str) -> None:
    code = _FAILS.format(log_format=log_format)
    written = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr
    assert "page_failed" in written
    assert "AttributeError" in written
    assert "sk-ant-typed" not in written
