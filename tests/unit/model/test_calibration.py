from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.calibration import Ranges, fit_expected_factors, fit_ranges, group_outcomes
from model.records import accidents
from prediction_service.accident import TIME_PERIODS
from prediction_service.ranges import ANY_COUNTY, EcloRanges
from tests.unit.model.samples import some_records

CUT_POINTS = (3.9, 4.6, 5.2)


def _alike(rows: int, eclo: Any, **changes: Any) -> pd.DataFrame:
    """Returns accidents of 2020 that differ in nothing a range depends on, with the ECLO given."""
    return some_records(first_year=2020).iloc[[0] * rows].assign(eclo=eclo, **changes)


def _around(ranges: Ranges, eclo: float, records: pd.DataFrame) -> tuple[float, float]:
    return EcloRanges(ranges).around(eclo, accidents(records.iloc[:1])[0])


def test_range_is_the_shortest_that_holds_four_in_five() -> None:
    records = _alike(1000, np.repeat([1.0, 3.0, 5.0, 12.0], [80, 500, 330, 90]))
    assert _around(fit_ranges(records, np.full(1000, 4.0)), 4.0, records) == (3, 5)


def test_range_widens_where_predictions_say_that_accidents_differ_more() -> None:
    mild, severe = _alike(1000, np.repeat([3.0, 5.0], 500)), _alike(1000, np.repeat([1.0, 5.0, 12.0], [300, 400, 300]))
    ranges = fit_ranges(pd.concat([mild, severe]), np.repeat([3.5, 6.0], 1000))
    assert _around(ranges, 3.5, mild) == (3, 5)
    assert _around(ranges, 6.0, severe) == (1, 12)


@pytest.mark.parametrize(
    ("column", "label"),
    [("district", "대구광역시 서구 내당동"), ("time_period", "심야"), ("accident_type", "차량단독")],
)
def test_group_whose_accidents_are_worse_has_a_range_that_holds_them(column: str, label: str) -> None:
    usual = _alike(4000, np.repeat([3.0, 5.0, 9.0], [2000, 1600, 400]))
    worse = _alike(4000, np.repeat([3.0, 5.0, 9.0], [1000, 1600, 1400]), **{column: label})
    ranges = fit_ranges(pd.concat([usual, worse]), np.full(8000, 4.0))
    assert _around(ranges, 4.0, usual) == (3, 5)
    assert _around(ranges, 4.0, worse) == (3, 9)


def test_every_time_period_and_any_county_has_its_range() -> None:
    records = some_records(first_year=2018)
    ranges = fit_ranges(records, np.full(len(records), 4.0))
    assert set(ranges) == set(records["accident_type"])
    assert all(set(by_period) == set(TIME_PERIODS) for by_period in ranges.values())
    counties = {county for by_period in ranges.values() for by_county in by_period.values() for county in by_county}
    assert counties == {"수성구", "중구", "달성군", ANY_COUNTY}


def test_expected_factor_rests_on_the_latest_year_where_that_has_accidents_enough() -> None:
    before, latest = _alike(3000, 9.0, accident_year=2019), _alike(3000, 6.0)
    assert fit_expected_factors(pd.concat([before, latest]), np.full(6000, 3.0)) == {"차대차": 2.0}
    assert fit_expected_factors(pd.concat([before, latest[:1000]]), np.full(4000, 3.0)) == {"차대차": 2.75}


def test_outcomes_count_the_ends_as_inside() -> None:
    records = _alike(5, [3.0, 5.0, 1.0, 4.0, 7.0])
    steps = {"starts": [], "lows": [3], "highs": [5]}
    ranges: Any = {"차대차": {str(records["time_period"].iloc[0]): {ANY_COUNTY: steps}}}
    outcomes = group_outcomes(records, np.full(5, 3.5), ranges, {"차대차": 1.2}, CUT_POINTS)
    assert outcomes["all"] == {"all": {"rows": 5, "inside": 0.6, "width": 2.0, "expected": 21.0, "real": 20.0}}
    assert outcomes["word"] == {"경미": outcomes["all"]["all"]}
