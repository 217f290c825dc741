"""True and false are read in any case."""

import pyarrow as pa
import pytest

from dataset_service.reading.columns.values.booleans import read_booleans


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["true", "FALSE", None, "True"], [True, False, None, True]),
        (["Y", "N"], [None, None]),
        (["true"] * 7, [None] * 7),
    ],
)
def test_true_and_false_are_read(texts: list[str | None], expected: list[bool | None]) -> None:
    assert read_booleans(pa.array(texts, pa.string()), "열").cells.to_pylist() == expected
