"""Parses the Markdown of Korean answers, in the same way for the page and for exported files."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache, partial

from markdown_it import MarkdownIt
from markdown_it.common.utils import isPunctChar, isWhiteSpace
from markdown_it.rules_block import StateBlock, paragraph
from markdown_it.rules_inline import StateInline, image, link
from markdown_it.rules_inline.state_inline import Delimiter

_ASTERISK = ord("*")
# Lines that CommonMark takes for list items: a year (2020. 11. 3.), a month and day (11. 3.), a plus sign (+ 12건).
_NO_LIST_ITEM = re.compile(r"\d{4,}[.)]|\d{1,3}\.[ \t]+\d{1,2}\.(?!\d)|\+")
# Matches up to the address; the link text may contain an image or a pair of brackets.
_LINK = re.compile(r"!?\[(?:[^\[\]\\]|\\.|\[(?:[^\[\]\\]|\\.)*+\])*+\]\(", re.DOTALL)
_SAFE_LINK = re.compile(r"(?:https?|mailto):", re.IGNORECASE)


@cache
def parser() -> MarkdownIt:
    """Returns the parser of answers.

    It parses CommonMark with tables, except where that would change the meaning of Korean text:

    - `**교차로(2,345건)**는` is bold although a particle follows: https://github.com/tats-u/markdown-cjk-friendly
    - `2020. 11. 3.` at the start of a line is a date, not a list item.
    - `5*3*2`, `x**2`, `__init__`, `7~9시 … 17~19시` and `$100 … $200` stay as written.
    - Line breaks are kept. No HTML, indented code, setext headings or link reference definitions.
    """
    options = {"html": False, "breaks": True, "xhtmlOut": False, "maxNesting": 100}
    reader = MarkdownIt("commonmark", options).enable("table")
    reader.disable(["code", "lheading", "reference", "html_block", "html_inline"])
    reader.block.ruler.before("list", "no_list_item", _no_list_item, {"alt": ["list"]})
    reader.inline.ruler.at("emphasis", _emphasis)
    for name, rule in (("link", link), ("image", image)):
        reader.inline.ruler.at(name, partial(_if_link, rule))
    reader.validateLink = lambda url: _SAFE_LINK.match(url) is not None  # type: ignore[method-assign]
    return reader


def _no_list_item(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Parses a line that only looks like a list item as a paragraph; in silent mode, tells that it ends a list."""
    start = state.bMarks[start_line] + state.tShift[start_line]
    if _NO_LIST_ITEM.match(state.src, start, state.eMarks[start_line]) is None:
        return False
    return silent or paragraph(state, start_line, end_line, silent)


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Parses a run of asterisks as a delimiter. Underscores are not delimiters: they belong to names."""
    if silent or state.src[state.pos] != "*":
        return False
    end = state.pos
    while end < state.posMax and state.src[end] == "*":
        end += 1
    length = end - state.pos
    before = state.src[state.pos - 1] if state.pos > 0 else " "
    after = state.src[end] if end < state.posMax else " "
    can_open, can_close = _flanking(before, after, length)
    for _ in range(length):
        state.push("text", "", 0).content = "*"
        state.delimiters.append(
            Delimiter(_ASTERISK, length, len(state.tokens) - 1, end=-1, open=can_open, close=can_close)
        )
    state.pos = end
    return True


def _if_link(rule: Callable[[StateInline, bool], bool], state: StateInline, silent: bool) -> bool:
    """Parses a link or an image only where one can start: searching the end of many brackets would take minutes."""
    return _LINK.match(state.src, state.pos) is not None and rule(state, silent)


def _flanking(before: str, after: str, length: int) -> tuple[bool, bool]:
    """Returns whether asterisks between two characters can open and can close emphasis."""
    if before.isalnum() and after.isalnum() and (length == 1 or (before + after).isascii()):
        # A product or a power, or the closing end of `*강조*는`.
        return False, not (before + after).isascii()
    is_left = not _is_space(after) and (
        not _is_mark(after) or _is_wide(before) or _is_space(before) or _is_mark(before)
    )
    # `**건수:**1,234` closes as well: two asterisks are rarely anything else.
    is_right = not _is_space(before) and (
        length > 1 or not _is_mark(before) or _is_wide(after) or _is_space(after) or _is_mark(after)
    )
    return is_left, is_right


def _is_space(character: str) -> bool:
    return isWhiteSpace(ord(character))


def _is_mark(character: str) -> bool:
    return not _is_wide(character) and isPunctChar(character)


def _is_wide(character: str) -> bool:
    """Tells whether a character belongs to an East Asian script, punctuation included."""
    return unicodedata.east_asian_width(character) in ("W", "F", "H")
