import pytest

from prediction_service.accident import NIGHT
from prediction_service.ranges import ANY_COUNTY, EcloRanges, Steps
from tests.unit.prediction_service.samples import ORDINARY


def _steps(starts: list[float], lows: list[float], highs: list[float]) -> Steps:
    return {"starts": starts, "lows": lows, "highs": highs}


RANGES = EcloRanges(
    {
        "차대차": {
            "일반시간대": {
                "수성구": _steps([4.0, 5.0], [3, 3, 3], [6, 8, 10]),
                ANY_COUNTY: _steps([], [1], [9]),
            },
            NIGHT: {"수성구": _steps([], [1], [12]), ANY_COUNTY: _steps([], [1], [9])},
        },
        "차량단독": {"일반시간대": {"수성구": _steps([], [1], [5]), ANY_COUNTY: _steps([], [1], [9])}},
    }
)


@pytest.mark.parametrize(("eclo", "high"), [(3.5, 6), (3.999, 6), (4.0, 8), (4.999, 8), (5.0, 10), (9.5, 10)])
def test_range_is_that_of_the_last_step_the_prediction_has_reached(eclo: float, high: float) -> None:
    assert RANGES.around(eclo, ORDINARY) == (3, high)


def test_each_type_and_time_period_has_its_own_range() -> None:
    assert RANGES.around(4.0, ORDINARY._replace(accident_type="차량단독")) == (1, 5)
    assert RANGES.around(4.0, ORDINARY._replace(time_period=NIGHT)) == (1, 12)


def test_county_without_accidents_has_the_range_of_any() -> None:
    assert RANGES.around(4.0, ORDINARY._replace(district="대구광역시 군위군 군위읍")) == (1, 9)


def test_range_reaches_a_prediction_beyond_it_in_whole_numbers() -> None:
    assert RANGES.around(10.2, ORDINARY) == (3, 11)
    assert RANGES.around(2.6, ORDINARY) == (2, 6)
