"""Single predictions: our durable ones compared with a naive design and MLServer, alternating in one run."""

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from prediction_service.accident import Accident
from scripts.benchmarks import conditions, mlserver, naive
from scripts.benchmarks.accidents import encoded_rows, rest_bodies, varied_accidents
from scripts.benchmarks.harness import Bench
from scripts.benchmarks.load import Generator, Measurement, generator
from scripts.benchmarks.parts import measure_parts
from scripts.benchmarks.processes import Server
from scripts.benchmarks.result import Goal, Result, Table, at_least, at_most
from scripts.benchmarks.whole_stack import running_whole_stack

CLIENTS = (1, 50)
OURS, NAIVE, MLSERVER = "ours", "naive", "mlserver"
_TITLES = {
    OURS: "ours: gateway, prediction service, PostgreSQL; durable",
    NAIVE: "naive: DataFrame a call, ORM session a request; durable",
    MLSERVER: "MLServer: ready-made rows, nothing stored",
}
_BODIES = 2000
_WARM_SECONDS = 1.0
_FIRST_SECONDS = 3.0  # warm-up
_DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True, slots=True)
class Contestant:
    """One design: its server, its request bodies, and how to read its ECLO."""

    name: str
    server: Server
    bodies: Path
    eclo: Callable[[dict[str, object]], float]


@dataclass(frozen=True, slots=True)
class Turn:
    """One measurement of one contestant, with the CPU time per answer and the CPU use of others."""

    contestant: str
    clients: int
    round: int
    measured: Measurement
    processor_us: float
    processor: dict[str, float]


_Figure = Callable[[Turn], float]


def measure(bench: Bench) -> Result:
    """Measures all designs in turns. Stored rows are counted: an answer that was not stored is a failure."""
    load = generator()
    notes = []
    with running_whole_stack(bench.directory) as ours, ExitStack() as others:
        accidents = varied_accidents(_BODIES)
        bodies = _write(bench.directory / "rest.bodies", rest_bodies(accidents))
        postgres = ours.pids("postgres")
        naive_server = others.enter_context(naive.running_naive(bench.directory, ours.database_url, postgres))
        servers = {OURS: Server(ours.api, ours.pids("gateway", "prediction") + postgres), NAIVE: naive_server}
        tables = {OURS: "prediction.predictions", NAIVE: naive.TABLE}
        contestants = [
            Contestant(name, Server(f"{server.url}/api/predict/eclo", server.process_ids), bodies, _eclo_field)
            for name, server in servers.items()
        ]
        try:
            environment = mlserver.environment(bench.state / "environments")
            contestants.append(others.enter_context(_mlserver(bench.directory, environment, accidents)))
        except mlserver.EnvironmentMissing as reason:
            notes.append(f"MLServer was left out, its environment could not be made: {reason}")
        _check_that_all_say_the_same(contestants)
        for contestant in contestants:
            load.run(contestant.server.url, contestant.bodies, clients=max(CLIENTS), seconds=_FIRST_SECONDS)
        bench.facts.update({name: ours.query(f"SHOW {name}") for name in _DURABILITY})
        bench.facts.update({"load": load.name, "compared with": mlserver.version()})
        turns = list(_turns(contestants, load, bench.rounds, bench.seconds))
        parts = measure_parts(ours, bench.directory, rest_bodies(accidents), bench.rounds)
        for name, table in tables.items():
            answers = sum(turn.measured.answers for turn in turns if turn.contestant == name)
            stored = int(ours.query(f"SELECT count(*) FROM {table}"))
            if stored < answers:
                raise SystemExit(f"{name} answered {answers} predictions and has stored {stored}.")
    return Result(
        title="Single prediction",
        method=[
            f"{bench.rounds} rounds of {bench.seconds:.0f} s for each design at each number of clients, in turns, all"
            " servers up; figures are medians of the rounds, ratios are taken within a round.",
            "The parts of one prediction are measured after them, each alone, one after the other in every round.",
            f"Clients keep their connection and send {_BODIES:,} different accidents in turn.",
            "Every acknowledged prediction of the durable designs was found in the database afterwards.",
            *notes,
        ],
        tables=[_figures_table(turns), _ratio_table(turns), parts],
        goals=_goals(turns),
        figures={"turns": turns},
        packages=("lightgbm", "grpcio", "fastapi", "uvicorn", "psycopg2-binary"),
    )


@contextmanager
def _mlserver(directory: Path, environment: Path, accidents: Sequence[Accident]) -> Iterator[Contestant]:
    with mlserver.running_mlserver(directory, environment) as server:
        bodies = _write(directory / "mlserver.bodies", mlserver.infer_bodies(encoded_rows(accidents)))
        yield Contestant(MLSERVER, server, bodies, _eclo_of_score)


def _turns(contestants: Sequence[Contestant], load: Generator, rounds: int, seconds: float) -> Iterator[Turn]:
    for number in range(rounds):
        first = number % len(contestants)
        for clients in CLIENTS:
            for contestant in (*contestants[first:], *contestants[:first]):
                url, bodies, ids = contestant.server.url, contestant.bodies, contestant.server.process_ids
                load.run(url, bodies, clients=clients, seconds=_WARM_SECONDS)
                before, used_before = conditions.read(), conditions.processor_seconds(ids)
                measured = load.run(url, bodies, clients=clients, seconds=seconds)
                used = conditions.processor_seconds(ids) - used_before
                if not measured.answers:
                    raise SystemExit(f"{contestant.name} answered nothing in {seconds:.0f} s; try more --seconds.")
                microseconds = round(used / measured.answers * 1e6, 1)
                turn = Turn(contestant.name, clients, number, measured, microseconds, conditions.shares_since(before))
                _say(turn)
                yield turn


