"""Converts the content of the predecessor's pickles to our two files, and names what they lack."""

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm

from model import train
from prediction_service.accident import FIELDS, NUMBER_RANGES, TIME_PERIODS, WEEKDAYS, Accident
from prediction_service.features import Column
from prediction_service.model import DESCRIPTION_FILE, MODEL_FILE, EcloModel

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
_BORROWED = ("cut_points", "prediction_quantiles", "ranges", "expected_factors")


class LegacyModelInvalid(Exception):
    """The predecessor's files lack something that the conversion needs; the message says what."""


@dataclass(frozen=True, slots=True)
class LegacyModel:
    """Content of the pickles: `inputs` in the order of the booster's columns, label classes of the encoded ones."""

    booster: str
    inputs: Sequence[str]
    classes: Mapping[str, Sequence[str]]


def convert(legacy: LegacyModel) -> dict[str, str]:
    """Returns the texts of our two files, by name. Raises `LegacyModelInvalid`."""
    if any(line == "is_linear=1" for line in legacy.booster.split("\n")):
        raise LegacyModelInvalid("The booster has linear leaves, which cannot be put into our order of columns.")
    order = [list(legacy.inputs).index(name) for name in _FIELD_NAMES]
    text = _with_columns(legacy.booster, order, _FIELD_NAMES)
    digest = hashlib.sha256(text.encode()).hexdigest()
    ours = json.loads((train.DIRECTORY / DESCRIPTION_FILE).read_text("utf-8"))
    columns = [_column(name, legacy.classes.get(name)) for name in _FIELD_NAMES]
    allowed = _allowed(legacy.classes)
    description: dict[str, Any] = {
        "version": f"legacy-1-{digest[:8]}",
        "sha256": digest,
        "trained_on": _TRAINED_ON,
        "training_rows": _rows_of_first_tree(legacy.booster),
        "allowed": allowed,
        "typical": {
            name: value if value in allowed.get(name, [value]) else allowed[name][0]
            for name, value in ours["typical"].items()
        },
        "columns": [train.column_to_json(column) for column in columns],
        "holidays": [],
    }
    if unknown := sorted(set(allowed["accident_type"]) - set(ours["ranges"])):
        raise LegacyModelInvalid(f"There is no range to borrow for {', '.join(unknown)}.")
    borrowed = f"taken from {ours['version']}, whose predictions they describe; no figure of this model was measured"
    origin = {
        "trained_on": "the span its makers name; the files do not",
        "training_rows": "rows that the first tree was grown on",
        ", ".join((*_BORROWED, "metrics")): borrowed,
    }
    description |= {name: ours[name] for name in _BORROWED} | {"metrics": [], "origin": origin}
    return {MODEL_FILE: text, DESCRIPTION_FILE: train.description_text(description)}


def differing(directory: Path, legacy: LegacyModel, rows: Sequence[Sequence[int]], scores: Sequence[float]) -> int:
    """Returns the number of rows for which the model in the folder predicts something else than the pickle."""
    estimates = EcloModel.load(directory).predict_many([_accident_of(row, legacy) for row in rows])
    return sum(estimate.eclo != math.expm1(score) for estimate, score in zip(estimates, scores, strict=True))


def _accident_of(row: Sequence[int], legacy: LegacyModel) -> Accident:
    values: dict[str, Any] = {}
    for name, code in zip(legacy.inputs, row, strict=True):
        label = legacy.classes[name][code] if name in legacy.classes else code
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


def _with_columns(text: str, order: Sequence[int], names: Sequence[str]) -> str:
    """Returns the model with its columns reordered: column `order[i]` becomes column i, called `names[i]`."""
    place = {str(old): str(new) for new, old in enumerate(order)}
    lines = []
    for line in text.split("\n\nfeature_importances:")[0].split("\n"):
        key, equals, value = line.partition("=")
        parts = value.split(" ")
        if key == "feature_names":
            parts = list(names)
        elif key in ("feature_infos", "monotone_constraints") and len(parts) == len(order):
            parts = [parts[old] for old in order]
        elif key == "split_feature" and value:
            parts = [place[part] for part in parts]
        elif key == "tree_sizes":
            continue  # outdated sizes of the trees; LightGBM computes them if the line is missing
        lines.append(key + equals + " ".join(parts))
    parameters = re.search(r"\nparameters:.*", text, re.DOTALL)
    return str(lightgbm.Booster(model_str="\n".join(lines) + (parameters[0] if parameters else "")).model_to_string())


def _rows_of_first_tree(booster: str) -> int:
    counts = next((line for line in booster.split("\n") if line.startswith("internal_count=")), "internal_count=0")
    return int(counts.partition("=")[2].split(" ")[0])
