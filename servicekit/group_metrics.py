"""Metrics of a group of processes: one page, on which each series has the number of its process as a label.

They are not summed, because a sum would fall when a process ends, and Prometheus would take that for a restart of all.
Each member answers on a Unix socket in the group's folder, and the parent serves the page.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingUnixStreamServer
from typing import TYPE_CHECKING

from servicekit.metrics import Metrics
from servicekit.metrics_page import new_registry, serving_registry
from servicekit.process_group import Membership
from servicekit.settings import ProcessSettings

if TYPE_CHECKING:  # imported below when metrics are served: it takes a tenth of a second
    from prometheus_client.core import Metric

_PREFIX = "metrics-"
_MEMBER_SECONDS = 2.0


def sharing_metrics(
    metrics: Metrics, settings: ProcessSettings, membership: Membership
) -> AbstractContextManager[object]:
    """Gives a member's metrics to the parent inside the block; does nothing when no port is set."""
    return nullcontext() if settings.metrics_port is None else _sharing(metrics, membership)


def serving_group_metrics(settings: ProcessSettings, folder: Path) -> AbstractContextManager[int | None]:
    """Answers `GET /metrics` for all members inside the block, and yields the port; does nothing when none is set."""
    if settings.metrics_port is None:
        return nullcontext()
    from prometheus_client import CollectorRegistry

    registry = CollectorRegistry()
    registry.register(_GroupCollector(folder))
    return serving_registry(registry, settings.metrics_host, settings.metrics_port)


@contextmanager
def _sharing(metrics: Metrics, membership: Membership) -> Iterator[None]:
    from prometheus_client import generate_latest

    registry = new_registry(metrics)

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            with suppress(ConnectionError):
                self.wfile.write(generate_latest(registry))

    path = membership.folder / f"{_PREFIX}{membership.slot}"
    path.unlink(missing_ok=True)  # of the process that this one replaces; it is not removed at the end for that reason
    with ThreadingUnixStreamServer(str(path), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


class _GroupCollector:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def describe(self) -> "Iterator[Metric]":
        """Returns nothing, so that registering asks no member."""
        return iter(())

    def collect(self) -> "Iterator[Metric]":
        """Yields the current values of all members. One that does not answer is left out."""
        from prometheus_client.core import Metric
        from prometheus_client.parser import text_string_to_metric_families

        families: dict[str, Metric] = {}
        for path in sorted(self._folder.glob(f"{_PREFIX}*")):
            labels = {"process": path.name.removeprefix(_PREFIX)}
            for found in text_string_to_metric_families(_read(path)):
                family = families.setdefault(found.name, Metric(found.name, found.documentation, found.type))
                family.samples += [sample._replace(labels=sample.labels | labels) for sample in found.samples]
        yield from families.values()


def _read(path: Path) -> str:
    with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_MEMBER_SECONDS)
        connection.connect(str(path))
        with connection.makefile("rb") as answer:
            return answer.read().decode()
    return ""
