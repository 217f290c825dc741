"""Converts the content of the predecessor's pickles to our two files, and names what they lack."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
import pandas as pd

from model import train
from model.calibration import fit_expected_factors, fit_ranges
from model.legacy.booster_text import with_columns
from model.records import accidents
from prediction_service.accident import (
    FIELDS,
    NUMBER_RANGES,
    TIME_PERIODS,
    WEEKDAYS,
    Accident,
    InvalidAccident,
    Vocabulary,
)
from prediction_service.features import Calendar, Column, Encoder
from prediction_service.model import DESCRIPTION_FILE, MODEL_FILE, EcloModel
from prediction_service.severity import CUT_SHARES

# Possible names of each input in the predecessor's files.
INPUT_NAMES = {
    **{field.name: field.name for field in FIELDS},
    **{field.korean_name: field.name for field in FIELDS},
    "시간": "accident_hour",
    "연도": "accident_year",
    "연": "accident_year",
    "월": "accident_month",
    "일": "accident_day",
}
_TRAINED_ON = "2019-01-01/2021-12-31"
_DERIVED = {"time_period": TIME_PERIODS, "day_of_week": WEEKDAYS}
_FIELD_NAMES = tuple(field.name for field in FIELDS)
Floats = npt.NDArray[np.float64]


class LegacyModelInvalid(Exception):
    """The predecessor's files lack something that the conversion needs; the message says what."""


@dataclass(frozen=True, slots=True)
class Found:
    """Content of the pickles: `inputs` in the order of the booster's columns, label classes of the encoded ones."""

    booster: str
    inputs: Sequence[str]
    classes: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Unseen:
    """Accidents of years that the predecessor was not trained on, and the constant baseline."""

    records: pd.DataFrame
    constant: float
    years: str


def unseen_years(records: pd.DataFrame, first: int, last: int) -> Unseen:
    """Selects the records of the years; the baseline comes from the year before them."""
    years = records["accident_year"]
    before, picked = records[years == first - 1], records[(first <= years) & (years <= last)]
    if before.empty or picked.empty:
        raise LegacyModelInvalid(f"The data hold no accidents of {first - 1} or none of {first} to {last}.")
    return Unseen(picked.reset_index(drop=True), float(train.target(before).mean()), f"{first}-{last}")


def convert(found: Found, unseen: Unseen | None) -> dict[str, str]:
    """Returns the texts of our two files, by name. Raises `LegacyModelInvalid`."""
    if any(line == "is_linear=1" for line in found.booster.split("\n")):
        raise LegacyModelInvalid("The booster has linear leaves, which cannot be put into our order of columns.")
    order = [list(found.inputs).index(name) for name in _FIELD_NAMES]
    text = with_columns(found.booster, order, _FIELD_NAMES)
    digest = hashlib.sha256(text.encode()).hexdigest()
    ours = json.loads((train.DIRECTORY / DESCRIPTION_FILE).read_text("utf-8"))
    columns = [_column(name, found.classes.get(name)) for name in _FIELD_NAMES]
    allowed = _allowed(found.classes)
    description: dict[str, Any] = {
        "version": f"legacy-1-{digest[:8]}",
        "sha256": digest,
        "trained_on": _TRAINED_ON,
        "training_rows": _rows_of_first_tree(found.booster),
        "allowed": allowed,
        "typical": {
            name: value if value in allowed.get(name, [value]) else allowed[name][0]
            for name, value in ours["typical"].items()
        },
        "columns": [train.column_to_json(column) for column in columns],
        "holidays": [],
    }
    if unseen is None:
        values, note = _borrowed(ours, allowed["accident_type"])
    else:
        values, note = _measured(text, columns, Vocabulary(allowed), unseen)
    origin = {
        "trained_on": "the span its makers name; the files do not",
        "training_rows": "rows that the first tree was grown on",
        ", ".join(values): note,
    }
    return {MODEL_FILE: text, DESCRIPTION_FILE: train.description_text(description | values | {"origin": origin})}


def differing(directory: Path, found: Found, rows: Sequence[Sequence[int]], scores: Sequence[float]) -> int:
    """Returns the number of rows for which the model in the folder predicts something else than the pickle."""
    estimates = EcloModel.load(directory).predict_many([_accident_of(row, found) for row in rows])
    return sum(estimate.eclo != math.expm1(score) for estimate, score in zip(estimates, scores, strict=True))


