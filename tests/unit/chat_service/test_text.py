import pytest

from chat_service.text import clean, shortened


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
