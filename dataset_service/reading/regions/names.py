"""The names of columns in the rows that hold them."""

from collections.abc import Sequence

from dataset_service.reading.regions.looks import Cells

COMMENT_SIGNS = ("#", "//", "%%")


def join_names(rows: Sequence[Cells], width: int) -> list[str]:
    """Returns the names of the columns: the different cells above one another, joined; merged cells are repeated."""
    if len(rows) == 1:
        return list(rows[0])
    columns: list[list[str]] = [[] for _ in range(width)]
    for level, row in enumerate(rows):
        current = ""
        cells = [*row, *[""] * width][:width]
        for column, cell in enumerate(cells):
            text = cell.strip()
            has_below = any(column < len(other) and other[column].strip() for other in rows[level + 1 :])
            if text:
                current = text
            elif not has_below:
                current = ""
            name = text or (current if has_below else "")
            if name and name not in columns[column][-1:]:
                columns[column].append(name)
    return ["_".join(parts) for parts in columns]


def without_comment_sign(row: Cells, width: int, *, is_comment: bool) -> Cells:
    """Returns the names behind a comment sign in a table of `width` columns; other cells as they are.

    `is_comment` says that the row is one of several comments: a sign may also begin the only name that has one.
    """
    sign, _, name = row[0].strip().partition(" ")
    if sign not in COMMENT_SIGNS:
        return row
    if not name:
        return row[1:] if len(row) > width else row
    return [name.strip(), *row[1:]] if is_comment else row
