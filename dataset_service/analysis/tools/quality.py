"""데이터 품질: where values are missing, and how the values of a column are distributed."""

from typing import Any

import numpy as np
import numpy.typing as npt

from dataset_service.analysis.arguments import ColumnArguments
from dataset_service.analysis.frame.column import Column, Mask, count_codes
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.listing import MOST_GROUPS
from dataset_service.analysis.pandas_code import script
from dataset_service.analysis.result import Chart, Table, ToolResult, asking
from dataset_service.analysis.wording import (
    code_text,
    count_text,
    paragraphs,
    share_text,
    table_text,
    value_text,
)
from dataset_service.reading.columns.kinds import ColumnKind
from servicekit.question import Condition

TOGETHER, SHARE_TOGETHER, SHARE_OTHERWISE = "함께 결측", "함께 결측 비율(%)", "값이 있을 때 결측 비율(%)"
_MOST_CATEGORIES = 50
_CLEAR_ASSOCIATION = 0.1


def analyze_missing_pattern(frame: Frame, arguments: ColumnArguments) -> ToolResult:
    """한 열의 결측이 어디에 몰려 있는지, 어떤 열과 함께 비는지, 어떤 값일 때 비는지 알려 줍니다.

    예: column="가해운전자 연령".
    """
    column = frame.columns[arguments.column]
    missing = ~column.present
    others = [one for one in frame.columns.values() if one.name != column.name and one.missing and column.missing]
    rows = [(one.name, *_shares(missing, one, column)) for one in others]
    rows.sort(key=lambda row: -row[1])
    table = Table.of(("열", TOGETHER, SHARE_TOGETHER, SHARE_OTHERWISE), rows[:MOST_GROUPS], len(rows))
    if not column.missing:
        text = f"{code_text(column.name)} 열에는 결측이 없습니다."
    else:
        places = np.flatnonzero(missing)
        thirds = [int(np.count_nonzero(part)) for part in np.array_split(missing, 3)]
        always = [row[0] for row in rows if row[1] == column.missing]
        text = paragraphs(
            f"{code_text(column.name)} 열의 결측은 **{count_text(column.missing)}**"
            f"({share_text(column.missing, frame.rows)})입니다. {places[0] + 1:,}번째 행부터 {places[-1] + 1:,}번째 행 "
            f"사이에 있고, 가장 길게 이어진 결측은 {count_text(_longest_run(missing))}입니다. "
            f"앞 3분의 1에 {thirds[0]:,}행, 가운데에 {thirds[1]:,}행, 뒤에 {thirds[2]:,}행입니다.",
            f"이 열이 빌 때 늘 함께 비는 열: {', '.join(map(code_text, always[:10]))}." if always else "",
            _association_text(frame, column, missing),
        )
    name = f"{column.name!r}"
    code = f"""\
missing = df[{name}].isna()
others = df.drop(columns=[{name}]).isna()
others = others.loc[:, others.any() & missing.any()]
together = others[missing].sum()
result = pd.DataFrame({{
    "열": others.columns,
    "{TOGETHER}": together.to_numpy(),
    "{SHARE_TOGETHER}": together.to_numpy() / missing.sum() * 100,
    "{SHARE_OTHERWISE}": others[~missing].mean().to_numpy() * 100,
}})
result = result.sort_values("{TOGETHER}", ascending=False, kind="stable").head({MOST_GROUPS})
"""
    return ToolResult(
        paragraphs(
            text,
            table_text(table, shares=(SHARE_TOGETHER, SHARE_OTHERWISE), unit="개 열"),
            f"근거: 전체 {count_text(frame.rows)}.",
        ),
        table,
        chart=Chart("bar", "열", SHARE_TOGETHER) if rows else None,
        code=script(code),
        rows_used=frame.rows,
        question=asking(where=(Condition(column=column.name, operator="missing"),)),
    )


def _shares(missing: Mask, other: Column, column: Column) -> tuple[int, float, float | None]:
    together = int(np.count_nonzero(missing & ~other.present))
    otherwise = (other.missing - together) / column.used * 100 if column.used else None
    return together, together / column.missing * 100, otherwise


def _longest_run(flags: Mask) -> int:
    """Returns the length of the longest run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max())


def _association_text(frame: Frame, column: Column, missing: Mask) -> str:
    """Returns a text about the column whose values best predict where this one is missing, if one clearly does."""
    overall = column.missing / frame.rows
    places = np.flatnonzero(missing)
    best: tuple[float, Column, npt.NDArray[Any], npt.NDArray[Any]] | None = None
    for other in frame.of_kind(ColumnKind.TEXT, ColumnKind.BOOLEAN):
        if other.name == column.name or not 2 <= len(other.counts) <= _MOST_CATEGORIES:
            continue
        missing_counts = count_codes(other.codes[places], len(other.counts))
        rates = np.divide(missing_counts, other.counts, where=other.counts > 0, out=np.zeros(len(other.counts)))
        explained = float((other.counts * (rates - overall) ** 2).sum() / (frame.rows * overall * (1 - overall) or 1))
        if explained >= _CLEAR_ASSOCIATION and (best is None or explained > best[0]):
            best = (explained, other, rates, missing_counts)
    if best is None:
        return ""
    _, other, rates, missing_counts = best
    codes = np.argsort(-missing_counts, kind="stable")[:3]
    parts = [
        f"{code_text(value_text(label))} {share_text(float(missing_counts[code]), int(other.counts[code]))}"
        for code, label in zip(codes.tolist(), other.labels(codes), strict=True)
        if missing_counts[code]
    ]
    return (
        f"결측은 {code_text(other.name)} 값에 따라 다릅니다. 값별 결측 비율: {', '.join(parts)} "
        f"(전체 {share_text(column.missing, frame.rows)})."
    )
