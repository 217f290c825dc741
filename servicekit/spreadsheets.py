"""Guards cells of CSV files that a spreadsheet program would run as formulas, with an apostrophe in front.

Cells that cannot call a function are left alone: signed numbers, percentages, telephone numbers, a dash, words in
Hangul, names after an `@`. A cell with apostrophes before a formula gets one more, so that removing one from every
guarded cell restores exactly what was written.
"""

import re

# Valid for `re` and for RE2. East Asian versions also treat full-width signs as formulas.
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
    """Tells whether a spreadsheet program would run a cell, ignoring apostrophes in front of it."""
    return cell[:1] in _FIRST and _FORMULA_START.match(cell) is not None and _HARMLESS.fullmatch(cell) is None


def guarded(cell: str) -> str:
    """Returns the cell, made safe for a CSV file that people open."""
    return f"'{cell}" if would_run(cell) else cell
