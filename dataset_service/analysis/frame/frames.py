"""Datasets in memory: a frame is one dataset, ready to be analysed; `Frames` caches them."""

import difflib
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from dataset_service.analysis.frame.column import Column
from dataset_service.reading.columns.kinds import ColumnKind
from dataset_service.reading.columns.known_columns import plain_name
from dataset_service.reading.table_file import read_table, reading_of

_MOST_COMPARED = 500
"""Column names compared for a suggestion; only the first ones in wider tables."""
_LONGEST_COMPARED = 100
_NEAR_ENOUGH = 0.55
_MOST_KEPT = 256
"""Results that a frame keeps: each takes a few bytes a row."""
_MOST_GONE = 10_000
"""Deleted datasets remembered: as many as may be deleted while one is read."""
Kept = TypeVar("Kept")


class Frame:
    """A dataset as columns. Immutable and thread-safe."""

    def __init__(self, table: pa.Table) -> None:
        names = table.column_names
        if len(set(names)) < len(names):
            raise ValueError("Two columns of the table have the same name.")
        columns = {name: Column(name, table.column(name), reading_of(table.field(name))) for name in names}
        self._fill(table.num_rows, columns, _Results(), {})

    def _fill(
        self, rows: int, columns: Mapping[str, Column], results: "_Results", other_names: Mapping[str, str]
    ) -> None:
        self.rows: int = rows
        self.columns = columns if isinstance(columns, _Selected) else MappingProxyType(columns)
        self.base = self
        """The frame without added columns."""
        self._results = results
        self._other_names = other_names
        self._names_by_key: dict[str, list[str]] = {}
        for name in columns:
            self._names_by_key.setdefault(plain_name(name), []).append(name)

    @classmethod
    def read(cls, path: Path) -> "Frame":
        """Returns the frame of a Parquet file."""
        return cls(read_table(path))

    @property
    def size_bytes(self) -> int:
        """Memory of the columns in bytes, including cached properties and what `once` keeps."""
        return self._results.size_bytes + sum(column.size_bytes for column in self.columns.values())

    def once(self, key: Hashable, work_out: Callable[[], Kept]) -> Kept:
        """Returns what `work_out` returned for this key, lately or now. A large value tells its `size_bytes`."""
        kept: Kept = self._results.get(key, work_out)
        return kept

    def with_columns(self, columns: Sequence[Column], other_names: Mapping[str, str] = MappingProxyType({})) -> "Frame":
        """Returns the frame with more columns of as many rows, also under other names that mean them.

        What was worked out for the frame stays known, so keys of `once` tell columns apart by more than their names.
        """
        added = {**self.columns, **{column.name: column for column in columns}}
        frame = self._with(self.rows, added, self._results, {**self._other_names, **other_names})
        frame.base = self.base
        return frame

    def select(self, rows: npt.NDArray[np.int64]) -> "Frame":
        """Returns a frame of these rows, each once, in this order. Its columns are taken when they are first used."""
        columns = self.columns.select(rows) if isinstance(self.columns, _Selected) else _Selected(self.columns, rows)
        frame = self._with(len(rows), columns, _Results(), self._other_names)
        if self.base is not self:
            frame.base = self.base.select(rows)
        return frame

    @classmethod
    def _with(
        cls, rows: int, columns: Mapping[str, Column], results: "_Results", other_names: Mapping[str, str]
    ) -> "Frame":
        frame = cls.__new__(cls)
        frame._fill(rows, columns, results, other_names)
        return frame

    def of_kind(self, *kinds: ColumnKind) -> list[Column]:
        """Returns the columns of these kinds, in the order of the file."""
        return [column for column in self.columns.values() if column.kind in kinds]

    def find(self, name: str) -> Column | None:
        """Returns the column with exactly this name, otherwise the only one that differs in spelling alone."""
        name = self._other_names.get(name, name)
        if name in self.columns:
            return self.columns[name]
        names = self._names_by_key.get(plain_name(name), ())
        return self.columns[names[0]] if len(names) == 1 else None

    def nearest(self, name: str, limit: int = 3) -> list[str]:
        """Returns the most similar column names, best first; empty if none is similar enough."""
        return nearest_texts(name, list(self.columns)[:_MOST_COMPARED], limit)

    def to_pandas(self) -> pd.DataFrame:
        """Returns the DataFrame that the code of an analysis calls `df`."""
        series = {name: column.to_pandas() for name, column in self.columns.items()}
        return pd.DataFrame(series, index=pd.RangeIndex(self.rows))


