"""The pandas code of a result: it runs on the frame `df`, and leaves the same table in `result`."""

from collections.abc import Sequence

from dataset_service.analysis.frame.text_values import CLOCK_PATTERN, DATE_PATTERN, NUMBER_PATTERN, QUARTER_PATTERN

AS_DATES = f"""\
def as_dates(texts):
    days = texts.mask(texts.str.contains(r"{QUARTER_PATTERN}", na=False))
    parts = days.str.extract(r"{DATE_PATTERN}")
    parts = parts.apply(pd.to_numeric).fillna({{"hour": 0, "minute": 0, "second": 0}})
    return pd.to_datetime(parts, errors="coerce")
"""
AS_NUMBERS = f"""\
def as_numbers(texts):
    numbers = texts.str.extract(r"{NUMBER_PATTERN}")["number"]
    return pd.to_numeric(numbers.str.replace(",", ""))
"""
AS_HOURS = f"""\
def as_hours(texts):
    return pd.to_numeric(texts.str.extract(r"{CLOCK_PATTERN}")["hour"])
"""
_SOURCE = "# df는 이 데이터셋을 CSV로 내려받아 pd.read_csv로 읽은 표입니다.\n"
_IMPORTS = {"np.": "import numpy as np", "pd.": "import pandas as pd"}


def script(body: str, *functions: str) -> str:
    """Returns executable code: the needed imports, each called function once, and the body."""
    needed = [function for function in dict.fromkeys(functions) if function]
    imports = [line for prefix, line in _IMPORTS.items() if any(prefix in part for part in (body, *needed))]
    return "\n".join([*imports, *([""] if imports else []), *needed, body])


def with_prelude(code: str, lines: Sequence[str], functions: Sequence[str]) -> str:
    """Returns code that says what `df` is, and first runs these lines; imports and their functions are there once."""
    for known in (*(f"{line}\n" for line in _IMPORTS.values()), *functions):
        code = code.replace(known, "")
    return _SOURCE + script("\n".join([*lines, code.lstrip("\n")]), *functions)
