"""Containers are replaced one at a time, by a docker that only keeps a list of them."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.rolling import compose
from deploy.rolling.compose import Project

# Knows what the script asks for; containers of the service in `ill` never become healthy.
_DOCKER = """
import json, sys
from pathlib import Path
file = Path({state!r})
state = json.loads(file.read_text())
words = sys.argv[1:]
if words[0] == "compose":
    while words[1].startswith("-"):
        del words[1:3]
    del words[0]
containers = state["containers"]
def add(service):
    state["number"] += 1
    containers[f"{{service}}-{{state['number']}}"] = service
match words:
    case ["ps", "--quiet", service]:
        print("\\n".join(reversed([name for name, its in containers.items() if its == service])))
    case ["up", *options, service]:
        state["diary"].append(f"up {{service}}")
        if "--force-recreate" in options:
            for name in [name for name, its in containers.items() if its == service]:
                del containers[name]
            add(service)
        else:
            count = int(options[options.index("--scale") + 1].partition("=")[2])
            while list(containers.values()).count(service) < count:
                add(service)
    case ["run", *_, service]:
        state["diary"].append(f"run {{service}}")
    case ["inspect", "--format", "{{{{.Created}}}}", name]:
        print(f"{{int(name.rpartition('-')[2]):04}}")
    case ["inspect", "--format", _, name]:
        print("starting" if containers[name] == state["ill"] else "healthy")
    case ["stop", "--time", "45", name]:
        state["diary"].append(f"stop {{name}}")
    case ["rm", name]:
        del containers[name]
    case _:
        sys.exit(f"unknown: {{words}}")
file.write_text(json.dumps(state))
"""

Docker = Callable[..., Callable[[], dict[str, Any]]]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    """Starts from some containers; returns a function that reads what is there now."""
    state = tmp_path / "state.json"
    program = tmp_path / "docker"
    program.write_text(f"#!{sys.executable} -S\n{_DOCKER.format(state=str(state))}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(compose, "_SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(compose, "_HEALTHY_SECONDS", 0.1)

    def begin(*services: str, ill: str = "") -> Callable[[], dict[str, Any]]:
        containers = {f"{service}-{number}": service for number, service in enumerate(services, 1)}
        state.write_text(json.dumps({"containers": containers, "number": len(services), "diary": [], "ill": ill}))
        return lambda: dict(json.loads(state.read_text()))

    return begin


PROJECT = Project([Path("docker-compose.yml")], "daegu-test")


def test_new_container_is_healthy_before_an_old_one_stops(docker: Docker) -> None:
    now = docker("prediction", "prediction", "gateway")
    said: list[str] = []
    assert compose.replace_containers(PROJECT, [], said.append)
    assert now()["diary"] == [
        "run migrations", "up prediction", "stop prediction-1", "up prediction", "stop prediction-2", "up gateway"
    ]  # fmt: skip
    assert now()["containers"] == {"prediction-4": "prediction", "prediction-5": "prediction", "gateway-6": "gateway"}
    assert said[-1] == "모두 하나씩 다시 시작했습니다."


def test_container_that_does_not_come_up_is_named_and_the_old_ones_stay(docker: Docker) -> None:
    now = docker("prediction", "prediction", "worker", ill="prediction")
    said: list[str] = []
    assert not compose.replace_containers(PROJECT, [], said.append)
    assert not [line for line in now()["diary"] if line.startswith("stop")]
    assert {"prediction-1", "prediction-2", "worker-3"} <= now()["containers"].keys()
    assert "docker logs prediction-4" in said[-1]


def test_only_the_named_service_is_restarted(docker: Docker) -> None:
    now = docker("prediction", "worker")
    assert compose.replace_containers(PROJECT, ["worker"], lambda _: None)
    assert now()["diary"] == ["run migrations", "up worker", "stop worker-2"]


def test_stack_that_does_not_run_is_said(docker: Docker) -> None:
    docker()
    said: list[str] = []
    assert not compose.replace_containers(PROJECT, [], said.append)
    assert "실행 중인 컨테이너가 없습니다" in said[-1]
