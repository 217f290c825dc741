"""The one table of refusals, read from refusals.toml (ADR 10)."""

import tomllib
from pathlib import Path
from typing import NamedTuple


class Refusal(NamedTuple):
    """How a reason is answered: by the gateway, by a service (the name of its gRPC code), and in Korean for people."""

    status: int
    code: str
    sentence: str


_ROWS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
REFUSALS = {reason: Refusal(status, code or "INTERNAL", sentence) for reason, (status, code, sentence) in _ROWS.items()}


def refusal_of(reason: str) -> Refusal:
    """Returns the row of a reason; that of `INTERNAL` for one that a newer version added."""
    return REFUSALS.get(reason, REFUSALS["INTERNAL"])
