import numpy as np
import pandas as pd
import pytest

from model.encodings import Level, fold_levels, level_table

RECORDS = pd.DataFrame({"weather": ["맑음", "맑음", "비"]})
Y = np.array([1.0, 2.0, 6.0])
EVEN = np.ones(3)
TOWNS = ["대구광역시 중구 덕산동", "대구광역시 중구 남일동", "대구광역시 남구 대명동", "대구광역시 남구 대명동"]


def test_level_is_the_mean_pulled_towards_the_overall_mean() -> None:
    column = level_table(Level("weather_level", "weather", smoothing=1), RECORDS, Y, EVEN)
    # Overall (1 + 2 + 6) / 3 = 3; 맑음 (1 + 2 + 1 x 3) / (2 + 1); 비 (6 + 1 x 3) / (1 + 1).
    assert column.table == {"맑음": 2.0, "비": 4.5}
    assert column.default == 3.0


def test_level_counts_records_by_their_weight() -> None:
    column = level_table(Level("weather_level", "weather", smoothing=1), RECORDS, Y, np.array([2.0, 1.0, 1.0]))
    # Overall (2 + 2 + 6) / 4 = 2.5; 맑음 (2 x 1 + 2 + 2.5) / (3 + 1); 비 (6 + 2.5) / (1 + 1).
    assert column.table == {"맑음": 1.625, "비": 4.25}
    assert column.default == 2.5


def test_level_without_smoothing_is_the_plain_mean_and_numbers_are_looked_up_as_text() -> None:
    records = RECORDS.assign(accident_hour=[7, 7, 23])
    for source, table in (("weather", {"맑음": 1.5, "비": 6.0}), ("accident_hour", {"23": 6.0, "7": 1.5})):
        assert level_table(Level("level", source, smoothing=0), records, Y, EVEN).table == table


def test_level_of_the_first_words_is_looked_up_by_the_whole_label() -> None:
    level = Level("county_level", "district", smoothing=0, words=2)
    column = level_table(level, pd.DataFrame({"district": TOWNS}), np.array([1.0, 3.0, 5.0, 6.0]), np.ones(4))
    assert column.source == "district"
    assert column.table == {
        "대구광역시 남구 대명동": 5.5,
        "대구광역시 중구 남일동": 2.0,
        "대구광역시 중구 덕산동": 2.0,
    }


@pytest.mark.parametrize("changed", range(0, 60, 7))
def test_level_a_record_is_trained_on_never_comes_from_itself(changed: int) -> None:
    random = np.random.default_rng(3)
    records = pd.DataFrame({"weather": random.choice(["맑음", "비", "눈"], 60)})
    y, weight = random.normal(size=60), random.uniform(0.5, 1.0, 60)
    level = Level("weather_level", "weather", smoothing=2)
    before = fold_levels(level, records, y, weight)
    y[changed] += 100.0
    after = fold_levels(level, records, y, weight)
    assert after[changed] == before[changed]
    same_fold = after == before
    assert 0 < same_fold.sum() < 30  # its fold, a fifth, is unmoved; the levels that learn from it have moved


def test_label_that_no_other_fold_has_gets_the_mean_of_the_other_folds() -> None:
    records = pd.DataFrame({"weather": ["맑음"] * 9 + ["안개"]})
    y = np.array([1.0] * 9 + [50.0])
    levels = fold_levels(Level("weather_level", "weather", smoothing=5), records, y, np.ones(10))
    assert levels[9] == 1.0
