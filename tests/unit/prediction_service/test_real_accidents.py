"""Every accident of the police records, as they write it, can be asked about."""

import csv
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prediction_service.accident import Accident, InvalidAccident, Vocabulary
from prediction_service.model import EcloModel
from tests.real_servers import REPOSITORY
from tests.unit.prediction_service.samples import ORDINARY

DATA = REPOSITORY / os.environ.get("DATA_DIR", "../shared/data")

pytestmark = [
    pytest.mark.needs_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real public data is not there (DATA_DIR)"),
]


def _accidents(path: Path) -> Iterator[Accident]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for record in csv.DictReader(file):
            year, month, day, hour = map(int, re.findall(r"\d+", record["사고일시"]))
            yield Accident(
                weather=record["기상상태"],
                road_surface=record["노면상태"],
                road_type=record["도로형태"],
                accident_type=record["사고유형"],
                time_period="",
                district=record["시군구"],
                day_of_week=record["요일"],
                accident_hour=hour,
                accident_year=year,
                accident_month=month,
                accident_day=day,
            )


def test_every_accident_of_2022_is_read_without_a_word_and_predicted(vocabulary: Vocabulary, model: EcloModel) -> None:
    readings = [vocabulary.read(accident) for accident in _accidents(DATA / "daegu_accidents_2022_unlabelled.csv")]
    assert len(readings) == 10_963
    assert {reading.warnings for reading in readings} == {()}
    words = Counter(estimate.interpretation for estimate in model.predict_many([r.accident for r in readings]))
    shares = {word: count / len(readings) for word, count in words.items()}
    # Two years after the training, the bands still hold about what they promise: 20, 60, 15 and 5 %.
    assert shares == {
        word: pytest.approx(share, abs=0.1)
        for word, share in {"경미": 0.2, "일반": 0.6, "심각": 0.15, "매우 심각": 0.05}.items()
    }


@pytest.mark.parametrize("years", ["2007_2009", "2010_2012", "2013_2015", "2016_2018", "2019_2020"])
def test_every_label_of_every_period_is_read(vocabulary: Vocabulary, years: str) -> None:
    labels = {pair for accident in _accidents(DATA / f"daegu_accidents_{years}.csv") for pair in _labels(accident)}
    assert len(labels) > 200
    for field, label in labels:
        values: dict[str, Any] = {field: label}
        if field == "district" and len(label.split()) < 3:  # some records name the county alone
            with pytest.raises(InvalidAccident):
                vocabulary.read(ORDINARY._replace(**values))
        else:
            vocabulary.read(ORDINARY._replace(**values))


def _labels(accident: Accident) -> Iterator[tuple[str, str]]:
    for field in ("weather", "road_surface", "road_type", "accident_type", "district", "day_of_week"):
        yield field, getattr(accident, field)
