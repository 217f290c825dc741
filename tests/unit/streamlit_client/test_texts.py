import ast
import importlib
import re
from collections import Counter
from pathlib import Path

import streamlit_client

PACKAGE = Path(streamlit_client.__path__[0])
HANGUL = re.compile(r"[\uac00-\ud7a3]")
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if not path.name.startswith("texts"))
TEXTS = sorted(PACKAGE.glob("texts*.py"))


def literals(module: Path) -> list[str]:
    """Returns the strings of a module that are not docstrings."""
    tree = ast.parse(module.read_text())
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]


def test_korean_is_written_in_texts_alone() -> None:
    assert [(module, text) for module in MODULES for text in literals(module) if HANGUL.search(text)] == []


def test_every_text_is_used() -> None:
    used = Counter(word for path in MODULES for word in re.findall(r"\w+", path.read_text()))
    for path in TEXTS:
        own = Counter(re.findall(r"\w+", path.read_text()))
        names = [name for name in vars(importlib.import_module(f"streamlit_client.{path.stem}")) if name.isupper()]
        assert names
        assert [name for name in names if used[name] + own[name] < 2] == []
