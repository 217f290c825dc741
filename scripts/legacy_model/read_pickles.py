"""Writes the content of the predecessor's pickles as JSON.

Runs in a separate environment, and imports none of our modules. Unpickling can run any code: only for files you trust.
"""

import json
import sys
from pathlib import Path
from typing import Any

import joblib
import lightgbm
import numpy as np
import pandas as pd

MODEL, ENCODERS, CONFIG = "accident_lgbm_model.pkl", "label_encoders.pkl", "feature_config.json"
_CHECKED_ROWS = 500
_NUMBERS = {"hour": (0, 23), "year": (2007, 2030), "month": (1, 12), "day": (1, 31)}


def main(directory: Path, inputs: dict[str, str], out: Path) -> None:
    """Reads the three files; `inputs` maps the names that an input may have there to ours."""
    config = json.loads((directory / CONFIG).read_text("utf-8"))
    model = joblib.load(directory / MODEL)
    booster = getattr(model, "booster_", model)
    if not isinstance(booster, lightgbm.Booster):
        sys.exit(f"{MODEL} holds a {type(model).__name__}; a LightGBM model is expected.")
    if booster.pandas_categorical:
        sys.exit(f"{MODEL} was trained on pandas categories; label-encoded numbers are expected.")
    names = _input_names(booster.feature_name(), config, inputs)
    classes = {
        inputs[name]: [str(label) for label in encoder.classes_]
        for name, encoder in joblib.load(directory / ENCODERS).items()
        if inputs.get(name) in map(inputs.get, names)
    }
    rows = _some_rows([inputs[name] for name in names], classes)
    # Called as the predecessor did: one column per input, under the names it was trained with.
    scores = np.asarray(model.predict(pd.DataFrame(rows, columns=booster.feature_name())), dtype=np.float64)
    content: dict[str, Any] = {
        "booster": booster.model_to_string(),
        "inputs": [inputs[name] for name in names],
        "classes": classes,
        "rows": rows.tolist(),
        "scores": scores.tolist(),
    }
    out.write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def _input_names(booster_names: list[str], config: Any, inputs: dict[str, str]) -> list[str]:
    for names in (booster_names, *_lists(config)):
        if len(names) == len(set(inputs.values())) and {inputs.get(name) for name in names} == set(inputs.values()):
            return names
    sys.exit(f"Neither {MODEL} nor {CONFIG} names the eleven inputs; they name {booster_names}.")


def _lists(value: Any) -> list[list[str]]:
    if isinstance(value, dict):
        return [names for part in value.values() for names in _lists(part)]
    return [value] if isinstance(value, list) and all(isinstance(part, str) for part in value) else []


def _some_rows(names: list[str], classes: dict[str, list[str]]) -> Any:
    random = np.random.default_rng(0)
    ranges = [(0, len(classes[name]) - 1) if name in classes else _NUMBERS[name.split("_")[1]] for name in names]
    return np.column_stack([random.integers(low, high + 1, _CHECKED_ROWS) for low, high in ranges])


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]), Path(sys.argv[3]))
