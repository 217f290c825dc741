"""Formats numbers, names and tables for the text of an analysis.

Names and values come from untrusted files: they are shown as code or with their Markdown escaped.
"""

import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain

import numpy as np

from dataset_service.analysis.frame.column import Cell, Column
from dataset_service.analysis.frame.meanings import allows
from dataset_service.analysis.result import Table
from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.columns.values.units import unit_in_name
from servicekit.korean_text.column_meanings import MEANINGS, PRECISIONS

KIND_NAMES: Mapping[str, str] = {
    ColumnKind.INTEGER: "정수",
    ColumnKind.NUMBER: "실수",
    ColumnKind.TEXT: "글자",
    ColumnKind.DATE: "날짜",
    ColumnKind.BOOLEAN: "참/거짓",
    ColumnKind.TIME: "시각",
}
NOTHING = "없음"
NAME, VALUE, COUNT, SHARE = "열", "값", "건수", "비율(%)"
"""Headers shared by several tables."""
_LONGEST_VALUE = 60
_LONGEST_LIST = 300
_ROOM, _LEAST_ROWS = 6500, 10
"""Characters of a table in a text, and the rows for which columns are left out: the chat passes on 8,000 characters."""
_FRAME_OF_A_CELL = 3
BASIS_OF_ALL = "근거: 전체"
OF_THE_TEXT = "글의 표에는"
"""Begins the paragraph on what the table of a text lacks."""
_DIGITS = 6
_OF_PERCENTAGES = {
    "mean": "비율의 평균은 전체 비율과 다를 수 있습니다. 행마다 분모가 다르면 분자와 분모의 합계로 계산해야 합니다.",
    "sum": "비율의 합계는 하나의 전체를 나눈 비율일 때만 뜻이 있습니다.",
}
_FOLLOWS_CLOSELY = re.compile("[가-힣%‰°℃℉]")
"""Units that are written without a space."""
_MARKS = re.compile(r"([\\`*\[\]<>|~$])")


def number_text(value: float | None) -> str:
    """Formats a number: `1,234`, `4.72643`, with at least six significant digits."""
    if value is None:
        return NOTHING
    if isinstance(value, int):
        return f"{value:,}"
    if not math.isfinite(value):
        return "∞" if value > 0 else "-∞"
    if value == 0 or 1e-4 <= abs(value) < 1e15:
        decimals = max(2, _DIGITS - 1 - math.floor(math.log10(abs(value)))) if value else 0
        text = f"{value:,.{decimals}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:.{_DIGITS}g}"


def count_text(count: int, unit: str = "행") -> str:
    """Returns `1,234행`."""
    return f"{count:,}{unit}"


def share_text(part: float, whole: float) -> str:
    """Returns a share as `12.3%`; a tiny one is not rounded to 0, one close to 100 % not to 100."""
    return percent_text(part / whole * 100 if whole else 0)


def percent_text(percent: float) -> str:
    """Formats a percentage like `share_text`."""
    if 0 < percent < 0.1:
        return "0.1% 미만"
    if 99.9 < percent < 100:
        return "99.9% 초과"
    return f"{percent:.1f}".removesuffix(".0") + "%"


def code_text(value: str) -> str:
    """Returns a name or value as a code span, on one line and truncated."""
    line = shortened(value).replace("`", "'")
    return f"`{line or ' '}`"


def kind_text(column: Column) -> str:
    """Names the kind of a column, or its meaning if that is why something cannot be calculated."""
    return KIND_NAMES[column.reading.kind] if allows(column.meaning, "sum") else MEANINGS[column.meaning]


def known_text(column: Column) -> str:
    """Returns the meaning or the precision of a column with its unit, `금액(원)`; empty if nothing is known."""
    what = MEANINGS.get(column.meaning) or PRECISIONS.get(column.precision) or ("수치" if column.unit else "")
    return header_text(what, column)


def cell_text(column: Column, cell: Cell) -> str:
    """Formats a value of a column, numbers with its unit: `1,234원`, `35.2%`, `12 km`, `2019`."""
    text = value_text(cell, is_plain=column.is_plain)
    if not column.unit or isinstance(cell, bool | str | None):
        return text
    return f"{text}{'' if _FOLLOWS_CLOSELY.match(column.unit) else ' '}{column.unit}"


def header_text(name: str, column: Column) -> str:
    """Returns a header for values of a column, which names their unit once: `평균(원)`."""
    return f"{name}({column.unit})" if column.unit and unit_in_name(name) != column.unit else name


def value_text(cell: Cell, *, is_plain: bool = False) -> str:
    """Formats a cell; years and running numbers are plain, without commas."""
    if cell is None:
        return NOTHING
    if isinstance(cell, bool):
        return "참" if cell else "거짓"
    if isinstance(cell, str):
        return shortened(cell)
    return number_text(cell).replace(",", "") if is_plain else number_text(cell)


