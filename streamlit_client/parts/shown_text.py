"""The two ways to display text that the page did not write itself."""

import re
from collections.abc import Sequence
from typing import Any

from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from servicekit.korean_text.markdown import parser

_HIGHEST_HEADING = 3  # higher levels are the page's own
# Streamlit also parses HTML as Markdown: one line without these is left unchanged.
_OPAQUE = str.maketrans({"\n": "&#10;", ":": "&#58;", "$": "&#36;"})
_MARKUP = re.compile(r"[\\`*_\[\]<~$&]|:(?=[A-Za-z/])|(?<=www)\.|^[#+>-]|^\d+(?=[.)])")
# Streamlit replaces these with symbols even if escaped; an invisible joiner prevents it.
_SIGN = re.compile(
    r"(?<!\S)(?=(?:<->|->|<-|--|>=|<=|~=)(?!\S))[<>~-]|:(?=(?:100|1234|[+-]1|[\d_+-]*[A-Za-z][\w/+-]*):)", re.ASCII
)
_JOINER = "\u2060"


def plain_text(text: str) -> str:
    """Escapes a name, a value or a sentence for any element of Streamlit, which then shows it unchanged on one line."""
    joined = _SIGN.sub(rf"\g<0>{_JOINER}", " ".join(text.split()))
    return _MARKUP.sub(_escape, joined)


def _escape(markup: re.Match[str]) -> str:
    return f"{markup.group()}\\" if markup.group().isdigit() else f"\\{markup.group()}"


def answer_html(text: str, *, is_growing: bool = False) -> str:
    """Converts Markdown of a model or a tool to HTML for `st.markdown`; safe, because HTML in it is escaped.

    While it grows, a cursor is appended, and unclosed bold text is closed.
    """
    reader = parser()
    tokens = reader.parse(_close_bold(text) + " ▌" if is_growing else text)
    return f"<div>{_RENDERER.render(tokens, reader.options, {})}</div>".translate(_OPAQUE)


def _close_bold(text: str) -> str:
    text = text.rstrip("* \n")
    last_paragraph = text.rsplit("\n\n", 1)[-1]
    return f"{text}**" if last_paragraph.count("**") % 2 else text


class _Renderer(RendererHTML):
    """Renders HTML without external images, and keeps the original numbers of lists."""

    def heading_open(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        return f"<h{_level(tokens[index])}>"

    def heading_close(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        return f"</h{_level(tokens[index])}>"

    def list_item_open(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        item = tokens[index]
        if not item.info:
            return "<li>"
        number = int(item.info)
        sign = f" style=\"list-style-type:'{number}) '\"" if item.markup == ")" else ""
        return f'<li value="{number}"{sign}>'

    def link_open(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        return _link_start(tokens[index].attrs["href"])

    def image(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        picture = tokens[index]
        return f"{_link_start(picture.attrs['src'])}{escapeHtml(picture.content)}</a>"

    def fence(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        language = re.match(r"\w*", tokens[index].info.strip(), re.ASCII)
        name = language.group().lower() if language else ""
        # Streamlit would draw Mermaid code instead of showing it.
        kind = f' class="language-{name}"' if name and name != "mermaid" else ""
        return f"<pre><code{kind}>{escapeHtml(tokens[index].content)}</code></pre>"


def _level(token: Token) -> int:
    return min(6, int(token.tag[1]) + _HIGHEST_HEADING - 1)


def _link_start(address: str | int | float) -> str:
    return f'<a href="{escapeHtml(str(address))}" rel="nofollow noopener noreferrer" target="_blank">'


_RENDERER = _Renderer()
