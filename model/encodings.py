"""Target encodings: the mean log1p(ECLO) of a label, shrunk towards the overall mean where there is little data."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from prediction_service.features import Column

FOLDS = 5
DECIMALS = 9
"""Decimals to round to, so that processors that differ in the last bit train the same model."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Level:
    """One encoding: column `name` for the labels of `source`, or for their first `words` words.

    `smoothing` is the weight, in records, of the overall mean.
    """

    name: str
    source: str
    smoothing: float
    words: int | None = None

    def groups(self, records: pd.DataFrame) -> dict[Any, str]:
        """Returns, for each label there is, the one that its records are grouped by."""
        return {label: " ".join(str(label).split(" ")[: self.words]) for label in records[self.source].unique()}

    def labels(self, records: pd.DataFrame) -> pd.Series:
        """Returns the label that each record is grouped by."""
        return records[self.source].map(self.groups(records)).astype("category")


def level_table(level: Level, records: pd.DataFrame, y: Floats, weight: Floats) -> Column:
    """Returns the column that looks up the levels of all records."""
    means, overall = _means(level, level.labels(records), y, weight)
    table = {str(label): means[group] for label, group in level.groups(records).items()}
    return Column(level.name, level.source, "table", table=table, default=overall)


def fold_levels(level: Level, records: pd.DataFrame, y: Floats, weight: Floats) -> Floats:
    """Returns each record's level from the records of the other folds."""
    labels = level.labels(records)
    folds = np.random.default_rng(0).integers(0, FOLDS, len(records))
    levels = np.empty(len(records))
    for fold in range(FOLDS):
        inside = folds == fold
        means, overall = _means(level, labels[~inside], y[~inside], weight[~inside])
        levels[inside] = labels[inside].map(means).astype(float).fillna(overall)
    return levels


def _means(level: Level, labels: pd.Series, y: Floats, weight: Floats) -> tuple[dict[str, float], float]:
    overall = round(float(np.average(y, weights=weight)), DECIMALS)
    sums = pd.DataFrame({"y": y * weight, "weight": weight}).groupby(labels.to_numpy(), observed=True).sum()
    means = (sums["y"] + level.smoothing * overall) / (sums["weight"] + level.smoothing)
    return {str(label): round(float(mean), DECIMALS) for label, mean in means.items()}, overall
