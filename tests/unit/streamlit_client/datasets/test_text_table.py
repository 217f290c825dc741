from datetime import datetime

import pyarrow as pa
import pytest

from streamlit_client.datasets.text_table import text_table


def words(cells: pa.Array) -> list[str]:
    return [row[0] for row in text_table(pa.table({"c": cells})).rows]


def moments(*texts: str | None) -> pa.Array:
    return pa.array([None if text is None else datetime.fromisoformat(text) for text in texts], pa.timestamp("ms"))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (pa.array([1, None, -3]), ["1", "", "-3"]),
        (pa.array([1.0, None, 0.1, 1e20]), ["1.0", "", "0.1", "1e+20"]),
        (pa.array([True, None, False]), ["true", "", "false"]),
        (pa.array(["+82-53", None, "-", "@a", "=1"]).dictionary_encode(), ["+82-53", "", "-", "@a", "=1"]),
        (moments("2020-01-02", None), ["2020-01-02", ""]),
        (moments("2020-01-02", "2020-01-02 13:05"), ["2020-01-02 00:00:00", "2020-01-02 13:05:00"]),
        (moments("2020-01-02 13:05:06.250", "2020-01-02"), ["2020-01-02 13:05:06.250", "2020-01-02 00:00:00.000"]),
    ],
)
def test_cells_are_written_as_they_are(cells: pa.Array, expected: list[str]) -> None:
    assert words(cells) == expected


def test_names_are_not_made_harmless_and_width_has_no_limit_of_its_own() -> None:
    table = text_table(pa.table({f"-{number}": [number] for number in range(1_000)}))
    assert table.columns[:2] == ("-0", "-1")
    assert len(table.rows[0]) == 1_000
