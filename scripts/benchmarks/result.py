"""The result of a benchmark: printed, and written as JSON for the results page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Table:
    """Figures as shown; every cell is text."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal, what was measured, and whether it was met."""

    name: str
    goal: str
    measured: str
    is_met: bool


def at_most(name: str, most: float, value: float, unit: str, digits: int = 1, note: str = "") -> Goal:
    """Returns the goal that a value does not exceed a limit in the same unit."""
    return Goal(name, f"at most {most:g} {unit}", f"{value:.{digits}f} {unit}{note}", value <= most)


def at_least(name: str, least: float, value: float, unit: str, digits: int = 1) -> Goal:
    """Returns the goal that a value reaches a limit in the same unit."""
    return Goal(name, f"at least {least:g} {unit}", f"{value:.{digits}f} {unit}", value >= least)


def percentile(values: Sequence[float], share: float) -> float:
    """Returns the value that the share of the values stays below; NaN if there are none."""
    return sorted(values)[int(len(values) * share)] if values else float("nan")


@dataclass(frozen=True, slots=True)
class Result:
    """One run. `method` describes in sentences how it was measured, `figures` has all measured numbers.

    A benchmark names the `packages` whose versions matter; the name and the conditions are added to its result.
    """

    title: str
    method: Sequence[str]
    tables: Sequence[Table]
    goals: Sequence[Goal]
    figures: Mapping[str, Any]
    packages: Sequence[str] = ()
    benchmark: str = ""
    conditions: Mapping[str, Any] = field(default_factory=dict)
    taken_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @property
    def is_good(self) -> bool:
        """Tells whether every goal was met."""
        return all(goal.is_met for goal in self.goals)

    def write(self, directory: Path) -> Path:
        """Writes `<benchmark>.json` into the folder and returns its path."""
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / f"{self.benchmark}.json"
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n", "utf-8")
        return path

    def print(self) -> None:
        """Prints conditions, tables and goals."""
        print(f"\n{self.title}")
        for name, value in self.conditions.items():
            print(f"  {name}: {value}")
        for table in self.tables:
            print(f"\n{table.title}")
            _print_rows([table.columns, *table.rows])
        print("\nGoals")
        _print_rows([[goal.name, goal.goal, goal.measured, "met" if goal.is_met else "MISSED"] for goal in self.goals])


def _print_rows(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for first, *rest in rows:
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))]
        print("  " + "   ".join(cells))
