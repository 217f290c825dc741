"""Trains the ECLO model: `python -m model.train --data DIR`. Training is reproducible, as `--check` verifies.

Validated by time: every figure about a year comes from a model that saw only the years before it. The final model is
fitted on all years. Logarithms and powers are rounded before further use, because processors differ in the last bit and
the files must not.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import MISSING, fields
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import holidays
import lightgbm
import numpy as np
import numpy.typing as npt
import pandas as pd

from model.calibration import fit_expected_factors, fit_ranges, group_outcomes
from model.encodings import DECIMALS, Level, fold_levels, level_table
from model.records import accidents, read_records
from prediction_service.accident import FIELDS, NUMBER_RANGES, UNTRAINED_DISTRICTS, WEEKDAYS, time_period_of
from prediction_service.features import CALENDAR_FACTS, Calendar, Column, Encoder
from prediction_service.model import DESCRIPTION_FILE, MODEL_FILE
from prediction_service.severity import CUT_SHARES, WORDS

Floats = npt.NDArray[np.float64]

PARAMETERS = {
    "objective": "regression",
    "num_leaves": 8,
    "learning_rate": 0.08,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}
TREES = 300
HALF_LIFE_YEARS = 6.0
"""A record six years before the last counts half: the mean drifts, the causes of severity hardly do."""
LEVELS = (
    Level("weather_level", "weather", smoothing=20),
    Level("surface_level", "road_surface", smoothing=20),
    Level("road_level", "road_type", smoothing=20),
    Level("accident_type_level", "accident_type", smoothing=20),
    Level("district_level", "district", smoothing=100),
    Level("county_level", "district", smoothing=100, words=2),
    Level("hour_level", "accident_hour", smoothing=20),
)
VALIDATED_YEARS = range(2016, 2021)
HELD_OUT_YEARS = VALIDATED_YEARS[2:]
"""Years on which ranges and expected ECLO are evaluated; fitted on the validated years before."""
SCORED_YEAR = VALIDATED_YEARS[-1]
ECLO_DECIMALS = 6
DIRECTORY = Path(__file__).parent


class Outcome(NamedTuple):
    """Predictions of the model, of a plain LightGBM and of the constant for some accidents, and their log1p(ECLO)."""

    scores: Floats
    plain: Floats
    constant: float
    y: Floats

    def of(self, rows: npt.NDArray[np.intp]) -> "Outcome":
        """Returns the outcome for some of the accidents."""
        return Outcome(self.scores[rows], self.plain[rows], self.constant, self.y[rows])


class Trained:
    """A booster and its encoder."""

    def __init__(self, booster: lightgbm.Booster, columns: Sequence[Column], calendar: Calendar) -> None:
        self.booster = booster
        self.encoder = Encoder(columns, calendar)

    def scores(self, records: pd.DataFrame) -> Floats:
        """Returns the predicted log1p(ECLO) of each record."""
        return np.asarray(self.booster.predict(self.encoder.encode(accidents(records)), num_threads=1))


def main() -> None:
    """Reads the data, validates, fits, and writes the artefacts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the accident files")
    parser.add_argument("--out", type=Path, default=DIRECTORY, help="folder to write to")
    parser.add_argument("--check", action="store_true", help="write nothing; compare with the files in the folder")
    arguments = parser.parse_args()
    artefacts = train(read_records(arguments.data))
    if arguments.check:
        sys.exit(check(artefacts, arguments.out))
    write(artefacts, arguments.out)
    print(json.dumps(json.loads(artefacts[DESCRIPTION_FILE])["report"], indent=1, ensure_ascii=False))  # noqa: T201


def train(records: pd.DataFrame) -> dict[str, str]:
    """Returns the texts of the two artefacts, by file name."""
    free_days = korean_holidays()
    calendar = Calendar(free_days)
    unseen = {
        year: (records[records["accident_year"] == year], fit(records[records["accident_year"] < year], calendar))
        for year in VALIDATED_YEARS
    }
    scores = {year: trained.scores(scored) for year, (scored, trained) in unseen.items()}
    validated = records[records["accident_year"].isin(VALIDATED_YEARS)]  # ordered by time, like the scores
    predicted = np.expm1(np.concatenate(list(scores.values())))
    cut_points = eclo_quantiles(predicted, CUT_SHARES)
    held_out = {year: _held_out_outcomes(validated, predicted, year, cut_points) for year in HELD_OUT_YEARS}
    report = build_report(records, scores) | {
        "held_out": {str(year): outcomes["all"]["all"] for year, outcomes in held_out.items()},
        "by_group": held_out[SCORED_YEAR],
        "by_band": band_outcomes(cut_points, np.expm1(scores[SCORED_YEAR]), unseen[SCORED_YEAR][0]["eclo"].to_numpy()),
    }

    final = fit(records, calendar)
    booster_text = str(final.booster.model_to_string())
    digest = hashlib.sha256(booster_text.encode()).hexdigest()
    description = {
        "version": f"eclo-1-{digest[:8]}",
        "sha256": digest,
        "trained_on": f"{records['moment'].min():%Y-%m-%d}/{records['moment'].max():%Y-%m-%d}",
        "training_rows": len(records),
        "cut_points": cut_points,
        "prediction_quantiles": eclo_quantiles(predicted, np.linspace(0, 1, 101)),
        "ranges": fit_ranges(validated, predicted),
        "expected_factors": {
            "last_trained_year": int(records["accident_year"].max()),
            "trained": fit_expected_factors(validated, np.expm1(final.scores(validated))),
            "later": fit_expected_factors(validated, predicted),
        },
        "metrics": metrics(report),
        "report": report,
        "typical": typical_accident(records),
        "allowed": allowed_labels(records),
        "columns": [column_to_json(column) for column in final.encoder.columns],
        "holidays": [day.isoformat() for day in free_days],
    }
    return {MODEL_FILE: booster_text, DESCRIPTION_FILE: description_text(description)}


