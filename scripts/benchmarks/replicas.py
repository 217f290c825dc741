"""How single predictions grow with replicas of the prediction service, and with processes of the gateway."""

import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from scripts.benchmarks.accidents import rest_bodies, varied_accidents
from scripts.benchmarks.harness import Bench
from scripts.benchmarks.load import Measurement, generator
from scripts.benchmarks.paced_replica import MILLISECONDS_EACH
from scripts.benchmarks.processes import answers, free_port, running
from scripts.benchmarks.result import Result, Table, at_least
from scripts.benchmarks.whole_stack import running_whole_stack
from servicekit.probe import NotServing, probe_grpc

_CLIENTS = 60
_PREDICT = "/api/predict/eclo"


def measure(bench: Bench) -> Result:
    """Measures one and two of each in turns."""
    bodies = bench.directory / "rest.bodies"
    bodies.write_text("\n".join(rest_bodies(varied_accidents(2000))) + "\n", "utf-8")
    with _paced(bench.directory) as gateways:
        replicas = _turns(gateways, bodies, bench)
    port = str(free_port())
    with running_whole_stack(bench.directory, {"PREDICTION_PORT": port}), ExitStack() as ours:
        target = {"PREDICTION_TARGET": f"127.0.0.1:{port}"}
        gateways = [ours.enter_context(_gateway(bench.directory, GATEWAY_PROCESSES=n, **target)) for n in ("1", "2")]
        processes = _turns(gateways, bodies, bench)
    return Result(
        title="Replicas and processes",
        method=[
            f"{bench.rounds} rounds of {bench.seconds:.0f} s with {_CLIENTS} clients, one and two in turns; medians.",
            f"The replicas are paced: real gRPC servers in their own processes, which take {MILLISECONDS_EACH:.0f} ms a"
            " prediction by waiting. So they show what more cores would give, as far as the gateway can use them.",
            "The processes of the gateway share the cores with the real prediction service, PostgreSQL and the load.",
        ],
        tables=[
            _table("Paced replicas of prediction", "replicas", replicas),
            _table("Processes of the gateway, on the cores of this machine", "processes", processes),
        ],
        goals=[at_least("predictions/s of two replicas", 1.8, _ratio(replicas), "x")],
        figures={"replicas": replicas, "processes": processes},
        packages=("grpcio", "fastapi", "uvicorn"),
    )


@contextmanager
def _paced(directory: Path) -> Iterator[list[str]]:
    """Yields the URLs of a gateway with one replica and of one with two."""
    with ExitStack() as ours:
        targets = []
        for number in range(3):
            port = free_port()
            command = [sys.executable, "-m", "scripts.benchmarks.paced_replica", str(port)]
            log = directory / f"replica-{number}.log"
            ours.enter_context(running(command, partial(_serves, f"127.0.0.1:{port}"), log=log))
            targets.append(f"127.0.0.1:{port}")
        groups = (targets[0], ",".join(targets[1:]))
        yield [ours.enter_context(_gateway(directory, PREDICTION_TARGET=target)) for target in groups]


@contextmanager
def _gateway(directory: Path, **environment: str) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = directory / f"gateway-{port}.log"
    settings = {"GATEWAY_PORT": str(port), "GATEWAY_METRICS_PORT": "", **environment}
    ready = partial(answers, f"{url}/health/live")
    with running([sys.executable, "-m", "gateway"], ready, log=log, environment=settings):
        yield url


def _serves(address: str) -> bool:
    try:
        probe_grpc(address, "")
    except (NotServing, OSError):
        return False
    return True


def _turns(gateways: Sequence[str], bodies: Path, bench: Bench) -> list[list[Measurement]]:
    """Returns the measurements of each gateway, one a round."""
    load = generator()
    bench.facts["load"] = load.name
    measured: list[list[Measurement]] = [[] for _ in gateways]
    for _ in range(bench.rounds):
        for url, rounds in zip(gateways, measured, strict=True):
            load.run(url + _PREDICT, bodies, clients=_CLIENTS, seconds=1.0)
            rounds.append(load.run(url + _PREDICT, bodies, clients=_CLIENTS, seconds=bench.seconds))
            print(f"{rounds[-1].requests_per_second:8,.0f} req/s   p99 {rounds[-1].p99_ms:7.2f} ms", flush=True)
    return measured


def _ratio(measured: Sequence[Sequence[Measurement]]) -> float:
    one, two = measured
    pairs = zip(one, two, strict=True)
    return statistics.median(b.requests_per_second / a.requests_per_second for a, b in pairs)


def _table(title: str, what: str, measured: Sequence[Sequence[Measurement]]) -> Table:
    rows = []
    for count, rounds in enumerate(measured, 1):
        rate, p50, p99 = (
            statistics.median(getattr(one, name) for one in rounds)
            for name in ("requests_per_second", "p50_ms", "p99_ms")
        )
        failures = sum(one.failures for one in rounds)
        rows.append([str(count), f"{rate:,.0f}", f"{p50:.2f}", f"{p99:.2f}", str(failures)])
    rows.append(["two / one", f"{_ratio(measured):.2f} x", "", "", ""])
    return Table(title, [what, "requests/s", "p50 ms", "p99 ms", "failures"], rows)
