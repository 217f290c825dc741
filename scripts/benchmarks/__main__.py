"""Runs a benchmark, such as `./scripts/bench predict`. Exit code 1 when a goal was missed.

`./scripts/bench page` writes docs/performance.md from the latest results.
"""

import argparse
import os
import sys
from pathlib import Path

from scripts.benchmarks import harness, page
from scripts.benchmarks.processes import REPOSITORY, ProgramFailed

# Imported when it runs: together they import nearly every library there is.
_BENCHMARKS = (
    "chat",
    "data",
    "grow",
    "overload",
    "page-load",
    "pollution",
    "predict",
    "replicas",
    "rolling",
    "start",
    "visit",
)
_SECONDS, _DAY_SECONDS = 5.0, 1800.0


def main() -> None:
    """Reads the arguments, measures, prints and writes."""
    state = REPOSITORY / os.environ.get("STATE_DIR", ".state")
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("benchmark", choices=[*_BENCHMARKS, "page"])
    parser.add_argument("--rounds", type=int, default=5, help="how often each measurement is repeated (default 5)")
    parser.add_argument("--seconds", type=float, help="how long one measurement takes (default 5; 1800 if mixed)")
    parser.add_argument("--mixed", action="store_true", help="page-load: people do different things for half an hour")
    parser.add_argument("--results", type=Path, default=state / "benchmarks", help="folder for the JSON result")
    arguments = parser.parse_args()
    is_mixed = arguments.benchmark == "page-load" and arguments.mixed
    name = f"{arguments.benchmark}-mixed" if is_mixed else arguments.benchmark
    seconds = arguments.seconds or (_DAY_SECONDS if is_mixed else _SECONDS)
    try:
        if name == "page":
            print(page.write(arguments.results))
            return
        result = harness.run(name, rounds=arguments.rounds, seconds=seconds, state=state)
    except ProgramFailed as failure:
        sys.exit(str(failure))
    result.print()
    print(f"\nwritten to {result.write(arguments.results)}")
    sys.exit(0 if result.is_good else 1)


if __name__ == "__main__":
    main()
