import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from servicekit.metrics import BUCKETS_SECONDS, Metrics, Timings
from servicekit.metrics_page import serving_metrics
from servicekit.settings import VERSION, ProcessSettings
from tests.patience import PATIENCE_SECONDS


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@contextmanager
def page(metrics: Metrics) -> Iterator[httpx.Client]:
    with (
        serving_metrics(metrics, ProcessSettings(metrics_port=0)) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_SECONDS, trust_env=False) as client,
    ):
        yield client


def lines(metrics: Metrics) -> list[str]:
    with page(metrics) as client:
        return client.get("/metrics").raise_for_status().text.splitlines()


def test_port_is_served_inside_the_block_alone(metrics: Metrics) -> None:
    with serving_metrics(metrics, ProcessSettings()) as port:
        assert port is None
    with page(metrics) as client:
        assert client.get("/metrics").is_success
        address = client.base_url
        with pytest.raises(OSError, match="in use"):
            serving_metrics(metrics, ProcessSettings(metrics_port=address.port)).__enter__()
    with pytest.raises(httpx.ConnectError):
        httpx.get(address, trust_env=False)


def test_page_tells_version_and_what_the_process_costs(metrics: Metrics) -> None:
    metrics.add_fact("prediction_model", version="2024.1")
    found = lines(metrics)
    assert f'daegu_build_info{{version="{VERSION}"}} 1.0' in found
    assert 'prediction_model_info{version="2024.1"} 1.0' in found
    assert any(line.startswith("process_resident_memory_bytes ") for line in found)


def test_timings_are_counted_by_label_in_every_bucket_they_fit(metrics: Metrics) -> None:
    timings = Timings("call_seconds", "Calls.", ("method", "code"))
    metrics.add(timings)
    for seconds in (0.0004, 0.001, 0.2, 99.0):
        timings.observe(seconds, ("/a/B", "OK"))
    timings.observe(0.002, ("/a/B", "INTERNAL"))

    found = lines(metrics)

    ok = 'call_seconds_bucket{code="OK",le="%s",method="/a/B"} %s'
    expected = {"0.001": 2.0, "0.1": 2.0, "0.25": 3.0, "30.0": 3.0, "+Inf": 4.0}
    assert {ok % item for item in expected.items()} <= set(found)
    assert 'call_seconds_count{code="OK",method="/a/B"} 4.0' in found
    assert 'call_seconds_count{code="INTERNAL",method="/a/B"} 1.0' in found
    assert 'call_seconds_sum{code="INTERNAL",method="/a/B"} 0.002' in found


def test_timings_lose_nothing_between_threads() -> None:
    timings = Timings("call_seconds", "Calls.")

    def observe_many() -> None:
        for _ in range(5_000):
            timings.observe(0.5)

    threads = [threading.Thread(target=observe_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ((_, counts, seconds),) = timings.read()
    assert (counts[BUCKETS_SECONDS.index(0.25)], counts[-1]) == (0, 20_000)
    assert seconds == 10_000.0


def test_numbers_are_looked_up_when_they_are_asked_for_and_left_out_if_they_cannot_be(metrics: Metrics) -> None:
    def away() -> float:
        raise ConnectionError("the database is away")

    waiting = [1]
    metrics.add_gauge("datasets_stored", "Stored.", away)
    metrics.add_gauge("batches_unfinished", "Waiting.", lambda: len(waiting))
    metrics.add_counter("cache_hits_total", "Hits.", lambda: 41 + len(waiting))
    with page(metrics) as client:
        waiting.append(2)
        found = client.get("/metrics").text.splitlines()
    assert "batches_unfinished 2.0" in found
    assert "cache_hits_total 43.0" in found
    assert not any(line.startswith("datasets_stored") for line in found)
