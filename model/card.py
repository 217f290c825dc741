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
        _error_table("year", report["by_year"], report["by_year"]),
        f"### {last_year} by month\n",
        _error_table("month", report["by_month"], sorted(report["by_month"], key=int)),
        f"### {last_year} by accident type\n",
        _error_table("type", report["by_accident_type"], report["by_accident_type"]),
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


def _error_table(kind: str, table: Mapping[str, Mapping[str, Any]], keys: Iterable[str]) -> str:
    heads = [kind, "accidents", "constant", "plain LightGBM", "model", "below the constant"]
    rows = (
        [
            key,
            f"{table[key]['rows']:,}",
            f"{table[key]['constant']:.4f}",
            f"{table[key]['plain_lightgbm']:.4f}",
            f"{table[key]['model']:.4f}",
            f"{table[key]['better']:.2%}",
        ]
        for key in keys
    )
    return _table(heads, rows)


def _outcome_table(kind: str, outcomes: Mapping[str, Mapping[str, float]]) -> str:
    rows = (
        [
            name,
            f"{outcome['rows']:,}",
            f"{outcome['inside']:.1%}",
            f"{outcome['width']:.1f}",
            f"{outcome['expected']:,.0f}",
            f"{outcome['real']:,.0f}",
            f"{outcome['expected'] / outcome['real'] - 1:+.1%}",
        ]
        for name, outcome in outcomes.items()
    )
    heads = [kind, "accidents", "inside", "mean width", "sum of expected ECLO", "sum of real ECLO", "difference"]
    return _table(heads, rows)


def _band_table(cut_points: Sequence[float], outcomes: Mapping[str, Mapping[str, Any]]) -> str:
    rows = (
        [
            band.interpretation,
            f"{band.minimum_eclo:.2f}",
            f"{band.maximum_eclo:.2f}" if band.maximum_eclo is not None else "",
            f"{band.share:.0%}",
            f"{outcome['rows']:,}",
            f"{outcome['mean_eclo']:.2f}",
            f"{outcome['median_eclo']:.0f}",
            f"{outcome['ten_or_more']:.1%}",
        ]
        for band in SeverityScale(cut_points).bands()
        for outcome in [outcomes[band.interpretation]]
    )
    heads = [
        "predicted ECLO from",
        "below",
        "share of predictions",
        "accidents",
        "mean ECLO",
        "median",
        "ECLO 10 or more",
    ]
    return _table(["word", *heads], rows)


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
