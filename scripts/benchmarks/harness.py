"""Runs one benchmark: gives it a folder, and adds the conditions of the measurement to its result."""

import tempfile
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from scripts.benchmarks import conditions
from scripts.benchmarks.result import Result


@dataclass(frozen=True, slots=True)
class Bench:
    """What a benchmark is given: how often and how long to measure, folders, and `facts` to add its own to.

    `directory` is on the disk of the product's state: in a memory file system, commits would be free.
    """

    rounds: int
    seconds: float
    state: Path
    directory: Path
    facts: dict[str, Any]


def run(name: str, *, rounds: int, seconds: float, state: Path) -> Result:
    """Runs `measure(bench)` of the benchmark's module and returns the complete result."""
    module = import_module(f"scripts.benchmarks.{name.replace('-', '_')}")
    state.mkdir(parents=True, exist_ok=True)
    before = conditions.read()
    with tempfile.TemporaryDirectory(dir=state, prefix="benchmark-") as made:
        directory = Path(made)
        facts = conditions.machine() | conditions.speed(directory)
        bench = Bench(rounds, seconds, state, directory, facts)
        result: Result = module.measure(bench)
    shares = conditions.shares_since(before)
    facts |= {
        "versions": conditions.versions(*result.packages),
        "processor used by others meanwhile": f"{shares['others']:.0%}",
        "processor taken by the host meanwhile": f"{shares['stolen']:.0%}",
    }
    return replace(result, benchmark=name, conditions=facts)
