"""Makes the predecessor's three files as it made them. Runs in the environment of scripts/import-legacy-model.

`legacy_pickles.py DIR ALLOWED` writes DIR/as_it_was and DIR/otherwise (columns in another order, numbers label-encoded
too), each with `expected.json`: accidents, and the log1p(ECLO) that the pickled model predicts for them.
"""

import json
import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from lightgbm import LGBMRegressor
from sklearn.preprocessing import LabelEncoder

NUMBERS = {"사고시": (0, 23), "사고연도": (2019, 2021), "사고월": (1, 12), "사고일": (1, 28)}
ROWS = 3000


def main(directory: Path, allowed: dict[str, list[str]]) -> None:
    random = np.random.default_rng(11)
    raw = pd.DataFrame(
        {name: random.choice(labels, ROWS) for name, labels in allowed.items()}
        | {name: random.integers(low, high + 1, ROWS) for name, (low, high) in NUMBERS.items()}
    )
    eclo = (
        1
        + 4 * (raw["사고유형"] == "차대차")
        + raw["시군구"].str.len() / 5
        + raw["사고시"] / 12
        + random.exponential(2, ROWS)
    )
    write(directory / "as_it_was", raw, eclo, list(allowed))
    write(directory / "otherwise", raw[raw.columns[::-1]], eclo, list(raw.columns))


def write(directory: Path, raw: pd.DataFrame, eclo: "pd.Series[float]", encoded: list[str]) -> None:
    directory.mkdir()
    encoders = {name: LabelEncoder().fit(raw[name]) for name in encoded}
    rows = raw.assign(**{name: encoder.transform(raw[name]) for name, encoder in encoders.items()})
    model = LGBMRegressor(n_estimators=60, learning_rate=0.05, verbose=-1, n_jobs=1, random_state=0)
    model.fit(rows, np.log1p(eclo))
    joblib.dump(model, directory / "accident_lgbm_model.pkl")
    joblib.dump(encoders, directory / "label_encoders.pkl")
    config = {"features": list(raw.columns), "categorical_features": encoded, "target_transform": "log1p"}
    (directory / "feature_config.json").write_text(json.dumps(config, ensure_ascii=False), "utf-8")
    expected = {
        "accidents": raw.iloc[:40].to_dict("records"),
        "scores": np.asarray(model.predict(rows.iloc[:40])).tolist(),
    }
    (directory / "expected.json").write_text(json.dumps(expected, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
