"""The page as people run it: a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from scripts.benchmarks.processes import free_port
from tests.eventually import wait_until
from tests.patience import PATIENCE_SECONDS
from tests.processes import http_answers


@contextmanager
def running_page(gateway_url: str, **environment: str) -> Iterator[str]:
    """Yields the address of a page in front of that gateway."""
    with page_process(gateway_url, **environment) as (url, _):
        yield url


@contextmanager
def page_process(gateway_url: str, **environment: str) -> Iterator[tuple[str, int]]:
    """Yields the address and the process id of a page in front of that gateway."""
    port = free_port()
    settings = {"BACKEND_URL": gateway_url, "STREAMLIT_PORT": str(port), "LOG_LEVEL": "ERROR"} | environment
    process = subprocess.Popen([sys.executable, "-m", "streamlit_client"], env=os.environ | settings)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(http_answers(f"{url}/_stcore/health"))
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
