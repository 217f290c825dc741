"""Datasets in memory in the place of the gateway's, with who holds and who has seen them."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import pandas as pd
import pyarrow as pa

from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.aggregate import aggregate
from dataset_service.analysis.question.facets import count_facets
from dataset_service.analysis.question.rows import find_rows
from dataset_service.question_convert import facets_to_proto
from gateway.views.question import facets
from servicekit.errors import ToolRefused
from servicekit.question import Question
from streamlit_client.backend.contract import MOST_COUNTED
from streamlit_client.backend.contract_datasets import (
    Column,
    ColumnType,
    Coordinates,
    Dataset,
    DatasetPage,
    NewShareLink,
    Profile,
    RegionColumns,
    SharedDataset,
    ShareLink,
    SharePage,
)
from streamlit_client.backend.contract_questions import Aggregate, Facets
from streamlit_client.backend.gateway_client import GatewayRefused
from tests.unit.streamlit_client.samples import PROFILE

NOW = datetime(2026, 1, 1, tzinfo=UTC)
POSITION = ("위도", "경도")
Answer = TypeVar("Answer")


class KeptDatasets:
    """Answers like `DatasetCalls`, newest first; questions with the engine of the service.

    `asked` has the name of each call with a question, and the question.
    """

    def __init__(self) -> None:
        self.frames: dict[str, pd.DataFrame] = {}
        self.known: dict[str, dict[str, Any]] = {}
        """By name of a column what is known of it, in all datasets."""
        self.regions: RegionColumns | None = None
        """The columns with regions of all datasets."""
        self.names: dict[str, str] = {}
        self.leases: set[tuple[str, str]] = set()
        self.links: list[NewShareLink] = []
        self.asked: list[tuple[str, Question]] = []

    def add(self, frame: pd.DataFrame, name: str = "자료") -> str:
        dataset_id = str(uuid4())
        self.frames[dataset_id], self.names[dataset_id] = frame, name
        return dataset_id

    def list(self, *, limit: int = 20, after: str | None = None) -> DatasetPage:
        ids = list(reversed(self.frames))
        first = int(after or 0)
        page = [self.get_profile(dataset_id) for dataset_id in ids[first : first + limit]]
        following = str(first + limit) if first + limit < len(ids) else None
        return DatasetPage(datasets=tuple(page), total=min(len(ids), MOST_COUNTED), next=following)

    def get_profile(self, dataset_id: str) -> Profile:
        if dataset_id not in self.frames:
            raise GatewayRefused("데이터셋을 찾을 수 없습니다.", "request", status=404, code="DATASET_NOT_FOUND")
        return Profile(**self._fields(dataset_id))

    def delete(self, dataset_id: str) -> Dataset:
        profile = self.get_profile(dataset_id)
        del self.frames[dataset_id]
        return profile

    def read_data(
        self, dataset_id: str, *, columns: Sequence[str] | None = None, limit: int = 0, offset: int = 0
    ) -> pa.Table:
        frame = self.frames[dataset_id].iloc[offset : offset + limit if limit else None]
        return pa.Table.from_pandas(frame if columns is None else frame[list(columns)], preserve_index=False)

    def read_csv(self, dataset_id: str, guard: str = "on") -> bytes:
        return b""

    def count_rows(self, dataset_id: str, question: Question) -> int:
        return self._ask("count_rows", dataset_id, question, lambda frame: find_rows(frame, question, 0).total)

    def query_rows(self, dataset_id: str, question: Question) -> pa.Table:
        return self._ask(
            "query_rows", dataset_id, question, lambda frame: find_rows(frame, question, question.offset).table
        )

    def aggregate(self, dataset_id: str, question: Question) -> Aggregate:
        found = self._ask("aggregate", dataset_id, question, lambda frame: aggregate(frame, question))
        return Aggregate.model_validate({"result": found.text, **asdict(found)})

    def count_facets(self, dataset_id: str, question: Question) -> Facets:
        found = self._ask("count_facets", dataset_id, question, lambda frame: count_facets(frame, question))
        return Facets.model_validate(facets(facets_to_proto(found)))

    def _ask(self, name: str, dataset_id: str, question: Question, answer: Callable[[Frame], Answer]) -> Answer:
        self.asked.append((name, question))
        table = pa.Table.from_pandas(self.frames[dataset_id], preserve_index=False)
        try:
            return answer(Frame(table))
        except ToolRefused as refused:
            raise GatewayRefused(refused.message, "request", status=422, code="QUESTION_REFUSED") from refused

    def acquire_lease(self, dataset_id: str, session_id: str) -> None:
        self.leases.add((dataset_id, session_id))

    def release_lease(self, dataset_id: str, session_id: str) -> None:
        self.leases.discard((dataset_id, session_id))

    def share(self, dataset_id: str) -> NewShareLink:
        link = NewShareLink(
            link_id=str(uuid4()),
            created_at=NOW,
            expires_at=datetime.now(UTC) + timedelta(days=7),
            revoked_at=None,
            views=0,
            share_url=f"http://localhost/?share={dataset_id}",
        )
        self.links.insert(0, link)
        return link

    def list_links(self, dataset_id: str, *, limit: int, after: str | None = None) -> SharePage:
        first = int(after or 0)
        following = str(first + limit) if first + limit < len(self.links) else None
        return SharePage(links=tuple(self.links[first : first + limit]), next=following)

    def revoke_link(self, dataset_id: str, link_id: str) -> ShareLink:
        (place,) = (index for index, link in enumerate(self.links) if link.link_id == link_id)
        self.links[place] = self.links[place].model_copy(update={"revoked_at": NOW})
        return self.links[place]

    def check_link(self, token: str) -> None:
        assert token in self.frames

    def open_link(self, token: str) -> SharedDataset:
        return SharedDataset(**self._fields(token) | {"link_id": str(uuid4()), "expires_at": NOW})

    def _fields(self, dataset_id: str) -> dict[str, Any]:
        frame = self.frames[dataset_id]
        columns = tuple(_column(frame[name]).model_copy(update=self.known.get(str(name), {})) for name in frame.columns)
        return dict(PROFILE) | {
            "dataset_id": dataset_id,
            "name": self.names[dataset_id],
            "rows": len(frame),
            "columns": len(columns),
            "columns_info": columns,
            "date_columns": tuple(column.name for column in columns if column.type == "date"),
            "regions": self.regions,
            "coordinates": Coordinates(latitude=POSITION[0], longitude=POSITION[1]) if POSITION[0] in frame else None,
        }


def _column(values: pd.Series) -> Column:
    kind: ColumnType = "number" if pd.api.types.is_numeric_dtype(values) else "text"
    maximum = None
    if pd.api.types.is_datetime64_any_dtype(values):
        kind = "date"
        maximum = str(values.max()) if (values.dropna().dt.hour != 0).any() else f"{values.max():%Y-%m-%d}"
    return Column(
        name=str(values.name),
        type=kind,
        unique=values.nunique(),
        missing=int(values.isna().sum()),
        sample=(),
        minimum=None,
        maximum=maximum,
    )
