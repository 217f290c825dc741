"""Runs a benchmark: `./scripts/bench predict`, `./scripts/bench analyses`. Exit code 1 when a goal was missed."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from scripts.benchmarks import analyses, predict
from scripts.benchmarks.processes import REPOSITORY, ProgramFailed
from scripts.benchmarks.result import Result

_BENCHMARKS: dict[str, Callable[..., Result]] = {"analyses": analyses.run, "predict": predict.run}


def main() -> None:
    """Reads the arguments, measures, prints and writes."""
    state = REPOSITORY / os.environ.get("STATE_DIR", ".state")
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("benchmark", choices=sorted(_BENCHMARKS))
    parser.add_argument("--rounds", type=int, default=5, help="how often each measurement is repeated (default 5)")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long one measurement takes (default 5)")
    parser.add_argument("--results", type=Path, default=state / "benchmarks", help="folder for the JSON result")
    arguments = parser.parse_args()
    try:
        result = _BENCHMARKS[arguments.benchmark](rounds=arguments.rounds, seconds=arguments.seconds, state=state)
    except ProgramFailed as failure:
        sys.exit(str(failure))
    result.print()
    print(f"\nwritten to {result.write(arguments.results)}")
    sys.exit(0 if result.is_good else 1)


if __name__ == "__main__":
    main()
