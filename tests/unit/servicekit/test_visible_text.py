"""Names are what they look like: nothing invisible in them, nothing that turns round what stands beside them."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from servicekit.visible_text import visible, visible_line

HIDDEN = [
    "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e", "\u200f",
    "\u061c", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u115f", "\u3164", "\uffa0",
    "\u180e", "\ufe0f", "\U000e0041", "\U000e0100", "\u2800",
]  # fmt: skip


def test_what_nobody_sees_is_left_out() -> None:
    for hidden in HIDDEN:
        assert visible_line(f"{hidden} 사고{hidden}csv.exe {hidden}") == "사고csv.exe", ascii(hidden)
        assert visible_line(hidden * 3) == "", ascii(hidden)


def test_what_is_seen_stays() -> None:
    for text in ("👨‍👩‍👧 가족", "❤️ 사고", "👍🏽", "1️⃣번", "대구 사고 (2)", "中文 עברית العربية", "a\u0301é"):
        assert visible_line(text) == text


def test_line_ends_stay_in_a_text_and_are_spaces_in_a_line() -> None:
    assert visible("하나\n둘\u202e\t셋") == "하나\n둘\t셋"
    assert visible_line("하나\n둘\t셋\u2028넷\x1b") == "하나 둘 셋 넷"


@given(st.text())
def test_any_text_becomes_a_line_that_stays_as_it_is(text: str) -> None:
    line = visible_line(text)
    assert visible_line(line) == line
    assert {unicodedata.category(char) for char in line.replace("\u200d", "")}.isdisjoint({"Cf", "Cc", "Zl", "Zp"})
