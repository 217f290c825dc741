"""Measures by group as a table, with what it says, a hint for its chart, and pandas code for the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dataset_service.analysis.arguments import column_of
from dataset_service.analysis.frame.column import Cell, Column
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.listing import MOST_GROUPS, distinct_headers, short_cell
from dataset_service.analysis.loading_code import loading_code
from dataset_service.analysis.pandas_code import script, with_prelude
from dataset_service.analysis.question.fields import at_field
from dataset_service.analysis.question.groups import Groups
from dataset_service.analysis.question.measures import Measured, work_out
from dataset_service.analysis.question.narrow import narrow
from dataset_service.analysis.question.sorting import first_in_order
from dataset_service.analysis.result import Chart, Table
from dataset_service.analysis.wording import (
    basis_text,
    cell_text,
    code_text,
    count_text,
    names_text,
    paragraphs,
    percent_note,
    table_text,
)
from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from servicekit.errors import ToolRefused
from servicekit.question import Measure, Question, Sort

REGION_CODE = "지역 코드"
_DECIMALS_COMPARED = 9
"""Decimals that are compared when sorting, so that rounding errors do not change the order."""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Measures by group: a row of the table for each combination."""

    text: str
    table: Table
    chart: Chart | None
    code: str
    rows_matched: int
    rows_used: int
    rows_missing: int


@dataclass(frozen=True, slots=True)
class Tabulated:
    """Groups and their measures as a table.

    `text` is its conclusion, the table in Markdown and what to mind; `notes` say what the measures leave out.
    """

    groups: Groups
    measured: tuple[Measured, ...]
    table: Table
    text: str
    notes: tuple[str, ...]
    chart: Chart | None
    code: str


class _Key(NamedTuple):
    """What groups are sorted by: the place of a group column, or of a measure behind them."""

    place: int
    descending: bool = False


def aggregate(frame: Frame, question: Question) -> Aggregate:
    """Returns the measures that a question asks for. Raises `ToolRefused`."""
    measures = question.measures or (Measure(),)
    named = {name: f"groups[{place}]" for place, name in enumerate(question.groups)}
    for place, measure in enumerate(measures):
        named |= {getattr(measure, part): f"measures[{place}].{part}" for part in ("per", "column")}
    asked = narrow(frame, question, {name: path for name, path in named.items() if name}, question.search)
    limit = question.limit or MOST_GROUPS
    found = tabulate(asked.frame, question.groups, measures, question.sort, limit, region_codes=question.region_codes)
    groups, matched = found.groups, asked.frame.rows
    basis = basis_text(matched, groups.used, groups.missing, *found.notes)
    loading, functions = loading_code(frame, "\n".join([*asked.code, found.code]), found.table.columns)
    return Aggregate(
        asked.told(paragraphs(found.text, basis)),
        found.table,
        found.chart,
        with_prelude(found.code, [*loading, *asked.code], [*functions, *asked.functions]),
        matched,
        groups.used,
        groups.missing,
    )


