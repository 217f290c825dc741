import pandas as pd
import pytest

from streamlit_client.parts.table_columns import number_columns, number_format, text_columns

NARROW_SCREEN = 390


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("건수", [12_345, 7], "%,d"),
        ("건수", [12_345.0, None, 7.0], "%,d"),
        ("연도", [2021, 2019], "%d"),
        ("사고번호", [201_900_001, 201_900_002], "%d"),
        ("비율", [79.3333, 20.6667], "%,.2f"),
        ("피해액", [1234.5678, 98_765.4], "%,.2f"),
        ("상관계수", [0.0421, -0.3], "%,.4f"),
        ("아주 작은 값", [0.0000012], "%,.6f"),
        ("없음", [None, float("nan")], "%,d"),
        ("끝없음", [float("inf"), 2.5], "%,.3f"),
    ],
)
def test_numbers_are_written_as_people_write_them(name: str, values: list[float], expected: str) -> None:
    assert number_format(name, pd.Series(values, dtype=float)) == expected


def test_only_number_columns_get_a_format() -> None:
    frame = pd.DataFrame({"이름": ["가"], "값": [1.5], "여부": [True]})
    assert list(number_columns(frame)) == ["값"]


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
    width = number_columns(pd.DataFrame({"수": pd.Series(values, dtype=float)}))["수"]["width"]
    assert width is None if least is None else least <= width < NARROW_SCREEN
