"""The model against a second reading of its own file, and what happens when its files are not right."""

import json
import math
import random
import shutil
import threading
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from prediction_service.accident import FIELDS, NUMBER_RANGES, Accident
from prediction_service.model import (
    DESCRIPTION_FILE,
    MODEL_FILE,
    EcloModel,
    Estimate,
    ModelFileInvalid,
    _made_exact,
)
from prediction_service.severity import WORDS
from tests.unit.prediction_service.samples import ORDINARY

GOLDEN_VERSION = "eclo-1-1a26efcd"
# Each was checked by hand against a walk through the trees; after a new training they are to be checked again.
GOLDEN: list[tuple[dict[str, Any], float, tuple[float, float], str]] = [
    ({}, 4.483895118356989, (1.0, 6.0), "일반"),
    ({"accident_type": "차대사람", "district": "대구광역시 중구 동인동1가", "accident_hour": 18, "accident_year": 2019,
      "accident_month": 6, "accident_day": 14}, 3.373540914133622, (3.0, 5.0), "경미"),
    ({"weather": "비", "road_surface": "젖음/습기", "road_type": "교차로 - 교차로안",
      "district": "대구광역시 달성군 논공읍", "accident_hour": 2, "accident_year": 2012, "accident_month": 7,
      "accident_day": 7}, 7.155936420074154, (3.0, 10.0), "매우 심각"),
    ({"accident_type": "차량단독", "weather": "눈", "road_surface": "서리/결빙", "road_type": "단일로 - 교량",
      "district": "대구광역시 동구 신천동", "accident_hour": 5, "accident_year": 2016, "accident_month": 2,
      "accident_day": 29}, 4.022469935642544, (1.0, 5.0), "일반"),
    ({"weather": "안개", "road_type": "단일로 - 터널", "district": "대구광역시 북구 산격동", "accident_hour": 23,
      "accident_year": 2007, "accident_month": 9, "accident_day": 25}, 7.88262130272855, (3.0, 10.0), "매우 심각"),
    ({"district": "대구광역시 군위군 효령면", "accident_hour": 8, "accident_year": 2024, "accident_month": 9,
      "accident_day": 17}, 4.687636842428924, (3.0, 8.0), "심각"),
]  # fmt: skip


def _accident(model: EcloModel, **values: Any) -> Accident:
    return model.vocabulary.read(ORDINARY._replace(time_period="", day_of_week="")._replace(**values)).accident


def _many_accidents(model: EcloModel, number: int) -> list[Accident]:
    choose = random.Random(1)
    allowed = model.vocabulary.allowed
    names = ("weather", "road_surface", "road_type", "accident_type", "district")
    return [
        _accident(
            model,
            **{name: choose.choice(allowed[name]) for name in names},
            accident_hour=choose.randint(0, 23),
            accident_year=choose.randint(*NUMBER_RANGES["accident_year"]),
            accident_month=choose.randint(1, 12),
            accident_day=choose.randint(1, 28),
        )
        for _ in range(number)
    ]


class Trees:
    """LightGBM's text format read a second time, plainly: numeric splits without missing values."""

    def __init__(self, text: str) -> None:
        self._trees = [
            dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
            for block in text.split("end of trees")[0].split("Tree=")[1:]
        ]

    def score(self, row: list[float]) -> float:
        return sum(self._leaf(tree, row) for tree in self._trees)

    @staticmethod
    def _leaf(tree: dict[str, str], row: list[float]) -> float:
        features, thresholds = tree["split_feature"].split(), tree["threshold"].split()
        left, right = tree["left_child"].split(), tree["right_child"].split()
        node = 0
        while node >= 0:
            goes_left = row[int(features[node])] <= float(thresholds[node])
            node = int((left if goes_left else right)[node])
        return float(tree["leaf_value"].split()[~node])


@pytest.fixture
def copy(model_directory: Path, tmp_path: Path) -> Path:
    """The two files of the model, to be damaged."""
    for name in (MODEL_FILE, DESCRIPTION_FILE):
        shutil.copy(model_directory / name, tmp_path)
    return tmp_path


