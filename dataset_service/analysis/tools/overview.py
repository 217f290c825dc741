"""데이터 정보: overview of the dataset and its columns."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from dataset_service.analysis.arguments import NoArguments
from dataset_service.analysis.frame.column import Cell, Column
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.frame.readings import dates_of, numbers_of
from dataset_service.analysis.listing import MOST_GROUPS, short_cell
from dataset_service.analysis.pandas_code import AS_DATES, AS_NUMBERS, script
from dataset_service.analysis.result import Chart, Table, ToolResult
from dataset_service.analysis.wording import (
    KIND_NAMES,
    NAME,
    SHARE,
    cell_text,
    code_text,
    count_text,
    known_text,
    names_text,
    paragraphs,
    share_text,
    table_text,
)
from dataset_service.reading.columns.kinds import ColumnKind

_FEW_TEXTS, _FEW_NUMBERS = 50, 20
_ENOUGH_FOR_AN_ID = 30
_KIND = f"""\
def kind(values):
    if pd.api.types.is_bool_dtype(values):
        return {KIND_NAMES[ColumnKind.BOOLEAN]!r}
    if pd.api.types.is_integer_dtype(values):
        return {KIND_NAMES[ColumnKind.INTEGER]!r}
    if pd.api.types.is_float_dtype(values):
        return {KIND_NAMES[ColumnKind.NUMBER]!r}
    if pd.api.types.is_datetime64_any_dtype(values):
        return {KIND_NAMES[ColumnKind.DATE]!r}
    return {KIND_NAMES[ColumnKind.TEXT]!r}
"""
_ROLE = f"""\
def role(values, known):
    values = values.dropna()
    unique = values.nunique()
    if not len(values):
        return "빈 열"
    if unique == 1:
        return "값이 하나뿐"
    if known:
        return known
    match kind(values):
        case "참/거짓" | "날짜" as name:
            return name
        case "실수":
            return "수량"
        case "정수":
            if unique <= {_FEW_NUMBERS}:
                return "범주로 쓸 수 있는 정수"
            return "식별자" if unique == len(values) >= {_ENOUGH_FOR_AN_ID} else "수량"
    if as_dates(values).notna().mean() >= 0.5:
        return "날짜로 읽히는 글자"
    if as_numbers(values).notna().mean() >= 0.5:
        return "숫자로 읽히는 글자"
    if unique <= {_FEW_TEXTS}:
        return "범주"
    return "식별자" if unique == len(values) else "여러 값의 글자"
"""


def get_dataframe_info(frame: Frame, arguments: NoArguments) -> ToolResult:  # noqa: ARG001
    """데이터셋의 행 수와 열 목록(이름, 유형, 뜻과 단위, 결측 수, 예시 값)을 알려 줍니다.

    어떤 열이 있는지 모를 때 가장 먼저 씁니다.
    """
    shown = list(frame.columns.values())[:MOST_GROUPS]
    table = Table.of(
        (NAME, "유형", "뜻", "값 있음", "결측", "예시"),
        [
            (
                column.name,
                KIND_NAMES[column.reading.kind],
                known_text(column),
                column.used,
                column.missing,
                _example(column),
            )
            for column in shown
        ],
        len(frame.columns),
    )
    # Examples from different columns share one column here: each is formatted by its own column.
    texts = [(*row[:-1], cell_text(column, row[-1])) for row, column in zip(table.rows, shown, strict=True)]
    counted = Counter(column.reading.kind for column in frame.columns.values())
    kinds = [f"{name} {count_text(counted[kind], '개')}" for kind, name in KIND_NAMES.items() if counted[kind]]
    code = f"""\
shown = df.iloc[:, :{MOST_GROUPS}]
known = {_known(shown)!r}
result = pd.DataFrame({{
    "열": shown.columns,
    "유형": [{_kind_code(shown)} for name in shown],
    "뜻": [known.get(name, "") for name in shown],
    "값 있음": shown.notna().sum().to_numpy(),
    "결측": shown.isna().sum().to_numpy(),
    "예시": [next(iter(shown[name].dropna().head(1)), None) for name in shown],
}})
"""
    return ToolResult(
        paragraphs(
            f"**{count_text(frame.rows)} × {count_text(len(frame.columns), '열')}** ({', '.join(kinds)})",
            table_text(Table.of(table.columns, texts, table.total_rows), unit="개 열"),
        ),
        table,
        code=script(code, _KIND),
        rows_used=frame.rows,
    )


def get_missing_values(frame: Frame, arguments: NoArguments) -> ToolResult:  # noqa: ARG001
    """열마다 비어 있는 값(결측)이 몇 행이고 몇 퍼센트인지 많은 순서로 알려 줍니다. 결측이 없는 열은 뺍니다.

    where로 고른 행에서만 볼 수도 있습니다. 예: where=[{"column": "사고일시", "value": "2016"}].
    """
    columns = sorted((column for column in frame.columns.values() if column.missing), key=lambda one: -one.missing)
    rows = [(column.name, column.missing, column.missing / frame.rows * 100) for column in columns]
    table = Table.of((NAME, "결측", SHARE), rows[:MOST_GROUPS], len(rows))
    is_complete = np.ones(frame.rows, np.bool_)
    for column in columns:
        is_complete &= column.present
    complete = int(np.count_nonzero(is_complete))
    if columns:
        first = columns[0]
        text = (
            f"결측이 있는 열은 {count_text(len(columns), '개')}입니다. 가장 많은 열은 {code_text(first.name)} "
            f"({count_text(first.missing)}, {share_text(first.missing, frame.rows)})입니다. "
            f"모든 값이 있는 행은 {count_text(complete)} ({share_text(complete, frame.rows)})입니다."
        )
    else:
        text = "결측이 있는 열이 없습니다."
    code = f"""\