def _say(turn: Turn) -> None:
    measured = turn.measured
    print(
        f"round {turn.round + 1}, {turn.clients:2} clients, {turn.contestant:8}"
        f" {measured.requests_per_second:8,.0f} req/s   p50 {measured.p50_ms:7.2f} ms   p99 {measured.p99_ms:7.2f} ms"
        f"   processor {turn.processor_us:6,.0f} us   failures {measured.failures}"
        f"   others {turn.processor['others']:.0%}",
        flush=True,
    )


def _check_that_all_say_the_same(contestants: Sequence[Contestant]) -> None:
    """Fails unless all designs return the same ECLO for the same accidents; otherwise the comparison is invalid."""
    said = []
    with httpx.Client(headers={"content-type": "application/json"}, trust_env=False, timeout=10) as client:
        for contestant in contestants:
            bodies = contestant.bodies.read_text("utf-8").splitlines()[:50]
            replies = [client.post(contestant.server.url, content=body).raise_for_status() for body in bodies]
            said.append([contestant.eclo(reply.json()) for reply in replies])
    for contestant, values in zip(contestants[1:], said[1:], strict=True):
        for value, expected in zip(values, said[0], strict=True):
            if not math.isclose(value, expected, rel_tol=1e-9):
                raise SystemExit(f"{contestant.name} answers {value} where {contestants[0].name} answers {expected}.")


def _goals(turns: Sequence[Turn]) -> list[Goal]:
    many, one = max(CLIENTS), min(CLIENTS)
    goals = []
    for other, factor in ((MLSERVER, 5), (NAIVE, 50)):
        if ratios := _ratios(turns, other, many, _rate):
            goals.append(at_least(f"requests/s at {many} clients, of {other}", factor, statistics.median(ratios), "x"))
    if ratios := _ratios(turns, MLSERVER, one, _p50):
        goals.append(at_most(f"p50 for one client, of {MLSERVER}", 2, statistics.median(ratios), "x"))
        ratios = _ratios(turns, MLSERVER, many, _p50, ours=_p99)
        goals.append(at_most(f"p99 at {many} clients, of {MLSERVER}'s p50", 1, statistics.median(ratios), "x", 2))
    return goals


def _figures_table(turns: Sequence[Turn]) -> Table:
    rows = []
    for clients in CLIENTS:
        for name in dict.fromkeys(turn.contestant for turn in turns):
            rate, p50, p99 = (_median(turns, name, clients, figure) for figure in (_rate, _p50, _p99))
            cost = _median(turns, name, clients, lambda turn: turn.processor_us)
            failures = sum(turn.measured.failures for turn in _of(turns, name, clients))
            figures = (f"{rate:,.0f}", f"{p50:.2f}", f"{p99:.2f}", f"{cost:,.0f}", str(failures))
            rows.append([_TITLES[name], str(clients), *figures])
    heads = ["design", "clients", "requests/s", "p50 ms", "p99 ms", "processor us an answer", "failures"]
    return Table("Medians of the rounds", heads, rows)


def _ratio_table(turns: Sequence[Turn]) -> Table:
    rows = []
    for clients in CLIENTS:
        for other in (MLSERVER, NAIVE):
            ratios = _ratios(turns, other, clients, _rate)
            if ratios:
                spread = f"{min(ratios):.1f} to {max(ratios):.1f}"
                rows.append([f"ours / {other}", str(clients), f"{statistics.median(ratios):.1f}", spread])
    return Table("Requests/s as ratios within a round", ["ratio", "clients", "median", "rounds"], rows)


def _ratios(
    turns: Sequence[Turn], other: str, clients: int, figure: _Figure, *, ours: _Figure | None = None
) -> list[float]:
    """Returns our figure as a multiple of the other's, in each round; `ours` if it is not the same figure."""
    figures = {turn.round: (ours or figure)(turn) for turn in _of(turns, OURS, clients)}
    return [figures[turn.round] / figure(turn) for turn in _of(turns, other, clients)]


def _median(turns: Sequence[Turn], name: str, clients: int, figure: _Figure) -> float:
    return statistics.median(map(figure, _of(turns, name, clients)))


def _of(turns: Sequence[Turn], name: str, clients: int) -> list[Turn]:
    return [turn for turn in turns if turn.contestant == name and turn.clients == clients]


def _rate(turn: Turn) -> float:
    return turn.measured.requests_per_second


def _p50(turn: Turn) -> float:
    return turn.measured.p50_ms


def _p99(turn: Turn) -> float:
    return turn.measured.p99_ms


def _eclo_field(answer: dict[str, object]) -> float:
    return float(str(answer["eclo"]))


def _eclo_of_score(answer: dict[str, object]) -> float:
    outputs: list[dict[str, list[float]]] = answer["outputs"]  # type: ignore[assignment]  # its protocol
    return math.expm1(outputs[0]["data"][0])


def _write(path: Path, bodies: Sequence[str]) -> Path:
    path.write_text("\n".join(bodies) + "\n", "utf-8")
    return path