def shortened(text: str, limit: int = _LONGEST_VALUE) -> str:
    """Returns the text on one line, truncated after `limit` characters."""
    if len(text) <= limit and text.isprintable() and "  " not in text and text.strip() == text:
        return text  # most are short: a table has thousands
    line = " ".join(text[: 4 * limit].split())
    if not line.isprintable():
        line = "".join(sign for sign in line if unicodedata.category(sign) not in ("Cc", "Cf"))
    return line if len(line) <= limit and len(text) <= 4 * limit else line[: limit - 1] + "…"


def names_text(names: Iterable[str], limit: int = _LONGEST_LIST) -> str:
    """Lists as many names as fit, and the number of those left out."""
    return listed_text([code_text(name) for name in names], limit)


def listed_text(items: Sequence[str], limit: int = _ROOM, total: int | None = None) -> str:
    """Lists as many items as fit, and how many of all (or of `total`) are left out."""
    lengths = np.cumsum([len(item) + 2 for item in items], dtype=np.int64)
    used = int(np.count_nonzero(lengths - 2 <= limit))
    left_out = (len(items) if total is None else total) - used
    return ", ".join(items[:used]) + (f" 외 {count_text(left_out, '개')}" if left_out else "")


def table_text(
    table: Table,
    *,
    keep: Collection[str] = (),
    plain: Collection[str] = (),
    shares: Collection[str] = (),
    unit: str = "행",
) -> str:
    """Returns as much of a table as there is room for, in Markdown, and what the text lacks; empty without rows.

    The columns `keep` are never left out. Numbers of the columns `plain` have no commas, those of the columns `shares`
    are percentages; `unit` counts the rows.
    """
    if not table.rows:
        return ""

    def text(cell: Cell, column: str) -> str:
        if isinstance(cell, str):
            return _cell(cell)
        if column in shares and isinstance(cell, float):
            return percent_text(cell)
        return value_text(cell, is_plain=column in plain)

    def cells(row: Sequence[Cell]) -> list[str]:
        return list(map(text, row, table.columns))

    head = [[_cell(name) for name in table.columns], ["---"] * len(table.columns)]
    head += map(cells, table.rows[:_LEAST_ROWS])
    widths = [sum(len(line[place]) + _FRAME_OF_A_CELL for line in head) for place in range(len(table.columns))]
    places = list(range(len(table.columns)))
    droppable = [place for place in places[1:] if table.columns[place] not in keep]
    while droppable and sum(widths) + 2 * len(head) > _ROOM:
        places.remove(droppable[-1])
        widths[droppable.pop()] = 0
    written: list[str] = []
    room = _ROOM
    for line in chain(head, map(cells, table.rows[_LEAST_ROWS:])):
        written.append("| " + " | ".join(line[place] for place in places) + " |")
        room -= len(written[-1]) + 1
        if room < 0 and len(written) > len(head[:3]):
            written.pop()
            break
    shown = len(written) - 2
    return paragraphs("\n".join(written), _lacking_text(table, shown, [table.columns[place] for place in places], unit))


def _lacking_text(table: Table, rows: int, columns: Sequence[str], unit: str) -> str:
    lacking = []
    if rows < table.total_rows:
        lacking.append(f"{count_text(table.total_rows, unit)} 중 {count_text(rows, unit)}")
    left_out = [name for name in table.columns if name not in columns]
    if left_out:
        lacking.append(f"{count_text(len(table.columns), '개')} 열 중 {count_text(len(columns), '개')} 열")
    names = f" 빠진 열: {names_text(left_out)}." if left_out else ""
    return f"{OF_THE_TEXT} {', '.join(lacking)}만 있습니다.{names}" if lacking else ""


def paragraphs(*parts: str) -> str:
    """Joins the non-empty parts as paragraphs."""
    return "\n\n".join(part for part in parts if part)


def basis_text(rows: int, used: int, missing: int, *notes: str) -> str:
    """Returns the rows that a result is based on: `근거: 전체 100행 중 97행 (결측 3행 제외).`"""
    left_out = [f"결측 {count_text(missing)} 제외"] if missing else []
    left_out += [note for note in notes if note]
    return f"{BASIS_OF_ALL} {count_text(rows)} 중 {count_text(used)} ({', '.join(left_out) or '결측 없음'})."


def percent_note(column: Column, operation: str) -> str:
    """Returns what to mind about a mean or a sum of percentages, or an empty text."""
    return _OF_PERCENTAGES.get(operation, "") if column.meaning == Meaning.PERCENT else ""


def left_out_text(total: int, shown: int, unit: str) -> str:
    """Returns a note on what the table of a result lacks, or an empty text."""
    return f"표에는 {count_text(total, unit)} 중 {count_text(shown, unit)}만 있습니다." if shown < total else ""


def _cell(text: str) -> str:
    return _MARKS.sub(r"\\\1", shortened(text))
