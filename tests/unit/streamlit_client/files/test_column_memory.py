import json
from base64 import urlsafe_b64encode

import pytest

from servicekit.prediction_inputs import OCCURRED_AT
from streamlit_client.files.column_memory import decode_choices, encode_choices, propose_columns, remember_columns

NAMES = ("발생", "기상상태", "하늘", "시군구")
RECOGNISED = {"weather": "기상상태", "district": "시군구"}


def test_choice_that_names_alone_would_not_make_is_proposed_again() -> None:
    chosen = {"weather": "하늘", OCCURRED_AT: "발생", "district": "시군구"}
    remembered = remember_columns(NAMES, RECOGNISED, chosen, {})
    assert remembered == {OCCURRED_AT: "발생", "weather": "하늘"}
    proposed = propose_columns(("하늘", "시군구", "발생"), {"district": "시군구"}, remembered)
    assert proposed == chosen


def test_choice_of_no_column_is_remembered_as_well() -> None:
    recognised = {"weather": "기상상태", "day_of_week": "요일"}
    remembered = remember_columns(("요일", "기상상태"), recognised, {"weather": "기상상태"}, {})
    assert remembered == {"day_of_week": ""}
    assert propose_columns(("요일", "기상상태"), recognised, remembered) == {"weather": "기상상태"}


def test_choice_that_is_taken_back_is_forgotten() -> None:
    assert remember_columns(NAMES, RECOGNISED, RECOGNISED, {"weather": "하늘"}) == {}


def test_choice_for_columns_that_this_file_lacks_is_kept() -> None:
    remembered = {"accident_type": "종류"}
    assert remember_columns(NAMES, RECOGNISED, RECOGNISED, remembered) == remembered
    assert propose_columns(NAMES, RECOGNISED, remembered) == RECOGNISED


def test_name_too_long_for_a_cookie_is_not_kept() -> None:
    long, recognised = "하" * 61, {"district": "시군구"}
    assert remember_columns((long, "시군구"), recognised, {"weather": long, **recognised}, {}) == {}


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
