"""The contributions that move one prediction away from the average accident."""

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from streamlit_client import texts
from streamlit_client.backend.contract import Contribution, Prediction
from streamlit_client.charts.style import PlainFigure, styled, titled
from streamlit_client.theme import LOWERS, RAISES, TOTAL

_MOST_BARS = 6
_ROW_HEIGHT = 36


class Step(NamedTuple):
    """One bar: its label and its change of log1p(ECLO)."""

    label: str
    change: float


def steps(contributions: Sequence[Contribution]) -> list[Step]:
    """Returns the strongest contributions in descending order, and the rest as one; their sum is unchanged."""
    by_strength = sorted(contributions, key=lambda part: -abs(part.contribution))
    shown, rest = by_strength[:_MOST_BARS], by_strength[_MOST_BARS:]
    bars = [
        Step(texts.CONTRIBUTION.format(name=part.name, value=_short(part.value)), part.contribution) for part in shown
    ]
    if rest:
        bars.append(Step(texts.OTHERS.format(count=len(rest)), math.fsum(part.contribution for part in rest)))
    return bars


def waterfall(prediction: Prediction, base_score: float, raw_score: float) -> PlainFigure:
    """Draws the steps from the average accident to this one on a log1p(ECLO) axis, labelled in ECLO."""
    bars = steps(prediction.contributions or ())
    running = list(itertools.accumulate((bar.change for bar in bars), initial=base_score))
    changes = _eclo_changes(running)
    trace = {
        "type": "waterfall",
        "orientation": "h",
        "y": [texts.TYPICAL_ACCIDENT, *(bar.label for bar in bars), texts.THIS_ACCIDENT],
        "x": [base_score, *(bar.change for bar in bars), raw_score],
        "measure": ["absolute", *["relative"] * len(bars), "total"],
        "text": [f"{math.expm1(base_score):.2f}", *(f"{change:+.2f}" for change in changes), f"{prediction.eclo:.2f}"],
        "textposition": "outside",
        "customdata": ["", *(texts.CONTRIBUTION_HOVER.format(change=bar.change) for bar in bars), ""],
        "hovertemplate": "%{y}<br>%{text}<br>%{customdata}<extra></extra>",
        "increasing": {"marker": {"color": RAISES}},
        "decreasing": {"marker": {"color": LOWERS}},
        "totals": {"marker": {"color": TOTAL}},
        "connector": {"line": {"width": 1, "color": TOTAL, "dash": "dot"}},
        "cliponaxis": False,
    }
    low, high = min(*running, raw_score), max(*running, raw_score)
    margin = max(0.02, (high - low) * 0.35)
    ticks = _round_eclos(math.expm1(low - margin), math.expm1(high + margin))
    axis = {
        "range": [low - margin, high + margin],
        "tickvals": [math.log1p(tick) for tick in ticks],
        "ticktext": [f"{tick:g}" for tick in ticks],
        "zeroline": False,
    }
    return styled(
        trace,
        height=_ROW_HEIGHT * (len(bars) + 2) + 56,
        xaxis=axis | titled(texts.ECLO),
        yaxis={"autorange": "reversed", "automargin": True, "showgrid": False},
    )


def waterfall_in_words(prediction: Prediction, base_score: float) -> str:
    """Describes the waterfall as a sentence."""
    bars = steps(prediction.contributions or ())
    changes = _eclo_changes(itertools.accumulate((bar.change for bar in bars), initial=base_score))
    changes_text = ", ".join(f"{bar.label} {change:+.2f}" for bar, change in zip(bars, changes, strict=True))
    return texts.WHY_ALT.format(average=math.expm1(base_score), steps=changes_text, eclo=prediction.eclo)


def _eclo_changes(running: Iterable[float]) -> list[float]:
    return [math.expm1(after) - math.expm1(before) for before, after in itertools.pairwise(running)]


def _short(value: str) -> str:
    """Returns the distinctive part of a label, without the city and the kind of road."""
    return value.rpartition(" - ")[2].removeprefix(texts.CITY_PREFIX)


def _round_eclos(low: float, high: float) -> list[float]:
    width = next((width for width in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0) if (high - low) / width <= 7), 10.0)
    first = math.ceil(low / width)
    return [round(step * width, 1) for step in range(first, math.floor(high / width) + 1)]
