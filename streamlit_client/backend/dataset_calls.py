"""The page's calls to the gateway about datasets, links and tools."""

import io
from collections.abc import AsyncIterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import orjson
import pyarrow as pa
from pydantic import TypeAdapter

from streamlit_client.backend.contract_datasets import (
    Dataset,
    DatasetPage,
    NewShareLink,
    Profile,
    SharedDataset,
    ShareLink,
    Tool,
    ToolResult,
)
from streamlit_client.backend.gateway_client import GatewayClient

_LINKS = TypeAdapter(list[ShareLink])
_TOOLS = TypeAdapter(list[Tool])
_UPLOAD_PATH = "/api/datasets/upload"
_UPLOAD_SECONDS = 90.0
_FORM_HEADERS = ("content-type", "content-length", "idempotency-key")
_CLIENT_HEADER = "X-Client-Id"


class DatasetCalls:
    """One method per dataset operation of the gateway. Raises only `GatewayError`."""

    def __init__(self, gateway: GatewayClient) -> None:
        self._gateway = gateway

    def upload(
        self,
        file_name: str,
        content: bytes | io.BufferedIOBase,
        *,
        name: str = "",
        description: str = "",
        encoding: str | None = None,
        idempotency_key: str,
    ) -> Profile:
        """Stores a CSV file. Idempotent with the same key."""
        return self._gateway.ask(
            Profile,
            "POST",
            _UPLOAD_PATH,
            files={"file": (file_name, content, "text/csv")},
            form={"name": name, "description": description},
            parameters={"encoding": encoding} if encoding else None,
            headers={"Idempotency-Key": idempotency_key},
            total_seconds=_UPLOAD_SECONDS,
        )

    async def pass_on(self, form: AsyncIterable[bytes], headers: Mapping[str, str], encoding: str | None) -> str:
        """Passes on a form with a CSV file while it arrives, and returns the id of the dataset.

        The headers have the content type and the idempotency key.
        """
        parameters = {"encoding": encoding} if encoding else None
        kept = {name: headers[name] for name in _FORM_HEADERS if name in headers}
        content = await self._gateway.pass_on(
            _UPLOAD_PATH, form, parameters=parameters, headers=kept, answer_seconds=_UPLOAD_SECONDS
        )
        return self._gateway.read(lambda: str(orjson.loads(content)["dataset_id"]))

    def list(self, *, limit: int = 20, offset: int = 0) -> DatasetPage:
        """Returns datasets, newest first."""
        return self._gateway.ask(DatasetPage, "GET", "/api/datasets", parameters={"limit": limit, "offset": offset})

    def get_profile(self, dataset_id: str) -> Profile:
        """Returns a dataset and the profile of its columns."""
        return self._gateway.ask(Profile, "GET", f"{_path(dataset_id)}/profile")

    def change(self, dataset_id: str, *, name: str, description: str) -> Dataset:
        """Changes name and description."""
        body = {"name": name, "description": description}
        return self._gateway.ask(Dataset, "PATCH", _path(dataset_id), body=body)

    def delete(self, dataset_id: str) -> Dataset:
        """Deletes a dataset. Refused with code DATASET_IN_USE while it is in use."""
        return self._gateway.ask(Dataset, "DELETE", _path(dataset_id))

    def reread(self, dataset_id: str, encoding: str) -> Profile:
        """Reads the original file again with another encoding."""
        return self._gateway.ask(Profile, "POST", f"{_path(dataset_id)}/reread", body={"encoding": encoding})

    def read_data(
        self, dataset_id: str, *, columns: Sequence[str] | None = None, limit: int = 0, offset: int = 0
    ) -> pa.Table:
        """Returns the data, or some of its columns and rows; text columns are dictionaries."""
        parameters: dict[str, Any] = {"format": "arrow", "limit": limit, "offset": offset}
        if columns is not None:
            parameters["columns"] = list(columns)
        content = self._gateway.fetch("GET", f"{_path(dataset_id)}/data", parameters=parameters)
        return self._gateway.read(lambda: pa.ipc.open_stream(pa.BufferReader(content)).read_all())

    def read_csv(self, dataset_id: str) -> bytes:
        """Returns the data as CSV for Korean Excel."""
        return self._gateway.fetch("GET", f"{_path(dataset_id)}/data", parameters={"format": "csv"})

    def acquire_lease(self, dataset_id: str, session_id: str) -> None:
        """Acquires a lease of 90 seconds for this session."""
        self._gateway.fetch("PUT", f"{_path(dataset_id)}/lease", headers={_CLIENT_HEADER: session_id})

    def release_lease(self, dataset_id: str, session_id: str) -> None:
        """Releases the lease of this session."""
        self._gateway.fetch("DELETE", f"{_path(dataset_id)}/lease", headers={_CLIENT_HEADER: session_id})

    def share(self, dataset_id: str) -> NewShareLink:
        """Creates a link that is valid for seven days."""
        return self._gateway.ask(NewShareLink, "POST", f"{_path(dataset_id)}/share")

    def list_links(self, dataset_id: str) -> Sequence[ShareLink]:
        """Returns the links of a dataset, newest first."""
        answer = self._gateway.fetch_json("GET", f"{_path(dataset_id)}/share")
        return self._gateway.read(lambda: _LINKS.validate_python(answer["links"]))

    def revoke_link(self, dataset_id: str, link_id: str) -> ShareLink:
        """Revokes a link."""
        return self._gateway.ask(ShareLink, "DELETE", f"{_path(dataset_id)}/share/{quote(link_id, safe='')}")

    def open_link(self, token: str) -> SharedDataset:
        """Returns the dataset of a link. Refused with code SHARE_LINK_EXPIRED once the link has expired."""
        return self._gateway.ask(SharedDataset, "GET", f"/api/shared/{quote(token, safe='')}")

    def list_tools(self) -> Sequence[Tool]:
        """Returns the analysis tools in their fixed order."""
        answer = self._gateway.fetch_json("GET", "/api/tools")
        return self._gateway.read(lambda: _TOOLS.validate_python(answer["tools"]))

    def run_tool(self, dataset_id: str, name: str, arguments: Mapping[str, Any]) -> ToolResult:
        """Runs a tool on a dataset."""
        path = f"{_path(dataset_id)}/tools/{quote(name, safe='')}"
        return self._gateway.ask(ToolResult, "POST", path, body={"args": dict(arguments)})


def _path(dataset_id: str) -> str:
    return f"/api/datasets/{quote(dataset_id, safe='')}"
