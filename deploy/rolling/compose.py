"""Replaces the containers of a Compose project, one at a time.

Docker Compose itself ends all containers of a service before it starts new ones.
"""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.rolling import texts

# From the inside out: a caller finds the new ones of what it calls before it is replaced itself.
_SERVICES = ("prediction", "dataset", "chat", "worker", "gateway", "page")
# Their ports are published, and only one container can have a port of the machine.
_PUBLISHED = ("gateway", "page")
_STOP_SECONDS = 45
_HEALTHY_SECONDS = 120.0
_LOOK_EVERY_SECONDS = 0.5
# Longer than callers keep an old address: names are resolved again, and connections tried again, within a second.
_SETTLE_SECONDS = 2.0

Say = Callable[[str], None]


class _Failed(Exception):
    """A container did not come up, or docker failed; the text is for the user."""


@dataclass(frozen=True, slots=True)
class Project:
    """A Compose project: its files, and its name if another one than they say."""

    files: Sequence[Path]
    name: str | None = None

    def compose(self, *words: str) -> str:
        """Runs docker compose and returns what it prints."""
        name = ["--project-name", self.name] if self.name else []
        files = [word for file in self.files for word in ("--file", str(file))]
        return _docker("compose", *name, *files, *words)

    def containers(self, service: str) -> list[str]:
        """Returns the ids of the running containers of a service, the oldest first."""
        ids = self.compose("ps", "--quiet", service).split()
        return sorted(ids, key=lambda container: _inspect(container, "{{.Created}}"))


def replace_containers(project: Project, services: Sequence[str], say: Say) -> bool:
    """Returns whether all containers of the services (default: all) were replaced by healthy ones; says each step."""
    try:
        all_containers = {service: project.containers(service) for service in services or _SERVICES}
        running = {service: containers for service, containers in all_containers.items() if containers}
        if not running:
            raise _Failed(texts.NONE_RUNS)
        say(texts.MIGRATING)
        project.compose("run", "--rm", "--no-deps", "migrations")
        for service, containers in running.items():
            if service in _PUBLISHED:
                _replace(project, service, say)
            else:
                _hand_over(project, service, containers, say)
    except _Failed as failure:
        say(str(failure))
        return False
    say(texts.ROLLED)
    return True


def _hand_over(project: Project, service: str, containers: Sequence[str], say: Say) -> None:
    """Starts a new container beside the others, and ends an old one once the new one is healthy; as often as needed."""
    for number, old in enumerate(containers, start=1):
        place = {"service": service, "number": number, "count": len(containers)}
        started = time.monotonic()
        say(texts.RENEWING.format(**place))
        scale = f"{service}={len(containers) + 1}"
        project.compose("up", "--detach", "--no-deps", "--no-build", "--no-recreate", "--scale", scale, service)
        for container in set(project.containers(service)) - set(containers):
            _wait_until_healthy(service, container)
        time.sleep(_SETTLE_SECONDS)
        _docker("stop", "--time", str(_STOP_SECONDS), old)
        _docker("rm", old)
        say(texts.HANDED_OVER.format(**place, seconds=time.monotonic() - started))


def _replace(project: Project, service: str, say: Say) -> None:
    started = time.monotonic()
    say(texts.REPLACING.format(service=service))
    project.compose("up", "--detach", "--no-deps", "--no-build", "--force-recreate", service)
    for container in project.containers(service):
        _wait_until_healthy(service, container)
    say(texts.REPLACED.format(service=service, seconds=time.monotonic() - started))


def _wait_until_healthy(service: str, container: str) -> None:
    deadline = time.monotonic() + _HEALTHY_SECONDS
    while _inspect(container, "{{.State.Health.Status}}") != "healthy":
        if time.monotonic() > deadline:
            raise _Failed(texts.NOT_HEALTHY.format(service=service, container=container))
        time.sleep(_LOOK_EVERY_SECONDS)


def _inspect(container: str, template: str) -> str:
    return _docker("inspect", "--format", template, container).strip()


def _docker(*words: str) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)  # noqa: S603, S607
    if done.returncode != 0:
        raise _Failed(texts.COMPOSE_FAILED.format(problem=done.stderr.strip()[-2000:]))
    return done.stdout
