"""Tells names made of digits, which have no mean, and running numbers."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.columns.kinds import ColumnKind, Meaning
from dataset_service.reading.columns.meanings.facts import Facts, sample_of, share_matching
from servicekit.korea.matching import find_region

_CODES = (
    r"코드|우편번호|등록번호|관리번호|법인번호|고유번호|식별번호|허가번호|인가번호|승인번호|계좌번호|차량번호|노선번호|지점번호|"
    r"본번|부번|^지점|^측정소|^관측소|^pnu|code|^cd|[a-z]{3}cd|^zip|zipcode|^fips|isbn|요양기호"
)
_RUNNING = r"^번호|^연번|^순번|^일련번호|^순서|^no\.?|^№|^#|^id|^seq|^index"
_NUMBERS = rf"{_RUNNING}|번호|no\.|[가-힣]id|^(?:user|node|link|road|route|stop|station|object|[fgou]|uu)id|^key"
# Kinds of things, numbered: a few small numbers.
_KINDS = r"구분|방향|유형|종류|분류|종별"
# Columns of regions that hold their codes.
_REGIONS = r"시도|시군구|읍면동|법정동|행정동|행정구역|구군|자치구"
_FEW_DIGITS = r"^[0-9]{1,2}(?:\.0)?$"
_DIGITS, _SIGNS = r"^[0-9]+$", r"^\S*[0-9]\S*$"
_NEARLY_ALL, _MOST_KINDS, _LONGEST_RUNNING = 0.8, 30, 9


def is_code(name: str, texts: pa.Array) -> bool:
    """Tells whether texts that look like numbers are names, whose mean would say nothing.

    `texts` are distinct, in order of appearance, without those for no value.
    """
    facts = Facts(name, ColumnKind.TEXT, "", texts)
    if facts.ends_with(_KINDS):
        return len(texts) <= _MOST_KINDS and share_matching(texts, _FEW_DIGITS) == 1.0
    if facts.ends_with(_REGIONS):
        return all(find_region(text) for text in sample_of(texts).to_pylist())
    if not facts.ends_with(f"{_CODES}|{_NUMBERS}") or share_matching(sample_of(texts), _DIGITS) < 1.0:
        return False
    return facts.ends_with(_CODES) or not _are_running(facts)


def find_code(facts: Facts) -> Meaning | None:
    """Returns CODE for texts that are names, by the column's name or as they are digits alone; SERIAL for what runs."""
    if facts.kind is ColumnKind.INTEGER:
        return Meaning.SERIAL if facts.ends_with(_NUMBERS) and not facts.unit and _are_running(facts) else None
    if facts.kind is not ColumnKind.TEXT or not len(facts.values):
        return None
    if share_matching(facts.texts, _DIGITS) == 1.0 or (
        facts.ends_with(_KINDS) and share_matching(facts.texts, _FEW_DIGITS) == 1.0
    ):
        return Meaning.CODE
    is_named = facts.ends_with(f"{_CODES}|{_NUMBERS}")
    return Meaning.CODE if is_named and share_matching(facts.texts, _SIGNS) >= _NEARLY_ALL else None


def _are_running(facts: Facts) -> bool:
    """Tells whether values are 1, 2, 3, ... up or down. A column called just 연번 or so may skip some."""
    if pc.max(pc.binary_length(pc.cast(facts.values, pa.string()))).as_py() > _LONGEST_RUNNING:
        return False
    try:
        steps = np.diff(pc.cast(facts.values, pa.int64()).to_numpy())
    except pa.ArrowInvalid:
        return False
    bounds = pc.min_max(pc.cast(facts.values, pa.int64())).as_py()
    if facts.ends_with(_RUNNING) and len(facts.words) == 1:
        return bounds["min"] >= 0 and bool((steps > 0).all() or (steps < 0).all())
    return bounds["min"] in (0, 1) and bool((steps == 1).all() or (steps == -1).all())
