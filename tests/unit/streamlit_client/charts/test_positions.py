"""Where rows lie, and what lies near what, with distances worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from streamlit_client.charts.positions import find_near, find_points


def test_rows_without_a_position_in_korea_are_left_out() -> None:
    points = find_points(pd.Series([35.8, None, 0.0, 51.5, 36.0]), pd.Series([128.6, 128.6, 0.0, -0.1, 128.7]))
    assert points.rows.tolist() == [0, 4]
    assert (points.left_out, points.were_swapped) == (3, False)


def test_swapped_columns_are_swapped_back() -> None:
    points = find_points(pd.Series([128.6, 128.7]), pd.Series([35.8, 35.9]))
    assert points.were_swapped
    assert points.latitudes.tolist() == [35.8, 35.9]


def test_positions_written_as_text_are_read() -> None:
    points = find_points(pd.Series(["35.8", "x"], dtype="category"), pd.Series(["128.6", "128.6"], dtype="category"))
    assert points.rows.tolist() == [0]


def test_sample_is_always_the_same_and_in_order() -> None:
    points = find_points(pd.Series(np.full(100, 35.8)), pd.Series(np.linspace(128.1, 128.9, 100)))
    sample = points.sample(10)
    assert sample.rows.tolist() == points.sample(10).rows.tolist() == sorted(sample.rows.tolist())
    assert len(sample.rows) == 10
    assert points.sample(100) is points


def test_distances_are_in_metres() -> None:
    # A thousandth of a degree of latitude is 111.3 m; of longitude at 35.87 degrees north 90.2 m.
    first = find_points(pd.Series([35.870, 35.871]), pd.Series([128.600, 128.600]))
    second = find_points(pd.Series([35.870]), pd.Series([128.601]))
    near = find_near(first, second, metres=100)
    assert near.distances[0] == pytest.approx(90.2, abs=0.1)
    assert near.distances[1] == pytest.approx((90.2**2 + 111.3**2) ** 0.5, abs=0.2)
    assert near.counts.tolist() == [1]
    assert find_near(first, second, metres=150).counts.tolist() == [2]
