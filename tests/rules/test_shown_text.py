"""Streamlit reads Markdown nearly everywhere: what a file or a person wrote goes there through `plain_text`.

Found are fields of what the gateway answers, not local variables that hold one.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real_servers import REPOSITORY

DRAWS_MARKDOWN = {
    "button", "caption", "checkbox", "error", "expander", "form_submit_button", "header", "info", "markdown", "metric",
    "progress", "spinner", "status", "subheader", "success", "tabs", "title", "toast", "toggle", "update", "warning",
}  # fmt: skip
TEXTS = {
    "allowed", "content", "dataset_name", "description", "error", "failure_message", "file_name", "label", "message",
    "name", "reason", "result", "sentence", "suggestion", "title",
}  # fmt: skip
MAKE_PLAIN = {"plain_text"}
PAGES = sorted(path for path in (REPOSITORY / "streamlit_client").rglob("*.py") if "charts" not in path.parts)


def unescaped(source: str) -> Iterator[str]:
    """Yields the fields that are drawn as Markdown as they came."""
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr in DRAWS_MARKDOWN:
            shown = [*call.args[:1], *(word.value for word in call.keywords if word.arg in ("label", "help"))]
            yield from (ast.unparse(field) for part in shown for field in _fields(part))


def _fields(node: ast.AST) -> Iterator[ast.Attribute]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKE_PLAIN:
        return
    if isinstance(node, ast.Attribute) and node.attr in TEXTS and not isinstance(node.ctx, ast.Store):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _fields(child)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_what_was_written_elsewhere_is_escaped(page: Path) -> None:
    assert list(unescaped(page.read_text())) == []


def test_html_is_drawn_in_one_place_alone() -> None:
    allowing = [page.name for page in PAGES if "unsafe_allow_html" in page.read_text()]
    assert allowing == ["answer.py"]


def test_the_rule_finds_what_it_is_for() -> None:
    assert list(unescaped('st.button(f"{x} {dataset.name}")\nbox.error(words.A.format(name=profile.name))')) == [
        "dataset.name",
        "profile.name",
    ]
    assert list(unescaped("st.button(plain_text(dataset.name), key=dataset.name)")) == []
