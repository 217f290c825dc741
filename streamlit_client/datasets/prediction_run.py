"""The state of a running prediction of a dataset, and its encoding for a cookie."""

from dataclasses import dataclass

from streamlit_client.files.csv_columns import SOURCES, Columns, missing_sources
from streamlit_client.files.csv_file import CsvTable

_SPLIT, _IS = ".", "="


@dataclass(frozen=True, slots=True)
class PredictionRun:
    """The version of the dataset, the column of each source, and the batches so far in the order of the rows."""

    dataset_id: str
    content_hash: str
    columns: Columns
    batch_ids: tuple[str, ...] = ()

    def fits(self, table: CsvTable) -> bool:
        """Whether the columns exist in the table and are enough to read its rows."""
        is_within = all(index < len(table.columns) for index in self.columns.values())
        return is_within and not missing_sources(table, self.columns)


def encode_run(run: PredictionRun) -> str:
    """Encodes the run as letters, digits, `-`, `_`, `.` and `=`, with 37 characters per batch."""
    columns = (f"{source}{_IS}{index}" for source, index in run.columns.items())
    return _SPLIT.join([run.dataset_id, run.content_hash, *columns, *run.batch_ids])


def decode_run(text: str) -> PredictionRun | None:
    """Decodes a run; None if the text is invalid."""
    dataset_id, _, others = text.partition(_SPLIT)
    content_hash, *parts = others.split(_SPLIT)
    columns = {}
    for source, _, index in (part.partition(_IS) for part in parts if _IS in part):
        if source not in SOURCES or not index.isdecimal():
            return None
        columns[source] = int(index)
    batch_ids = tuple(part for part in parts if _IS not in part)
    if not dataset_id or not columns or not all(batch_ids):
        return None
    return PredictionRun(dataset_id, content_hash, columns, batch_ids)