def tabulate(
    frame: Frame,
    names: Sequence[str],
    measures: Sequence[Measure],
    sort: Sequence[Sort] = (),
    limit: int = MOST_GROUPS,
    *,
    region_codes: bool = False,
) -> Tabulated:
    """Returns the measures of the groups that the named columns form. Raises `ToolRefused` with the part's path."""
    columns = []
    for place, name in enumerate(names):
        with at_field(f"groups[{place}]"):
            columns.append(column_of(frame, name))
            if columns[0] is columns[-1] and place:
                raise ToolRefused(
                    f"{code_text(name)} 열로 두 번 묶을 수 없습니다. 다른 열을 고르거나 하나만 남겨주세요."
                )
    groups = Groups(frame.rows, columns)
    measured = tuple(work_out(frame, groups, one, f"measures[{place}]") for place, one in enumerate(measures))
    regions = next((column for column in columns if region_codes and column.region_codes), None)
    added = [REGION_CODE] if regions else []
    names = distinct_headers(*(column.name for column in columns), *added, *(one.header for one in measured))
    headers = [*names[: len(columns)], *names[len(columns) + len(added) :]]
    keys = _keys(groups, headers, [(frame.find(one.column), one) for one in sort])
    order = _in_order(groups, measured, keys, limit)
    labels = [groups.labels(place, order) for place in range(len(columns))]
    codes: list[list[Cell]] = []
    if regions and regions.region_codes:
        codes.append([regions.region_codes[code] for code in groups.codes[columns.index(regions)][order].tolist()])
    cells = [*(list(map(short_cell, some)) for some in labels), *codes, *(one.cells(order) for one in measured)]
    table = Table.of(names, list(zip(*cells, strict=True)), len(groups))
    code = _code(groups, measured, headers, keys, limit if len(groups) > limit else None)
    if regions:
        known = dict(zip(labels[columns.index(regions)], codes[0], strict=True))
        code += f"result.insert({len(columns)}, {names[len(columns)]!r}, result[{regions.name!r}].map({known!r}))\n"
    return Tabulated(
        groups,
        measured,
        table,
        _text(groups, measured, table, keys, headers),
        tuple(dict.fromkeys(note for one in measured for note in one.notes)),
        _chart(columns, headers) if table.rows else None,
        script(code, *(one.function for one in measured)),
    )


def _keys(groups: Groups, headers: Sequence[str], sort: Sequence[tuple[Column | None, Sort]]) -> list[_Key]:
    """Returns what groups are sorted by: as asked, then by order of time, the first measure, and labels."""
    keys = []
    for number, (column, one) in enumerate(sort):
        name = one.column if one.column in headers or column is None else column.name
        if name not in headers:
            said = f"{code_text(name)} 열은 결과에 없어 정렬할 수 없습니다. 결과의 열: {names_text(headers)}"
            raise ToolRefused(said, field=f"sort[{number}].column")
        keys.append(_Key(headers.index(name), one.descending))
    places = range(len(groups.columns))
    in_order = [_Key(place) for place in places if groups.columns[place].has_order]
    labels = [_Key(place) for place in places if not groups.columns[place].has_order]
    keys += [*in_order, _Key(len(places), descending=True), *labels]
    kept: dict[int, _Key] = {}
    for key in keys:
        if len(kept.keys() & set(places)) < len(places):  # the rest cannot change the order
            kept.setdefault(key.place, key)
    return list(kept.values())


def _in_order(groups: Groups, measured: Sequence[Measured], keys: Sequence[_Key], limit: int) -> npt.NDArray[np.int64]:
    """Returns the first groups in the order of the keys."""
    return first_in_order([_sort_key(groups, measured, key) for key in keys], len(groups), limit)


def _sort_key(groups: Groups, measured: Sequence[Measured], key: _Key) -> npt.NDArray[Any]:
    """Returns numbers in the order of a column or a measure by group, missing values last."""
    if key.place < len(groups.columns):
        column, codes = groups.columns[key.place], groups.codes[key.place]
        places = column.text_places[codes] if column.kind is ColumnKind.TEXT else codes
        return ~places if key.descending else places
    one = measured[key.place - len(groups.columns)]
    if one.values.dtype.kind == "f":
        values = np.round(-one.values if key.descending else one.values, _DECIMALS_COMPARED)
        return np.where(one.present, values, np.inf)
    values = one.values.view(np.int64)
    return np.where(one.present, ~values if key.descending else values, np.iinfo(np.int64).max)


