"""The range that holds the ECLO of four in five comparable accidents. ECLO is a whole number, and so are the ends."""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import TypedDict

from prediction_service.accident import Accident

ANY_COUNTY = ""
"""The key for counties without an accident in the training data."""


class Steps(TypedDict):
    """Ranges by predicted ECLO: one below the first of `starts`, and one from each start on."""

    starts: Sequence[float]
    lows: Sequence[float]
    highs: Sequence[float]


class EcloRanges:
    """Ranges by accident type, time period, county and predicted ECLO."""

    def __init__(self, steps: Mapping[str, Mapping[str, Mapping[str, Steps]]]) -> None:
        self._steps = {
            (accident_type, period, county): (given["starts"], given["lows"], given["highs"])
            for accident_type, by_period in steps.items()
            for period, by_county in by_period.items()
            for county, given in by_county.items()
        }

    def around(self, eclo: float, accident: Accident) -> tuple[float, float]:
        """Returns the inclusive low and high end in ECLO; the predicted ECLO lies between them."""
        kind, period = accident.accident_type, accident.time_period
        known = self._steps.get((kind, period, county_of(accident.district)))
        starts, lows, highs = known or self._steps[kind, period, ANY_COUNTY]
        place = bisect_right(starts, eclo)
        low, high = lows[place], highs[place]
        return (low, high) if low <= eclo <= high else (min(low, math.floor(eclo)), max(high, math.ceil(eclo)))


def county_of(district: str) -> str:
    """Returns the county (구, 군) of a district."""
    return district.split(" ")[1]
