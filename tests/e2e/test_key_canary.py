"""The key that a person asks with turns up nowhere: in no file, no row, no cache, no log of any program."""

from pathlib import Path
from uuid import uuid4

import httpx
import psutil
import pytest

from tests.e2e.running_stack import Stack
from tests.e2e.samples import accidents_csv
from tests.e2e.test_dataset_pages import stored
from tests.scripted_messages_api import ScriptedMessagesApi

PROGRAMS = ("postgres", "valkey", "prediction", "dataset", "chat", "worker", "gateway", "page")


@pytest.mark.parametrize("kind", ["accepted", "refused"])
def test_key_is_found_nowhere_after_it_was_used(
    kind: str, stack: Stack, api: httpx.Client, messages_api: ScriptedMessagesApi
) -> None:
    messages_api.start_anew()
    key = f"sk-ant-{kind}-{uuid4().hex}"
    headers = {"X-Anthropic-API-Key": key}
    question = {"dataset_id": stored(api, "열쇠", accidents_csv(70)), "message": f"사고가 가장 많은 시간대는? {kind}"}
    whole = api.post("/api/chat/message", json=question, headers=headers)
    streamed = api.post("/api/chat/message/stream", json=question, headers=headers)
    verified = api.post("/api/chat/key/verify", headers=headers).raise_for_status()
    assert whole.status_code == (200 if kind == "accepted" else 401)

    assert not [answer.url for answer in (whole, streamed, verified) if key in answer.text]
    assert _files_with(key.encode(), stack.state, stack.output) == []
    assert [name for name in PROGRAMS if _is_known_to(stack.pid(name), key)] == []


def _files_with(canary: bytes, folder: Path, *files: Path) -> list[str]:
    inside = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    found = []
    for path in (*inside, *files):
        try:
            if canary in path.read_bytes():
                found.append(str(path))
        except FileNotFoundError:  # servers make and drop files all the time
            continue
    return found


def _is_known_to(pid: int, key: str) -> bool:
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return any(key in " ".join((*process.cmdline(), *process.environ().values())) for process in processes)
