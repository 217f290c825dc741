"""Answers in files, read by plain CommonMark with the tables and the strikethrough of GitHub."""

import pytest
from markdown_it import MarkdownIt

from servicekit.korean_text.portable_markdown import portable_line, portable_markdown
from tests.korean_answers import ANSWERS, NAMES, visible_text

GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@pytest.mark.parametrize(("written", "read"), ANSWERS.items(), ids=str)
def test_answer_reads_elsewhere_as_on_the_page(written: str, read: str) -> None:
    assert visible_text(GITHUB.render(portable_markdown(written))) == read


def test_only_what_needs_it_is_rewritten() -> None:
    plain = (
        "## 요약\n\n**금요일**이 *가장* 많습니다.\n\n- 하나\n  - 둘\n\n1. 첫째\n2. 둘째\n\n"
        "| 열 | 값 |\n| --- | ---: |\n| 1 | 2 |"
    )
    assert portable_markdown(plain) == plain
    assert portable_markdown("7~9시 **교차로(1)**는\n2020. 11. 3.") == (
        "7\\~9시 <strong>교차로(1)</strong>는  \n2020\\. 11. 3."
    )


@pytest.mark.parametrize("name", NAMES)
def test_name_is_no_markdown_elsewhere(name: str) -> None:
    assert visible_text(GITHUB.render(portable_line(name))) == name
    assert visible_text(GITHUB.render(f"## {portable_line(name)}")) == name