def _text(
    groups: Groups, measured: Sequence[Measured], table: Table, keys: Sequence[_Key], headers: Sequence[str]
) -> str:
    """Returns the conclusion, the table, and what to mind."""
    first, columns = measured[0], groups.columns
    plain = [column.name for column in columns if column.is_plain]
    plain += [header for header, one in zip(headers[len(columns) :], measured, strict=True) if one.is_plain]
    shares = [header for header, one in zip(headers[len(columns) :], measured, strict=True) if one.is_share]
    by_value = [_Key(len(columns), descending=True), *map(_Key, range(len(columns)))]
    if not columns:
        place = np.zeros(1, np.int64)
        cells = (f"{code_text(header)} {one.text(place)}" for header, one in zip(headers, measured, strict=True))
        return paragraphs(f"{', '.join(cells)}.", *_minded(measured))
    if not first.present.any():
        text = "계산할 값이 없습니다." if table.rows else "묶을 값이 없습니다."
    else:
        most, least = (
            _in_order(groups, measured, [key, *by_value[1:]], 1) for key in (by_value[0], _Key(len(columns)))
        )
        text = f"{code_text(headers[len(columns)])} 값이 가장 큰 묶음은 {_group_text(groups, first, most)}입니다."
        if most != least:
            text += f" 가장 작은 묶음은 {_group_text(groups, first, least)}입니다."
        if keys[0].place < len(columns):
            text = f"{code_text(headers[keys[0].place])} 순서입니다. {text}"
    return paragraphs(
        text,
        table_text(table, keep=headers[:1], plain=plain, shares=shares, unit="개 묶음"),
        *_minded(measured),
    )


def _minded(measured: Sequence[Measured]) -> Iterator[str]:
    yield from dict.fromkeys(percent_note(one.column, one.measure) for one in measured if one.column)


def _group_text(groups: Groups, first: Measured, group: npt.NDArray[np.int64]) -> str:
    labels = (
        code_text(cell_text(column, label))
        for place, column in enumerate(groups.columns)
        for label in groups.labels(place, group)
    )
    count = "" if first.measure == "count" else f", {count_text(int(groups.rows[group[0]]), '건')}"
    return f"{' · '.join(labels)} ({first.text(group)}{count})"


def _chart(columns: Sequence[Column], headers: Sequence[str]) -> Chart | None:
    if not columns:
        return None
    lines = [column.kind is ColumnKind.DATE or column.meaning == Meaning.YEAR for column in columns]
    if len(columns) == 1:
        return Chart("line" if lines[0] else "bar", headers[0], headers[1])
    x, series = (1, 0) if lines == [False, True] else (0, 1)
    return Chart("line" if any(lines) else "heatmap", headers[x], headers[2], headers[series])


def _code(
    groups: Groups, measured: Sequence[Measured], headers: Sequence[str], keys: Sequence[_Key], limit: int | None
) -> str:
    columns, cells = groups.columns, list(zip(headers[len(groups.columns) :], measured, strict=True))
    if not columns:
        return "\n".join(["result = pd.DataFrame({", *(f"    {name!r}: [{one.code}]," for name, one in cells), "})\n"])
    lines = [
        f"keys = [{', '.join(key_code(groups, place) for place in range(len(columns)))}]",
        "result = pd.DataFrame({",
        *(f"    {name!r}: {one.code}," for name, one in cells),
        "}).reset_index()",
    ]
    needed = list(keys)
    while needed and needed[-1].place < len(columns) and not needed[-1].descending:  # groupby sorts by labels
        if len(needed) > 1 and needed[-1].place < needed[-2].place < len(columns):
            break
        needed.pop()
    for key in reversed(needed):
        arguments = [repr(headers[key.place]), *(["ascending=False"] if key.descending else []), 'kind="stable"']
        if key.place >= len(columns) and measured[key.place - len(columns)].values.dtype.kind == "f":
            arguments.append(f"key=lambda values: values.round({_DECIMALS_COMPARED})")
        lines.append(f"result = result.sort_values({', '.join(arguments)})")
    if limit:
        lines[-1] += f".head({limit})"
    return "\n".join(lines) + "\n"


def key_code(groups: Groups, place: int) -> str:
    """Returns the pandas expression for a column to group by, in its natural order."""
    column = groups.columns[place]
    if column.natural_places is None:
        return f"df[{column.name!r}]"
    codes = np.unique(groups.codes[place])
    labels = column.labels(codes[np.argsort(column.natural_places[codes])])
    return f"df[{column.name!r}].astype(pd.CategoricalDtype({labels!r}, ordered=True))"
