"""Streamlit reads Markdown nearly everywhere: what a file or a person wrote goes there through `plain_text`.

Found are fields of what the gateway answers, also in a variable of the function that draws it.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence

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
    """Yields the fields that are drawn as Markdown as they came, also by way of a variable of the function."""
    scopes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.Module)]
    yield from dict.fromkeys(ast.unparse(field) for scope in scopes for field in _drawn(scope))


def _drawn(scope: ast.AST) -> Iterator[ast.AST]:
    nodes = list(ast.walk(scope))
    held: dict[str, list[ast.AST]] = {}
    for node in nodes if isinstance(scope, ast.FunctionDef) else ():
        if isinstance(node, ast.Assign | ast.NamedExpr):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name):
                held.setdefault(target.id, []).extend(_fields(node.value, held))
    for call in (node for node in nodes if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr in DRAWS_MARKDOWN:
            shown = [*call.args[:1], *(word.value for word in call.keywords if word.arg in ("label", "help"))]
            yield from (field for part in shown for field in _fields(part, held))


def _fields(node: ast.AST, held: Mapping[str, Sequence[ast.AST]]) -> Iterator[ast.AST]:
    function = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
    if function in MAKE_PLAIN:
        return
    if function or isinstance(node, ast.Attribute):
        held = {}  # a variable that a function makes something of, or that has fields, is no text
    if isinstance(node, ast.Attribute) and node.attr in TEXTS and not isinstance(node.ctx, ast.Store):
        yield node
    if isinstance(node, ast.Name):
        yield from held.get(node.id, ())
    shown = (node.body, node.orelse) if isinstance(node, ast.IfExp) else ast.iter_child_nodes(node)
    for child in shown:
        yield from _fields(child, held)


def test_what_was_written_elsewhere_is_escaped() -> None:
    assert {page: fields for page in PAGES if (fields := list(unescaped(page.read_text())))} == {}


def test_html_is_drawn_in_one_place_alone() -> None:
    allowing = [page.name for page in PAGES if "unsafe_allow_html" in page.read_text()]
    assert allowing == ["elements.py"]


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        (
            'st.button(f"{x} {dataset.name}")\nbox.error(words.A.format(name=profile.name))',
            ["dataset.name", "profile.name"],
        ),
        ("def show():\n    name = f'{dataset.name}!'\n    line = name\n    st.error(line)", ["dataset.name"]),
        ("def show():\n    name = plain_text(dataset.name)\n    st.error(name)", []),
        ("st.button(plain_text(dataset.name), key=dataset.name)", []),
    ],
)
def test_the_rule_finds_what_it_is_for(source: str, fields: list[str]) -> None:
    assert list(unescaped(source)) == fields
