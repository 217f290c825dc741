"""통계 분석: correlation of number columns."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from dataset_service.analysis.arguments import Arguments, NumberColumn, columns_text
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.frame.readings import Reading, amount_columns, number_columns, number_reading, numbers_of
from dataset_service.analysis.listing import MOST_GROUPS
from dataset_service.analysis.pandas_code import script
from dataset_service.analysis.result import Chart, Table, ToolResult, asking
from dataset_service.analysis.wording import (
    NAME,
    basis_text,
    code_text,
    left_out_text,
    number_text,
    paragraphs,
    table_text,
)
from dataset_service.reading.columns.kinds import ColumnKind
from servicekit.errors import ToolRefused

CORRELATION = "상관계수"
_MOST_CORRELATED = 30
_STRONGEST_IN_TEXT = 5
_STRENGTHS = ((0.5, "뚜렷함"), (0.3, "중간"), (0.1, "약함"))
"""Cohen's thresholds: the least absolute coefficient of each strength."""
_ROWS_PREPARED = 2048
_PRODUCT_OF_ONE_THREAD = 4 * 65_536
"""OpenBLAS uses several threads for a matrix product whose three dimensions multiply to more than this."""
_ROUNDING = 16 * float(np.finfo(np.float64).eps)
_NO_CAUSE = "상관계수는 -1에서 1 사이이며, 상관이 있다고 원인인 것은 아닙니다."


class CorrelationArguments(Arguments):
    """The columns to compare."""

    columns: tuple[NumberColumn, ...] | None = Field(
        None, max_length=200, title="숫자 열", description="숫자 열 이름의 목록. 주지 않으면 모든 숫자 열"
    )


class TargetArguments(Arguments):
    """The target number column."""

    target_column: NumberColumn = Field(title="기준 열", description="기준이 되는 숫자 열 이름")


def get_correlation(frame: Frame, arguments: CorrelationArguments) -> ToolResult:
    """숫자 열끼리의 피어슨 상관계수를 표로 구합니다.

    두 열 모두 값이 있는 행만 쓰며, 열을 고르지 않으면 모든 숫자 열을 씁니다. 예: columns=["사망자수", "중상자수"].
    """
    readings = _correlated(frame, arguments.columns)
    shown = readings[:_MOST_CORRELATED]
    names = [reading.column.name for reading in shown]
    coefficients, pairs = _coefficients(shown, shown)
    table = Table.of(
        (NAME, *_distinct(NAME, names)),
        [(name, *map(_coefficient_cell, row)) for name, row in zip(names, coefficients.tolist(), strict=True)],
        len(readings),
    )
    used = _rows_with_two(shown)
    off_diagonal = pairs[~np.eye(len(names), dtype=bool)].astype(int)
    span = f"{off_diagonal.min():,}" + (f"~{off_diagonal.max():,}" if off_diagonal.min() < off_diagonal.max() else "")
    code = f"""\
numbers = pd.DataFrame({{
{_column_lines(shown)}
}}).astype("float64")
result = (numbers - numbers.mean()).corr(min_periods=2)
result.columns = {_distinct(NAME, names)!r}
result.insert(0, "{NAME}", numbers.columns)
"""
    return ToolResult(
        paragraphs(
            _strongest(names, coefficients),
            _without_spread(names, coefficients),
            left_out_text(len(readings), len(shown), "개 열"),
            f"{basis_text(frame.rows, used, frame.rows - used)} 열 쌍마다 쓴 행은 {span}행입니다. {_NO_CAUSE}",
        ),
        table,
        chart=Chart("heatmap", NAME),
        code=script(code, *(reading.function for reading in shown)),
        rows_used=used,
        rows_missing=frame.rows - used,
        question=asking(columns=tuple(names)),
    )


