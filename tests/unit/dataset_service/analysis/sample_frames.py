"""Frames to try analyses on: tiny ones by hand, and real ones from the public data."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dataset_service.analysis.frame.frames import Frame
from dataset_service.reading.csv_worker import read_into_table
from dataset_service.reading.reading import ColumnReading
from dataset_service.reading.table_file import read_table

REPOSITORY = Path(__file__).parents[4]
DATA = REPOSITORY / os.environ.get("DATA_DIR", "../shared/data")
ACCIDENTS_2019, ACCIDENTS_2016 = "daegu_accidents_2019_2020.csv", "daegu_accidents_2016_2018.csv"
CCTV, SCHOOL_ZONES, PARKING = "대구 CCTV 정보.csv", "대구 어린이 보호 구역 정보.csv", "대구 주차장 정보.csv"
FATAL_2016, FATAL_DAEGU = "도로교통공단_교통사망사고정보_2016.csv", "daegu_fatal_accidents_2012_2020.csv"


def needs_data(test: Any) -> Any:
    """Marks a test that reads the real public data."""
    absent = pytest.mark.skipif(not DATA.is_dir(), reason="the real public data is not there (DATA_DIR)")
    return pytest.mark.needs_data(absent(test))


def frame_of(columns: Mapping[str, Sequence[Any]], **readings: ColumnReading) -> Frame:
    """Returns a frame of lists: text becomes categories, None is missing. Readings are those of tables of today."""
    arrays = {name: _array(pa.array(values)) for name, values in columns.items()}
    fields = [
        pa.field(name, array.type, metadata=dict(readings[name].chosen) if name in readings else None)
        for name, array in arrays.items()
    ]
    return Frame(pa.table(list(arrays.values()), pa.schema(fields)))


def dates(*texts: str | None) -> list[np.datetime64 | None]:
    """Returns moments for `frame_of`."""
    return [None if text is None else np.datetime64(text, "ms") for text in texts]


@cache
def real_frame(name: str) -> Frame:
    """Returns a file of the public data as the product reads it."""
    return Frame(real_table(name))


def real_table(name: str) -> pa.Table:
    """Returns the table that the product stores for a file of the public data."""
    with TemporaryDirectory() as folder, ThreadPoolExecutor(1) as threads:
        target = Path(folder) / "table.parquet"
        read_into_table({"source": str(DATA / name), "target": str(target), "wanted": {}}, threads)
        return read_table(target)


def _array(values: pa.Array) -> pa.Array:
    is_text = pa.types.is_string(values.type) or pa.types.is_large_string(values.type)
    return values.dictionary_encode() if is_text else values
