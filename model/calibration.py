"""Fits ranges and expected ECLO to predicted ECLO, on predictions for years that the model had not seen.

ECLO is a small whole number, mostly 3 or 5, and so are the ends of a range: the shortest that holds four in five
accidents of the same type, a similar prediction, and the same time period and county. How often each ECLO occurs is
counted by type and prediction, and raked to what occurs in each time period and each county. The share that every
single range must hold is then tuned, so that the ranges of a type hold four in five of its accidents together
(conformal, by type).
"""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement, pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.encodings import DECIMALS
from model.records import accidents
from prediction_service.accident import TIME_PERIODS
from prediction_service.ranges import ANY_COUNTY, EcloRanges, Steps, county_of
from prediction_service.severity import RANGE_COVERAGE, SeverityScale

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Ranges = dict[str, dict[str, dict[str, Steps]]]

HALF_LIFE_YEARS = 2.0
MOST_BINS, ROWS_A_BIN = 20, 400
MOST_ECLO = 17
"""Higher ECLO is counted as this value."""
RAKINGS, PRIOR_ROWS = 4, 300
_FEW = 1e-9  # accidents, where the count is zero
LEAST_SHARES = np.arange(0.75, 1.0, 0.0025).round(4)
ROWS_A_FACTOR = 2000
"""The level drifts, so a factor uses the latest year, and earlier ones until there are enough accidents."""
GROUPS = ("accident_type", "time_period", "county", "word", "day_of_week", "weather", "road_type")
_INTERVALS = np.array(list(combinations_with_replacement(range(MOST_ECLO), 2)))


def fit_ranges(records: pd.DataFrame, predicted: Floats) -> Ranges:
    """Returns the ranges by accident type, time period and county, in the form of `EcloRanges`."""
    eclo = np.minimum(records["eclo"].to_numpy(), MOST_ECLO).astype(np.intp) - 1
    age = records["accident_year"].max() - records["accident_year"].to_numpy()
    weight = np.round(0.5 ** (age / HALF_LIFE_YEARS), DECIMALS)
    counties, county = np.unique(records["district"].map(county_of).to_numpy(dtype=str), return_inverse=True)
    period = records["time_period"].map(TIME_PERIODS.index).to_numpy()
    types, kind = np.unique(records["accident_type"].to_numpy(dtype=str), return_inverse=True)
    edges = [_bin_edges(predicted[kind == number]) for number in range(len(types))]
    first = np.cumsum([0, *(len(of_type) + 1 for of_type in edges)])
    cell = np.empty(len(predicted), dtype=np.intp)
    for number, of_type in enumerate(edges):
        members = kind == number
        cell[members] = first[number] + np.searchsorted(of_type, predicted[members], "right")

    shares = _raked_shares(eclo, weight, cell, (period, county), (len(TIME_PERIODS), len(counties) + 1))
    ranges: Ranges = {}
    for number, (start, end) in enumerate(pairwise(first)):
        members = kind == number
        rows = cell[members] - start, period[members], county[members]
        ends = _fitting_ends(shares[start:end], rows, eclo[members], weight[members])
        ranges[str(types[number])] = {
            name: {
                label: _steps(edges[number], ends[:, at, place] + 1)
                for place, label in enumerate([*counties.tolist(), ANY_COUNTY])
            }
            for at, name in enumerate(TIME_PERIODS)
        }
    return ranges


def fit_expected_factors(records: pd.DataFrame, predicted: Floats) -> dict[str, float]:
    """Returns, by accident type, the ratio of the mean ECLO to the mean predicted ECLO."""
    sums = records.assign(predicted=predicted, rows=1).groupby(["accident_type", "accident_year"])
    return {str(kind): _factor(of_type) for kind, of_type in sums[["rows", "eclo", "predicted"]].sum().groupby(level=0)}


