"""Cursors: where to go on in the rows of a question, as long as the dataset is read as it was."""

from servicekit.errors import ToolRefused
from servicekit.question import Question

_HASH_LENGTH = 12


def cursor_of(content_hash: str, offset: int) -> str:
    """Returns the cursor of the rows from `offset` on."""
    return f"{content_hash[:_HASH_LENGTH]}.{offset}"


def offset_of(question: Question, content_hash: str) -> int:
    """Returns the number of rows to skip. Raises `ToolRefused` for a cursor of other content."""
    if not question.after:
        return question.offset
    start, _, offset = question.after.partition(".")
    if start != content_hash[:_HASH_LENGTH] or not offset.isascii() or not offset.isdigit():
        raise ToolRefused("데이터셋이 다시 읽혀 이어 볼 수 없습니다. 처음부터 다시 조회해주세요.", field="after")
    return int(offset)
