"""The pandas code that gives columns their kinds back after a CSV was read without telling them.

It changes nothing in a frame that has them, so that the code of a result runs on both.
"""

import re
from functools import partial

import numpy as np
import pyarrow.compute as pc

from dataset_service.analysis.frame.column import Column
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.frame.spans import SPANS
from dataset_service.analysis.pandas_code import AS_DATES, AS_NUMBERS
from dataset_service.reading.columns.kinds import ColumnKind

_AS_READ_DATES = """\
def as_read_dates(values, frequency):
    if pd.api.types.is_datetime64_any_dtype(values):
        return values
    if frequency != "D":
        texts = values.astype("Int64").astype("str") if pd.api.types.is_numeric_dtype(values) else values
        return pd.Series(pd.PeriodIndex(texts.where(values.notna()), freq=frequency).start_time, index=values.index)
    try:
        return pd.to_datetime(values, format="ISO8601")
    except ValueError:
        return as_dates(values)
"""
_AS_READ_TEXT = """\
def as_read_text(values, width):
    if not pd.api.types.is_numeric_dtype(values):
        return values
    whole = values.astype("Int64") if width else values
    return whole.astype("str").str.zfill(width).where(values.notna())
"""
_AS_READ_NUMBERS = """\
def as_read_numbers(values):
    return values if pd.api.types.is_numeric_dtype(values) else as_numbers(values)
"""
_DIGITS, _WITH_ONE_DECIMAL = r"^[0-9]{1,18}$", r"^[0-9]{1,9}\.[0-9]$"


def loading_code(frame: Frame, code: str, shown: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Returns the lines for the columns that code names or that its table shows, and the functions that they call."""
    reads_all = "df.iloc" in code or "df.isna()" in code
    used = [one for one in frame.columns.values() if reads_all or one.name in shown or repr(one.name) in code]
    found = {one.name: told for one in used if (told := frame.once(("loading code", one.name), partial(_of, one)))}
    if not found:
        return [], []
    parts = ", ".join(f"{name!r}: {expression}" for name, (expression, _) in found.items())
    functions = [function for _, needed in found.values() for function in needed]
    return [f"df = df.assign(**{{{parts}}})"], list(dict.fromkeys(functions))


def _of(column: Column) -> tuple[str, tuple[str, ...]] | None:
    """Returns the expression for a column, and the functions that it calls; None if any reader reads it as it is."""
    series = f"df[{column.name!r}]"
    match column.kind:
        case ColumnKind.DATE:
            return f"as_read_dates({series}, {SPANS[column.precision].frequency!r})", (AS_DATES, _AS_READ_DATES)
        case ColumnKind.TEXT if (width := _width_of_digits(column)) is not None:
            return f"as_read_text({series}, {width})", (_AS_READ_TEXT,)
        case ColumnKind.INTEGER if column.missing or column.unit:
            kind = "Int64" if column.missing else "int64"
            return f"as_read_numbers({series}).astype({kind!r})", (AS_NUMBERS, _AS_READ_NUMBERS)
        case ColumnKind.BOOLEAN if column.missing:
            return f"{series}.astype('boolean')", ()
        case ColumnKind.NUMBER if column.unit or np.all(np.floor(column.values) == column.values, where=column.present):
            return f"as_read_numbers({series}).astype('float64')", (AS_NUMBERS, _AS_READ_NUMBERS)
    return None


def _width_of_digits(column: Column) -> int | None:
    """Returns the length of texts that a reader would take for integers, 1 if it differs; 0 for decimals, or None."""
    texts = column.categories
    pattern = next((one for one in (_DIGITS, _WITH_ONE_DECIMAL) if len(texts) and re.match(one, str(texts[0]))), None)
    if pattern is None or not pc.all(pc.match_substring_regex(texts, pattern)).as_py():
        return None
    lengths = pc.min_max(pc.utf8_length(texts)).as_py()
    if pattern == _WITH_ONE_DECIMAL:
        return 0
    return int(lengths["min"]) if lengths["min"] == lengths["max"] else 1
