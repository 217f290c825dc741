import os
from pathlib import Path

import pandas as pd
import pytest

from model.records import read_records

_REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def data_directory() -> Path:
    """The folder of the real public data; the test is skipped where it is absent."""
    directory = Path(os.environ.get("DATA_DIR", _REPOSITORY / ".." / "shared" / "data"))
    if not (directory / "daegu_accidents_2019_2020.csv").exists():
        pytest.skip(f"The public accident records are not in {directory}; DATA_DIR names their folder.")
    return directory


@pytest.fixture(scope="session")
def real_records(data_directory: Path) -> pd.DataFrame:
    """All police records, read once."""
    return read_records(data_directory)
