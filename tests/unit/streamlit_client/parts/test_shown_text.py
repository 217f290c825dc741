"""Text of models, files and people as the page shows it. A real browser reads it in tests/e2e."""

import html
import os
import re

import pytest
from markdown_it import MarkdownIt

from streamlit_client.parts.shown_text import answer_html, plain_text
from tests.korean_answers import ANSWERS, NAMES, visible_text
from tests.real_servers import REPOSITORY

CASES = REPOSITORY / os.environ.get("DATA_DIR", "../shared/data") / "cases"
GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@pytest.mark.parametrize(("written", "read"), ANSWERS.items(), ids=str)
def test_answer_reads_as_it_was_meant(written: str, read: str) -> None:
    assert visible_text(answer_html(written)) == read


def test_bold_before_a_particle_is_bold() -> None:
    html = answer_html('**교차로(2,345건)**는 **"달서구"**가 *밤(새벽)*에 **`열`**은')
    assert re.findall(r"<(strong|em)>(.+?)</\1>", html) == [
        ("strong", "교차로(2,345건)"),
        ("strong", "&quot;달서구&quot;"),
        ("em", "밤(새벽)"),
        ("strong", "<code>열</code>"),
    ]


def test_answer_is_one_line_of_html_that_streamlit_leaves_alone() -> None:
    html = answer_html("\n\n".join(ANSWERS))
    assert html.startswith("<div>")
    assert not set(html) & set("\n:$")


def test_answer_brings_no_html_no_picture_and_only_links_of_the_web() -> None:
    html = answer_html("\n\n".join([*ANSWERS, "[x](data:text/html,1) <javascript:x> [y](/etc) [z](mailto:a@b.c)"]))
    tags = set(re.findall(r"<(\w+)", html))
    assert tags == {
        "div", "p", "br", "hr", "strong", "em", "code", "pre", "a", "ol", "ul", "li", "blockquote", "h5",
        "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    links = set(re.findall(r'<a href="([^"]+)" rel="nofollow noopener noreferrer" target="_blank">', html))
    assert {link.partition("&#58;")[0] for link in links} == {"http", "https", "mailto"}
    assert html.count("<a ") == html.count("<a href=")


@pytest.mark.parametrize(
    ("so_far", "read"),
    [
        ("**교차로(2", "교차로(2 ▌"),
        ("**교차로(2,345건)*", "교차로(2,345건) ▌"),
        ("**교차로**는 가장", "교차로는 가장 ▌"),
        ("```python\ndf['비용($)", "df['비용($) ▌"),
        ("| 구분 | 건수 |\n|---|---|\n| 1~2월 |", "구분 건수 1~2월 ▌"),
        ("2020. 11.", "2020. 11. ▌"),
        ("[링크](http://exam", "[링크](http://exam ▌"),
    ],
)
def test_half_an_answer_shows_no_markup_that_its_next_piece_removes(so_far: str, read: str) -> None:
    assert visible_text(answer_html(so_far, is_growing=True)) == read


@pytest.mark.skipif(not CASES.is_dir(), reason="the collected answers are not there (DATA_DIR)")
def test_collected_answers_read_as_they_were_meant() -> None:
    answer, dates = (answer_html((CASES / name).read_text()) for name in ("chat_answer.md", "dates_answer.md"))
    assert "<s>" not in answer
    for said in ("7~9시", "17~19시이며 전체의 약 30~40%", "$100에서 $200 사이", "1~2월", "2023. 5. 1. 평균 5 * 3 * 2"):
        assert said in visible_text(answer)
    bold = re.findall(r"<strong>(.+?)</strong>", answer)
    assert bold == ["교차로(2,345건)", "&quot;달서구&quot;", "34.5%", "수성구", "합계(전체)"]
    code = [html.unescape(text) for text in re.findall(r"<code[^>]*>(.+?)</code>", answer)]
    assert code == ['df["비용($)"]', 'df["비용($)"].sum()  # $100~$200\n']
    assert re.findall(r"\d{4}\. \d+\. \d+\. 사망 \d명", visible_text(dates)) == [
        "2020. 11. 3. 사망 4명", "2018. 2. 14. 사망 3명", "2016. 7. 9. 사망 3명"
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_name_is_no_markdown(name: str) -> None:
    assert visible_text(GITHUB.render(plain_text(name))).replace("\u2060", "") == name


@pytest.mark.parametrize("sign", ["a -> b", "x >= 3", "1 -- 2", ":smile:", ":material/home:", "1:100:1"])
def test_what_streamlit_replaces_even_when_escaped_is_kept_apart(sign: str) -> None:
    assert "\u2060" in plain_text(sign)


@pytest.mark.parametrize("text", ["12:30:45", "---", "a>=b", "10~19세"])
def test_nothing_invisible_is_added_without_need(text: str) -> None:
    assert "\u2060" not in plain_text(text)


def test_name_of_any_length_is_read_once() -> None:
    assert plain_text(":" + "a" * 1_000_000)  # scanned again from each letter, it would take the whole day


def test_end_of_a_bracket_is_not_searched_for_where_no_link_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("markdown_it.helpers.parseLinkLabel", None)  # from each bracket to the end of the text
    assert visible_text(answer_html("[" * 1000 + "![" * 1000 + "[1] (2)")) == "[" * 1000 + "![" * 1000 + "[1] (2)"


@pytest.mark.parametrize(
    "written",
    ["[가](http://a.b)", "[가 [나] 다](http://a.b)", "[가\\] 나](http://a.b)", "[![가](http://c.d)](http://a.b)"],
)
def test_link_may_have_brackets_and_a_picture_in_its_text(written: str) -> None:
    assert answer_html(written).startswith('<div><p><a href="http&#58;//a.b" ')
