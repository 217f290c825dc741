"""Datasets for the benchmark of analyses."""

from typing import Any

import numpy as np
import pyarrow as pa

from dataset_service.analysis.frame.frames import Frame


def large_frame(rows: int, columns: int = 28, seed: int = 7) -> Frame:
    """Returns the frame of a large table."""
    return Frame(large_table(rows, columns, seed))


def large_table(rows: int, columns: int = 28, seed: int = 7) -> pa.Table:
    """Returns random accidents: two dates, coordinates with gaps, integers, and text with few and with many values."""
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
    return pa.table(dict(list(made.items())[:columns]))
