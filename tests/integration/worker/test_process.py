"""The worker as a process of its own, as containers run it: how it is watched and how it ends."""

import json
from pathlib import Path

import httpx

from scripts.benchmarks.processes import free_port
from servicekit.probe import main as probe
from tests.contract.gateway.running_gateway import NOBODY
from tests.eventually import wait_until
from tests.patience import PATIENCE_SECONDS
from tests.processes import worker
from tests.real_servers import running_valkey


def wait_until_alive_is(expected: bool, sign: Path) -> None:
    wait_until(lambda: (probe([str(sign), "3"]) == 0) == expected)


def test_worker_gives_a_sign_of_life_of_its_own_while_the_broker_is_there(tmp_path: Path) -> None:
    sign = tmp_path / "alive"
    with (
        running_valkey(tmp_path) as broker,
        worker(tmp_path, NOBODY, broker.url, WORKER_ALIVE_FILE=str(sign)),
    ):
        wait_until_alive_is(True, sign)
        broker.kill()
        wait_until_alive_is(False, sign)
        broker.start()
        wait_until_alive_is(True, sign)


def test_worker_is_watched_on_a_port_of_its_own_logs_json_lines_alone_and_ends_well(
    tmp_path: Path, redis_url: str
) -> None:
    port = str(free_port())
    with worker(tmp_path, NOBODY, redis_url, WORKER_METRICS_PORT=port) as process:
        found = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_SECONDS, trust_env=False).text
        assert "# TYPE worker_batch_seconds histogram" in found
        wait_until(lambda: process.log.read_text().endswith("\n"))
        lines = [json.loads(line) for line in process.log.read_text().rpartition("\n")[0].splitlines()]
        assert {line["program"] for line in lines} == {"worker"}
        assert process.stop() == 0