@pytest.mark.parametrize(("values", "eclo", "eclo_range", "word"), GOLDEN)
def test_known_accident_has_its_known_prediction(
    model: EcloModel, values: dict[str, Any], eclo: float, eclo_range: tuple[float, float], word: str
) -> None:
    assert model.version == GOLDEN_VERSION, "a new model: check the golden predictions again"
    (estimate,) = model.predict_many([_accident(model, **values)])
    assert estimate.eclo == pytest.approx(eclo, rel=1e-12)
    assert (estimate.low, estimate.high) == pytest.approx(eclo_range, rel=1e-12)
    assert estimate.interpretation == word


def test_prediction_is_what_a_walk_through_the_trees_gives(model: EcloModel, model_directory: Path) -> None:
    trees = Trees((model_directory / MODEL_FILE).read_text("utf-8"))
    for accident in [_accident(model, **values) for values, *_ in GOLDEN] + _many_accidents(model, 50):
        row = model._encoder.encode([accident])[0].tolist()
        (estimate,) = model.predict_many([accident])
        assert estimate.eclo == pytest.approx(math.expm1(trees.score(row)), rel=1e-12)


def test_typical_accident_is_ordinary(model: EcloModel) -> None:
    typical = {feature.name: feature.typical_value for feature in model.info.features}
    numbers = {name: int(typical[name]) for name in NUMBER_RANGES}
    accident = _accident(model, **{**typical, **numbers, "time_period": "", "day_of_week": ""})
    assert model.predict_many([accident])[0].interpretation == "일반"


def test_predicting_many_equals_predicting_one_by_one(model: EcloModel) -> None:
    accidents = _many_accidents(model, 300)
    together = model.predict_many(accidents)
    assert together == [model.predict_many([accident])[0] for accident in accidents]
    assert len({estimate.interpretation for estimate in together}) == len(WORDS)


def test_predicting_nothing_gives_nothing(model: EcloModel) -> None:
    assert model.predict_many([]) == []


def test_every_combination_of_labels_has_a_sensible_prediction(model: EcloModel) -> None:
    allowed = model.vocabulary.allowed
    accidents = [
        _accident(model, weather=weather, road_surface=surface, road_type=road, accident_type=kind, accident_hour=hour)
        for weather, surface, road, kind in product(
            *(allowed[name] for name in ("weather", "road_surface", "road_type", "accident_type"))
        )
        for hour in (0, 8, 12)
    ]
    for estimate in model.predict_many(accidents):
        assert 1.0 <= estimate.low <= estimate.eclo <= estimate.high < 40.0


def test_contributions_sum_exactly_to_the_raw_score(model: EcloModel) -> None:
    for accident in _many_accidents(model, 100):
        explanation = model.explain(accident)
        parts = [part.contribution for part in explanation.contributions]
        assert math.fsum([explanation.base_score, *parts]) == explanation.raw_score
        assert math.expm1(explanation.raw_score) == model.predict_many([accident])[0].eclo


@example(total=0.99999, parts=[0.0] * 10 + [2.0])
@given(total=st.floats(0.5, 5.0), parts=st.lists(st.floats(-2.0, 2.0), min_size=11, max_size=11))
def test_any_contributions_can_be_made_to_sum_exactly(total: float, parts: list[float]) -> None:
    parts = [part if abs(part) > 1e-9 else 0.0 for part in parts]
    base, exact = _made_exact(total, parts)
    assert exact == pytest.approx(parts, abs=1e-14)
    assert math.fsum([base, *exact]) == total


def test_base_score_is_the_same_for_every_accident(model: EcloModel) -> None:
    first, *others = (model.explain(accident).base_score for accident in _many_accidents(model, 20))
    assert others == pytest.approx([first] * len(others), abs=1e-12)


def test_explanation_names_every_input_once_with_its_value(model: EcloModel) -> None:
    contributions = model.explain(ORDINARY).contributions
    assert [part.field for part in contributions] == [field.name for field in FIELDS]
    assert [part.value for part in contributions] == [str(value) for value in ORDINARY]


