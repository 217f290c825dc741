import json
import math
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model import train
from model.records import accidents
from prediction_service.accident import FIELDS, Accident, Vocabulary
from prediction_service.features import Calendar, Column
from prediction_service.model import DESCRIPTION_FILE, MODEL_FILE, EcloModel
from prediction_service.severity import CUT_SHARES
from tests.unit.model.samples import some_records

DESCRIPTION: dict[str, Any] = json.loads((train.DIRECTORY / DESCRIPTION_FILE).read_text("utf-8"))


@pytest.fixture(scope="module")
def records() -> pd.DataFrame:
    return some_records()


@pytest.fixture(scope="module")
def artefacts(records: pd.DataFrame) -> dict[str, str]:
    return train.train(records)


@pytest.fixture(scope="module")
def description(artefacts: dict[str, str]) -> dict[str, Any]:
    return dict(json.loads(artefacts[DESCRIPTION_FILE]))


def test_training_again_gives_the_same_bytes(artefacts: dict[str, str], records: pd.DataFrame) -> None:
    assert train.train(records) == artefacts


def test_check_names_the_files_that_training_would_change(artefacts: dict[str, str], tmp_path: Path) -> None:
    train.write(artefacts, tmp_path / "model")
    assert train.check(artefacts, tmp_path / "model") is None
    (tmp_path / "model" / MODEL_FILE).write_text(artefacts[MODEL_FILE].replace("leaf", "lean", 1), "utf-8")
    complaint = train.check(artefacts, tmp_path / "model")
    assert complaint
    assert MODEL_FILE in complaint
    assert DESCRIPTION_FILE not in complaint


def test_what_is_trained_is_loaded_and_predicts_as_in_training(
    artefacts: dict[str, str], records: pd.DataFrame, tmp_path: Path
) -> None:
    train.write(artefacts, tmp_path)
    model = EcloModel.load(tmp_path)
    some = records.iloc[::50]
    trained = train.fit(records, Calendar(train.korean_holidays()))
    estimates = model.predict_many(accidents(some))
    assert [estimate.eclo for estimate in estimates] == [math.expm1(score) for score in trained.scores(some)]


def test_model_learns_what_the_records_hold(description: dict[str, Any]) -> None:
    for figures in description["report"]["by_year"].values():
        assert figures["model"] < figures["constant"]


def test_cut_points_come_from_predictions_for_years_the_model_had_not_seen(
    artefacts: dict[str, str], description: dict[str, Any], records: pd.DataFrame
) -> None:
    last_year = records["accident_year"] == train.SCORED_YEAR
    altered = records.assign(eclo=records["eclo"].where(~last_year, 90.0))
    other = json.loads(train.train(altered)[DESCRIPTION_FILE])
    # No prediction behind the bands knows what happened in the last year; the final model does.
    assert other["cut_points"] == description["cut_points"]
    assert other["prediction_quantiles"] == description["prediction_quantiles"]
    assert other["sha256"] != description["sha256"]


def test_report_covers_every_year_month_and_type(description: dict[str, Any]) -> None:
    report = description["report"]
    years = [str(year) for year in train.VALIDATED_YEARS]
    assert list(report["by_year"]) == years
    assert {int(month) for month in report["by_month"]} == set(range(1, 13))
    assert set(report["by_accident_type"]) == {"차대차", "차대사람", "차량단독"}
    assert list(report["held_out"]) == [str(year) for year in train.HELD_OUT_YEARS]
    assert report["held_out"][years[-1]] == report["by_group"]["all"]["all"]
    last_year = report["by_year"][years[-1]]
    for table in (report["by_month"], report["by_accident_type"], report["by_band"], *report["by_group"].values()):
        assert sum(figures["rows"] for figures in table.values()) == last_year["rows"]


def test_errors_of_the_parts_make_up_that_of_the_last_year(description: dict[str, Any]) -> None:
    report = description["report"]
    for table, model in product(("by_month", "by_accident_type"), ("model", "plain_lightgbm", "constant")):
        parts = report[table].values()
        whole = math.sqrt(sum(part["rows"] * part[model] ** 2 for part in parts) / sum(part["rows"] for part in parts))
        assert whole == pytest.approx(report["by_year"][str(train.SCORED_YEAR)][model], abs=2e-5)


