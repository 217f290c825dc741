"""Cursors: where to go on in the rows of one question, as long as the dataset is read as it was."""

from hashlib import sha256

from servicekit.errors import ToolRefused
from servicekit.question import Question

_HASH_LENGTH = 12
_PARTS = {"define", "where", "search", "sort", "sample"}
"""What decides which rows there are, and their order."""


def cursor_of(question: Question, content_hash: str, offset: int) -> str:
    """Returns the cursor of the rows of a question from `offset` on."""
    return f"{_mark(question, content_hash)}.{offset}"


def offset_of(question: Question, content_hash: str) -> int:
    """Returns the number of rows to skip. Raises `ToolRefused` for a cursor of another question or other content."""
    if not question.after:
        return question.offset
    if question.offset:
        raise ToolRefused("offset과 after는 함께 쓸 수 없습니다. 하나만 적어주세요.", field="offset")
    mark, _, offset = question.after.partition(".")
    if mark != _mark(question, content_hash) or not offset.isascii() or not offset.isdigit():
        raise ToolRefused(
            "이 질문에서 이어지는 자리가 아니거나 데이터셋이 다시 읽혔습니다. 처음부터 다시 조회해주세요.",
            field="after",
        )
    return int(offset)


def _mark(question: Question, content_hash: str) -> str:
    asked = f"{content_hash} {question.model_dump_json(include=_PARTS, exclude_defaults=True)}"
    return sha256(asked.encode()).hexdigest()[:_HASH_LENGTH]
