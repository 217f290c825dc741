"""Reads times of day."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.values.clocks import CLOCK, Clocks, read_clocks
from dataset_service.reading.columns.values.date_names import says_ratio, says_time
from dataset_service.reading.columns.values.parts import DAY_MILLISECONDS, Parts, find_parts, unread, where
from dataset_service.reading.columns.values.value_rule import Values

_HINT = ":[0-9]|시|오[전후]|(?i:[ap]\\.?m)|^0[0-9]{3}"


def read_times(texts: pa.Array, name: str) -> Values:
    """Reads `09:05`, `9:05:10`, `9시 5분`, `오전 9:05` and `9:05 PM` as `09:05`, with seconds if any text has them.

    24:00 becomes 00:00. `0905` is a time in a column named so, if a zero in front tells that it is no number. `9시` is
    one only beside times with minutes, or where times are chosen.
    """
    parts = find_parts(texts, rf"^{CLOCK}$", _HINT)
    if parts is None:
        return unread(texts, pa.string())
    clocks = read_clocks(parts)
    is_compact, in_words = parts.have("minute_digits"), _are_in_words(texts)
    with_sign = clocks.have_minutes & ~is_compact
    is_read = with_sign | clocks.are_of_halves | (in_words & (with_sign.any() or not name))
    if _are_ratios(name, parts, clocks):
        is_read &= clocks.are_of_halves | in_words
    if is_compact.any() and _are_compact_times(texts, name):
        is_read |= is_compact
    is_read &= clocks.are_possible & ~clocks.have_fractions
    times = pa.array(clocks.milliseconds % DAY_MILLISECONDS, pa.timestamp("ms"))
    with_seconds = (clocks.have_seconds & is_read).any()
    cells = where(
        is_read, pc.strftime(times.cast(pa.timestamp("s"), safe=False), "%H:%M:%S" if with_seconds else "%H:%M")
    )
    return Values(cells, told={"HOUR_24_READ": clocks.end_days & is_read})


def _are_in_words(texts: pa.Array) -> Any:
    return pc.fill_null(pc.match_substring(texts, "시"), False).to_numpy(zero_copy_only=False)


def _are_ratios(name: str, parts: Parts, clocks: Clocks) -> bool:
    """Tells whether `1:20` and the like are ratios: by the name, or because nothing comes after `1:59`."""
    if says_ratio(name):
        return True
    first = parts.numbers("hour")[clocks.have_minutes]
    is_padded = parts.lengths("hour")[clocks.have_minutes] == 2
    return not says_time(name) and not is_padded.any() and bool((first <= 1).all())


def _are_compact_times(texts: pa.Array, name: str) -> bool:
    given = texts.drop_null()
    lengths = pc.unique(pc.utf8_length(given)).to_pylist()
    has_zero = bool(pc.any(pc.starts_with(given, "0")).as_py())
    return says_time(name) and len(lengths) == 1 and has_zero