def test_input_that_the_prediction_depends_on_moves_it(model: EcloModel) -> None:
    moved = {part.field for part in model.explain(ORDINARY).contributions if part.contribution != 0.0}
    assert {"weather", "accident_type", "district", "accident_hour"} <= moved
    assert "time_period" not in moved  # it follows from the hour


def test_model_may_be_asked_by_many_threads_at_once(model_directory: Path) -> None:
    model = EcloModel.load(model_directory)  # one that has encoded nothing yet
    accidents = _many_accidents(model, 400)
    answers: list[list[Estimate]] = []
    begin = threading.Barrier(8)

    def ask() -> None:
        begin.wait()
        answers.append([model.predict_many([accident])[0] for accident in accidents])

    threads = [threading.Thread(target=ask) for _ in range(begin.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [model.predict_many(accidents)] * begin.parties


def test_info_describes_what_a_form_needs(model: EcloModel) -> None:
    features = {feature.name: feature for feature in model.info.features}
    assert list(features) == [field.name for field in FIELDS]
    for feature in features.values():
        if feature.kind == "category":
            assert feature.typical_value in feature.allowed_values
            assert len(set(feature.allowed_values)) == len(feature.allowed_values)
        else:
            assert (feature.minimum, feature.maximum) == NUMBER_RANGES[feature.name]
            assert feature.minimum is not None
            assert feature.maximum is not None
            assert feature.minimum <= int(feature.typical_value) <= feature.maximum
    assert features["weather"].allowed_values[0] == "맑음"
    districts = features["district"].allowed_values
    assert list(districts) == sorted(districts)


def test_info_tells_the_quality_beside_what_it_is_measured_against(model: EcloModel) -> None:
    metrics = {metric.name: metric.value for metric in model.info.metrics}
    assert metrics["rmsle"] < metrics["rmsle_plain_lightgbm"] < metrics["rmsle_constant"]
    assert metrics["better_than_constant"] >= 0.018
    assert 0.79 <= metrics["range_coverage"] <= 0.83
    assert all(metric.note for metric in model.info.metrics)
    assert model.info.trained_on == "2007-01-01/2020-12-31"
    assert model.info.training_rows > 190_000


def _changing(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], object]:
    def damage(path: Path) -> None:
        description = json.loads(path.read_text("utf-8"))
        change(description)
        path.write_text(json.dumps(description, ensure_ascii=False), "utf-8")

    return damage


def _without(part: str) -> Callable[[Path], object]:
    return _changing(lambda description: description.pop(part))


def _holding(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def _with_another_leaf(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace("leaf_value=", "leaf_value=9", 1), "utf-8")


def _renaming_a_column(description: dict[str, Any]) -> None:
    description["columns"][0]["name"] = "other"


PARTS = ("version", "allowed", "holidays", "columns", "cut_points", "ranges", "expected_factors", "metrics")


@pytest.mark.parametrize(
    ("name", "damage", "said"),
    [
        (MODEL_FILE, Path.unlink, MODEL_FILE),
        (DESCRIPTION_FILE, Path.unlink, DESCRIPTION_FILE),
        (MODEL_FILE, _with_another_leaf, "sha256"),
        (MODEL_FILE, _holding(b"\xff\xfe\x00"), "damaged"),
        (DESCRIPTION_FILE, _holding(b'{"sha256": 1}'), "sha256"),
        *((DESCRIPTION_FILE, _holding(content), "damaged") for content in (b"", b"{", b"[]", b"null", b"{}", b"\0")),
        *((DESCRIPTION_FILE, _without(part), part) for part in PARTS),
        (DESCRIPTION_FILE, _changing(_renaming_a_column), "other columns"),
        (DESCRIPTION_FILE, _changing(lambda description: description["columns"].pop()), "other columns"),
    ],
)
def test_file_that_is_not_right_is_refused_with_its_fault_and_the_remedy(
    copy: Path, name: str, damage: Callable[[Path], object], said: str
) -> None:
    EcloModel.load(copy)
    damage(copy / name)
    with pytest.raises(ModelFileInvalid, match=r"python -m model\.train") as raised:
        EcloModel.load(copy)
    assert said in str(raised.value)
