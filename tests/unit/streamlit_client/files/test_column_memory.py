import json
from base64 import urlsafe_b64encode

import pytest

from streamlit_client.files.column_memory import decode_choices, encode_choices, propose_columns, remember_columns
from streamlit_client.files.csv_columns import OCCURRED_AT

NAMES = ("발생", "기상상태", "하늘", "시군구")


def test_choice_that_names_alone_would_not_make_is_proposed_again() -> None:
    remembered = remember_columns(NAMES, {"weather": 2, OCCURRED_AT: 0, "district": 3}, {})
    assert remembered == {OCCURRED_AT: "발생", "weather": "하늘"}
    assert propose_columns(("하늘", "시군구", "발생"), remembered) == {"weather": 0, "district": 1, OCCURRED_AT: 2}


def test_choice_of_no_column_is_remembered_as_well() -> None:
    remembered = remember_columns(("요일", "기상상태"), {"weather": 1}, {})
    assert remembered == {"day_of_week": ""}
    assert propose_columns(("요일", "기상상태"), remembered) == {"weather": 1}


def test_choice_that_is_taken_back_is_forgotten() -> None:
    assert remember_columns(NAMES, {"weather": 1, "district": 3}, {"weather": "하늘"}) == {}


def test_choice_for_columns_that_this_file_lacks_is_kept() -> None:
    remembered = {"accident_type": "종류"}
    assert remember_columns(NAMES, {"weather": 1, "district": 3}, remembered) == remembered
    assert propose_columns(NAMES, remembered) == {"weather": 1, "district": 3}


def test_name_too_long_for_a_cookie_is_not_kept() -> None:
    assert remember_columns(("하" * 61, "시군구"), {"weather": 0, "district": 1}, {}) == {}


def test_choices_go_through_a_cookie_and_back() -> None:
    choices = {OCCURRED_AT: "발생; 일시", "weather": "하늘<script>", "day_of_week": ""}
    text = encode_choices(choices)
    assert not set(text) & set(";,'\" <>")
    assert decode_choices(text) == choices


@pytest.mark.parametrize(
    "text",
    ["", "x", "====", "💥", urlsafe_b64encode(b"\xff").decode(), urlsafe_b64encode(b"[1]").decode(), "bnVsbA=="],
)
def test_text_that_is_not_ours_gives_no_choices(text: str) -> None:
    assert decode_choices(text) == {}


def test_sources_and_names_that_do_not_exist_are_left_out() -> None:
    text = urlsafe_b64encode(json.dumps({"weather": "하늘", "password": "x", "district": 3}).encode()).decode()
    assert decode_choices(text) == {"weather": "하늘"}
