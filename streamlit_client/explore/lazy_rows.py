"""Rows that a table fetches from the gateway while it is scrolled or sorted.

Streamlit asks such a source for ranges of rows, but has no public way to give it one yet: `serve_rows_lazily` adds ours
to the kinds of objects that it knows.
"""

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
from streamlit.dataframe import lazy_df_adapters
from streamlit.dataframe.lazy_df_source import AccessMode, SortSpec
from streamlit.runtime.dataframe_source_manager import DataframeSourceError

from servicekit.question import Question, Sort
from streamlit_client import state
from streamlit_client.backend.gateway_client import GatewayError

PAGE_ROWS = 1_000
"""Rows of a range that Streamlit asks for; tables up to this length are sent whole."""


@dataclass(frozen=True, slots=True)
class LazyRows:
    """The rows that a question leaves. Only the first ones are in memory, which all sessions share."""

    dataset_id: str
    question: Question
    row_count: int
    first: pa.Table
    sortable = True
    access_mode = AccessMode.RANDOM_ACCESS

    @property
    def schema(self) -> pa.Schema:
        """The schema of all ranges."""
        return self.first.schema

    def load_rows(self, offset: int, limit: int, *, sort: SortSpec | None = None) -> pa.Table:
        """Returns a range of rows. Streamlit calls it outside of a run of the page, and shows what is raised."""
        if (sort is None and offset + limit <= self.first.num_rows) or limit == 0:
            return self.first.slice(offset, limit)
        order = () if sort is None else (Sort(column=sort.column, descending=sort.descending),)
        try:
            return fetch_rows(self.dataset_id, self.question, offset=offset, limit=limit, sort=order)
        except GatewayError as error:
            raise DataframeSourceError(error.sentence) from error

    def to_pandas(self) -> pd.DataFrame:
        """Returns the first rows, for a table that is sent whole."""
        frame: pd.DataFrame = self.first.to_pandas()
        return frame


def fetch_rows(dataset_id: str, question: Question, **parts: object) -> pa.Table:
    """Returns rows with their texts as they are: dictionaries would differ from range to range."""
    table = state.datasets().query_rows(dataset_id, question.model_copy(update=parts))
    plain = [
        field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(plain))


def serve_rows_lazily() -> None:
    """Lets `st.dataframe` take `LazyRows`."""
    lazy_df_adapters.try_create_native_source = lambda data: data if isinstance(data, LazyRows) else None
