"""Serves the metrics of metrics.py and of the process itself to Prometheus, on a separate port."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

import structlog

from servicekit.metrics import BUCKETS_SECONDS, Metrics
from servicekit.settings import ProcessSettings

if TYPE_CHECKING:  # imported below when metrics are served: it takes a tenth of a second
    from prometheus_client import CollectorRegistry
    from prometheus_client.core import Metric

_BUCKET_NAMES = (*(str(seconds) for seconds in BUCKETS_SECONDS), "+Inf")

log = structlog.get_logger()


def serving_metrics(metrics: Metrics, settings: ProcessSettings) -> AbstractContextManager[int | None]:
    """Answers `GET /metrics` inside the block, and yields the port; does nothing when no port is set."""
    if settings.metrics_port is None:
        return nullcontext()
    return serving_registry(new_registry(metrics), settings.metrics_host, settings.metrics_port)


def new_registry(metrics: Metrics) -> "CollectorRegistry":
    """Returns a registry of these metrics and of what the process costs."""
    from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    registry.register(_MetricsCollector(metrics))
    return registry


@contextmanager
def serving_registry(registry: "CollectorRegistry", host: str, port: int) -> Iterator[int]:
    """Answers `GET /metrics` inside the block, and yields the port."""
    from prometheus_client import start_http_server

    server, thread = start_http_server(port, host, registry)
    log.info("metrics_served", port=server.server_port)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _MetricsCollector:
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def describe(self) -> "Iterator[Metric]":
        """Returns nothing, so that registering reads no metrics."""
        return iter(())

    def collect(self) -> "Iterator[Metric]":
        """Yields the current values. A number that cannot be read is left out."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
        from prometheus_client.metrics_core import InfoMetricFamily

        for name, labels in self._metrics.facts.items():
            yield InfoMetricFamily(name, "What runs.", labels)
        for timings in self._metrics.timings:
            histogram = HistogramMetricFamily(timings.name, timings.description, labels=timings.label_names)
            for values, counts, seconds in timings.read():
                buckets = [(bucket, float(count)) for bucket, count in zip(_BUCKET_NAMES, counts, strict=True)]
                histogram.add_metric(values, buckets, seconds)
            yield histogram
        for reading in self._metrics.readings:
            try:
                value = reading.read()
            except Exception as error:  # noqa: BLE001 - e.g. the database is down: the rest must be served
                log.warning("metric_not_read", name=reading.name, error=repr(error))
            else:
                family = CounterMetricFamily if reading.kind == "counter" else GaugeMetricFamily
                yield family(reading.name, reading.description, value)
