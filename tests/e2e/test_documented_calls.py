"""The examples of docs/calls.md, run as they stand against the running stack; only ports and ids are put in."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.running_stack import Stack
from tests.eventually import wait_until
from tests.patience import PATIENCE_SECONDS
from tests.real_servers import REPOSITORY

CALLS = (REPOSITORY / "docs" / "calls.md").read_text()
_BLOCK = re.compile(r"^```(bash|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EACH_TIME = {
    "timestamp", "created_at", "estimated_completion", "prediction_id", "batch_id", "results_url",
    "content_hash", "next",
}  # fmt: skip
_CLEAN_PATH = "/usr/local/bin:/usr/bin:/bin"  # nothing that the environment for tests has put into it
_USUAL_PORTS = {8000: "GATEWAY", 50051: "PREDICTION", 50052: "CHAT", 50053: "DATASET"}


def section(title: str) -> str:
    return CALLS.split(f"\n## {title}\n")[1].split("\n## ")[0]


def commands(title: str, program: str) -> Iterator[tuple[str, str]]:
    """Yields the commands of a section that begin with a word, each with the JSON block that follows it, or ''."""
    blocks = _BLOCK.findall(section(title))
    for (kind, text), (next_kind, next_text) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if kind == "bash":
            found = re.split(rf"^(?={program} )", text, flags=re.MULTILINE)
            for command in filter(str.strip, found):
                yield command, next_text if next_kind == "json" else ""


def run(stack: Stack, command: str, directory: Path) -> str:
    for usual, name in _USUAL_PORTS.items():
        command = command.replace(f"localhost:{usual}", f"127.0.0.1:{stack.ports[name]}")
    command = command.replace("curl -s ", "curl -sS --fail-with-body --noproxy '*' ")
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=directory,
        env={"PATH": _CLEAN_PATH, "HOME": str(Path.home()), "ANTHROPIC_API_KEY": "sk-ant-anything-goes"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def lasting(value: Any) -> Any:
    """Returns an answer without what differs each time: of moments and ids only whether there is one."""
    if isinstance(value, dict):
        return {name: inner is None if name in _EACH_TIME else lasting(inner) for name, inner in value.items()}
    return round(value, 9) if isinstance(value, float) else value


def test_rest_examples_answer_what_is_documented(stack: Stack, api: httpx.Client, tmp_path: Path) -> None:
    batch_id = dataset_id = ""
    examples = list(commands("REST", "curl"))
    for command, documented in examples:
        answer = run(stack, command.replace("BATCH_ID", batch_id).replace("DATASET_ID", dataset_id), tmp_path)
        if not command.startswith("curl"):
            continue  # it makes a file for the next one
        if "/datasets/upload" in command:
            dataset_id = json.loads(answer)["dataset_id"]
        if documented:
            assert lasting(json.loads(answer)) == lasting(json.loads(documented)), command
            batch_id = json.loads(answer).get("batch_id", batch_id)
            wait_for_end(api, batch_id)
        elif "-o results.csv" in command:
            assert (tmp_path / "results.csv").read_text("utf-8-sig").count("\n") == 2
        elif "-o accidents_read.csv" in command:
            assert (tmp_path / "accidents_read.csv").read_text("utf-8-sig").count("\n") == 3
        elif "-o accidents_chosen.csv" in command:
            assert (tmp_path / "accidents_chosen.csv").read_text("utf-8-sig").count("\n") == 2
        else:
            assert json.loads(answer)["success"] is True, (command, answer)
    assert len(examples) == 21


def wait_for_end(api: httpx.Client, batch_id: str) -> None:
    path, under_way = f"/api/predict/batch/{batch_id}", ("pending", "processing")
    wait_until(lambda: not batch_id or api.get(path).json()["status"] not in under_way)


@pytest.fixture
def dataset_id(api: httpx.Client) -> str:
    files = {"file": ("사고.csv", "사고유형,ECLO\n차대차,5\n차대사람,8\n".encode())}
    return str(api.post("/api/datasets/upload", files=files).json()["dataset_id"])


def test_buf_examples_answer(stack: Stack, dataset_id: str) -> None:
    preparation, *examples = [command for command, _ in commands("gRPC", "buf") if "grpcurl" not in command]
    for command in examples:
        assert run(stack, preparation + command.replace("DATASET_ID", dataset_id), REPOSITORY).strip(), command
    assert len(examples) == 7


def test_grpcurl_examples_name_what_there_is(stack: Stack, dataset_id: str) -> None:
    preparation = next(commands("gRPC", "buf"))[0]
    examples = [command for command, _ in commands("gRPC", "grpcurl") if command.startswith("grpcurl")]
    for command in examples:
        arguments, expected = buf_for(shlex.split(command.replace("\\\n", " ").replace("DATASET_ID", dataset_id)))
        as_buf = shlex.join(["buf", "curl", "--protocol", "grpc", "--http2-prior-knowledge", *arguments])
        assert expected in run(stack, preparation + as_buf, REPOSITORY), command
    assert len(examples) == 6


def buf_for(words: list[str]) -> tuple[list[str], str]:
    """Returns the arguments of `buf curl`, which is at hand here, that ask for the same, and what the answer holds."""
    match words:
        case ["grpcurl", "-plaintext", address, "list"]:
            return ["--list-services", f"http://{address}"], "grpc.health.v1.Health"
        case ["grpcurl", "-plaintext", address, "describe", service]:
            return ["--list-methods", f"http://{address}"], f"{service}/"
        case ["grpcurl", "-plaintext", "-d", request, address, method]:
            return ["-d", request, f"http://{address}/{method}"], "{"
        case _:
            pytest.fail(f"not understood: {words}")
