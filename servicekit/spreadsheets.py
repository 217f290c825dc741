"""Which cells of CSV files a spreadsheet program would run, and how those are guarded: by an apostrophe in front.

What cannot call anything is left alone: signed numbers, percentages, telephone numbers, a dash, words in Hangul, names
after an `@`. A cell that begins with apostrophes before a formula gets one more, so that taking one away from every
guarded cell gives back exactly what was written.
"""

import re
from collections.abc import Iterable

# Understood by `re` and by RE2. East Asian versions also take the full-width signs for formulas.
FORMULA_START = "'*[ \xa0]*[=+\\-@\t\r\n＝＋－＠]"
HARMLESS = (
    "'*[ \xa0]*(?:"
    r"[+\-＋－][0-9 .,%()\-]*(?:[eE][+\-]?[0-9]+)?"
    r"|[+\-@＋－＠][0-9가-힣ㄱ-ㅎㅏ-ㅣ ._,%~\-]*"
    r"|[@＠][A-Za-z가-힣 ._\-]*"
    ")"
)
_FIRST = frozenset("' \xa0=+-@\t\r\n＝＋－＠")
_FORMULA_START, _HARMLESS = re.compile(FORMULA_START), re.compile(HARMLESS)


def would_run(cell: str) -> bool:
    """Tells whether a spreadsheet program would run a cell, were it not for apostrophes in front of it."""
    return cell[:1] in _FIRST and _FORMULA_START.match(cell) is not None and _HARMLESS.fullmatch(cell) is None


def guarded(cell: str) -> str:
    """Returns the cell as it may stand in a CSV file for people."""
    return f"'{cell}" if would_run(cell) else cell


def unguarded(rows: Iterable[list[str]]) -> list[list[str]]:
    """Returns the rows of a file as they were before `guarded`.

    A file in which a cell would run was never guarded, and stays as it is.
    """
    rows = list(rows)
    running = [(row, at) for row in rows for at, cell in enumerate(row) if would_run(cell)]
    if all(row[at].startswith("'") for row, at in running):
        for row, at in running:
            row[at] = row[at][1:]
    return rows
