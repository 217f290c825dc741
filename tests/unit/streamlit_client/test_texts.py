import ast
import importlib
import re
from collections import Counter
from pathlib import Path

import pytest

import streamlit_client
from streamlit_client import texts

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


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_korean_is_written_in_texts_alone(module: Path) -> None:
    assert [text for text in literals(module) if HANGUL.search(text)] == []


@pytest.mark.parametrize("texts_module", TEXTS, ids=lambda path: path.stem)
def test_every_text_is_used(texts_module: Path) -> None:
    words = importlib.import_module(f"streamlit_client.{texts_module.stem}")
    names = [name for name in vars(words) if name.isupper()]
    used = Counter(word for path in (*MODULES, texts_module) for word in re.findall(r"\w+", path.read_text()))
    assert names
    assert [name for name in names if used[name] < 2] == []


def test_sentences_of_the_specification_are_verbatim() -> None:
    assert texts.UNREACHABLE == "서버에 연결할 수 없습니다. 잠시 후 다시 시도해주세요."
    assert texts.TIMED_OUT == "요청 시간 초과. 다시 시도해주세요"
    assert texts.ASK_ADMINISTRATOR == "관리자에게 문의하세요"
    assert texts.CSV_ONLY == "CSV 형식만 지원됩니다."
