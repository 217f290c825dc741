"""Sentences about what was repaired in a file."""

import pytest

from servicekit.korean_text.dataset_warnings import DATASET_WARNINGS, dataset_warning_text
from tests.unit.gateway.service_facts import warning_reasons


def test_every_warning_about_a_file_has_a_sentence() -> None:
    assert warning_reasons() == set(DATASET_WARNINGS)
    for reason in DATASET_WARNINGS:
        sentence = dataset_warning_text(reason, lines=[1], column="열", given="3", used="integer")
        assert "integer" not in sentence
        assert "{" not in sentence


@pytest.mark.parametrize(
    ("used", "told"),
    [("'", "작은따옴표(')로"), ('" \\', '큰따옴표(")와 역사선(\\)으로')],
)
def test_signs_are_named(used: str, told: str) -> None:
    sentence = dataset_warning_text("QUOTES_UNUSUAL", lines=[], column="", given="", used=used)
    assert sentence == f"칸을 묶는 기호를 {told} 보고 읽었습니다."


@pytest.mark.parametrize(
    ("lines", "given", "told"),
    [
        ([12], "1", "합계나 소계인 12번째 줄은 "),
        ([3, 5, 6, 7, 9], "5", "합계나 소계인 5줄(3, 5~7, 9번째 줄)은 "),
        ([*range(1, 21)], "41", "합계나 소계인 41줄(1~20번째 줄 등)은 "),
    ],
)
def test_lines_are_named_as_people_write_them(lines: list[int], given: str, told: str) -> None:
    assert dataset_warning_text("TOTALS_LEFT_OUT", lines=lines, column="", given=given, used="").startswith(told)


def test_dropped_columns_are_told_in_one_sentence() -> None:
    told = dataset_warning_text("COLUMN_DROPPED", lines=[], column="", given="2,5,6,7", used="")
    assert told == "2, 5~7번째 열은 이름도 값도 없어 뺐습니다."
