"""Columns that a question defines: a condition, a sum of columns, a distance."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from dataset_service.analysis.frame.column import Column
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.frame.readings import may_overflow, number_reading
from dataset_service.analysis.question.added import Added
from dataset_service.analysis.question.derived import find_or_derive
from dataset_service.analysis.question.distances import distance_from_point, distance_from_rows
from dataset_service.analysis.question.fields import at_field
from dataset_service.analysis.question.where import Found, all_of, each_where
from dataset_service.analysis.wording import code_text, names_text
from dataset_service.reading.columns.kinds import ColumnKind
from dataset_service.reading.reading import ColumnReading
from servicekit.errors import ToolRefused
from servicekit.question import Condition, Definition, Near


def define(frame: Frame, definition: Definition) -> Added:
    """Returns the column that a definition adds to a frame. Raises `ToolRefused` with the path within it."""
    with at_field("name"):
        if not definition.name.strip():
            raise ToolRefused("정한 열에는 이름이 필요합니다.")
        if (same := frame.find(definition.name)) is not None:
            raise ToolRefused(f"{code_text(same.name)} 열이 이미 있습니다. 다른 이름을 써주세요.")
    given = [part for part in ("where", "sum_of", "near") if getattr(definition, part)]
    if len(given) != 1:
        raise ToolRefused(
            f"{code_text(definition.name)} 열에는 where, sum_of, near 가운데 하나가 필요합니다. "
            f"지금은 {len(given)}개입니다."
        )
    if definition.where:
        return _met(frame, definition.name, definition.where)
    if definition.sum_of:
        return _sum(frame, definition.name, definition.sum_of)
    with at_field("near"):
        return _distance(frame, definition.name, definition.near or Near())


def _met(frame: Frame, name: str, where: Sequence[Condition]) -> Added:
    found = all_of(frame, each_where(frame, where))
    column = Column(name, pa.chunked_array([pa.array(found.rows)]))
    counted = f" {found.missing:,}" if len(where) == 1 and not where[0].any_of else " "
    unknown = f"{code_text(name)}: 조건의 값이 없는{counted}행은 거짓입니다." if found.missing else ""
    return _resting_on(Added(column, f"({found.code}).astype(bool)", notes=(unknown,) if unknown else ()), found)


def _sum(frame: Frame, name: str, names: Sequence[str]) -> Added:
    added = []
    for place, one in enumerate(names):
        with at_field(f"sum_of[{place}]"):
            added.append(find_or_derive(frame, one))
            number_reading(frame, added[-1].column, "더할", "sum")
    if len({one.column.name for one in added}) < len(added):
        with at_field("sum_of"):
            raise ToolRefused(f"같은 열을 두 번 더할 수 없습니다: {names_text(one.column.name for one in added)}.")
    readings = [number_reading(frame, one.column, "더할", "sum") for one in added]
    is_whole = all(part.values.dtype.kind == "i" and not may_overflow(part.values) for part in readings)
    total = np.zeros(frame.rows, np.int64 if is_whole else np.float64)
    present = np.ones(frame.rows, np.bool_)
    for part in readings:
        total += np.where(part.present, part.values, 0).astype(total.dtype)
        present &= part.present
    units, meanings = ({getattr(part.column, known) for part in readings} for known in ("unit", "meaning"))
    reading = ColumnReading(
        kind=ColumnKind.INTEGER if is_whole else ColumnKind.NUMBER,
        unit=units.pop() if len(units) == 1 else "",
        meaning=meanings.pop() if len(meanings) == 1 else "",
    )
    column = Column(name, pa.chunked_array([pa.array(total, mask=~present)]), reading)
    dtype = "Int64" if is_whole and column.missing else "int64" if is_whole else "float64"
    code = " + ".join(f'{part.code}.astype("{dtype}")' for part in readings)
    unknown = f"{code_text(name)}: 더할 값이 하나라도 없는 {column.missing:,}행은 합도 없습니다."
    notes = [unknown] if column.missing else []
    return Added(column, code, tuple(part.function for part in readings), tuple(added), tuple(notes))


def _distance(frame: Frame, name: str, near: Near) -> Added:
    is_point = near.latitude is not None and near.longitude is not None
    if is_point == bool(near.where) or (near.latitude is None) != (near.longitude is None):
        raise ToolRefused("거리를 잴 곳으로 위도와 경도, 또는 조건(where) 가운데 하나가 필요합니다.")
    if near.latitude is not None and near.longitude is not None:
        return distance_from_point(frame, name, near.latitude, near.longitude)
    found = all_of(frame, each_where(frame, near.where))
    return _resting_on(distance_from_rows(frame, name, found.rows, found.code), found)


def _resting_on(added: Added, found: Found) -> Added:
    """Returns the column with what the conditions need that it rests on."""
    functions = (*added.functions, *found.functions)
    return added._replace(functions=functions, needs=found.columns, notes=(*found.notes, *added.notes))
