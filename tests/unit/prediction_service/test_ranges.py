import numpy as np
import pytest

from prediction_service.ranges import EcloRanges

RANGES = EcloRanges(
    {
        "차대차": {"scores": [1.0, 2.0], "low": [-0.2, -0.4], "high": [0.3, 0.5]},
        "차량단독": {"scores": [1.0, 2.0], "low": [-1.0, -1.0], "high": [1.0, 1.0]},
    }
)


def _around(scores: list[float], types: list[str]) -> list[tuple[float, float]]:
    lows, highs = RANGES.around(np.array(scores), types)
    return list(zip(lows.tolist(), highs.tolist(), strict=True))


def test_range_is_the_score_and_the_residuals_at_a_knot() -> None:
    assert _around([1.0], ["차대차"]) == [pytest.approx((0.8, 1.3))]
    assert _around([2.0], ["차대차"]) == [pytest.approx((1.6, 2.5))]


def test_residuals_between_knots_are_interpolated() -> None:
    assert _around([1.5], ["차대차"]) == [pytest.approx((1.5 - 0.3, 1.5 + 0.4))]


def test_residuals_beyond_the_knots_are_those_of_the_last() -> None:
    assert _around([0.5, 3.0], ["차대차"] * 2) == [pytest.approx((0.3, 0.8)), pytest.approx((2.6, 3.5))]


def test_each_accident_gets_the_range_of_its_own_type() -> None:
    mixed = _around([1.0, 1.0, 2.0, 2.0], ["차대차", "차량단독", "차량단독", "차대차"])
    assert mixed == [pytest.approx(pair) for pair in ((0.8, 1.3), (0.0, 2.0), (1.0, 3.0), (1.6, 2.5))]


def test_group_of_one_type_equals_a_mixed_group() -> None:
    scores = [1.0, 1.3, 1.7]
    assert _around(scores, ["차대차"] * 3) == _around([*scores, 1.0], ["차대차"] * 3 + ["차량단독"])[:3]
