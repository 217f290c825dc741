"""A part of 시각화 as a page of its own."""

import json
from typing import Any

import pandas as pd
from streamlit.testing.v1 import AppTest

from tests.patience import PATIENCE_SECONDS
from tests.ui.screen import chart_of
from tests.unit.streamlit_client.kept_datasets import KeptDatasets


def _page(module: str, name: str, dataset_id: str) -> None:
    import importlib

    from streamlit_client import state
    from streamlit_client.explore.filters.page_question import current_question

    show = getattr(importlib.import_module(f"streamlit_client.explore.{module}"), name)
    show(state.datasets().get_profile(dataset_id), current_question())


def open_part(kept: KeptDatasets, show: Any, frame: pd.DataFrame, **address: Any) -> tuple[AppTest, str]:
    """Opens what a function draws of a dataset, with a question `q` or other values in the address."""
    dataset_id = kept.add(frame)
    module = show.__module__.rpartition(".")[2]
    at = AppTest.from_function(_page, args=(module, show.__name__, dataset_id), default_timeout=PATIENCE_SECONDS)
    for name, value in address.items():
        at.query_params[name] = value if isinstance(value, str) else json.dumps(value)
    at.run()
    assert not at.exception
    return at, dataset_id


def asked(at: AppTest) -> dict[str, Any]:
    """Returns the question in the address."""
    text = at.query_params.get("q", "{}")
    found: dict[str, Any] = json.loads(text if isinstance(text, str) else text[0])
    return found


def points_of(at: AppTest, key: str) -> list[tuple[Any, Any]]:
    """Returns the marks of the last line or bars of a chart."""
    trace = chart_of(at, key)[-1]
    return list(zip(trace["x"], trace["y"], strict=True))