missing = df.isna().sum()
missing = missing[missing > 0].sort_values(ascending=False, kind="stable")
result = pd.DataFrame({{
    "열": missing.index,
    "결측": missing.to_numpy(),
    "{SHARE}": missing.to_numpy() / len(df) * 100,
}}).head({MOST_GROUPS})
"""
    return ToolResult(
        paragraphs(text, table_text(table, shares=(SHARE,), unit="개 열"), f"근거: 전체 {count_text(frame.rows)}."),
        table,
        chart=Chart("bar", NAME, SHARE) if rows else None,
        code=script(code),
        rows_used=frame.rows,
    )


def detect_data_types(frame: Frame, arguments: NoArguments) -> ToolResult:  # noqa: ARG001
    """열마다 저장된 유형과 실제 쓰임(코드, 금액(원), 범주, 수량, 날짜, 숫자로 읽히는 글자 등)을 알려 줍니다.

    어떤 열로 묶고 어떤 열로 평균을 낼지 고를 때 씁니다.
    """
    shown = list(frame.columns.values())[:MOST_GROUPS]
    rows = [
        (column.name, KIND_NAMES[column.reading.kind], _role(column), column.unique, column.missing) for column in shown
    ]
    table = Table.of((NAME, "유형", "쓰임", "서로 다른 값", "결측"), rows, len(frame.columns))
    by_role: dict[str, list[str]] = {}
    for name, _, role, *_ in rows:
        by_role.setdefault(role, []).append(name)
    lines = [f"- {role}: {names_text(names, 200)}" for role, names in by_role.items()]
    code = f"""\
shown = df.iloc[:, :{MOST_GROUPS}]
known = {_known(shown)!r}
result = pd.DataFrame({{
    "열": shown.columns,
    "유형": [{_kind_code(shown)} for name in shown],
    "쓰임": [role(shown[name], known.get(name, "")) for name in shown],
    "서로 다른 값": shown.nunique().to_numpy(),
    "결측": shown.isna().sum().to_numpy(),
}})
"""
    return ToolResult(
        paragraphs("\n".join(lines), f"근거: 전체 {count_text(frame.rows)}."),
        table,
        code=script(code, _KIND, AS_DATES, AS_NUMBERS, _ROLE),
        rows_used=frame.rows,
    )


def _example(column: Column) -> Cell:
    return short_cell(column.cells(np.array([column.present.argmax()]))[0]) if column.used else None


def _known(columns: Sequence[Column]) -> dict[str, str]:
    """Returns what is known of columns, as code has it: it does not follow from their values."""
    return {column.name: known for column in columns if (known := known_text(column))}


def _kind_code(columns: Sequence[Column]) -> str:
    times = [column.name for column in columns if column.is_time]
    kind = "kind(shown[name])"
    return f"{KIND_NAMES[ColumnKind.TIME]!r} if name in {times!r} else {kind}" if times else kind


def _role(column: Column) -> str:
    if not column.used:
        return "빈 열"
    if column.unique == 1:
        return "값이 하나뿐"
    if known := known_text(column):
        return known
    if column.kind in (ColumnKind.BOOLEAN, ColumnKind.DATE):
        return KIND_NAMES[column.kind]
    if column.kind is ColumnKind.NUMBER:
        return "수량"
    if column.kind is ColumnKind.INTEGER:
        if column.unique <= _FEW_NUMBERS:
            return "범주로 쓸 수 있는 정수"
        return "식별자" if column.unique == column.used >= _ENOUGH_FOR_AN_ID else "수량"
    if dates_of(column):
        return "날짜로 읽히는 글자"
    if numbers_of(column):
        return "숫자로 읽히는 글자"
    if column.unique <= _FEW_TEXTS:
        return "범주"
    return "식별자" if column.unique == column.used else "여러 값의 글자"
