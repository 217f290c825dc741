"""The page's calls to the gateway about datasets, links and tools."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from typing import Any, Literal

import pyarrow as pa

from servicekit.question import Question
from streamlit_client.backend.contract_datasets import (
    Dataset,
    DatasetPage,
    NewShareLink,
    Profile,
    ReadingPreview,
    SharedDataset,
    ShareLink,
    SharePage,
    Tool,
    ToolResult,
)
from streamlit_client.backend.contract_questions import Aggregate, Facets
from streamlit_client.backend.gateway_client import GatewayClient

_DATASET, _UPLOAD = "/api/datasets/{}", "/api/datasets/upload"
_UPLOAD_SECONDS = 90.0
_FORM_HEADERS = ("content-type", "content-length", "idempotency-key")
_CLIENT_HEADER = "X-Client-Id"


class DatasetCalls:
    """One method per dataset operation of the gateway. Raises only `GatewayError`."""

    def __init__(self, gateway: GatewayClient) -> None:
        self._gateway = gateway

    async def pass_on(
        self, form: AsyncIterable[bytes], headers: Mapping[str, str], *, encoding: str | None, is_temporary: bool
    ) -> str:
        """Passes on a form with a CSV file while it arrives, and returns the id of the dataset.

        The headers have the content type and the idempotency key. A temporary dataset is deleted after a day.
        """
        return await self._gateway.pass_on(
            _UPLOAD,
            form,
            part="dataset_id",
            parameters={"encoding": encoding or None, "temporary": "true" if is_temporary else None},
            headers={name: headers[name] for name in _FORM_HEADERS if name in headers},
            answer_seconds=_UPLOAD_SECONDS,
        )

    def list(self, *, limit: int = 20, after: str | None = None) -> DatasetPage:
        """Returns datasets, newest first, from the `next` of the page before on."""
        return self._gateway.ask(DatasetPage, "GET", "/api/datasets", parameters={"limit": limit, "after": after})

    def get_profile(self, dataset_id: str) -> Profile:
        """Returns a dataset and the profile of its columns."""
        return self._gateway.ask(Profile, "GET", f"{_DATASET}/profile", dataset_id)

    def change(self, dataset_id: str, *, name: str, description: str) -> Dataset:
        """Changes name and description."""
        body = {"name": name, "description": description}
        return self._gateway.ask(Dataset, "PATCH", _DATASET, dataset_id, body=body)

    def keep(self, dataset_id: str) -> Dataset:
        """Keeps a temporary dataset."""
        return self._gateway.ask(Dataset, "PATCH", _DATASET, dataset_id, body={"keep": True})

    def delete(self, dataset_id: str) -> Dataset:
        """Deletes a dataset. Refused with code DATASET_IN_USE while it is in use."""
        return self._gateway.ask(Dataset, "DELETE", _DATASET, dataset_id)

    def reread(self, dataset_id: str, changes: Mapping[str, Any]) -> Profile:
        """Reads the original file again with other parts of its reading; None finds a part again."""
        return self._gateway.ask(Profile, "POST", f"{_DATASET}/reread", dataset_id, body=changes)

    def preview_reading(self, dataset_id: str, changes: Mapping[str, Any]) -> ReadingPreview:
        """Returns how the file would be read with other parts, and stores nothing."""
        return self._gateway.ask(ReadingPreview, "POST", f"{_DATASET}/reading/preview", dataset_id, body=changes)

    def read_data(
        self, dataset_id: str, *, columns: Sequence[str] | None = None, limit: int = 0, offset: int = 0
    ) -> pa.Table:
        """Returns the data, or some of its columns and rows; text columns are dictionaries."""
        parameters = {"format": "arrow", "limit": limit, "offset": offset, "columns": columns and [*columns]}
        return self._gateway.fetch("GET", f"{_DATASET}/data", dataset_id, parse=_read_arrow, parameters=parameters)

    def read_csv(self, dataset_id: str, guard: Literal["on", "off"] = "on") -> bytes:
        """Returns the data as CSV for Korean Excel; without `guard`, cells that Excel would run are as they were."""
        parameters = {"format": "csv", "guard": guard}
        return self._gateway.fetch("GET", f"{_DATASET}/data", dataset_id, parameters=parameters)

    def count_rows(self, dataset_id: str, question: Question) -> int:
        """Returns the number of rows that a question leaves. Refused with code QUESTION_REFUSED, as the next three."""
        body = _body(question.model_copy(update={"limit": 1}))
        return self._gateway.ask(int, "POST", f"{_DATASET}/query", dataset_id, part="total", body=body)

    def query_rows(self, dataset_id: str, question: Question) -> pa.Table:
        """Returns the rows that a question leaves, all if its limit is 0; text columns are dictionaries."""
        options: dict[str, Any] = {"parameters": {"format": "arrow"}, "body": _body(question)}
        return self._gateway.fetch("POST", f"{_DATASET}/query", dataset_id, parse=_read_arrow, **options)

    async def stream_rows(
        self, dataset_id: str, question: Question, file_format: str
    ) -> tuple[Mapping[str, str], AsyncIterator[bytes]]:
        """Returns the headers and the bytes of a file of rows, `csv` for Korean Excel or `arrow`, while they come."""
        options: dict[str, Any] = {"parameters": {"format": file_format}, "body": _body(question)}
        return await self._gateway.stream("POST", f"{_DATASET}/query", dataset_id, **options)

    def aggregate(self, dataset_id: str, question: Question) -> Aggregate:
        """Returns the measures of a question by its groups."""
        return self._gateway.ask(Aggregate, "POST", f"{_DATASET}/aggregate", dataset_id, body=_body(question))

    def count_facets(self, dataset_id: str, question: Question) -> Facets:
        """Returns the values of the columns of a question, each under the conditions on the other columns."""
        return self._gateway.ask(Facets, "POST", f"{_DATASET}/facets", dataset_id, body=_body(question))

    def acquire_lease(self, dataset_id: str, session_id: str) -> None:
        """Acquires a lease of 90 seconds for this session."""
        self._gateway.fetch("PUT", f"{_DATASET}/lease", dataset_id, headers={_CLIENT_HEADER: session_id})

    def release_lease(self, dataset_id: str, session_id: str) -> None:
        """Releases the lease of this session."""
        self._gateway.fetch("DELETE", f"{_DATASET}/lease", dataset_id, headers={_CLIENT_HEADER: session_id})

    def share(self, dataset_id: str) -> NewShareLink:
        """Creates a link that is valid for seven days."""
        return self._gateway.ask(NewShareLink, "POST", f"{_DATASET}/share", dataset_id)

    def list_links(self, dataset_id: str, *, limit: int, after: str | None = None) -> SharePage:
        """Returns links of a dataset, newest first, from the `next` of the page before on."""
        parameters = {"limit": limit, "after": after}
        return self._gateway.ask(SharePage, "GET", f"{_DATASET}/share", dataset_id, parameters=parameters)

    def revoke_link(self, dataset_id: str, link_id: str) -> ShareLink:
        """Revokes a link."""
        return self._gateway.ask(ShareLink, "DELETE", f"{_DATASET}/share/{{}}", dataset_id, link_id)

    def open_link(self, token: str) -> SharedDataset:
        """Returns the dataset of a link. Refused with code SHARE_LINK_EXPIRED once the link has expired."""
        return self._gateway.ask(SharedDataset, "GET", "/api/shared/{}", token)

    def check_link(self, token: str) -> None:
        """Is refused as `open_link` is once the link is not valid any more. Counts no view."""
        self._gateway.fetch("GET", "/api/shared/{}", token, parameters={"look": "true"})

    def list_tools(self) -> Sequence[Tool]:
        """Returns the analysis tools in their fixed order."""
        return self._gateway.ask(list[Tool], "GET", "/api/tools", part="tools")

    def run_tool(self, dataset_id: str, name: str, arguments: Mapping[str, Any]) -> ToolResult:
        """Runs a tool on a dataset."""
        body = {"args": dict(arguments)}
        return self._gateway.ask(ToolResult, "POST", f"{_DATASET}/tools/{{}}", dataset_id, name, body=body)


def _body(question: Question) -> dict[str, Any]:
    return question.model_dump(mode="json", exclude_defaults=True)


def _read_arrow(content: bytes) -> pa.Table:
    return pa.ipc.open_stream(pa.BufferReader(content)).read_all()
