"""Frames to try analyses on: tiny ones by hand, real ones from the public data, large ones made of random values."""

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from dataset_service.frames import Frame
from dataset_service.text_values import DATE_PATTERN

REPOSITORY = Path(__file__).parents[3]
DATA = REPOSITORY / os.environ.get("DATA_DIR", "../shared/data")
ACCIDENTS_2019, ACCIDENTS_2016 = "daegu_accidents_2019_2020.csv", "daegu_accidents_2016_2018.csv"
CCTV, SCHOOL_ZONES, PARKING = "대구 CCTV 정보.csv", "대구 어린이 보호 구역 정보.csv", "대구 주차장 정보.csv"
FATAL_2016, FATAL_DAEGU = "도로교통공단_교통사망사고정보_2016.csv", "daegu_fatal_accidents_2012_2020.csv"


def needs_data(test: Any) -> Any:
    """Marks a test that reads the real public data."""
    absent = pytest.mark.skipif(not DATA.is_dir(), reason="the real public data is not there (DATA_DIR)")
    return pytest.mark.needs_data(absent(test))


def frame_of(columns: dict[str, Sequence[Any]]) -> Frame:
    """Returns a frame of lists: text becomes categories, None is missing."""
    return Frame(pa.table({name: _array(pa.array(values)) for name, values in columns.items()}))


def dates(*texts: str | None) -> list[np.datetime64 | None]:
    """Returns moments for `frame_of`."""
    return [None if text is None else np.datetime64(text, "ms") for text in texts]


@cache
def real_frame(name: str) -> Frame:
    """Returns a file of the public data, its dates typed as the reader of CSV files types them."""
    encoding = "cp949" if name in (CCTV, SCHOOL_ZONES, PARKING, FATAL_2016) else "utf-8-sig"
    data = pd.read_csv(DATA / name, encoding=encoding, low_memory=False)
    columns: dict[str, pa.Array] = {}
    for column in map(str, data):
        values = data[column]
        if isinstance(values.dtype, pd.StringDtype) and values.str.match(DATE_PATTERN).fillna(True).all():
            parts = values.str.extract(DATE_PATTERN).apply(pd.to_numeric).fillna({"hour": 0, "minute": 0, "second": 0})
            columns[column] = pa.array(pd.to_datetime(parts).astype("datetime64[ms]"))
        else:
            columns[column] = _array(pa.array(values, from_pandas=True))
    return Frame(pa.table(columns))


def large_frame(rows: int, columns: int = 28, seed: int = 7) -> Frame:
    """Returns random accidents: two dates, coordinates with gaps, whole numbers, and text of few and of many values."""
    random = np.random.default_rng(seed)

    def texts(kinds: int, missing: float = 0.0) -> pa.Array:
        codes = random.integers(0, kinds, rows, dtype=np.int32)
        mask = random.random(rows) < missing if missing else None
        values = pa.array([f"값 {number:06}" for number in range(kinds)])
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=mask), values)

    moments = np.datetime64("2007-01-01", "ms") + random.integers(0, 14 * 365 * 24, rows) * np.timedelta64(
        3_600_000, "ms"
    )
    made: dict[str, Any] = {
        "사고번호": np.arange(rows) + 2_007_010_100_100_000,
        "사고일시": moments,
        "접수일": moments.astype("datetime64[D]").astype("datetime64[ms]"),
        "요일": pa.DictionaryArray.from_arrays(
            random.integers(0, 7, rows, dtype=np.int32), pa.array([f"{day}요일" for day in "월화수목금토일"])
        ),
        "관리번호": pa.DictionaryArray.from_arrays(
            np.arange(rows, dtype=np.int32), pa.array([f"번호 {number}" for number in range(rows)])
        ),
        "연령": pa.DictionaryArray.from_arrays(
            random.integers(0, 91, rows, dtype=np.int32), pa.array([f"{age}세" for age in range(90)] + ["기타불명"])
        ),
        "위도": pa.array(35.8 + random.normal(0, 0.05, rows), mask=random.random(rows) < 0.01),
        "경도": pa.array(128.6 + random.normal(0, 0.05, rows), mask=random.random(rows) < 0.01),
        "야간": random.random(rows) < 0.3,
    }
    for number, kinds in enumerate((2, 3, 6, 11, 25, 199, 2000)):
        made[f"분류 {number}"] = texts(kinds, missing=0.03 if number % 2 else 0.0)
    for number in range(6):
        made[f"정수 {number}"] = random.integers(0, 10 ** (number + 1), rows)
    while len(made) < columns:
        made[f"실수 {len(made)}"] = random.normal(size=rows)
    return Frame(pa.table(dict(list(made.items())[:columns])))


def _array(values: pa.Array) -> pa.Array:
    is_text = pa.types.is_string(values.type) or pa.types.is_large_string(values.type)
    return values.dictionary_encode() if is_text else values
