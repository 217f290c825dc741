"""The page as people run it: a process of its own."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

_START_SECONDS = 60


@contextmanager
def running_page(gateway_url: str, **environment: str) -> Iterator[str]:
    """Yields the address of a page in front of that gateway."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"BACKEND_URL": gateway_url, "STREAMLIT_PORT": str(port), "LOG_LEVEL": "ERROR"} | environment
    process = subprocess.Popen([sys.executable, "-m", "streamlit_client"], env=os.environ | settings)
    url = f"http://127.0.0.1:{port}"
    try:
        transport = httpx.HTTPTransport(retries=_START_SECONDS)  # backs off between tries
        with httpx.Client(transport=transport, trust_env=False, timeout=_START_SECONDS) as client:
            assert client.get(f"{url}/_stcore/health").is_success
        yield url
    finally:
        process.terminate()
        process.wait(_START_SECONDS)
