"""The time of day within a text."""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.values.parts import DAY_MILLISECONDS, Parts

_HALF = "오전|오후|(?i:[ap]\\.?m\\.?)"
CLOCK = (
    rf"(?P<before>{_HALF})? *(?P<hour>[0-9]{{1,2}})"
    r"(?:시(?: *(?P<minute_word>[0-9]{1,2})분(?: *(?P<second_word>[0-9]{1,2})초)?)?"
    r"|:(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    r"|(?P<minute_digits>[0-9]{2})(?P<second_digits>[0-9]{2})?)?"
    rf" ?(?P<after>{_HALF})?"
)
"""Pattern of a time of day; digits alone are `09`, `0905` or `090510`."""


class Clocks(NamedTuple):
    """Times of day by text; 0 where the pattern found none."""

    milliseconds: Any
    """Since midnight; those of a whole day for 24:00."""
    are_told: Any
    """Which texts have a time."""
    are_possible: Any
    """Which times can be; having none is possible."""
    are_of_halves: Any
    """Which are named 오전, 오후, AM or PM."""
    have_minutes: Any
    have_seconds: Any
    have_fractions: Any

    @property
    def end_days(self) -> Any:
        """Which are 24:00."""
        return self.milliseconds == DAY_MILLISECONDS


def read_clocks(parts: Parts) -> Clocks:
    """Reads the groups of `CLOCK`."""
    hour = parts.numbers("hour")
    minute = parts.numbers("minute", "minute_word", "minute_digits")
    second = parts.numbers("second", "second_word", "second_digits")
    fraction = pc.utf8_slice_codeunits(pc.utf8_rpad(parts.words("fraction"), 3, "0"), 0, 3)
    half = pc.utf8_slice_codeunits(pc.utf8_upper(pc.replace_substring(parts.words("before", "after"), ".", "")), 0, 2)
    is_morning, is_afternoon = (
        pc.is_in(half, pa.array(words)).to_numpy(zero_copy_only=False) for words in (("오전", "AM"), ("오후", "PM"))
    )
    is_half, has_both = is_morning | is_afternoon, parts.have("before") & parts.have("after")
    milliseconds = (hour * 3_600 + minute * 60 + second) * 1_000 + pc.cast(fraction, pa.int64()).to_numpy()
    milliseconds += 3_600_000 * np.where(is_half, hour % 12 + 12 * is_afternoon - hour, 0)
    is_possible = (minute <= 59) & (second <= 59) & (milliseconds <= DAY_MILLISECONDS) & ~has_both
    is_possible &= ~is_half | ((hour >= ~is_morning) & (hour <= 12))
    is_possible &= (parts.lengths("minute_digits") == 0) | (parts.lengths("hour") == 2)
    return Clocks(
        milliseconds,
        are_told=parts.have("hour"),
        are_possible=is_possible,
        are_of_halves=is_half,
        have_minutes=parts.have("minute", "minute_word", "minute_digits"),
        have_seconds=parts.have("second", "second_word", "second_digits"),
        have_fractions=parts.have("fraction"),
    )
