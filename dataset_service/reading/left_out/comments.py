"""Lines among the rows that hold a comment, the number of a page or nothing but a drawn line: they have one cell.

So do notes between the names and the first row.
"""

import re

from dataset_service.reading.left_out import TableRows
from dataset_service.reading.regions.bottom import is_note_text, is_page_number

REASON = "COMMENTS_LEFT_OUT"
_COMMENT = re.compile(r"(?:#|//|%%)\s")
_DRAWN = re.compile(r"[-=_+|~*:─━═―\s]{3,}")


def find(rows: TableRows) -> list[int]:
    """Returns the rows of one cell with a comment sign, a page number or a drawn line in it."""
    found = [
        row
        for row, width in rows.body.short.items()
        if row < rows.count and width == 1 and _is_comment(rows.body.cells(row)[0].strip())
    ]
    below_names = [cell.strip() for cell in rows.body.cells(0)]
    texts = [cell for cell in below_names if cell]
    is_lone_note = len(texts) == 1 < len(rows.body.columns) and is_note_text(texts[0])
    if 0 not in found and (is_lone_note or all(_DRAWN.fullmatch(cell) for cell in below_names)):
        found.insert(0, 0)
    return found


def _is_comment(text: str) -> bool:
    return bool(_COMMENT.match(text) or is_page_number(text) or _DRAWN.fullmatch(text))