def test_metrics_repeat_the_report(description: dict[str, Any]) -> None:
    report = description["report"]
    figures = report["by_year"][str(train.SCORED_YEAR)]
    assert {metric["name"]: metric["value"] for metric in description["metrics"]} == {
        "rmsle": figures["model"],
        "rmsle_constant": figures["constant"],
        "rmsle_plain_lightgbm": figures["plain_lightgbm"],
        "better_than_constant": figures["better"],
        "range_coverage": report["by_group"]["all"]["all"]["inside"],
    }


def test_rmsle_is_the_root_mean_squared_difference_of_logarithms() -> None:
    y = train.target(pd.DataFrame({"eclo": [3.0, 8.0]}))
    assert train.rmsle(np.log1p([3.0, 0.0]), y) == pytest.approx(math.log(9) / math.sqrt(2))
    assert train.rmsle(0.0, y) == pytest.approx(math.sqrt((math.log(4) ** 2 + math.log(9) ** 2) / 2))


def test_better_is_the_share_of_the_constant_that_is_saved() -> None:
    y = np.array([1.0, 2.0])
    figures = train._figures(train.Outcome(np.array([1.0, 1.5]), np.array([1.6, 1.2]), 1.0, y))
    # The model is off by 0 and 0.5, the constant by 0 and 1: half of its error is saved. The plain one: 0.6 and 0.8.
    expected = {"rows": 2, "model": 0.35355, "plain_lightgbm": 0.70711, "constant": 0.70711, "better": 0.5}
    assert figures == expected


def test_outcomes_are_told_by_the_band_of_the_prediction() -> None:
    predicted = np.array([2.0, 2.5, 3.0, 5.5])
    outcomes = train.band_outcomes([3.0, 4.0, 5.0], predicted, np.array([3.0, 12.0, 5.0, 178.0]))
    assert outcomes == {
        "경미": {"rows": 2, "mean_eclo": 7.5, "median_eclo": 7.5, "ten_or_more": 0.5},
        "일반": {"rows": 1, "mean_eclo": 5.0, "median_eclo": 5.0, "ten_or_more": 0.0},
        "매우 심각": {"rows": 1, "mean_eclo": 178.0, "median_eclo": 178.0, "ten_or_more": 1.0},
    }


def test_typical_accident_agrees_with_itself(description: dict[str, Any]) -> None:
    for said in (description, DESCRIPTION):
        numbers = {field.name for field in FIELDS if field.kind == "integer"}
        values: dict[str, Any] = {name: int(v) if name in numbers else v for name, v in said["typical"].items()}
        accident = Accident(**values)
        assert Vocabulary(said["allowed"]).read(accident) == (accident, ())


def test_column_survives_the_description() -> None:
    for column in (
        Column("weather_level", "weather", "table", table={"맑음": 1.5}, default=1.25),
        Column("accident_year", "accident_year", "number", minimum=2007, maximum=2020),
        Column("weekday", "day_of_week", "calendar"),
    ):
        assert Column(**json.loads(json.dumps(train.column_to_json(column), allow_nan=False))) == column


def test_committed_model_is_as_good_as_promised() -> None:
    report = DESCRIPTION["report"]
    assert report["by_year"]["2020"]["better"] >= 0.018
    for outcome in report["held_out"].values():
        assert 0.79 <= outcome["inside"] <= 0.83
        assert outcome["width"] <= 4.5
    for name in ("accident_type", "time_period", "county", "word"):
        assert all(0.77 <= outcome["inside"] <= 0.9 for outcome in report["by_group"][name].values())
    last = report["by_group"]["all"]["all"]
    assert last["expected"] == pytest.approx(last["real"], rel=0.02)
    assert all(figures["model"] <= figures["plain_lightgbm"] for figures in report["by_year"].values())


def test_committed_cut_points_are_quantiles_of_the_committed_predictions() -> None:
    quantiles = DESCRIPTION["prediction_quantiles"]
    assert len(quantiles) == 101
    assert quantiles == sorted(quantiles)
    assert DESCRIPTION["cut_points"] == [quantiles[round(100 * share)] for share in CUT_SHARES]


@pytest.mark.needs_data
def test_committed_booster_is_what_training_on_the_real_records_gives(real_records: pd.DataFrame) -> None:
    # One of the six fits of a whole training; `python -m model.train --data DIR --check` compares everything.
    trained = train.fit(real_records, Calendar(train.korean_holidays()))
    assert trained.booster.model_to_string() == (train.DIRECTORY / MODEL_FILE).read_text("utf-8")
