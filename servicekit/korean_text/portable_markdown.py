"""Rewrites answers as Markdown that renders the same on GitHub, in Jupyter and in any CommonMark viewer."""

import re
from collections.abc import Sequence

from markdown_it.common.utils import isPunctChar, isWhiteSpace
from markdown_it.tree import SyntaxTreeNode

from servicekit.korean_text.markdown import parser

_MARKUP = re.compile(r"[\\`\[\]<~$|]|\*(?=\S)|(?<=\S)\*|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
_LINE_START = re.compile(r"^(?:#{1,6}(?=\s|$)|[+>*-]|=+(?=\s*$)|\d{1,9}(?=[.)](?:\s|$)))", re.MULTILINE)
_TAGS = {"**": "strong", "*": "em"}
_ALIGNMENTS = {"left": ":---", "center": ":---:", "right": "---:"}


def portable_markdown(text: str) -> str:
    """Returns an answer for viewers that support only CommonMark and GitHub's tables."""
    return _blocks(SyntaxTreeNode(parser().parse(text)).children)


def portable_line(text: str) -> str:
    """Returns a name or a sentence on one line, with its Markdown escaped."""
    return _escape(" ".join(text.split()))


def _escape(text: str) -> str:
    escaped = _MARKUP.sub(r"\\\g<0>", text)
    return _LINE_START.sub(lambda start: start[0] + "\\" if start[0].isdigit() else "\\" + start[0], escaped)


# ---- blocks


def _blocks(nodes: Sequence[SyntaxTreeNode], *, is_tight: bool = False) -> str:
    return ("\n" if is_tight else "\n\n").join(map(_block, nodes))


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "paragraph":
            return _inline(node.children[0])
        case "heading":
            return f"{node.markup} {_inline(node.children[0])}"
        case "hr":
            return "---"
        case "fence":
            return fenced(node.content, node.info)
        case "blockquote":
            return _indented(_blocks(node.children), "> ", "> ")
        case "bullet_list" | "ordered_list":
            return _list(node)
        case "table":
            return _table(node)
    raise ValueError(f"No way to write a {node.type}.")


def fenced(code: str, language: str = "") -> str:
    """Returns code between fences longer than any that it contains."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{code.rstrip()}\n{fence}"


def _list(node: SyntaxTreeNode) -> str:
    is_tight = all(block.hidden for item in node.children for block in item.children if block.type == "paragraph")
    numbers = [int(item.info) for item in node.children if item.info]
    # Viewers renumber lists, with a dot: other numbers become text.
    is_text = bool(numbers) and (node.markup == ")" or numbers != list(range(numbers[0], numbers[0] + len(numbers))))
    lines = []
    for item in node.children:
        blocks = _blocks(item.children, is_tight=is_tight)
        if is_text:
            lines.append(f"{item.info}\\{node.markup} {blocks}")
            continue
        mark = f"{item.info}{node.markup} " if item.info else f"{node.markup} "
        lines.append(_indented(blocks, mark, " " * len(mark)))
    return ("\n\n" if is_text or not is_tight else "\n").join(lines)


def _indented(text: str, first: str, others: str) -> str:
    head, *tail = text.split("\n")
    return "\n".join([first + head, *(others + line if line else others.rstrip() for line in tail)])


def _table(node: SyntaxTreeNode) -> str:
    rows = [row for part in node.children for row in part.children]
    lines = [f"| {' | '.join(_inline(cell.children[0]) for cell in row.children)} |" for row in rows]
    sides = [re.search(r"\w+$", str(cell.attrs.get("style", ""))) for cell in rows[0].children]
    rule = " | ".join(_ALIGNMENTS[side[0]] if side else "---" for side in sides)
    return "\n".join([lines[0], f"| {rule} |", *lines[1:]])


# ---- within a line


def _inline(node: SyntaxTreeNode) -> str:
    pieces = [_piece(child) for child in node.children]
    written = ""
    for index, (mark, text) in enumerate(pieces):
        if not mark or not text:  # an image without a name leaves nothing to emphasise
            written += text
            continue
        after = "".join(pieces[index + 1]) if index + 1 < len(pieces) else ""
        tag = _TAGS[mark]
        is_plain = _holds(written[-1:] or " ", text, after[:1] or " ")
        written += f"{mark}{text}{mark}" if is_plain else f"<{tag}>{text}</{tag}>"
    return written


def _holds(before: str, text: str, after: str) -> bool:
    """Tells whether asterisks around a text are emphasis in CommonMark, which depends on the characters beside them."""
    is_open = not isPunctChar(text[0]) or _is_end(before)
    is_closed = not isPunctChar(text[-1]) or _is_end(after)
    return is_open and is_closed and "*" not in (before, text[0], text[-1], after)


def _is_end(character: str) -> bool:
    return isWhiteSpace(ord(character)) or isPunctChar(character)


def _piece(node: SyntaxTreeNode) -> tuple[str, str]:
    """Returns the emphasis mark, if any, and the text."""
    match node.type:
        case "text":
            return "", _escape(node.content)
        case "softbreak" | "hardbreak":
            return "", "  \n"
        case "code_inline":
            return "", _code(node.content)
        case "strong" | "em":
            return node.markup, _inline(node)
        case "link":
            return "", f"[{_inline(node)}]({_address(node.attrs['href'])})"
        case "image":  # as a link, so that opening the file fetches nothing
            return "", f"[{_escape(node.content)}]({_address(node.attrs['src'])})" if node.content else ""
    raise ValueError(f"No way to write a {node.type}.")


def _code(content: str) -> str:
    runs = {len(run) for run in re.findall("`+", content)}
    ticks = "`" * next(length for length in range(1, len(runs) + 2) if length not in runs)
    space = " " if content.startswith("`") or content.endswith("`") else ""
    return f"{ticks}{space}{content}{space}{ticks}".replace("|", "\\|")


def _address(url: object) -> str:
    return f"<{url}>" if re.search(r"[()]", str(url)) else str(url)