def _accident_of(row: Sequence[int], found: Found) -> Accident:
    values: dict[str, Any] = {}
    for name, code in zip(found.inputs, row, strict=True):
        label = found.classes[name][code] if name in found.classes else code
        values[name] = int(label) if name in NUMBER_RANGES else label
    return Accident(**values)


def _column(name: str, classes: Sequence[str] | None) -> Column:
    if classes is None:
        if name not in NUMBER_RANGES:
            raise LegacyModelInvalid(f"There is no label encoder for {name}.")
        return Column(name, name, "number")
    if name not in NUMBER_RANGES:
        return Column(name, name, "table", table={label: float(code) for code, label in enumerate(classes)})
    # A label-encoded number: a value that the encoder lacks is treated as the nearest that it has.
    codes = {int(label): code for code, label in enumerate(classes)}
    low, high = NUMBER_RANGES[name]
    nearest = {number: min(codes, key=lambda known: (abs(known - number), known)) for number in range(low, high + 1)}
    return Column(name, name, "table", table={str(number): float(codes[known]) for number, known in nearest.items()})


def _allowed(classes: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    allowed = {field.name: list(classes[field.name]) for field in FIELDS if field.kind == "category"}
    for name, needed in _DERIVED.items():
        missing = sorted(set(needed) - set(allowed[name]))
        if missing:
            raise LegacyModelInvalid(f"The label encoder of {name} lacks {', '.join(missing)}.")
    return allowed


def _borrowed(ours: Mapping[str, Any], accident_types: Sequence[str]) -> tuple[dict[str, Any], str]:
    unknown = sorted(set(accident_types) - set(ours["ranges"]))
    if unknown:
        raise LegacyModelInvalid(f"There is no range to borrow for {', '.join(unknown)}; --data measures one.")
    note = (
        f"taken from {ours['version']}, whose predictions they describe; no figure of this model was measured (--data)"
    )
    borrowed = {name: ours[name] for name in ("cut_points", "prediction_quantiles", "ranges", "expected_factors")}
    return borrowed | {"metrics": []}, note


def _rows_of_first_tree(booster: str) -> int:
    counts = next((line for line in booster.split("\n") if line.startswith("internal_count=")), "internal_count=0")
    return int(counts.partition("=")[2].split(" ")[0])


def _measured(
    text: str, columns: Sequence[Column], vocabulary: Vocabulary, unseen: Unseen
) -> tuple[dict[str, Any], str]:
    asked, kept = [], []
    for index, accident in enumerate(accidents(unseen.records)):
        try:
            asked.append(vocabulary.read(accident).accident)
        except InvalidAccident:
            continue
        kept.append(index)
    if not kept:
        raise LegacyModelInvalid(f"The model knows the labels of none of the accidents of {unseen.years}.")
    rows = Encoder(columns, Calendar(())).encode(asked)
    scores = np.asarray(lightgbm.Booster(model_str=text).predict(rows, num_threads=1))
    known = unseen.records.iloc[kept]
    y = train.target(known)
    eclo = np.expm1(scores)
    ranges = fit_ranges(known, eclo)
    missing = sorted(set(vocabulary.allowed["accident_type"]) - set(ranges))
    if missing:
        raise LegacyModelInvalid(f"The data hold no accident of the type {', '.join(missing)} for its range.")
    error, flat = train.rmsle(scores, y), train.rmsle(unseen.constant, y)
    scale = f"log scale, {unseen.years}, which the model was not trained on"
    metrics = [
        {"name": "rmsle", "value": round(error, 5), "note": scale},
        {"name": "rmsle_constant", "value": round(flat, 5), "note": f"{scale}; geometric mean of the year before"},
        {"name": "better_than_constant", "value": round(1 - error / flat, 5), "note": "share of the constant's RMSLE"},
    ]
    measured = {
        "cut_points": train.eclo_quantiles(eclo, CUT_SHARES),
        "prediction_quantiles": train.eclo_quantiles(eclo, np.linspace(0, 1, 101)),
        "ranges": ranges,
        "expected_factors": {"last_trained_year": 0, "trained": {}, "later": fit_expected_factors(known, eclo)},
        "metrics": metrics,
    }
    note = f"measured on {len(kept)} accidents of {unseen.years}, which it was not trained on"
    skipped = len(unseen.records) - len(kept)
    return measured, note + (f"; {skipped} more have labels that it does not know" if skipped else "")
