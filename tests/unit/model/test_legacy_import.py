"""Golden test: pickles made as the predecessor made them, in the environment that reads them, and converted."""

import json
import math
import os
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest

from model.legacy.conversion import Found, LegacyModelInvalid, convert, unseen_years
from model.train import DIRECTORY
from prediction_service.accident import FIELDS, TIME_PERIODS, WEEKDAYS, Accident
from prediction_service.model import DESCRIPTION_FILE, EcloModel
from tests.unit.model.samples import some_records

_REPOSITORY = Path(__file__).resolve().parents[3]
_OURS = json.loads((DIRECTORY / DESCRIPTION_FILE).read_text("utf-8"))
_KOREAN = {field.name: field.korean_name for field in FIELDS}
_ENGLISH = {korean: name for name, korean in _KOREAN.items()}


@pytest.fixture(scope="module")
def environment() -> Path:
    """The environment that scripts/import-legacy-model uses, kept between runs like .venv."""
    state = _REPOSITORY / os.environ.get("STATE_DIR", ".state")
    directory = state / "environments" / "legacy"
    command = ["scripts/make-environment", str(directory), "model/legacy/requirements.txt"]
    done = subprocess.run(command, cwd=_REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"The environment that reads pickles cannot be installed here: {done.stderr.strip()[-300:]}")
    return directory


@pytest.fixture(scope="module")
def pickles(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("pickles")
    allowed = {_KOREAN[name]: labels for name, labels in _OURS["allowed"].items()}
    maker = Path(__file__).with_name("legacy_pickles.py")
    command = [str(environment / "bin" / "python"), str(maker), str(directory), json.dumps(allowed)]
    # Compiled once, the environment starts four times as fast.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return directory


def import_legacy_model(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [_REPOSITORY / "scripts" / "import-legacy-model", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", ["as_it_was", "otherwise"])
def test_converted_model_predicts_what_the_pickle_predicts(pickles: Path, tmp_path: Path, kind: str) -> None:
    done = import_legacy_model(pickles / kind, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    expected = json.loads((pickles / kind / "expected.json").read_text("utf-8"))
    asked = [Accident(**{_ENGLISH[name]: value for name, value in row.items()}) for row in expected["accidents"]]
    model = EcloModel.load(tmp_path)
    assert [estimate.eclo for estimate in model.predict_many(asked)] == [math.expm1(s) for s in expected["scores"]]
    assert len({round(score, 6) for score in expected["scores"]}) > 20  # the model tells accidents apart
    assert_serves_like_any_other(model, asked[0])
    assert_says_what_is_borrowed(json.loads((tmp_path / DESCRIPTION_FILE).read_text("utf-8")), done.stdout)


def assert_serves_like_any_other(model: EcloModel, accident: Accident) -> None:
    known = accident._replace(accident_year=2020, accident_month=10, accident_day=14, accident_hour=18)
    known = known._replace(day_of_week=WEEKDAYS[date(2020, 10, 14).weekday()], time_period="퇴근시간대")
    assert model.vocabulary.read(known).accident == known
    explanation = model.explain(known)
    shares = [part.contribution for part in explanation.contributions]
    assert math.fsum([explanation.base_score, *shares]) == explanation.raw_score


def assert_says_what_is_borrowed(description: dict[str, Any], printed: str) -> None:
    assert description["cut_points"] == _OURS["cut_points"]
    assert description["metrics"] == []
    (note,) = (note for names, note in description["origin"].items() if "cut_points" in names)
    assert _OURS["version"] in note
    assert note in printed
    assert description["training_rows"] == 3000


def test_import_of_something_else_writes_nothing(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "feature_config.json").write_text("{}")
    for name in ("accident_lgbm_model.pkl", "label_encoders.pkl"):
        (tmp_path / name).write_bytes(b"not a pickle")
    done = import_legacy_model(tmp_path, "--out", tmp_path / "out")
    assert done.returncode != 0
    assert str(tmp_path) in done.stderr
    assert not (tmp_path / "out").exists()


def found_of_ours() -> Found:
    """Our own booster cut down to what a legacy one looks like: eleven columns, seven of them label-encoded."""
    random = np.random.default_rng(2)
    names = [field.korean_name for field in FIELDS]
    rows = random.integers(0, 3, (600, len(names))).astype(float)
    rows[:, 7:] = np.column_stack(
        [random.integers(low, high, 600) for low, high in ((0, 24), (2019, 2022), (1, 13), (1, 29))]
    )
    fixed = {"verbose": -1, "num_threads": 1, "seed": 1}
    booster = lightgbm.train(fixed, lightgbm.Dataset(rows, 1.5 + 0.2 * rows[:, 3], feature_name=names), 10)
    return Found(booster.model_to_string(), [field.name for field in FIELDS], _OURS["allowed"])


def test_bands_and_error_are_measured_on_years_the_model_had_not_seen() -> None:
    unseen = unseen_years(some_records(), 2016, 2018)
    description: dict[str, Any] = json.loads(convert(found_of_ours(), unseen)[DESCRIPTION_FILE])
    assert description["cut_points"] != _OURS["cut_points"]
    assert description["cut_points"] == [description["prediction_quantiles"][share] for share in (20, 80, 95)]
    assert {metric["name"] for metric in description["metrics"]} == {"rmsle", "rmsle_constant", "better_than_constant"}
    assert all("2016-2018" in metric["note"] for metric in description["metrics"] if "rmsle" in metric["name"])
    assert set(unseen.records["accident_year"]) == {2016, 2017, 2018}


def test_years_without_records_are_refused() -> None:
    with pytest.raises(LegacyModelInvalid, match="2013"):
        unseen_years(some_records(first_year=2014), 2014, 2015)


@pytest.mark.parametrize(("name", "needed"), [("time_period", TIME_PERIODS), ("day_of_week", WEEKDAYS)])
def test_encoder_that_lacks_a_derived_label_is_refused(name: str, needed: tuple[str, ...]) -> None:
    found = found_of_ours()
    classes = {**found.classes, name: list(needed[1:])}
    with pytest.raises(LegacyModelInvalid, match=needed[0]):
        convert(Found(found.booster, found.inputs, classes), None)


def test_missing_encoder_is_named() -> None:
    found = found_of_ours()
    classes = {name: labels for name, labels in found.classes.items() if name != "weather"}
    with pytest.raises(LegacyModelInvalid, match="weather"):
        convert(Found(found.booster, found.inputs, classes), None)
