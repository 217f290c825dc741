import pytest

from chat_service.answer_cache import cache_key, normalised

QUESTION = "사고가 가장 많은 시간대는?"
KEY = {"content_hash": "c", "description": "d", "model": "m", "version": "v"}


@pytest.mark.parametrize(
    "question",
    [
        "사고가 가장 많은 시간대는",
        " 사고가\t가장  많은\n시간대는 ?! ",
        "사고가 가장 많은 시간대는…",
        "\u1109\u1161고가 가장 많은 시간대는？",
    ],
)
def test_form_of_a_question_does_not_matter(question: str) -> None:
    assert normalised(question) == normalised(QUESTION)


@pytest.mark.parametrize("question", ["사고가 가장 적은 시간대는?", "사고가 가장 많은 시간 대는?", "?"])
def test_words_of_a_question_matter(question: str) -> None:
    assert normalised(question) != normalised(QUESTION)


def test_key_depends_on_all_that_the_answer_depends_on() -> None:
    keys = {
        cache_key(QUESTION, **KEY),
        cache_key("다른 질문", **KEY),
        cache_key(QUESTION, **{**KEY, "content_hash": "d"}),
        cache_key(QUESTION, **{**KEY, "description": "e"}),
        cache_key(QUESTION, **{**KEY, "model": "n"}),
        cache_key(QUESTION, **{**KEY, "version": "w"}),
        cache_key(QUESTION, **KEY, context="1"),
        cache_key(QUESTION, **KEY, context="2"),
    }
    assert len(keys) == 8


def test_parts_of_a_key_do_not_run_into_each_other() -> None:
    parts = {"description": "", "model": "", "version": ""}
    assert cache_key("b", content_hash="a", **parts) != cache_key("", content_hash="ab", **parts)