def get_column_correlation_with_target(frame: Frame, arguments: TargetArguments) -> ToolResult:
    """기준 숫자 열과 다른 모든 숫자 열의 상관계수를 강한 순서로 구합니다.

    무엇이 기준 열과 함께 움직이는지 볼 때 씁니다. 예: target_column="ECLO".
    """
    target = number_reading(frame, frame.columns[arguments.target_column], "상관계수를 구할")
    others = [
        reading
        for column in (*number_columns(frame), *frame.of_kind(ColumnKind.BOOLEAN))
        if column.name != target.column.name and (reading := numbers_of(column))
    ]
    if not others:
        raise ToolRefused(
            f"{code_text(target.column.name)} 열 말고 다른 숫자 열이 없습니다. "
            "묶어 보려면 ‘묶어서 계산’ 도구를 써주세요."
        )
    pairs = _with_target(others, target)
    pairs.sort(key=lambda pair: -1.0 if pair[1] is None else -round(abs(pair[1]), 12) - 2.0)
    table = Table.of((NAME, CORRELATION, "행 수"), pairs[:MOST_GROUPS], len(pairs))
    known = [(name, value) for name, value, _ in pairs if value is not None]
    name = code_text(target.column.name)
    strongest = ", ".join(
        f"{code_text(other)} ({coefficient_text(value)})" for other, value in known[:_STRONGEST_IN_TEXT]
    )
    text = f"{name} 열과 상관계수의 절댓값이 큰 열: {strongest}."
    if not known:
        text = f"{name} 열과 상관을 구할 수 있는 열이 없습니다. 값이 하나뿐이거나 함께 있는 값이 부족합니다."
    code = f"""\
target = {target.code}.astype("float64")
numbers = pd.DataFrame({{
{_column_lines(others)}
}}).astype("float64")
both = numbers.notna().mul(target.notna(), axis=0)
result = pd.DataFrame({{
    "{NAME}": numbers.columns,
    "{CORRELATION}": (numbers - numbers.mean()).corrwith(target - target.mean()).reindex(numbers.columns).to_numpy(),
    "행 수": both.sum().to_numpy(),
}})
strength = result["{CORRELATION}"].abs().round(12).sort_values(ascending=False, kind="stable")
result = result.loc[strength.index].head({MOST_GROUPS})
"""
    return ToolResult(
        paragraphs(
            text,
            table_text(table, unit="개 열"),
            f"{basis_text(frame.rows, target.rows_used, target.column.missing, *target.notes)} {_NO_CAUSE}",
        ),
        table,
        chart=Chart("bar", NAME, CORRELATION),
        code=script(code, *(reading.function for reading in (target, *others))),
        rows_used=target.rows_used,
        rows_missing=target.column.missing,
    )


def _correlated(frame: Frame, wanted: tuple[str, ...] | None) -> list[Reading]:
    columns = (
        amount_columns(frame, ColumnKind.INTEGER, ColumnKind.NUMBER)
        if wanted is None
        else [frame.columns[name] for name in wanted]
    )
    readings = [number_reading(frame, column, "상관계수를 구할") for column in columns]
    if len(readings) < 2:
        raise ToolRefused(
            f"상관계수를 구하려면 숫자 열이 둘 이상 필요합니다. 숫자 열: {columns_text(number_columns(frame))}"
        )
    return readings


def _with_target(others: Sequence[Reading], target: Reading) -> list[tuple[str, float | None, int]]:
    """Returns name, coefficient and row count of each column."""
    results: list[tuple[str, float | None, int]] = []
    for start in range(0, len(others), _MOST_CORRELATED):
        part = others[start : start + _MOST_CORRELATED]
        values, rows = _coefficients(part, [target])
        results += [
            (reading.column.name, _coefficient_cell(float(value)), int(count))
            for reading, value, count in zip(part, values[:, 0], rows[:, 0], strict=True)
        ]
    return results


class _Coefficients(NamedTuple):
    """Pearson's coefficient of each pair of columns, NaN if undefined, and the number of rows with both values."""

    values: npt.NDArray[np.float64]
    rows: npt.NDArray[np.float64]


class _Block(NamedTuple):
    """A block of rows: deviations from the mean of the column, 0 where missing.

    `weights` has only the incomplete columns: 1 for a value, 0 where missing.
    """

    values: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]


