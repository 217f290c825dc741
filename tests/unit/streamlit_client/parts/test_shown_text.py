"""Text of models, files and people as the page shows it. A real browser reads it in tests/e2e."""

import re

import pytest
from markdown_it import MarkdownIt

from streamlit_client.parts.shown_text import answer_html, plain_text
from tests.korean_answers import ANSWERS, NAMES, visible_text

GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def test_answer_reads_as_it_was_meant() -> None:
    assert {written: visible_text(answer_html(written)) for written in ANSWERS} == ANSWERS


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


def test_name_is_no_markdown() -> None:
    shown = [visible_text(GITHUB.render(plain_text(name))).replace("\u2060", "") for name in NAMES]
    assert shown == [*NAMES]


def test_what_streamlit_replaces_even_when_escaped_is_kept_apart_and_nothing_else() -> None:
    signs = (
        "a -> b",
        "x >= 3",
        "1 -- 2",
        ":smile:",
        ":material/home:",
        "1:100:1",
        "12:30:45",
        "---",
        "a>=b",
        "10~19세",
    )
    assert [sign for sign in signs if "\u2060" in plain_text(sign)] == [*signs[:6]]


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
