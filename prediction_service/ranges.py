"""The range that holds the ECLO of four in five comparable accidents (split conformal, by accident type and score)."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Residuals = Mapping[str, Sequence[float]]
"""`scores`, rising; and at each the residual, on the log1p scale, of the `low` and the `high` end."""


class EcloRanges:
    """Ranges round scores, from the residuals of each accident type."""

    def __init__(self, residuals_by_type: Mapping[str, Residuals]) -> None:
        self._by_type = {
            accident_type: tuple(np.asarray(residuals[name]) for name in ("scores", "low", "high"))
            for accident_type, residuals in residuals_by_type.items()
        }

    def around(self, scores: Floats, accident_types: Sequence[str]) -> tuple[Floats, Floats]:
        """Returns the low and the high ends, log1p(ECLO), for scores of shape (n,) and their n accident types."""
        lows, highs = np.empty_like(scores), np.empty_like(scores)
        present = set(accident_types)
        for accident_type in present:
            knots, low, high = self._by_type[accident_type]
            # With one type, which is the common case of a small group, the whole group needs no picking apart.
            members: slice | list[int] = (
                slice(None)
                if len(present) == 1
                else [i for i, kind in enumerate(accident_types) if kind == accident_type]
            )
            lows[members] = scores[members] + np.interp(scores[members], knots, low)
            highs[members] = scores[members] + np.interp(scores[members], knots, high)
        return lows, highs
