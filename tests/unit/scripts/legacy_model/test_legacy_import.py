"""Golden test: pickles made as the predecessor made them, in the environment that reads them, and converted."""

import json
import math
import os
import subprocess
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from model.train import DIRECTORY
from prediction_service.accident import FIELDS, TIME_PERIODS, WEEKDAYS, Accident
from prediction_service.model import DESCRIPTION_FILE, EcloModel
from scripts.legacy_model.conversion import LegacyModel, LegacyModelInvalid, convert

_REPOSITORY = Path(__file__).resolve().parents[4]
_OURS = json.loads((DIRECTORY / DESCRIPTION_FILE).read_text("utf-8"))
_KOREAN = {field.name: field.korean_name for field in FIELDS}
_ENGLISH = {korean: name for name, korean in _KOREAN.items()}


@pytest.fixture(scope="module")
def environment() -> Path:
    """The environment that scripts/import-legacy-model uses, kept between runs like .venv."""
    state = _REPOSITORY / os.environ.get("STATE_DIR", ".state")
    directory = state / "environments" / "legacy"
    command = ["scripts/make-environment", str(directory), "scripts/legacy_model/requirements.txt"]
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
    description = json.loads((tmp_path / DESCRIPTION_FILE).read_text("utf-8"))
    assert (description["cut_points"], description["metrics"]) == (_OURS["cut_points"], [])
    assert description["training_rows"] == 3000
    (note,) = (note for names, note in description["origin"].items() if "cut_points" in names)
    assert _OURS["version"] in note
    assert note in done.stdout


def test_import_of_something_else_writes_nothing(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "feature_config.json").write_text("{}")
    for name in ("accident_lgbm_model.pkl", "label_encoders.pkl"):
        (tmp_path / name).write_bytes(b"not a pickle")
    done = import_legacy_model(tmp_path, "--out", tmp_path / "out")
    assert done.returncode != 0
    assert str(tmp_path) in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "kept", "missing"),
    [
        ("time_period", TIME_PERIODS[1:], TIME_PERIODS[0]),
        ("day_of_week", WEEKDAYS[1:], WEEKDAYS[0]),
        ("weather", None, "weather"),
    ],
)
def test_encoder_that_lacks_a_derived_label_or_is_missing_is_named(
    name: str, kept: tuple[str, ...] | None, missing: str
) -> None:
    names = [field.name for field in FIELDS]
    rows = np.random.default_rng(2).integers(0, 3, (100, len(names))).astype(float)
    booster = lightgbm.train(
        {"verbose": -1, "num_threads": 1}, lightgbm.Dataset(rows, rows[:, 3], feature_name=names), 2
    )
    classes = {label: values for label, values in _OURS["allowed"].items() if label != name}
    with pytest.raises(LegacyModelInvalid, match=missing):
        convert(LegacyModel(booster.model_to_string(), names, classes | ({name: list(kept)} if kept else {})))
