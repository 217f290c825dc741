"""Dates as text."""

from datetime import datetime

import pyarrow as pa
import pytest

from dataset_service.reading.columns.date_texts import date_text, date_texts

MAY, NOON = datetime(2024, 5, 1), datetime(2024, 5, 2, 12, 30)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("precision", "moments", "texts", "first"),
    [
        ("year", [MAY, None], ["2024", None], "2024"),
        ("quarter", [MAY, None], ["2024-Q2", None], "2024-Q2"),
        ("month", [MAY, None], ["2024-05", None], "2024-05"),
        ("", [MAY, None], ["2024-05-01", None], "2024-05-01"),
        ("", [NOON, MAY], ["2024-05-02 12:30", "2024-05-01 00:00"], "2024-05-02 12:30"),
        ("", [NOON.replace(second=9), MAY], ["2024-05-02 12:30:09", "2024-05-01 00:00:00"], "2024-05-02 12:30:09"),
        ("", [NOON.replace(microsecond=5_000)], ["2024-05-02 12:30:00.005"], "2024-05-02 12:30:00"),
    ],
)
def test_dates_are_written_as_precise_as_they_are(
    precision: str, moments: list[datetime | None], texts: list[str | None], first: str
) -> None:
    column = pa.array(moments, pa.timestamp("ms"))
    for cells in (column, pa.chunked_array([column, column.slice(0, 0)])):
        assert date_texts(cells, precision).to_pylist() == texts
    is_day = moments[0] == MAY
    assert moments[0] is not None
    assert date_text(moments[0], precision, is_day=is_day) == first