def fit(records: pd.DataFrame, calendar: Calendar) -> Trained:
    """Fits one model. The levels of a training row never come from that row (out of fold)."""
    y = target(records)
    age = records["accident_year"].max() - records["accident_year"].to_numpy()
    weight = np.round(0.5 ** (age / HALF_LIFE_YEARS), DECIMALS)
    encoder = Encoder(
        [*_plain_columns(records), *(level_table(level, records, y, weight) for level in LEVELS)], calendar
    )
    rows = encoder.encode(accidents(records))
    names = [column.name for column in encoder.columns]
    for level in LEVELS:
        rows[:, names.index(level.name)] = fold_levels(level, records, y, weight)
    data = lightgbm.Dataset(rows, y, weight=weight, feature_name=names)
    return Trained(lightgbm.train(PARAMETERS, data, TREES), encoder.columns, calendar)


def target(records: pd.DataFrame) -> Floats:
    """Returns log1p(ECLO), whose root mean squared error is RMSLE."""
    return np.asarray(np.log1p(records["eclo"].to_numpy(dtype=np.float64))).round(DECIMALS)


def rmsle(scores: Floats | float, y: Floats) -> float:
    """Returns the root mean squared error on the log1p scale."""
    return float(np.sqrt(np.mean((scores - y) ** 2)))


def eclo_quantiles(eclo: Floats, shares: Sequence[float] | Floats) -> list[float]:
    """Returns the quantiles of predicted ECLO at the given shares."""
    quantiles: list[float] = np.quantile(eclo, shares).round(ECLO_DECIMALS).tolist()
    return quantiles


def band_outcomes(cut_points: Sequence[float], predicted: Floats, eclo: Floats) -> dict[str, dict[str, Any]]:
    """Returns, by band of the prediction, the real ECLO of the accidents."""
    bands = np.digitize(predicted, cut_points)
    outcomes = {word: eclo[bands == band] for band, word in enumerate(WORDS)}
    return {
        word: {
            "rows": len(eclo),
            "mean_eclo": round(float(eclo.mean()), 2),
            "median_eclo": float(np.median(eclo)),
            "ten_or_more": round(float((eclo >= 10).mean()), 4),
        }
        for word, eclo in outcomes.items()
        if len(eclo)
    }


def build_report(records: pd.DataFrame, scores: dict[int, Floats]) -> dict[str, Any]:
    """Returns RMSLE, that of the constant and of a plain LightGBM: by year, and in the last year by month and type."""
    outcomes = {year: _outcome(records, year, scores[year]) for year in VALIDATED_YEARS}
    last = records[records["accident_year"] == SCORED_YEAR]
    return {
        "constant": "geometric mean of 1 + ECLO in the year before, the strongest honest constant",
        "by_year": {str(year): _figures(outcome) for year, outcome in outcomes.items()},
        "by_month": _figures_by(last["accident_month"], outcomes[SCORED_YEAR]),
        "by_accident_type": _figures_by(last["accident_type"], outcomes[SCORED_YEAR]),
    }


def plain_lightgbm(before: pd.DataFrame, scored: pd.DataFrame) -> Floats:
    """Returns the predictions of LightGBM with its defaults from the eleven label-encoded inputs."""
    names = [field.name for field in FIELDS]
    joined = pd.concat([before, scored])[names].apply(
        lambda column: column if column.dtype.kind == "i" else column.astype("category").cat.codes
    )
    data = lightgbm.Dataset(joined.iloc[: len(before)].to_numpy(), target(before))
    fixed = {"verbose": -1, "seed": 1, "deterministic": True, "force_row_wise": True, "num_threads": 1}
    booster = lightgbm.train({"objective": "regression", **fixed}, data)
    return np.asarray(booster.predict(joined.iloc[len(before) :].to_numpy()))


