"""Single predictions: our durable ones compared with a naive design and MLServer, alternating in one run."""

import math
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from prediction_service.accident import Accident
from scripts.benchmarks import conditions, mlserver, naive_design, our_stack
from scripts.benchmarks.accidents import encoded_rows, rest_bodies, varied_accidents
from scripts.benchmarks.load import Generator, Measurement, generator
from scripts.benchmarks.processes import Server, free_port, running
from scripts.benchmarks.result import Goal, Result, Table

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


@dataclass(frozen=True, slots=True)
class Contestant:
    """One design: its server, its request bodies, how to read its ECLO and to count its stored predictions, if any."""

    name: str
    server: Server
    bodies: Path
    eclo: Callable[[dict[str, object]], float]
    stored: Callable[[], int] | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One measurement of one contestant, with the CPU time per answer and the CPU use of others."""

    contestant: str
    clients: int
    round: int
    measured: Measurement
    processor_us: float
    processor: dict[str, float]


def run(*, rounds: int, seconds: float, state: Path) -> Result:
    """Measures and returns the result. Stored rows are counted: an answer that was not stored is a failure."""
    load = generator()
    # On the same disk as the product's state: in a memory file system, commits would be free.
    state.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=state, prefix="benchmark-") as made, ExitStack() as stack:
        directory = Path(made)
        accidents = varied_accidents(_BODIES)
        database = stack.enter_context(our_stack.running_postgres(directory))
        contestants = [
            stack.enter_context(_ours(directory, database, accidents)),
            stack.enter_context(_naive(directory, database, accidents)),
        ]
        notes = []
        try:
            environment = mlserver.environment(state / "environments")
            contestants.append(stack.enter_context(_mlserver(directory, environment, accidents)))
        except mlserver.EnvironmentMissing as reason:
            notes.append(f"MLServer was left out, its environment could not be made: {reason}")
        _check_that_all_say_the_same(contestants)
        for contestant in contestants:
            load.run(contestant.server.url, contestant.bodies, clients=max(CLIENTS), seconds=_FIRST_SECONDS)
        facts = (
            conditions.machine()
            | conditions.speed(directory)
            | our_stack.durability(database.url)
            | {
                "load": load.name,
                "versions": conditions.versions("lightgbm", "grpcio", "fastapi", "uvicorn", "psycopg2-binary")
                + f", {mlserver.version()}",
            }
        )
        before = conditions.read()
        turns = list(_turns(contestants, load, rounds, seconds))
        for contestant in contestants:
            _check_that_all_is_stored(contestant, turns)
        shares = conditions.shares_since(before)
    facts["processor used by others meanwhile"] = f"{shares['others']:.0%}"
    facts["processor taken by the host meanwhile"] = f"{shares['stolen']:.0%}"
    return Result(
        benchmark="predict",
        title="Single prediction",
        conditions=facts,
        method=[
            f"{rounds} rounds of {seconds:.0f} s for each design at each number of clients, in turns, all servers up;"
            f" figures are medians of the rounds, ratios are taken within a round.",
            f"Clients keep their connection and send {_BODIES:,} different accidents in turn.",
            "Every acknowledged prediction of the durable designs was found in the database afterwards.",
            *notes,
        ],
        tables=[_figures_table(turns), _ratio_table(turns)],
        goals=_goals(turns),
        figures={"turns": [asdict(turn) for turn in turns]},
    )


@contextmanager
def _ours(directory: Path, database: Server, accidents: Sequence[Accident]) -> Iterator[Contestant]:
    with our_stack.running_gateway(directory, database.url) as gateway:
        yield Contestant(
            OURS,
            Server(f"{gateway.url}/api/predict/eclo", (*gateway.process_ids, *database.process_ids)),
            _written(directory / "ours.bodies", rest_bodies(accidents)),
            _eclo_field,
            lambda: our_stack.stored(database.url, "prediction.predictions"),
        )


@contextmanager
def _naive(directory: Path, database: Server, accidents: Sequence[Accident]) -> Iterator[Contestant]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "uvicorn", "--factory", "scripts.benchmarks.naive_design:create_app"]
    with running(
        [*command, "--port", str(port)], lambda: our_stack.answers(f"{url}/openapi.json"),
        log=directory / "naive.log", environment={"DATABASE_URL": database.url},
    ) as process:  # fmt: skip
        yield Contestant(
            NAIVE,
            Server(f"{url}/api/predict/eclo", (process.pid, *database.process_ids)),
            _written(directory / "naive.bodies", rest_bodies(accidents)),
            _eclo_field,
            lambda: our_stack.stored(database.url, naive_design.TABLE),
        )


@contextmanager
def _mlserver(directory: Path, environment: Path, accidents: Sequence[Accident]) -> Iterator[Contestant]:
    with mlserver.running_mlserver(directory, environment) as server:
        bodies = _written(directory / "mlserver.bodies", mlserver.infer_bodies(encoded_rows(accidents)))
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


def _check_that_all_is_stored(contestant: Contestant, turns: Sequence[Turn]) -> None:
    if contestant.stored is None:
        return
    answers = sum(turn.measured.answers for turn in turns if turn.contestant == contestant.name)
    stored = contestant.stored()
    if stored < answers:
        raise SystemExit(f"{contestant.name} answered {answers} predictions and has stored {stored}.")


def _goals(turns: Sequence[Turn]) -> list[Goal]:
    many, one = max(CLIENTS), min(CLIENTS)
    p99 = _median(turns, OURS, many, lambda turn: turn.measured.p99_ms)
    p50 = _median(turns, OURS, one, lambda turn: turn.measured.p50_ms)
    goals = [
        Goal(f"p99 at {many} clients", "at most 15 ms", f"{p99:.1f} ms", p99 <= 15),
        Goal("p50 for one client", "at most 1.2 ms", f"{p50:.2f} ms", p50 <= 1.2),
    ]
    for other, factor in ((MLSERVER, 4), (NAIVE, 50)):
        ratios = _ratios(turns, other, many)
        if ratios:
            ratio = statistics.median(ratios)
            name = f"requests/s at {many} clients, of {other}"
            goals.append(Goal(name, f"at least {factor} x", f"{ratio:.1f} x", ratio >= factor))
    return goals


def _figures_table(turns: Sequence[Turn]) -> Table:
    rows = []
    for clients in CLIENTS:
        for name in dict.fromkeys(turn.contestant for turn in turns):
            rate = _median(turns, name, clients, lambda turn: turn.measured.requests_per_second)
            p50 = _median(turns, name, clients, lambda turn: turn.measured.p50_ms)
            p99 = _median(turns, name, clients, lambda turn: turn.measured.p99_ms)
            cost = _median(turns, name, clients, lambda turn: turn.processor_us)
            failures = sum(turn.measured.failures for turn in _of(turns, name, clients))
            figures = [f"{rate:,.0f}", f"{p50:.2f}", f"{p99:.2f}", f"{cost:,.0f}", str(failures)]
            rows.append([_TITLES[name], str(clients), *figures])
    heads = ["design", "clients", "requests/s", "p50 ms", "p99 ms", "processor us an answer", "failures"]
    return Table("Medians of the rounds", heads, rows)


def _ratio_table(turns: Sequence[Turn]) -> Table:
    rows = []
    for clients in CLIENTS:
        for other in (MLSERVER, NAIVE):
            ratios = _ratios(turns, other, clients)
            if ratios:
                spread = f"{min(ratios):.1f} to {max(ratios):.1f}"
                rows.append([f"ours / {other}", str(clients), f"{statistics.median(ratios):.1f}", spread])
    return Table("Requests/s as ratios within a round", ["ratio", "clients", "median", "rounds"], rows)


def _ratios(turns: Sequence[Turn], other: str, clients: int) -> list[float]:
    ours = {turn.round: turn.measured.requests_per_second for turn in _of(turns, OURS, clients)}
    return [ours[turn.round] / turn.measured.requests_per_second for turn in _of(turns, other, clients)]


def _median(turns: Sequence[Turn], name: str, clients: int, figure: Callable[[Turn], float]) -> float:
    return statistics.median(map(figure, _of(turns, name, clients)))


def _of(turns: Sequence[Turn], name: str, clients: int) -> list[Turn]:
    return [turn for turn in turns if turn.contestant == name and turn.clients == clients]


def _eclo_field(answer: dict[str, object]) -> float:
    return float(str(answer["eclo"]))


def _eclo_of_score(answer: dict[str, object]) -> float:
    outputs: list[dict[str, list[float]]] = answer["outputs"]  # type: ignore[assignment]  # its protocol
    return math.expm1(outputs[0]["data"][0])


def _written(path: Path, bodies: Sequence[str]) -> Path:
    path.write_text("\n".join(bodies) + "\n", "utf-8")
    return path