class _Results:
    """What was worked out for a frame: the most recently used of it, by key. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    @property
    def size_bytes(self) -> int:
        """Memory of the results in bytes."""
        with self._lock:
            return sum(int(getattr(value, "size_bytes", getattr(value, "nbytes", 0))) for value in self._kept.values())

    def get(self, key: Hashable, work_out: Callable[[], Any]) -> Any:
        """Returns the result; two callers at once may both work it out."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        value = work_out()
        with self._lock:
            self._kept[key] = value
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return value


class _Selected(Mapping[str, Column]):
    """Columns of some rows of a frame, taken when they are first used."""

    def __init__(self, columns: Mapping[str, Column], rows: npt.NDArray[np.int64]) -> None:
        self._columns, self._rows = columns, rows
        self._taken: dict[str, Column] = {}

    def select(self, rows: npt.NDArray[np.int64]) -> "_Selected":
        """Returns the columns of some of these rows."""
        return _Selected(self._columns, self._rows[rows])

    def __getitem__(self, name: str) -> Column:
        if name not in self._taken:
            self._taken[name] = self._columns[name].take(self._rows)
        return self._taken[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


class Frames:
    """LRU cache of frames, up to `limit_bytes` in all, by dataset and content hash."""

    def __init__(self, limit_bytes: int, read: Callable[[Path], Frame] = Frame.read) -> None:
        self._limit_bytes = limit_bytes
        self._read = read
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], Future[Frame]] = OrderedDict()
        self._gone: dict[str, None] = {}

    @property
    def size_bytes(self) -> int:
        """Memory of the cached frames in bytes."""
        with self._lock:
            return sum(self._sizes())

    def get(self, dataset_id: str, content_hash: str, path: Path) -> Frame:
        """Returns the frame, read from `path` if it is not cached; concurrent callers share one read.

        Blocking: call it off the event loop. Errors of reading are raised and not cached.
        """
        key = (dataset_id, content_hash)
        with self._lock:
            reading = self._kept.get(key)
            is_mine = reading is None
            if reading is None:
                reading = Future()
            if dataset_id not in self._gone:
                self._kept[key] = reading
                self._kept.move_to_end(key)
        if is_mine:
            self._fill(key, reading, path)
        frame = reading.result()
        self._shrink()
        return frame

    def kept(self) -> set[str]:
        """Returns the ids of the datasets that have frames."""
        with self._lock:
            return {dataset_id for dataset_id, _ in self._kept}

    def forget(self, dataset_id: str) -> None:
        """Removes all frames of a dataset that is deleted; one that is being read will not be kept."""
        with self._lock:
            self._gone[dataset_id] = None
            for old in list(self._gone)[:-_MOST_GONE]:
                del self._gone[old]
            for key in [key for key in self._kept if key[0] == dataset_id]:
                del self._kept[key]

    def _fill(self, key: tuple[str, str], reading: "Future[Frame]", path: Path) -> None:
        try:
            reading.set_result(self._read(path))
        except BaseException as error:  # noqa: BLE001 - raised in the waiting callers
            with self._lock:
                if self._kept.get(key) is reading:
                    del self._kept[key]
            reading.set_exception(error)

    def _shrink(self) -> None:
        # Frames grow while they are used, so all sizes are checked after every use.
        with self._lock:
            total = sum(self._sizes())
            for key, reading in list(self._kept.items()):
                if total <= self._limit_bytes:
                    return
                if reading.done():
                    total -= reading.result().size_bytes
                    del self._kept[key]

    def _sizes(self) -> list[int]:
        return [reading.result().size_bytes for reading in self._kept.values() if reading.done()]


def nearest_texts(text: str, choices: Collection[str], limit: int = 3) -> list[str]:
    """Returns the choices most similar to a text, best first. Korean is compared by letters, not syllables."""
    wanted = _letters(text[:_LONGEST_COMPARED])
    by_letters: dict[str, list[str]] = {}
    for choice in choices:
        if len(choice) <= _LONGEST_COMPARED:
            by_letters.setdefault(_letters(choice), []).append(choice)
    alike = difflib.get_close_matches(wanted, by_letters, limit, _NEAR_ENOUGH)
    containing = sorted((one for one in by_letters if wanted and (wanted in one or one in wanted)), key=len)
    return [choice for letters in dict.fromkeys([*alike, *containing]) for choice in by_letters[letters]][:limit]


def _letters(text: str) -> str:
    return unicodedata.normalize("NFKD", plain_name(text))
