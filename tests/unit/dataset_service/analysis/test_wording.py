import pytest

from dataset_service.analysis import Table, run
from dataset_service.analysis.wording import (
    basis_text,
    code_text,
    names_text,
    number_text,
    share_text,
    shortened,
    table_text,
)
from tests.unit.dataset_service.sample_frames import frame_of


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (1234567, "1,234,567"),
        (-5, "-5"),
        (4.783956907846848, "4.78396"),
        (0.0001234567, "0.000123457"),
        (0.00001234, "1.234e-05"),
        (1234567.891, "1,234,567.89"),
        (35.8437702, "35.8438"),
        (2.5, "2.5"),
        (100.0, "100"),
        (-0.125, "-0.125"),
        (1e20, "1e+20"),
        (float("inf"), "∞"),
        (None, "없음"),
    ],
)
def test_number_keeps_at_least_six_digits(number: float | None, text: str) -> None:
    assert number_text(number) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (1, 3, "33.33%"),
        (1, 1, "100%"),
        (0, 5, "0%"),
        (1, 100_000, "0.01% 미만"),
        (99_999, 100_000, "99.99% 초과"),
        (0, 0, "0%"),
    ],
)
def test_share_is_never_rounded_to_all_or_nothing(part: int, whole: int, text: str) -> None:
    assert share_text(part, whole) == text


def test_basis_says_how_many_rows_and_how_many_were_missing() -> None:
    assert basis_text(1234, 1200, 34) == "근거: 전체 1,234행 중 1,200행 (결측 34행 제외)."
    assert basis_text(5, 5, 0, "무한대 1행 제외") == "근거: 전체 5행 중 5행 (결측 없음, 무한대 1행 제외)."


def test_long_and_broken_values_are_put_on_one_short_line() -> None:
    assert shortened("가\n나\t\x07다") == "가 나 다"
    assert shortened("가" * 100) == "가" * 59 + "…"
    assert code_text("a`b") == "`a'b`"
    assert names_text(["가", "나", "다"], limit=9) == "`가`, `나` 외 1개"


def test_cells_cannot_break_out_of_a_table() -> None:
    table = Table.of(("값|들",), [("![x](http://evil.example/a.png)",), ("<script>",), ("a|b\nc",), ("~~$x$~~",)])
    assert table_text(table).splitlines() == [
        "| 값\\|들 |",
        "| --- |",
        "| !\\[x\\](http://evil.example/a.png) |",
        "| \\<script\\> |",
        "| a\\|b c |",
        "| \\~\\~\\$x\\$\\~\\~ |",
    ]


@pytest.mark.parametrize("name", ["get_dataframe_info", "get_sample_rows", "detect_data_types"])
def test_text_of_a_hostile_file_holds_no_picture_and_no_tag(name: str) -> None:
    frame = frame_of({"![a](http://evil.example)": ["<img src=x>", "![b](http://evil.example)"]})
    text = run(name, frame, {}).text
    outside_of_code = "".join(text.split("`")[::2])
    assert "![" not in outside_of_code
    assert "<img" not in outside_of_code.replace("\\<", "")
