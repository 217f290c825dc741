"""Names of columns: unique, on one line, not too long."""

import re
import unicodedata
from collections.abc import Collection, Sequence

from dataset_service.reading.warning import DatasetWarning
from servicekit.visible_text import visible_line

LONGEST_NAME = 200
_QUOTED = re.compile(r'\s+"([^"]*)"\s*')
NAMELESS = "열 {number}"
_FORMERLY_NAMELESS = "(이름 없는 열 {number})"
REPEATED = "{name} ({number})"


def name_columns(
    header: Sequence[str], known: Collection[str] = (), *, are_told: bool = True
) -> tuple[list[str], list[DatasetWarning]]:
    """Returns a unique name for each column, and the repairs; `are_told` says whether made-up names are.

    A table that was read before keeps the names that earlier versions made up, which are among those `known`.
    """
    given = [plain_header(cell) for cell in header]
    taken: set[str] = set()
    names, warnings = [], []
    for number, name in enumerate(given, start=1):
        used = name
        if not name:
            is_known = _FORMERLY_NAMELESS.format(number=number) in known
            used = _free_name(_FORMERLY_NAMELESS if is_known else NAMELESS, "", number, taken.union(given))
            if are_told:
                warnings.append(DatasetWarning("HEADER_EMPTY", column=used, used=used))
        elif len(name) > LONGEST_NAME:
            used = name[:LONGEST_NAME]
            warnings.append(DatasetWarning("HEADER_SHORTENED", column=used, given=used, used=used))
        if used in taken:
            repeated, used = used, _free_name(REPEATED, used, 2, taken.union(given))
            warnings.append(DatasetWarning("HEADER_REPEATED", column=used, given=repeated, used=used))
        taken.add(used)
        names.append(used)
    return names, warnings


def plain_header(cell: str) -> str:
    """Returns the name in NFC, on one line, without surrounding white space and invisible characters.

    Quotation marks around a name that stand behind white space are no part of it.
    """
    quoted = _QUOTED.fullmatch(cell)
    return unicodedata.normalize("NFC", visible_line(quoted[1] if quoted else cell))


def free_name(name: str, taken: Collection[str]) -> str:
    """Returns the name, with a number if it is taken."""
    return name if name not in taken else _free_name(REPEATED, name, 2, taken)


def _free_name(pattern: str, name: str, number: int, taken: Collection[str]) -> str:
    while (free := pattern.format(name=name, number=number)) in taken:
        number += 1
    return free
