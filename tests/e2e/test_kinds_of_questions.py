"""Kinds of questions that people ask of accidents, answered through tools by a scripted Claude on the real page.

The answers say numbers that pandas finds in the file: the page confirms each of them by what the tools found.
"""

import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from streamlit_client import texts_chat, texts_datasets
from tests.e2e.test_dataset_pages import choose, stored
from tests.open_pages import OpenPage
from tests.real_servers import REPOSITORY
from tests.scripted_messages_api import ScriptedMessagesApi, ToolUse, says, uses
from tests.ui.screen import texts_of

FILE = Path(os.environ.get("DATA_DIR", REPOSITORY.parent / "shared" / "data")) / "daegu_accidents_2016_2018.csv"
KEY = "sk-ant-anything-goes"
ON_FOOT = {"column": "사고유형", "operator": "starts_with", "value": "차대사람"}
RUSH_HOURS = [
    {"column": "사고일시:요일", "operator": "between", "value": ["월요일", "금요일"]},
    {"column": "사고일시:시", "value": [7, 8, 9, 17, 18, 19]},
]
SERIOUS = {"name": "중상이상", "where": [{"column": "사고내용", "value": ["사망사고", "중상사고"]}]}

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the real public data is not there (DATA_DIR)")


@cache
def accidents() -> pd.DataFrame:
    frame = pd.read_csv(FILE)
    hour = frame["사고일시"].str.extract(r"(\d+)시?$")[0].astype(int)
    return frame.assign(시=hour, 연도=frame["사고일시"].str[:4].astype(int))


def on_foot_in_rainy_nights() -> str:
    frame = accidents()
    found = frame[
        frame["사고유형"].str.startswith("차대사람") & (frame["기상상태"] == "비") & ~frame["시"].between(6, 19)
    ]
    return f"{len(found):,}건이고 {found['사망자수'].sum():,}명이 숨졌습니다."


def by_year() -> str:
    counts = accidents()["연도"].value_counts()
    return f"2016년 {counts[2016]:,}건에서 2018년 {counts[2018]:,}건이 되었습니다."


def rush_hours_against_the_rest() -> str:
    frame = accidents()
    is_rush = ~frame["요일"].isin(["토요일", "일요일"]) & frame["시"].isin([7, 8, 9, 17, 18, 19])
    is_serious = frame["사고내용"].isin(["사망사고", "중상사고"])
    rush, rest = is_serious[is_rush].mean() * 100, is_serious[~is_rush].mean() * 100
    return f"출퇴근 시간은 {rush:.1f}%, 나머지는 {rest:.1f}%입니다."


def in_one_district() -> str:
    found = accidents()["시군구"].str.startswith("대구광역시 서구 ").sum()
    return f"서구에서 {found:,}건입니다."


def deaths_per_hundred() -> str:
    rates = accidents().groupby("기상상태")["사망자수"].mean() * 100
    return f"100건당 사망자수는 비 오는 날 {rates['비']:.2f}명, 맑은 날 {rates['맑음']:.2f}명입니다."


def percentile_by_group() -> str:
    found = accidents().groupby("사고내용")["경상자수"].quantile(0.95)
    return f"중상사고의 경상자수 95백분위수는 {found['중상사고']:g}명입니다."


KINDS: Mapping[str, tuple[Any, ToolUse]] = {
    "비 오는 밤에 보행자 사고는 몇 건이고 몇 명이 숨졌나요?": (
        on_foot_in_rainy_nights,
        ToolUse(
            "group_by_aggregate",
            {
                "where": [
                    ON_FOOT,
                    {"column": "기상상태", "value": "비"},
                    {"column": "사고일시:시", "operator": "between", "value": [20, 5]},
                ],
                "group_column": "기상상태",
                "agg_column": "사망자수",
                "operation": "sum",
            },
        ),
    ),
    "해마다 사고가 어떻게 달라졌나요?": (by_year, ToolUse("get_value_counts", {"column": "사고일시:연도"})),
    "출퇴근 시간 사고는 다른 때보다 심한가요?": (
        rush_hours_against_the_rest,
        ToolUse(
            "group_by_aggregate",
            {
                "define": [{"name": "출퇴근", "where": RUSH_HOURS}, SERIOUS],
                "group_column": "출퇴근",
                "agg_column": "중상이상",
                "operation": "rate",
            },
        ),
    ),
    "서구에서는 몇 건 났나요?": (
        in_one_district,
        ToolUse("filter_dataframe", {"column": "시군구:시군구", "operator": "==", "value": "서구"}),
    ),
    "날씨마다 100건당 몇 명이 숨지나요?": (
        deaths_per_hundred,
        ToolUse("group_by_aggregate", {"group_column": "기상상태", "agg_column": "사망자수", "operation": "rate"}),
    ),
}


@pytest.fixture
def scripted(messages_api: ScriptedMessagesApi) -> Iterator[ScriptedMessagesApi]:
    messages_api.start_anew()
    yield messages_api
    messages_api.start_anew()


@pytest.fixture
def dataset_id(api: httpx.Client) -> str:
    return stored(api, f"사고 {uuid4().hex[:8]}", FILE.read_text("utf-8-sig"))


def answered(at: AppTest, scripted: ScriptedMessagesApi, question: str, answer: str, use: ToolUse) -> str:
    """Returns what the page says of an answer that rests on one use of a tool."""
    scripted.script(uses(use), says(answer))
    at.chat_input[0].set_value(f"{question} {uuid4().hex[:6]}").run()
    assert not at.exception
    assert not at.error
    return texts_of(at)


def test_numbers_of_answers_are_those_of_pandas(
    open_page: OpenPage, dataset_id: str, scripted: ScriptedMessagesApi
) -> None:
    at = choose(open_page("chat", key=KEY), texts_datasets.CHOOSE, dataset_id)
    for question, (found, use) in KINDS.items():
        answer = found()
        shown = answered(at, scripted, question, answer, use)
        assert answer in shown, question
        assert texts_chat.UNCONFIRMED.partition("{")[0] not in shown, question


def test_visitor_with_a_link_gets_numbers_of_pandas_too(
    open_page: OpenPage, api: httpx.Client, dataset_id: str, scripted: ScriptedMessagesApi
) -> None:
    token = api.post(f"/api/datasets/{dataset_id}/share").json()["share_token"]
    at = open_page("shared", key=KEY, share=token)
    at.session_state["shared.tabs"] = texts_datasets.SHARED_TABS[1]
    use = ToolUse("calculate_percentile", {"column": "경상자수", "percentile": 95, "group_column": "사고내용"})
    answer = percentile_by_group()
    shown = answered(at.run(), scripted, "중상사고의 경상자는 많아야 몇 명인가요?", answer, use)
    assert answer in shown
    assert texts_chat.UNCONFIRMED.partition("{")[0] not in shown


def test_number_that_no_tool_found_is_named(
    open_page: OpenPage, dataset_id: str, scripted: ScriptedMessagesApi
) -> None:
    at = choose(open_page("chat", key=KEY), texts_datasets.CHOOSE, dataset_id)
    use = ToolUse("get_value_counts", {"column": "사고일시:연도"})
    shown = answered(at, scripted, "모두 몇 건인가요?", "모두 77,777건입니다.", use)
    assert texts_chat.UNCONFIRMED.format(numbers="77,777건") in shown
