import json
from pathlib import Path

import pytest

from prediction_service.model import DESCRIPTION_FILE
from prediction_service.severity import WORDS, SeverityScale

SCALE = SeverityScale([3.0, 4.0, 5.0])


@pytest.mark.parametrize(
    ("eclo", "word"),
    [
        (0.0, "경미"),
        (2.999, "경미"),
        (3.0, "일반"),
        (3.999, "일반"),
        (4.0, "심각"),
        (4.999, "심각"),
        (5.0, "매우 심각"),
        (100.0, "매우 심각"),
    ],
)
def test_word_begins_at_its_cut_point(eclo: float, word: str) -> None:
    assert SCALE.word(eclo) == word


def test_bands_cover_everything_and_meet() -> None:
    bands = SCALE.bands()
    assert [band.interpretation for band in bands] == list(WORDS)
    assert [band.minimum_eclo for band in bands] == [0.0, 3.0, 4.0, 5.0]
    assert [band.maximum_eclo for band in bands] == [3.0, 4.0, 5.0, None]


def test_bands_hold_the_promised_shares_of_real_accidents() -> None:
    assert [band.share for band in SCALE.bands()] == [0.2, 0.6, 0.15, 0.05]


def test_word_is_that_of_the_band_the_value_lies_in() -> None:
    for band in SCALE.bands():
        assert SCALE.word(band.minimum_eclo) == band.interpretation


def test_cut_points_of_the_model_are_where_its_predictions_for_real_accidents_say(model_directory: Path) -> None:
    description = json.loads((model_directory / DESCRIPTION_FILE).read_text("utf-8"))
    quantiles = description["prediction_quantiles"]
    assert description["cut_points"] == pytest.approx([quantiles[20], quantiles[80], quantiles[95]])
    assert quantiles == sorted(quantiles)
    assert len(quantiles) == 101
