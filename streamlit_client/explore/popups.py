"""What the popup of a point on a map says: the cells of its row."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from streamlit_client import texts_explore
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.charts.categories import as_categories
from streamlit_client.charts.data_map import PopupColumn

_MOST_FIELDS, _LONGEST_VALUE = 12, 80


def popup_fields(profile: Profile) -> list[str]:
    """Returns the columns of a popup: time, kind and severity first, then the others in their order."""
    pair = profile.coordinates
    positions = () if pair is None else (pair.latitude, pair.longitude)
    repeated = texts_explore.REPEATS_OF_DATE if _has_times(profile) else ()
    names = [name for name in profile.names() if name not in (*positions, *repeated)]
    first = [name for name in (*texts_explore.POPUP_FIRST, *profile.date_columns) if name in names]
    return list(dict.fromkeys([*first, *names]))[:_MOST_FIELDS]


def popup_frame(frame: pd.DataFrame, profile: Profile) -> pd.DataFrame:
    """Returns the columns of popups, with periods by their names and not as days."""
    known = [column for column in profile.columns_info if column.precision and column.name in frame]
    return frame.assign(**{column.name: as_categories(frame[column.name], column) for column in known})


def popup_columns(frame: pd.DataFrame, rows: npt.NDArray[np.int64]) -> list[PopupColumn]:
    """Returns the popup columns of these rows, with each distinct short text once."""
    columns = []
    for name in frame.columns:
        codes, values = pd.factorize(frame[name].iloc[rows])
        columns.append(PopupColumn(str(name), _cell_texts(pd.Series(values)), codes))
    return columns


def popup_table(columns: Sequence[PopupColumn]) -> pd.DataFrame:
    """Returns the content of the popups as a table with a row per point."""
    return pd.DataFrame({column.label: column.cells() for column in columns})


def _has_times(profile: Profile) -> bool:
    return any(column.type == "date" and ":" in (column.maximum or "") for column in profile.columns_info)


def _cell_texts(values: pd.Series) -> list[str]:
    if pd.api.types.is_datetime64_any_dtype(values):
        pattern = "%Y-%m-%d %H:%M" if (values.dropna().dt.hour != 0).any() else "%Y-%m-%d"
        return [str(text) for text in values.dt.strftime(pattern)]
    if pd.api.types.is_float_dtype(values):
        return [f"{value:.10g}" for value in values.tolist()]
    return [str(value)[:_LONGEST_VALUE] for value in values]
