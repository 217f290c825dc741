"""A corpus of answers as models write them: right numbers are confirmed, invented ones are not."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from chat_service.answers import Exchange, NumberCheck, ToolCall, ToolResult, ToolUse
from chat_service.number_check.check import check_numbers

CORPUS = tomllib.loads(Path(__file__).with_name("corpus.toml").read_text("utf-8"))
ROWS = 39_267
TOLD = ("ECLO는 사망 10, 중상 5, 경상 3, 부상신고 1", '"columns_in_all":22')


def call(name: str) -> ToolCall:
    """Returns a call of the corpus."""
    result = CORPUS["results"][name]
    table = json.loads(result["table"])
    return ToolCall(
        ToolUse(name, name, result["arguments"]),
        ToolResult(result["text"], table, rows_used=result["rows_used"], rows_missing=result["rows_missing"]),
    )


def check(text: str, *results: str, question: str = "?", earlier: tuple[Exchange, ...] = ()) -> NumberCheck:
    """Checks an answer to calls of the corpus."""
    calls = [call(name) for name in results]
    return check_numbers(text, question=question, earlier=earlier, calls=calls, told=TOLD, rows=ROWS if results else 0)


@pytest.mark.parametrize("answer", CORPUS["answers"], ids=[answer["text"][:40] for answer in CORPUS["answers"]])
def test_invented_numbers_alone_are_unconfirmed(answer: dict[str, Any]) -> None:
    found = check(answer["text"], *answer["results"], question=answer["question"])
    expected = set(answer.get("invented", ())) - set(answer.get("missed", ()))
    assert set(found.unconfirmed) == expected
    assert found.numbers - found.confirmed >= len(expected)


def test_corpus_is_large_and_little_is_missed() -> None:
    invented, missed = (
        sum(len(answer.get(kind, ())) for answer in CORPUS["answers"]) for kind in ("invented", "missed")
    )
    assert len(CORPUS["answers"]) >= 100
    assert missed / invented < 0.1


def test_numbers_are_counted_each_time_and_told_once() -> None:
    found = check("맑음 35,795건, 비 2,531건. 다시 말해 비는 2,531건입니다.", "weather")
    assert found == NumberCheck(3, 1, ("2,531건",))


def test_numbers_of_the_question_are_left_alone() -> None:
    assert check("네, 사고가 4,242건 맞습니다.", "weather", question="사고가 4,242건 맞아?") == NumberCheck(0, 0)


def test_last_number_of_a_text_may_be_cut_and_is_left_alone() -> None:
    assert check("맑음 35,795건이고 비는 2,4", "weather") == NumberCheck(1, 1)


def test_earlier_answers_bear_out_only_what_was_confirmed_in_them() -> None:
    said = Exchange("비 오는 날은?", "비는 2,449건이고 눈은 7,777건입니다.", unconfirmed=("7,777건",))
    assert check("앞서 본 2,449건과 7,777건입니다.", earlier=(said,)) == NumberCheck(2, 1, ("7,777건",))


def test_results_of_an_answer_that_broke_off_bear_out_the_next() -> None:
    cut = Exchange("날씨별로?", "", broken_off="stopped", tool_calls=(call("weather"),))
    assert check("이어서 답하면 비가 2,449건입니다.", earlier=(cut,)) == NumberCheck(1, 1)


def test_numbers_beyond_the_work_of_a_check_are_not_counted() -> None:
    text = "".join(f"{number}건, " for number in range(100_007, 100_807, 4)) + "끝."
    found = check(text, *["hours"] * 20)
    assert found.numbers == len(found.unconfirmed) == 30
    assert check("맑음 35,795건. " * 300, "weather") == NumberCheck(200, 200)
