"""What runs, how often, and how each finds the others."""

from pathlib import Path

import pytest

from deploy.local.programs import programs
from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Program


def of_two(tmp_path: Path) -> dict[str, Program]:
    return {program.name: program for program in programs(LocalSettings(state_dir=tmp_path, replicas=2))}


def test_two_of_each_service_listen_on_ports_of_their_own_that_all_others_know(tmp_path: Path) -> None:
    two = of_two(tmp_path)
    for name, first in (("prediction", 50051), ("chat", 50052), ("dataset", 50053)):
        ports = [two[replica].environment[f"{name.upper()}_PORT"] for replica in (name, f"{name}-2")]
        assert ports == [str(first), str(first + 10)]
        assert two["gateway"].environment[f"{name.upper()}_TARGET"] == f"127.0.0.1:{first},127.0.0.1:{first + 10}"


def test_what_is_each_replicas_own_is_not_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREDICTION_METRICS_PORT", "9464")
    monkeypatch.setenv("CHAT_METRICS_PORT", "0")
    two = of_two(tmp_path)
    metrics = [two[name].environment["PREDICTION_METRICS_PORT"] for name in ("prediction", "prediction-2")]
    assert metrics == ["9464", "9474"]
    assert "CHAT_METRICS_PORT" not in two["chat-2"].environment  # any free port
    assert two["worker"].environment["WORKER_ALIVE_FILE"] != two["worker-2"].environment["WORKER_ALIVE_FILE"]


def test_everything_but_the_servers_and_the_migrations_is_restarted_by_a_rolling_restart(tmp_path: Path) -> None:
    left_alone = [name for name, program in of_two(tmp_path).items() if program.rolls is None]
    assert left_alone == ["postgres", "valkey", "migrations"]
