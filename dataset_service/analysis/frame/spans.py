"""The units in which the dates of a column are counted: days, or the months, quarters or years that are its dates."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dataset_service.reading.columns.kinds import Precision


class Span(NamedTuple):
    """One unit. `months` is 0 for days; `frequency` is the name in pandas, `counter` follows a number."""

    name: str
    unit: str
    counter: str
    frequency: str
    months: int

    def numbers(self, dates: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Returns the number of the span that each date is in, counted from 1970."""
        if not self.months:
            return dates.astype("datetime64[D]").astype(np.int64)
        return dates.astype("datetime64[M]").astype(np.int64) // self.months

    def months_of(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Returns the months that the spans begin in, counted from 1970."""
        if not self.months:
            return numbers.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        return numbers * self.months

    def widened(self, start: np.datetime64, end: np.datetime64) -> tuple[np.datetime64, np.datetime64]:
        """Returns the whole months, quarters or years that a period touches; in days, the period itself."""
        if not self.months:
            return start, end
        first, last = self.numbers(np.array([start, end - np.timedelta64(1, "s")])).tolist()
        edges = self.months_of(np.array([first, last + 1]))
        low, high = edges.astype("datetime64[M]").astype("datetime64[s]")
        return low, high


SPANS: Mapping[str, Span] = {
    "": Span("날", "일", "일", "D", 0),
    Precision.MONTH: Span("달", "개월", "개월", "M", 1),
    Precision.QUARTER: Span("분기", "분기", "개 분기", "Q", 3),
    Precision.YEAR: Span("해", "년", "년", "Y", 12),
}
"""By the precision of dates."""
