"""Updates the figures in MODEL_CARD.md from the model: `python -m model.card`."""

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import lightgbm

from prediction_service.accident import FIELDS
from prediction_service.model import DESCRIPTION_FILE, MODEL_FILE
from prediction_service.severity import RANGE_COVERAGE, SeverityScale

DIRECTORY = Path(__file__).parent
CARD = DIRECTORY / "MODEL_CARD.md"
LEAST_ROWS = 300
_GROUPS = {"word": "심각도", "county": "구·군"} | {field.name: field.korean_name for field in FIELDS}
BEGIN, END = "<!-- figures: written by `python -m model.card` -->\n", "<!-- end of figures -->\n"


def main() -> None:
    """Updates the figures in the card."""
    CARD.write_text(with_figures(CARD.read_text("utf-8"), figures(DIRECTORY)), "utf-8")


def with_figures(card: str, text: str) -> str:
    """Returns the card with its figures replaced by the text."""
    before, rest = card.split(BEGIN)
    return before + BEGIN + text + END + rest.split(END)[1]


def figures(directory: Path) -> str:
    """Returns the figures of the model in the folder, as Markdown."""
    description = json.loads((directory / DESCRIPTION_FILE).read_text("utf-8"))
    booster = lightgbm.Booster(model_str=(directory / MODEL_FILE).read_text("utf-8"))
    report = description["report"]
    last_year = max(report["by_year"])
    parts = [
        f"Version `{description['version']}`, fitted on {description['training_rows']:,} accidents from "
        f"{description['trained_on'].replace('/', ' to ')}.\n",
        "### By year, each predicted by a model of the years before it\n",
        _figures_table("year", _ERRORS, report["by_year"]),
        f"### {last_year} by month\n",
        _figures_table("month", _ERRORS, {key: report["by_month"][key] for key in sorted(report["by_month"], key=int)}),
        f"### {last_year} by accident type\n",
        _figures_table("type", _ERRORS, report["by_accident_type"]),
        f"### Accidents inside their {RANGE_COVERAGE:.0%} range, and expected beside real ECLO: by year\n",
        _outcome_table("year", report["held_out"]),
        f"### {last_year}: the same by group of {LEAST_ROWS:,} accidents and more\n",
        _outcome_table(
            "group",
            {
                f"{korean_name} {name}": outcome
                for kind, korean_name in _GROUPS.items()
                for name, outcome in report["by_group"].get(kind, {}).items()
                if outcome["rows"] >= LEAST_ROWS
            },
        ),
        f"### Bands, and what became of the accidents of {last_year} that were predicted into each\n",
        _band_table(description["cut_points"], report["by_band"]),
        "### What the trees look at: share of the total gain, by input\n",
        _gain_table(booster, description["columns"]),
    ]
    return "\n" + "\n".join(parts) + "\n"


# The head of each column, the figure it shows, and its format.
_ERRORS = (
    ("accidents", "rows", ","), ("constant", "constant", ".4f"), ("plain LightGBM", "plain_lightgbm", ".4f"),
    ("model", "model", ".4f"), ("below the constant", "better", ".2%"),
)  # fmt: skip
_OUTCOMES = (
    ("accidents", "rows", ","), ("inside", "inside", ".1%"), ("mean width", "width", ".1f"),
    ("sum of expected ECLO", "expected", ",.0f"), ("sum of real ECLO", "real", ",.0f"),
    ("difference", "difference", "+.1%"),
)  # fmt: skip
_BANDS = (
    ("predicted ECLO from", "minimum_eclo", ".2f"), ("below", "maximum_eclo", ".2f"),
    ("share of predictions", "share", ".0%"), ("accidents", "rows", ","), ("mean ECLO", "mean_eclo", ".2f"),
    ("median", "median_eclo", ".0f"), ("ECLO 10 or more", "ten_or_more", ".1%"),
)  # fmt: skip


def _figures_table(
    kind: str, columns: Sequence[tuple[str, str, str]], figures: Mapping[str, Mapping[str, float | None]]
) -> str:
    rows = (
        [name, *("" if row[figure] is None else format(row[figure], form) for _, figure, form in columns)]
        for name, row in figures.items()
    )
    return _table([kind, *(head for head, _, _ in columns)], rows)


def _outcome_table(kind: str, outcomes: Mapping[str, Mapping[str, float]]) -> str:
    rows = {name: {**row, "difference": row["expected"] / row["real"] - 1} for name, row in outcomes.items()}
    return _figures_table(kind, _OUTCOMES, rows)


def _band_table(cut_points: Sequence[float], outcomes: Mapping[str, Mapping[str, Any]]) -> str:
    bands = SeverityScale(cut_points).bands()
    rows = {band.interpretation: {**band._asdict(), **outcomes[band.interpretation]} for band in bands}
    return _figures_table("word", _BANDS, rows)


def _gain_table(booster: lightgbm.Booster, columns: Sequence[Mapping[str, str]]) -> str:
    gain = booster.feature_importance("gain")
    by_input = {
        field.name: sum(part for column, part in zip(columns, gain, strict=True) if column["source"] == field.name)
        for field in FIELDS
    }
    ranked = sorted(by_input.items(), key=lambda item: -item[1])
    return _table(["input", "share"], ([name, f"{part / sum(gain):.1%}"] for name, part in ranked))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] + ["---:"] * (len(heads) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    main()
