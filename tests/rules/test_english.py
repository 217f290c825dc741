"""Docstrings, comments and documents are in plain technical English, without words that readers stumble over."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rules.repository import written_texts

# Built from pieces, so that this file does not hold what it looks for.
MANNERED = re.compile(
    r"\b(?:an" + r"ew|who" + r"ever|some" + r"body|no" + r"body|sha" + r"ll|for e" + r"ver)\b", re.IGNORECASE
)


def prose(path: Path, text: str) -> Iterator[str]:
    """Yields what a file tells its readers: docstrings and comments of code, all of a document; without `code`."""
    if path.suffix == ".py":
        yield from _docstrings_and_comments(text)
    elif path.suffix == ".proto":
        yield from re.findall(r"//.*", text)
    elif path.suffix == ".md":
        yield re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def _docstrings_and_comments(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def mannered_words(path: Path, text: str) -> list[str]:
    if not MANNERED.search(text):
        return []  # most files: parsing all of them takes ten seconds
    return [word for part in prose(path, text) for word in MANNERED.findall(re.sub(r"`[^`\n]*`", "", part))]


def test_prose_is_plain_technical_english() -> None:
    assert {str(path): words for path, text in written_texts() if (words := mannered_words(path, text))} == {}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.py", '"""Who' + 'ever."""\nx = "sha' + 'll"  # an' + "ew\n", 2),
        ("a.proto", "// no" + "body\nrpc A(B) returns (C);", 1),
        ("a.md", "for e" + "ver, not `no" + "body`", 1),
    ],
)
def test_the_rule_finds_what_it_is_for(name: str, text: str, words: int) -> None:
    assert len(mannered_words(Path(name), text)) == words