def _coefficients(one: Sequence[Reading], other: Sequence[Reading]) -> _Coefficients:
    """Returns pairwise coefficients, each over the rows in which both columns have values.

    Sums over blocks of rows that fit into the CPU cache, with products small enough for one thread: on a busy machine,
    synchronising BLAS threads costs more than it gains.
    """
    total, shape = len(one[0].values), (len(one), len(other))
    holes, other_holes = _incomplete(one), _incomplete(other)
    products, shared = np.zeros(shape), np.zeros((len(holes), len(other_holes)))
    first, second = _Sums(one, other_holes), _Sums(other, holes)
    step = max(1, _PRODUCT_OF_ONE_THREAD // (len(one) * len(other)))
    blocks = _blocks(one, step)
    pairs = ((block, block) for block in blocks) if other is one else zip(blocks, _blocks(other, step), strict=True)
    for block, other_block in pairs:
        products += block.values.T @ other_block.values
        shared += block.weights.T @ other_block.weights
        first.add(block.values, other_block.weights)
        if other is not one:
            second.add(other_block.values, block.weights)
    second = first if other is one else second
    rows = np.full(shape, float(total))
    rows[:, other_holes] = [other[place].rows_used for place in other_holes]
    rows[holes, :] = np.array([one[place].rows_used for place in holes])[:, None]
    rows[np.ix_(holes, other_holes)] = shared
    sums, squares = first.over(other_holes, len(other))
    other_sums, other_squares = (found.T for found in second.over(holes, len(one)))
    variances = squares - sums**2 / rows, other_squares - other_sums**2 / rows
    covariance = products - sums * other_sums / rows
    # The variance of equal values is a rounding error.
    has_spread = (rows >= 2) & (variances[0] > _ROUNDING * squares) & (variances[1] > _ROUNDING * other_squares)
    values = np.where(has_spread, covariance / np.sqrt(variances[0] * variances[1]), np.nan)
    return _Coefficients(np.clip(values, -1.0, 1.0), rows)


class _Sums:
    """Sums and sums of squares of columns, over all their rows and over the rows in which other columns have values."""

    def __init__(self, columns: Sequence[Reading], holes: Sequence[int]) -> None:
        self._sums, self._squares = np.zeros((2, len(columns)))
        self._shared_sums, self._shared_squares = np.zeros((2, len(columns), len(holes)))

    def add(self, values: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> None:
        """Adds a block of rows, with the weights of the other columns."""
        squares = values * values
        self._sums += np.add.reduce(values, axis=0)
        self._squares += np.add.reduce(squares, axis=0)
        if weights.shape[1]:
            self._shared_sums += values.T @ weights
            self._shared_squares += squares.T @ weights

    def over(self, holes: Sequence[int], others: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Returns the sums and the sums of squares, each of shape (columns, others)."""
        sums = np.repeat(self._sums[:, None], others, axis=1)
        squares = np.repeat(self._squares[:, None], others, axis=1)
        sums[:, holes], squares[:, holes] = self._shared_sums, self._shared_squares
        return sums, squares


def _incomplete(readings: Sequence[Reading]) -> list[int]:
    return [place for place, reading in enumerate(readings) if reading.rows_used < len(reading.values)]


def _blocks(readings: Sequence[Reading], step: int) -> Iterator[_Block]:
    """Yields all rows, `step` at a time, in arrays that are reused for the next block."""
    means = [float(reading.used.mean()) if reading.rows_used else 0.0 for reading in readings]
    holes = _incomplete(readings)
    total = len(readings[0].values)
    values = np.empty((min(_ROWS_PREPARED, total), len(readings)), order="F")
    weights = np.empty((len(values), len(holes)), order="F")
    for start in range(0, total, _ROWS_PREPARED):
        rows = min(_ROWS_PREPARED, total - start)
        for index, (reading, mean) in enumerate(zip(readings, means, strict=True)):
            np.subtract(reading.values[start : start + rows], mean, out=values[:rows, index])
        for index, place in enumerate(holes):
            present = readings[place].present[start : start + rows]
            weights[:rows, index] = present
            values[:rows, place][~present] = 0.0
        for place in range(0, rows, step):
            end = min(place + step, rows)
            yield _Block(values[place:end], weights[place:end])


def _rows_with_two(readings: Sequence[Reading]) -> int:
    """Returns the number of rows with a value in at least two of the columns."""
    incomplete = [reading for reading in readings if reading.rows_used < len(reading.values)]
    complete = len(readings) - len(incomplete)
    if complete >= 2 or not incomplete:
        return len(readings[0].values)
    filled = np.full(len(readings[0].values), complete, np.int16)
    for reading in incomplete:
        filled += reading.present
    return int(np.count_nonzero(filled >= 2))


def _coefficient_cell(value: float) -> float | None:
    return None if np.isnan(value) else value


def coefficient_text(value: float) -> str:
    """Returns a coefficient and its strength."""
    strength = next((word for least, word in _STRENGTHS if abs(value) >= least), "거의 없음")
    return f"{number_text(value)}, {strength}"


def _strongest(names: list[str], coefficients: npt.NDArray[Any]) -> str:
    above = [
        (abs(value), value, names[first], names[second])
        for first in range(len(names))
        for second in range(first + 1, len(names))
        if not np.isnan(value := float(coefficients[first, second]))
    ]
    above.sort(key=lambda pair: -pair[0])
    lines = [
        f"- {code_text(one)} · {code_text(other)}: {coefficient_text(value)}"
        for _, value, one, other in above[:_STRONGEST_IN_TEXT]
    ]
    return (
        "\n".join(["상관계수의 절댓값이 큰 열 쌍:", "", *lines])
        if lines
        else "상관계수를 구할 수 있는 열 쌍이 없습니다."
    )


def _without_spread(names: list[str], coefficients: npt.NDArray[Any]) -> str:
    empty = [name for name, value in zip(names, np.diag(coefficients), strict=True) if np.isnan(value)]
    return f"값이 하나뿐이거나 없어서 구할 수 없는 열: {', '.join(map(code_text, empty[:10]))}." if empty else ""


def _distinct(first: str, names: list[str]) -> list[str]:
    return [f"{name} (열)" if name == first else name for name in names]


def _column_lines(readings: list[Reading]) -> str:
    return "\n".join(f"    {reading.column.name!r}: {reading.code}," for reading in readings)
