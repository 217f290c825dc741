"""The rows that meet a condition on a column."""

from collections.abc import Sequence
from dataclasses import dataclass

from dataset_service.analysis.frame.column import Column, Mask
from dataset_service.analysis.frame.readings import Reading
from dataset_service.analysis.wording import code_text

Value = str | int | float | bool
EQUAL, UNEQUAL = "==", "!="
SYMBOLS = {EQUAL: "=", UNEQUAL: "≠"}


@dataclass(frozen=True, slots=True)
class Condition:
    """The matching rows. `code` is a pandas expression for the same mask; `rows_used` rows had a value to compare."""

    rows: Mask
    code: str
    words: str
    rows_used: int
    rows_missing: int
    function: str = ""
    notes: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int:
        """Memory of the mask in bytes."""
        return int(self.rows.nbytes)


def condition(
    column: Column, rows: Mask, code: str, words: str, *notes: str, reading: Reading | None = None, function: str = ""
) -> Condition:
    """Returns the condition that these rows meet; `reading` is how the values were read."""
    return Condition(
        rows,
        code,
        words,
        reading.rows_used if reading else column.used,
        column.missing,
        reading.function if reading else function,
        (*(reading.notes if reading else ()), *(note for note in notes if note)),
    )


def negated(column: Column, rows: Mask, code: str) -> tuple[Mask, str]:
    """Returns the rows with a value that are not among these."""
    present = f"df[{column.name!r}].notna() & " if column.missing else ""
    return ~rows & column.present, f"{present}~({code})"


def one_of(words: Sequence[str]) -> str:
    """Lists values of which one must fit."""
    return words[0] if len(words) == 1 else f"({', '.join(words)})"


def examples(column: Column) -> str:
    """Returns a sentence with the most frequent values of a column."""
    texts = [code_text(str(text)) for text in column.labels(column.largest(column.counts, 5))]
    return f"이 열의 값 예: {', '.join(texts)}." if texts else "이 열에는 값이 없습니다."