def metrics(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns the figures shown to users."""
    year = str(SCORED_YEAR)
    figures = report["by_year"][year]
    note = f"log scale, {year}, trained on the years before"
    return [
        {"name": "rmsle", "value": figures["model"], "note": note},
        {"name": "rmsle_constant", "value": figures["constant"], "note": f"{note}; {report['constant']}"},
        {"name": "rmsle_plain_lightgbm", "value": figures["plain_lightgbm"], "note": note},
        {"name": "better_than_constant", "value": figures["better"], "note": "share of the constant's RMSLE"},
        {
            "name": "range_coverage",
            "value": report["by_group"]["all"]["all"]["inside"],
            "note": f"share inside the range, {year}",
        },
    ]


def typical_accident(records: pd.DataFrame) -> dict[str, str]:
    """Returns the most frequent value of each input in the last year; weekday and time period are derived."""
    typical: dict[str, Any] = {field.name: records[field.name].mode()[0] for field in FIELDS}
    typical["accident_year"] = records["accident_year"].max()
    day = date(*(int(typical[f"accident_{part}"]) for part in ("year", "month", "day")))
    typical["day_of_week"] = WEEKDAYS[day.weekday()]
    typical["time_period"] = time_period_of(int(typical["accident_hour"]))
    return {name: str(value) for name, value in typical.items()}


def allowed_labels(records: pd.DataFrame) -> dict[str, list[str]]:
    """Returns the allowed labels: most frequent first; districts sorted, with those that joined Daegu later."""
    labels = {
        name: records[name].value_counts().sort_index().sort_values(ascending=False, kind="stable").index.tolist()
        for name in ("weather", "road_surface", "road_type", "accident_type", "time_period", "day_of_week")
    }
    return labels | {"district": sorted({*records["district"], *UNTRAINED_DISTRICTS})}


def korean_holidays() -> list[date]:
    """Returns South Korea's public holidays of the accepted years and their neighbours, sorted."""
    first, last = NUMBER_RANGES["accident_year"]
    return sorted(holidays.country_holidays("KR", years=range(first - 1, last + 2)))


def column_to_json(column: Column) -> dict[str, Any]:
    """Returns the fields of a column that are set."""
    values = {field.name: getattr(column, field.name) for field in fields(column)}
    silent = {field.name: field.default for field in fields(column) if field.default is not MISSING} | {"table": {}}
    return {name: value for name, value in values.items() if name not in silent or value != silent[name]}


def description_text(description: dict[str, Any]) -> str:
    """Returns the text of model.json."""
    return json.dumps(description, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"


def write(artefacts: dict[str, str], directory: Path) -> None:
    """Writes the artefacts into a folder, and creates it if needed."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in artefacts.items():
        (directory / name).write_text(text, "utf-8")


def check(artefacts: dict[str, str], directory: Path) -> str | None:
    """Returns how the files in the folder differ from the artefacts, or None if they are identical."""
    stale = [name for name, text in artefacts.items() if (directory / name).read_bytes() != text.encode()]
    return f"Trained anew, these differ from {directory}: {', '.join(stale)}" if stale else None


def _plain_columns(records: pd.DataFrame) -> list[Column]:
    first, last = int(records["accident_year"].min()), int(records["accident_year"].max())
    return [
        Column("accident_hour", "accident_hour", "number"),
        Column("accident_year", "accident_year", "number", minimum=first, maximum=last),
        Column("accident_month", "accident_month", "number"),
        *(Column(fact, "day_of_week" if fact == "weekday" else "accident_day", "calendar") for fact in CALENDAR_FACTS),
    ]


def _outcome(records: pd.DataFrame, year: int, scores: Floats) -> Outcome:
    before, scored = records[records["accident_year"] < year], records[records["accident_year"] == year]
    constant = float(target(before[before["accident_year"] == year - 1]).mean())
    return Outcome(scores, plain_lightgbm(before, scored), constant, target(scored))


def _figures(outcome: Outcome) -> dict[str, Any]:
    model, flat = rmsle(outcome.scores, outcome.y), rmsle(outcome.constant, outcome.y)
    return {
        "rows": len(outcome.y),
        "model": round(model, 5),
        "plain_lightgbm": round(rmsle(outcome.plain, outcome.y), 5),
        "constant": round(flat, 5),
        "better": round(1 - model / flat, 5),
    }


def _figures_by(groups: pd.Series, outcome: Outcome) -> dict[str, dict[str, Any]]:
    return {
        str(group): _figures(outcome.of(np.asarray(rows))) for group, rows in groups.groupby(groups).indices.items()
    }


def _held_out_outcomes(validated: pd.DataFrame, predicted: Floats, year: int, cut_points: Sequence[float]) -> Any:
    years = validated["accident_year"].to_numpy()
    known = validated[years < year], predicted[years < year]
    ranges, factors = fit_ranges(*known), fit_expected_factors(*known)
    return group_outcomes(validated[years == year], predicted[years == year], ranges, factors, cut_points)


if __name__ == "__main__":
    main()
