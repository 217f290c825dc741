import pytest

from dataset_service.reading.columns.values.times import read_times
from tests.unit.dataset_service.reading.columns.values.reading_texts import cells_of, told_of


@pytest.mark.parametrize(
    ("texts", "times"),
    [
        (("09:05", "23:59"), ["09:05", "23:59"]),
        (("9:05", "9:05:10"), ["09:05:00", "09:05:10"]),
        (("9시 5분", "13시"), ["09:05", "13:00"]),
        (("9시 5분 7초",), ["09:05:07"]),
        (("오전 12:05", "오후 12:05", "오후9:05"), ["00:05", "12:05", "21:05"]),
        (("9:05 PM", "09:05 am"), ["21:05", "09:05"]),
        (("오전 9시", "오후 3시"), ["09:00", "15:00"]),
        (("24:00", "00:30"), ["00:00", "00:30"]),
        (("24:01", "12:60", "9:5", "09:05:10.5", "오후 13:00", "09:00~10:00", "05"), [None] * 7),
        (("9시", "13시"), [None, None]),
    ],
)
def test_times_are_read_to_the_same_unit(texts: tuple[str, ...], times: list[str | None]) -> None:
    assert cells_of(read_times, *texts, None) == [*times, None]


def test_hours_alone_are_times_where_times_are_chosen() -> None:
    assert cells_of(read_times, "9시", "13시", name="") == ["09:00", "13:00"]


def test_midnights_at_the_end_of_a_day_are_told() -> None:
    assert told_of(read_times, "24:00", "00:00") == {"HOUR_24_READ": 1}


@pytest.mark.parametrize(
    ("name", "texts", "are_times"),
    [
        ("발생시각", ("0905", "1330"), True),
        ("START_TM", ("090510", "133000"), True),
        ("발생시각", ("1205", "1330"), False),
        ("발생시각", ("0905", "133000"), False),
        ("열", ("0905", "1330"), False),
    ],
)
def test_digits_are_times_where_the_name_says_so_and_no_number_is_meant(
    name: str, texts: tuple[str, str], are_times: bool
) -> None:
    assert (None not in cells_of(read_times, *texts, name=name)) is are_times


@pytest.mark.parametrize(
    ("name", "texts", "are_times"),
    [
        ("혼합비율", ("16:09", "04:30"), False),
        ("경기결과", ("3:12", "2:25"), False),
        ("혼합", ("1:10", "1:50"), False),
        ("시간", ("1:10", "1:50"), True),
        ("혼합", ("1:10", "2:50"), True),
        ("혼합", ("01:10", "01:50"), True),
    ],
)
def test_ratios_are_no_times(name: str, texts: tuple[str, str], are_times: bool) -> None:
    assert (None not in cells_of(read_times, *texts, name=name)) is are_times
