"""Varied accidents for requests: a constant body would make every server look faster."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from prediction_service.accident import UNTRAINED_DISTRICTS, WEEKDAYS, Accident, time_period_of
from prediction_service.features import Calendar, Column, Encoder
from prediction_service.model import DESCRIPTION_FILE
from scripts.benchmarks.processes import REPOSITORY

_FIRST_DAY, _DAYS = date(2019, 1, 1), 2190


def description() -> dict[str, Any]:
    """Returns the committed description of the model."""
    return dict(json.loads((REPOSITORY / "model" / DESCRIPTION_FILE).read_text("utf-8")))


def varied_accidents(count: int) -> list[Accident]:
    """Returns accidents with random labels, dates and hours, from a fixed seed."""
    random = np.random.default_rng(1)
    allowed = description()["allowed"]
    districts = [name for name in allowed["district"] if name not in UNTRAINED_DISTRICTS]

    def any_of(labels: Sequence[str]) -> str:
        return labels[int(random.integers(len(labels)))]

    accidents = []
    for _ in range(count):
        day = _FIRST_DAY + timedelta(days=int(random.integers(_DAYS)))
        hour = int(random.integers(24))
        accidents.append(
            Accident(
                any_of(allowed["weather"]),
                any_of(allowed["road_surface"]),
                any_of(allowed["road_type"]),
                any_of(allowed["accident_type"]),
                time_period_of(hour),
                any_of(districts),
                WEEKDAYS[day.weekday()],
                hour,
                day.year,
                day.month,
                day.day,
            )
        )
    return accidents


def rest_bodies(accidents: Sequence[Accident]) -> list[str]:
    """Returns the bodies of POST /api/predict/eclo."""
    return [json.dumps(accident._asdict(), ensure_ascii=False) for accident in accidents]


def encoded_rows(accidents: Sequence[Accident]) -> list[list[float]]:
    """Returns the accidents as encoded rows, for a server that takes only numbers."""
    said = description()
    holidays = [date.fromisoformat(day) for day in said["holidays"]]
    rows: list[list[float]] = (
        Encoder([Column(**column) for column in said["columns"]], Calendar(holidays)).encode(accidents).tolist()
    )
    return rows
