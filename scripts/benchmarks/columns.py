"""What columns say: the region of each row, and metres as degrees."""

import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from dataset_service.reading.columns.column_types import TypedColumn, typed
from dataset_service.reading.columns.kinds import ColumnKind
from dataset_service.reading.places.find import find_places
from dataset_service.reading.reading import ColumnReading
from scripts.benchmarks.result import Goal, Table, at_most
from servicekit.korea.names import regions
from servicekit.korea.rows import find_regions

_ROWS = 400_000
_NAMES, _ADDRESSES, _METRES = "regions by name", "regions by address, all different", "metres to degrees"
_MOST_SECONDS = {_NAMES: 0.5, _ADDRESSES: 0.5, _METRES: 0.3}
METHOD = (
    f"Regions and positions are those of {_ROWS:,} rows: names of all towns of Korea, addresses of as many houses, and"
    " metres of a file of licences. Figures are medians of wall time; the first call, which loads tables, is not"
    " counted.",
)


def measure(rounds: int) -> dict[str, float]:
    """Returns seconds by what is measured."""
    random = np.random.default_rng(7)
    towns = [region.name for region in regions().values() if len(region.code) == 8]
    names = pa.DictionaryArray.from_arrays(random.integers(0, len(towns), _ROWS, dtype=np.int32), pa.array(towns))
    addresses = pa.array([f"{town} {number}" for number, town in enumerate(names.to_pylist())]).dictionary_encode()
    x, y = (middle + random.normal(0, 5_000, _ROWS).round(3) for middle in (344_000.0, 262_000.0))
    metres = [
        typed("좌표정보(X)", pa.array(x.astype(str)).dictionary_encode()),
        typed("좌표정보(Y)", pa.array(y.astype(str)).dictionary_encode()),
        TypedColumn("소재지", ColumnReading(ColumnKind.TEXT), names, names.indices, names.dictionary),
    ]
    return {
        _NAMES: _taken(rounds, lambda: find_regions([names])),
        _ADDRESSES: _taken(rounds, lambda: find_regions([addresses])),
        _METRES: _taken(rounds, lambda: find_places(metres)),
    }


def tables(seconds: dict[str, float]) -> Iterator[Table]:
    """Yields the table of seconds."""
    yield Table(f"What columns of {_ROWS:,} rows say", ("", "seconds"), [(k, f"{v:.2f}") for k, v in seconds.items()])


def goals(seconds: dict[str, float]) -> Iterator[Goal]:
    """Yields a goal for each."""
    for name, most in _MOST_SECONDS.items():
        yield at_most(f"{_ROWS:,} rows, {name}", most, seconds[name], "s", 2)


def _taken(rounds: int, call: Callable[[], object]) -> float:
    taken = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken[1:])
