import pandas as pd
import pytest

from streamlit_client.parts.table_columns import number_format, table_columns, text_columns
from tests.unit.streamlit_client.samples import column

NARROW_SCREEN = 390


@pytest.mark.parametrize(
    ("values", "meaning", "expected"),
    [
        ([12_345, 7], None, "%,d"),
        ([12_345.0, None, 7.0], None, "%,d"),
        ([2021, 2019], None, "%d"),
        ([2021, 2019], "year", "%d"),
        ([2021, 2019], "count", "%,d"),
        ([12_345, 12_346], "serial", "%d"),
        ([35.871_44, 35.8], "latitude", "%.5f"),
        ([79.3333, 20.6667], "percent", "%,.2f"),
        ([1234.5678, 98_765.4], None, "%,.2f"),
        ([0.0421, -0.3], None, "%,.4f"),
        ([0.0000012], None, "%,.6f"),
        ([0.4, 0.7], None, "%,.2f"),
        ([None, float("nan")], None, "%,d"),
        ([float("inf"), 2.5], None, "%,.2f"),
    ],
)
def test_numbers_are_written_as_people_write_them(values: list[float], meaning: str | None, expected: str) -> None:
    known = column("값", meaning=meaning) if meaning else None
    assert number_format(pd.Series(values, dtype=float), known) == expected


def test_rows_without_decimals_leave_room_for_those_of_other_rows() -> None:
    assert number_format(pd.Series([1.0, 2_000.0]), column("값", type="number")) == "%,.2f"
    assert number_format(pd.Series([2021.0]), column("연도", type="number", meaning="year")) == "%d"


def test_known_column_has_its_unit_above_and_periods_have_no_days() -> None:
    frame = pd.DataFrame({"금액": [1, 2], "분기": pd.to_datetime(["2024-01-01", "2024-04-01"])})
    known = [column("금액", unit="원"), column("분기", type="date", precision="quarter"), column("없는 열", unit="명")]
    config = table_columns(frame, known)
    assert {name: shown["label"] for name, shown in config.items()} == {"금액": "금액 (원)", "분기": None}
    assert config["분기"]["type_config"]["format"] == "YYYY-[Q]Q"


@pytest.mark.parametrize(
    ("maximum", "form"),
    [
        ("2024-01-02", "YYYY-MM-DD"),
        ("2024-01-02 09:30", "YYYY-MM-DD HH:mm"),
        ("2024-01-02 09:30:15", "YYYY-MM-DD HH:mm:ss"),
        (None, "YYYY-MM-DD"),
    ],
)
def test_days_have_no_time_and_times_no_more_than_they_hold(maximum: str | None, form: str) -> None:
    frame = pd.DataFrame({"때": pd.to_datetime(["2024-01-02"])})
    config = table_columns(frame, [column("때", type="date", maximum=maximum)])
    assert config["때"]["type_config"]["format"] == form


def test_only_table_columns_get_a_format() -> None:
    frame = pd.DataFrame({"이름": ["가"], "값": [1.5], "여부": [True]})
    assert list(table_columns(frame)) == ["값"]


def test_one_long_text_among_short_ones_has_room_as_far_as_a_narrow_screen_goes() -> None:
    table = pd.DataFrame({"시각": [""] * 9 + ["2020-03-28 18:00"], "짧음": ["a"] * 10, "끝없음": ["가" * 1000] * 10})
    moments, short, endless = (column["width"] for column in text_columns(table, *table).values())
    assert short < 100 <= moments < endless < NARROW_SCREEN


@pytest.mark.parametrize(
    ("values", "least"),
    [
        ([3, 5, 2, 4, 6, 1, 15_000], 60),
        ([1, 2, 3, -1_234_567.0, None], 90),
        ([0.5, 0.25, 123_456.75], 90),
        ([10, 20, 30], None),
        ([None, None], None),
    ],
)
def test_one_long_number_among_short_ones_keeps_its_first_digits(values: list[float | None], least: int | None) -> None:
    width = table_columns(pd.DataFrame({"수": pd.Series(values, dtype=float)}))["수"]["width"]
    assert width is None if least is None else least <= width < NARROW_SCREEN
