"""Every text that is kept is composed, trimmed, bounded and free of NUL."""

import unicodedata

import pytest
from daegu.dataset.v1.dataset_pb2 import UploadDescription
from hypothesis import given as drawn
from hypothesis import strategies as st

from dataset_service.convert import upload_order_from_proto
from servicekit.errors import Refused
from servicekit.text_gate import checked_line, checked_text, clean, display_file_name, shortened


def test_text_is_composed_and_trimmed() -> None:
    assert checked_text(unicodedata.normalize("NFD", "  한글\n설명\t"), "description", 10) == "한글\n설명"
    assert checked_line(" 한 \r\n 글\t", "name", 10) == "한 글"


def test_what_nobody_sees_is_left_out() -> None:
    assert checked_line("사고\u202egnp.exe\u200b", "name", 20) == "사고gnp.exe"
    assert checked_text("설명\u2066\n둘", "description", 20) == "설명\n둘"
    assert display_file_name("\u202e사고\u200b.csv") == "사고.csv"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a\0", "VALUE_INVALID"),
        ("\ud800", "VALUE_INVALID"),
        ("가" * 11, "TEXT_TOO_LONG"),
        (" ", "MISSING"),
        ("\u202e\u200b", "MISSING"),
    ],
)
def test_unusable_text_is_refused_with_its_field(text: str, reason: str) -> None:
    with pytest.raises(Refused, match="REQUEST_INVALID") as raised:
        checked_line(text, "name", 10, is_required=True)
    assert [(violation.field, violation.reason) for violation in raised.value.violations] == [("name", reason)]


def test_text_that_holds_an_api_key_is_refused() -> None:
    for keep in (
        lambda key: checked_line(key, "name", 200),
        lambda key: checked_text(key, "description", 2000),
        display_file_name,
    ):
        with pytest.raises(Refused, match="KEY_IN_TEXT"):
            keep("내 키 sk-ant-api03-canary.csv")


@pytest.mark.parametrize(
    ("given", "shown", "name"),
    [
        ("C:\\자료\\사고.CSV", "사고.CSV", "사고"),
        (unicodedata.normalize("NFD", "한글.csv"), "한글.csv", "한글"),
        ("a\r\nb\x00.csv", "a b.csv", "a b"),
        (".csv", ".csv", ".csv"),
        ("가" * 300 + ".csv", "가" * 250 + "….csv", "가" * 200),
        ("공백 이름 .csv", "공백 이름 .csv", "공백 이름"),
    ],
)
def test_file_name_gives_the_dataset_its_name(given: str, shown: str, name: str) -> None:
    order = upload_order_from_proto(UploadDescription(file_name=given))
    assert (order.file_name, order.name) == (shown, name)


def test_text_as_long_as_may_be_is_kept() -> None:
    assert checked_text("가" * 10, "name", 10) == "가" * 10


@drawn(st.text(max_size=400))
def test_any_file_name_is_shown_on_one_line_without_a_path(name: str) -> None:
    shown = display_file_name(name)
    assert 0 < len(shown) <= 255
    assert not set(shown) & set("/\\\0\n\r")
    assert shown == shown.strip()


@drawn(st.text(max_size=60))
def test_any_text_is_kept_or_refused(text: str) -> None:
    try:
        kept = checked_line(text, "name", 50)
    except Refused:
        return
    assert kept == checked_line(kept, "name", 50)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  질문 \n", "질문"),
        ("가\x00나\x1b다\x7f", "가나다"),
        ("한 줄\r\n두 줄\r세 줄\t끝", "한 줄\n두 줄\n세 줄\t끝"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"),
        ("\ud800깨진 글자", "깨진 글자"),
    ],
)
def test_text_is_cleaned(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "short"),
    [("짧은 글", "짧은 글"), ("줄\n바  꿈", "줄 바 꿈"), ("가나다라마바", "가나다라…"), ("가나다 라마바", "가나다…")],
)
def test_long_text_is_shortened_to_one_line(text: str, short: str) -> None:
    assert shortened(text, 5) == short
