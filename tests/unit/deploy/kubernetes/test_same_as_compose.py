"""Cluster, containers and settings say the same, so that none of them drifts away from the others."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from chat_service.settings import ChatSettings
from dataset_service.settings import DatasetSettings
from deploy.local.supervisor import STOP_SECONDS
from docs.reference import variables_of
from gateway.settings import GatewaySettings
from prediction_service.settings import PredictionSettings
from streamlit_client.settings import PageSettings
from tests.real_servers import REPOSITORY
from tests.unit.deploy.kubernetes.kustomization import (
    KUBERNETES,
    OVERLAYS,
    PROGRAMS,
    Manifest,
    build,
    environment,
    of_kind,
)
from worker.settings import WorkerSettings

COMPOSE = yaml.safe_load((REPOSITORY / "deploy" / "docker-compose.yml").read_text())["services"]
DOCKERFILE = (REPOSITORY / "deploy" / "Dockerfile").read_text()
SETTINGS: dict[str, type[BaseSettings]] = {
    "prediction": PredictionSettings, "dataset": DatasetSettings, "chat": ChatSettings, "worker": WorkerSettings,
    "gateway": GatewaySettings, "page": PageSettings,
}  # fmt: skip
UNITS = {"m": "Mi", "g": "Gi"}
# What an edge of the README's picture means here.
EXTERNAL = {"postgres": 5432, "redis": 6379}


@pytest.fixture(scope="module")
def base() -> list[Manifest]:
    return build(KUBERNETES / "base")


@pytest.fixture(params=PROGRAMS)
def program(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_command_memory_and_user_are_those_of_compose(base: list[Manifest], program: str) -> None:
    pod = of_kind(base, "Deployment")[program]["spec"]["template"]["spec"]
    container, service = pod["containers"][0], COMPOSE[program]
    assert container["command"] == service["command"]
    limit = service["mem_limit"]
    assert container["resources"]["limits"]["memory"] == f"{limit[:-1]}{UNITS[limit[-1]]}"
    (uid,) = re.findall(r"--uid (\d+)", DOCKERFILE)
    assert pod["securityContext"]["runAsUser"] == int(uid)
    assert pod["terminationGracePeriodSeconds"] >= int(service["stop_grace_period"].removesuffix("s"))


def test_variables_are_those_of_compose_and_of_the_settings(base: list[Manifest], program: str) -> None:
    fixed = {
        name: value
        for name, value in COMPOSE[program]["environment"].items()
        if isinstance(value, str) and "$" not in value and name != "LOG_FORMAT"  # one for all, in settings.env
    }
    demo = {"DATASET_DEMO": "true"} if program == "dataset" else {}
    assert environment(of_kind(base, "Deployment")[program]) == fixed | demo
    known = {name for name, _ in variables_of(SETTINGS[program])} | {"SECRETS_DIR"}
    assert environment(of_kind(base, "Deployment")[program]).keys() <= known


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_shared_variables_are_settings_of_some_program(overlay: str) -> None:
    known = {name for kind in SETTINGS.values() for name, _ in variables_of(kind)}
    given = of_kind(build(KUBERNETES / "overlays" / overlay), "ConfigMap")["settings"]["data"]
    assert given.keys() - known == set()


def test_ports_are_those_of_the_settings(base: list[Manifest], program: str) -> None:
    container = of_kind(base, "Deployment")[program]["spec"]["template"]["spec"]["containers"][0]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    if program != "worker":
        assert SETTINGS[program].model_fields["port"].default in ports.values()
    if program != "page":  # has no metrics
        assert str(ports["metrics"]) == environment(of_kind(base, "Deployment")[program])[
            f"{program.upper()}_METRICS_PORT"
        ]  # fmt: skip


def test_probes_ask_what_the_health_checks_of_compose_ask(base: list[Manifest], program: str) -> None:
    container = of_kind(base, "Deployment")[program]["spec"]["template"]["spec"]["containers"][0]
    readiness, asked = container["readinessProbe"], COMPOSE[program]["healthcheck"]["test"][5:]
    if "grpc" in readiness:
        port, name = readiness["grpc"]["port"], readiness["grpc"]["service"]
        assert asked == [f"127.0.0.1:{port}", name]
        assert "service" not in container["livenessProbe"]["grpc"]
    elif "httpGet" in readiness:
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        get = readiness["httpGet"]
        assert asked == [f"http://127.0.0.1:{ports[get['port']]}{get['path']}"]
    else:
        assert readiness["exec"]["command"][4:] == asked
    assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys()


def test_grace_is_longer_than_the_drain(base: list[Manifest], program: str) -> None:
    pod = of_kind(base, "Deployment")[program]["spec"]["template"]["spec"]
    fields = SETTINGS[program].model_fields
    drains = sum(fields[name].default for name in ("drain_seconds", "leave_seconds") if name in fields)
    waits = pod["containers"][0].get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    assert pod["terminationGracePeriodSeconds"] >= waits + drains + 5
    assert int(COMPOSE[program]["stop_grace_period"].removesuffix("s")) >= drains + 5
    assert drains + 5 <= STOP_SECONDS


def test_stream_of_the_longest_answer_ends_before_its_gateway_stops() -> None:
    longest = ChatSettings.model_fields["run_seconds"].default
    assert GatewaySettings.model_fields["drain_seconds"].default > longest
    assert ChatSettings.model_fields["drain_seconds"].default > longest


@pytest.mark.parametrize("name", ["postgres", "redis", "cache"])
def test_servers_of_the_small_overlay_are_those_of_compose(name: str) -> None:
    spec = of_kind(build(KUBERNETES / "overlays" / "small"), "StatefulSet")[name]["spec"]["template"]["spec"]
    (container,), service = spec["containers"], COMPOSE[name]
    assert (container["image"], container["args"]) == (service["image"], service["command"])
    limit = service["mem_limit"]
    assert container["resources"]["limits"]["memory"] == f"{limit[:-1]}{UNITS[limit[-1]]}"
    if name == "postgres":
        assert environment({"spec": {"template": {"spec": spec}}}) == service["environment"]


def test_those_call_each_other_that_do_in_the_picture_of_the_readme(base: list[Manifest]) -> None:
    assert set(calls_allowed(base)) == set(calls_drawn())


def test_only_the_chat_reaches_the_internet(base: list[Manifest]) -> None:
    open_to_all = {
        name: [rule for rule in policy["spec"].get("egress", ()) if any("ipBlock" in to for to in rule.get("to", ()))]
        for name, policy in of_kind(base, "NetworkPolicy").items()
    }
    assert [name for name, rules in open_to_all.items() if rules] == ["chat"]
    (rule,) = open_to_all["chat"]
    assert "10.0.0.0/8" in rule["to"][0]["ipBlock"]["except"]
    nothing_else = of_kind(base, "NetworkPolicy")["nothing-else"]["spec"]
    assert nothing_else["podSelector"] == {}
    assert nothing_else["policyTypes"] == ["Ingress", "Egress"]
    assert [port["port"] for rule in nothing_else["egress"] for port in rule["ports"]] == [53, 53]


def calls_allowed(base: list[Manifest]) -> Iterator[tuple[str, str]]:
    """Caller and called by the egress rules, each of which has its counterpart at the called one."""
    policies = of_kind(base, "NetworkPolicy")
    entrances = {
        (peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"], name, port["port"])
        for name, policy in policies.items()
        for rule in policy["spec"].get("ingress", ())
        for peer in rule["from"]
        if "podSelector" in peer
        for port in rule["ports"]
    }
    exits = set()
    for name, policy in policies.items():
        if name in ("nothing-else", "migrations"):
            continue
        for rule in policy["spec"].get("egress", ()):
            for port in rule["ports"]:
                for peer in rule.get("to", ()):
                    if "podSelector" in peer:
                        called = peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
                        exits.add((name, called, port["port"]))
                        yield name, called
                if "to" not in rule:
                    yield name, next(server for server, number in EXTERNAL.items() if number == port["port"])
    assert entrances == exits
    assert all(SETTINGS[called].model_fields["port"].default == port for _, called, port in exits)


def calls_drawn() -> Iterator[tuple[str, str]]:
    (picture,) = re.findall(r"```mermaid\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.DOTALL)
    for line in picture.splitlines():
        arrow = re.fullmatch(r"\s*([\w& ]+?)(?:\[.*\])? (?:-- .+ --|--)> ([\w& ]+).*", line)
        if arrow is None or "browser" in line:
            continue
        for one in arrow[1].split(" & "):
            for other in arrow[2].split(" & "):
                # The queue wakes the worker, which is the one that connects.
                yield ("worker", "redis") if one == "redis" else (one.strip(), other.strip())


def test_picture_is_read_whole() -> None:
    assert {("gateway", "chat"), ("chat", "dataset"), ("worker", "redis"), ("chat", "postgres")} <= set(calls_drawn())


def test_port_of_each_target_is_that_of_the_service(base: list[Manifest]) -> None:
    for deployment in of_kind(base, "Deployment").values():
        for variable, target in environment(deployment).items():
            if variable.endswith("_TARGET"):
                service: Any = variable.removesuffix("_TARGET").lower()
                assert target == f"{service}:{SETTINGS[service].model_fields['port'].default}"
