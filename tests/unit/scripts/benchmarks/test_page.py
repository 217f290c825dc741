from dataclasses import replace
from pathlib import Path

from scripts.benchmarks.page import BENCHMARKS, write
from scripts.benchmarks.result import Goal, Result, Table


def result_of(benchmark: str) -> Result:
    return Result(
        benchmark=benchmark,
        title=f"Title of {benchmark}",
        conditions={"cores": 2},
        method=["Three rounds."],
        tables=[Table("Figures", ("design", "p50 ms"), [("ours | fast", "1.2")])],
        goals=[Goal("p50", "at most 1.5 ms", "1.2 ms", True), Goal("p99", "at most 2 ms", "2.4 ms", False)],
        figures={"turns": [1.2]},
        taken_at="2026-11-01T09:00:00+00:00",
    )


def test_page_has_every_benchmark_with_its_figures_goals_and_conditions(tmp_path: Path) -> None:
    for benchmark in BENCHMARKS:
        result_of(benchmark).write(tmp_path)

    page = write(tmp_path, tmp_path / "page.md").read_text("utf-8")

    sections = page.split("\n## ")[1:]
    assert [section.splitlines()[0] for section in sections] == [f"Title of {benchmark}" for benchmark in BENCHMARKS]
    assert (
        sections[0].split("\n", 1)[1].rstrip()
        == """
`./scripts/bench predict`

- Three rounds.

### Figures

| design | p50 ms |
|---|---:|
| ours / fast | 1.2 |

### Goals

| what | goal | measured |  |
|---|---:|---:|---:|
| p50 | at most 1.5 ms | 1.2 ms | met |
| p99 | at most 2 ms | 2.4 ms | **missed** |

### Conditions of 2026-11-01T09:00:00+00:00

- cores: 2"""
    )


def test_section_without_a_new_result_stays_and_the_others_are_written_again(tmp_path: Path) -> None:
    earlier, now, page = tmp_path / "earlier", tmp_path / "now", tmp_path / "page.md"
    for benchmark in BENCHMARKS:
        result_of(benchmark).write(earlier)
    before = write(earlier, page).read_text("utf-8")
    replace(result_of("page-load-mixed"), method=["A whole day."]).write(now)

    after = write(now, page).read_text("utf-8")

    assert [line for line in after.splitlines() if line not in before.splitlines()] == ["- A whole day."]
    assert len(after.splitlines()) == len(before.splitlines())


def test_benchmark_that_never_ran_is_left_out(tmp_path: Path) -> None:
    result_of("grow").write(tmp_path)

    page = write(tmp_path, tmp_path / "page.md").read_text("utf-8")

    assert [line for line in page.splitlines() if line.startswith("## ")] == ["## Title of grow"]
