"""A program of several processes whose answers name the process: `python -m tests.group_program PORT COUNT`."""

import os
import sys
from typing import Any

import uvicorn

from servicekit.process_group import join_group, run_group
from streamlit_client.server.handover import server_kind, shared_connection_kind
from streamlit_client.settings import PageSettings


async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers with the id of this process and the size of the body."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    body = f"{os.getpid()} {size}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    """Runs the group, or one of its members."""
    port, count = map(int, sys.argv[1:])
    membership = join_group()
    if membership is None:
        run_group(
            [sys.executable, "-m", "tests.group_program", *sys.argv[1:]], count, ("127.0.0.1", port), stop_seconds=5
        )
    if "FAIL" in os.environ:
        sys.exit(7)
    kind = shared_connection_kind(PageSettings(), membership)
    server_kind(5, membership)(
        uvicorn.Config(answer, http=kind, lifespan="off", ws="none", log_config=None, access_log=False)
    ).run()


if __name__ == "__main__":
    main()
