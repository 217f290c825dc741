"""Serves the metrics of metrics.py and of the process itself to Prometheus, on a separate port."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.metrics_core import InfoMetricFamily
from prometheus_client.registry import Collector

from servicekit.metrics import BUCKETS_SECONDS, Metrics, Reading, Timings

_BUCKET_NAMES = (*(str(seconds) for seconds in BUCKETS_SECONDS), "+Inf")

log = structlog.get_logger()


@contextmanager
def serve_metrics(metrics: Metrics, host: str, port: int) -> Iterator[int]:
    """Serves from a thread inside the block, on the port it yields; port 0 takes a free one."""
    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    registry.register(_MetricsCollector(metrics))
    server, thread = start_http_server(port, host, registry)
    log.info("metrics_served", port=server.server_port)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _MetricsCollector(Collector):
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def describe(self) -> Iterator[Metric]:
        """Returns nothing, so that registering reads no metrics."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Yields the current values. A number that cannot be read is left out."""
        for name, labels in self._metrics.facts.items():
            yield InfoMetricFamily(name, "What runs.", labels)
        for timings in self._metrics.timings:
            yield _histogram(timings)
        for reading in self._metrics.readings:
            try:
                value = reading.read()
            except Exception as error:  # noqa: BLE001 - e.g. the database is down: the rest must be served
                log.warning("metric_not_read", name=reading.name, error=repr(error))
            else:
                yield _number(reading, value)


def _histogram(timings: Timings) -> Metric:
    family = HistogramMetricFamily(timings.name, timings.description, labels=timings.label_names)
    for labels, counts, seconds in timings.read():
        buckets = [(name, float(count)) for name, count in zip(_BUCKET_NAMES, counts, strict=True)]
        family.add_metric(labels, buckets, seconds)
    return family


def _number(reading: Reading, value: float) -> Metric:
    if reading.kind == "counter":
        return CounterMetricFamily(reading.name, reading.description, value)
    return GaugeMetricFamily(reading.name, reading.description, value)
