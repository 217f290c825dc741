"""What the containers are and what they may do."""

import json
from typing import Any

import httpx
import pytest

from tests.compose.stack import ComposeStack, run

LONG_LIVED = ("postgres", "redis", "cache", "prediction", "dataset", "chat", "worker", "gateway", "page")
OURS = LONG_LIVED[3:]
MOST_IMAGE_BYTES = 1_000_000_000


@pytest.fixture
def containers(stack: ComposeStack) -> dict[str, dict[str, Any]]:
    """What the engine knows of each long-lived container."""
    return {service: stack.inspect(stack.containers(service)[0]) for service in LONG_LIVED}


def test_image_is_small_and_holds_neither_keys_nor_data_nor_tests(image: str) -> None:
    assert json.loads(run("image", "inspect", image))[0]["Size"] <= MOST_IMAGE_BYTES
    assert run("run", "--rm", "--network=none", image, "find", "/app", "-name", ".*") == ""
    folders = run("run", "--rm", "--network=none", image, "ls", "/app").split()
    assert not {"tests", "docs", "scripts", "data"} & set(folders)


def test_containers_can_neither_write_their_root_nor_gain_rights(containers: dict[str, dict[str, Any]]) -> None:
    for service, container in containers.items():
        host = container["HostConfig"]
        assert (host["ReadonlyRootfs"], host["CapDrop"], host["Privileged"]) == (True, ["ALL"], False), service
        assert "no-new-privileges:true" in host["SecurityOpt"], service
        if service in OURS:
            assert (container["Config"]["User"], host["CapAdd"] or []) == ("app", []), service


def test_containers_are_bounded_in_memory_and_logs_and_come_back(containers: dict[str, dict[str, Any]]) -> None:
    for service, container in containers.items():
        host = container["HostConfig"]
        assert 0 < host["Memory"] <= 4 * 1024**3, service
        assert host["LogConfig"]["Config"]["max-size"], service
        assert host["RestartPolicy"]["Name"] == "unless-stopped", service
        assert container["State"]["Health"]["Status"] == "healthy", service


def test_no_password_is_in_an_environment(containers: dict[str, dict[str, Any]]) -> None:
    for container in containers.values():
        for line in container["Config"]["Env"]:
            name, _, value = line.partition("=")
            assert value == "" or name not in ("DATABASE_URL", "REDIS_URL", "ANTHROPIC_API_KEY")
            assert "://daegu:" not in value


def test_only_the_gateway_and_the_page_are_published_and_only_to_this_machine(
    stack: ComposeStack, containers: dict[str, dict[str, Any]]
) -> None:
    published = {
        (service, binding["HostIp"], binding["HostPort"])
        for service, container in containers.items()
        for bindings in container["HostConfig"]["PortBindings"].values()
        for binding in bindings
    }
    assert published == {
        ("gateway", "127.0.0.1", str(stack.gateway_port)),
        ("page", "127.0.0.1", str(stack.page_port)),
    }


def test_servers_ask_for_their_passwords(stack: ComposeStack) -> None:
    assert "NOAUTH" in stack.exec("redis", "redis-cli", "ping")
    assert "NOAUTH" in stack.exec("cache", "redis-cli", "ping")
    script = "import psycopg2; psycopg2.connect('postgresql://daegu:guess@postgres/daegu')"
    with pytest.raises(AssertionError, match="password authentication failed"):
        stack.exec("prediction", "python", "-c", script)


def test_broker_keeps_what_it_has_and_cache_may_forget(stack: ComposeStack) -> None:
    for service, policy, keeps in (("redis", "noeviction", "yes"), ("cache", "allkeys-lru", "no")):
        script = f'REDISCLI_AUTH="$(cat /run/secrets/{service}_password)" redis-cli'
        answers = stack.exec(
            service, "sh", "-c", f"{script} config get maxmemory-policy; {script} config get appendonly"
        )
        assert answers.split() == ["maxmemory-policy", policy, "appendonly", keeps]


def test_what_needs_no_internet_has_none(stack: ComposeStack) -> None:
    script = "import socket; socket.create_connection(('1.1.1.1', 53), 2)"
    for service in ("prediction", "dataset", "worker"):
        with pytest.raises(AssertionError, match=r"unreachable|timed out"):
            stack.exec(service, "python", "-c", script)


def test_processes_are_watched_on_the_inner_network_alone(stack: ComposeStack) -> None:
    for service in ("prediction", "dataset", "chat", "worker", "gateway"):
        script = f"import urllib.request as u; print(u.urlopen('http://{service}:9464/metrics').read().decode())"
        assert "daegu_build_info" in stack.exec("gateway", "python", "-c", script)
    with pytest.raises(httpx.ConnectError):
        httpx.get("http://127.0.0.1:9464/metrics", trust_env=False)


def test_rpcs_can_be_listed_and_called_from_inside(stack: ComposeStack) -> None:
    listed = stack.exec("gateway", "python", "-m", "deploy.call")
    for name in ("prediction.v1.PredictionService", "dataset.v1.DatasetService", "chat.v1.ChatService"):
        assert f"daegu.{name}" in listed
    model = json.loads(stack.exec("gateway", "python", "-m", "deploy.call", "GetModelInfo", "{}"))
    assert model["model_version"]
