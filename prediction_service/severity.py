"""Severity words: the rank of a predicted ECLO among the predictions for real accidents."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

WORDS = ("경미", "일반", "심각", "매우 심각")
CUT_SHARES = (0.20, 0.80, 0.95)
"""The lowest fifth of real accidents is 경미, the top twentieth 매우 심각."""
RANGE_COVERAGE = 0.8
"""Share of real accidents whose ECLO lies in the predicted range."""


class Band(NamedTuple):
    """One word and its interval of ECLO; `maximum_eclo` is exclusive, None if unbounded. `share` of real accidents."""

    interpretation: str
    minimum_eclo: float
    maximum_eclo: float | None
    share: float


class SeverityScale:
    """The bands between the cut points of a model, which are ECLO values in ascending order."""

    def __init__(self, cut_points: Sequence[float]) -> None:
        self._cut_points = tuple(cut_points)

    def word(self, eclo: float) -> str:
        """Returns the word for a predicted ECLO."""
        return WORDS[bisect_right(self._cut_points, eclo)]

    def bands(self) -> tuple[Band, ...]:
        """Returns the four bands, lowest first."""
        ends = (0.0, *self._cut_points)
        shares = (0.0, *CUT_SHARES, 1.0)
        return tuple(
            Band(
                word,
                ends[index],
                ends[index + 1] if index + 1 < len(ends) else None,
                round(shares[index + 1] - shares[index], 6),
            )
            for index, word in enumerate(WORDS)
        )