def group_outcomes(
    records: pd.DataFrame, predicted: Floats, ranges: Ranges, factors: Mapping[str, float], cut_points: Sequence[float]
) -> dict[str, dict[str, dict[str, float]]]:
    """Returns, by group and label, coverage and mean width of the ranges, and the sums of expected and real ECLO."""
    eclo, around, scale = records["eclo"].to_numpy(), EcloRanges(ranges).around, SeverityScale(cut_points)
    ends = np.array([around(value, one) for value, one in zip(predicted.tolist(), accidents(records), strict=True)])
    low, high = ends.T
    judged = records.assign(
        all="all",
        county=records["district"].map(county_of),
        word=[scale.word(value) for value in predicted.tolist()],
        inside=(low <= eclo) & (eclo <= high),
        width=high - low,
        expected=predicted * records["accident_type"].map(factors).to_numpy(),
    )
    return {
        name: {
            str(label): {
                "rows": len(rows),
                "inside": round(float(rows["inside"].mean()), 4),
                "width": round(float(rows["width"].mean()), 2),
                "expected": round(float(rows["expected"].sum()), 1),
                "real": round(float(rows["eclo"].sum()), 1),
            }
            for label, rows in judged.groupby(name)
        }
        for name in ("all", *GROUPS)
    }


def _factor(of_type: pd.DataFrame) -> float:
    latest = of_type.sort_index(ascending=False)
    used = latest[latest["rows"].cumsum().shift(fill_value=0) < ROWS_A_FACTOR].sum()
    return round(float(used["eclo"] / used["predicted"]), 4)


def _bin_edges(predicted: Floats) -> Floats:
    bins = max(2, min(MOST_BINS, len(predicted) // ROWS_A_BIN))
    return np.quantile(predicted, np.arange(1, bins) / bins).round(DECIMALS)


def _raked_shares(eclo: Codes, weight: Floats, cell: Codes, groups: Sequence[Codes], sizes: Sequence[int]) -> Floats:
    """Returns the share of each ECLO, of shape (cells, *sizes, ECLO); a group without rows changes nothing."""
    by_cell = _counts(cell, cell.max() + 1, eclo, weight) + _FEW
    factors = [np.ones((size, MOST_ECLO)) for size in sizes]
    expected = _normal(by_cell)[cell]
    for _ in range(RAKINGS):
        for group, factor in zip(groups, factors, strict=True):
            real, said = _counts(group, len(factor), eclo, weight), np.zeros_like(factor)
            np.add.at(said, group, expected * weight[:, None])
            prior = PRIOR_ROWS * _normal(said + _FEW)
            change = (real + prior) / (said + prior)
            factor *= change
            expected = _normal(expected * change[group])
    by_period, by_county = factors
    return _normal(by_cell[:, None, None] * by_period[:, None] * by_county)


def _counts(group: Codes, size: int, eclo: Codes, weight: Floats) -> Floats:
    counts = np.zeros((size, MOST_ECLO))
    np.add.at(counts, (group, eclo), weight)
    return counts


def _normal(counts: Floats) -> Floats:
    return np.asarray(counts / counts.sum(axis=-1, keepdims=True))


def _fitting_ends(shares: Floats, rows: tuple[Codes, Codes, Codes], eclo: Codes, weight: Floats) -> Codes:
    """Returns the ends for each distribution in `shares`, such that together they cover RANGE_COVERAGE of the rows."""
    up_to = np.concatenate([np.zeros((*shares.shape[:-1], 1)), shares.cumsum(axis=-1)], axis=-1)
    lows, highs = _INTERVALS.T
    held = (up_to[..., highs + 1] - up_to[..., lows]).round(DECIMALS)
    for least in LEAST_SHARES:
        # The shortest; ties go to the one that holds more.
        ends: Codes = _INTERVALS[np.where(held >= least, highs - lows - held, math.inf).argmin(axis=-1)]
        low, high = ends[rows].T
        inside = np.average((low <= eclo) & (eclo <= high), weights=weight)
        if round(float(inside), DECIMALS) >= RANGE_COVERAGE:
            break
    return ends


def _steps(edges: Floats, ends: Codes) -> Steps:
    starts = [0, *(np.flatnonzero((ends[1:] != ends[:-1]).any(axis=1)) + 1).tolist()]
    return {
        "starts": edges[[start - 1 for start in starts[1:]]].tolist(),
        "lows": ends[starts, 0].tolist(),
        "highs": ends[starts, 1].tolist(),
    }
