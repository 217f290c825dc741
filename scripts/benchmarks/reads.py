"""What is read: a sample of each route and of each RPC that reads, and the names of those that change or compute.

`{names}` in a sample stand for rows of a filled database, see `Stored`.
"""

import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

import daegu
from google.protobuf.descriptor import MethodDescriptor

import gateway.routes
from scripts.benchmarks.whole_stack import WholeStack
from servicekit.paging import Place


@dataclass(frozen=True, slots=True)
class Read:
    """A request. With `body` it is a POST; `client` is the anonymous id of a browser."""

    path: str
    body: Mapping[str, Any] | None = None
    client: str = ""


_OF_DATASETS = ("", "&dataset_id={dataset}", "&dataset_id={rare_dataset}", "&dataset_id={unused_dataset}")
ROUTES: Mapping[str, Sequence[Read]] = {
    "GET /api/predictions": [
        Read(f"/api/predictions?limit=20{after}{of_dataset}")
        for after in ("", "&after={prediction}")
        for of_dataset in _OF_DATASETS
    ],
    "GET /api/predictions/{prediction_id}": [Read("/api/predictions/{prediction}")],
    "GET /api/predict/model": [Read("/api/predict/model")],
    "GET /api/predict/batch": [
        Read(f"/api/predict/batch?limit=1{after}{of_dataset}")
        for after in ("", "&after={batch_place}")
        for of_dataset in _OF_DATASETS
    ],
    "GET /api/predict/batch/{batch_id}": [Read("/api/predict/batch/{batch}")],
    "GET /api/predict/batch/{batch_id}/results": [
        Read("/api/predict/batch/{batch}/results?limit=100"),
        Read("/api/predict/batch/{batch}/results?limit=100&offset=900"),
        Read("/api/predict/batch/{batch}/results?limit=100&format=csv"),
    ],
    "GET /api/datasets": [
        Read("/api/datasets?limit=4"),
        Read("/api/datasets?limit=4&offset=3"),
        Read("/api/datasets?limit=4&after={dataset_place}"),
    ],
    "GET /api/datasets/{dataset_id}": [Read("/api/datasets/{dataset}")],
    "GET /api/datasets/{dataset_id}/profile": [Read("/api/datasets/{dataset}/profile")],
    "GET /api/datasets/{dataset_id}/reading": [Read("/api/datasets/{uploaded}/reading")],
    "POST /api/datasets/{dataset_id}/reading/preview": [Read("/api/datasets/{uploaded}/reading/preview", {})],
    "GET /api/datasets/{dataset_id}/data": [Read("/api/datasets/{uploaded}/data")],
    "GET /api/datasets/{dataset_id}/regions": [Read("/api/datasets/{uploaded}/regions")],
    "GET /api/datasets/{dataset_id}/share": [
        Read("/api/datasets/{dataset}/share?limit=3"),
        Read("/api/datasets/{dataset}/share?limit=3&after={link_place}"),
        Read("/api/datasets/{unused_dataset}/share"),
    ],
    "GET /api/shared/{token}": [Read("/api/shared/{token}")],
    "GET /api/chat/questions/{question_id}/stream": [Read("/api/chat/questions/{question}/stream")],
    "GET /api/chat/models": [Read("/api/chat/models")],
    "GET /api/chat/conversations": [
        Read(f"/api/chat/conversations?limit=10{after}{of_dataset}", client=client)
        for client in ("client-0", "client-7", "")
        for after in ("", "&after={conversation_place}")
        for of_dataset in _OF_DATASETS
    ],
    "GET /api/chat/conversations/{conversation_id}": [
        Read("/api/chat/conversations/{conversation}"),
        Read("/api/chat/conversations/{long_conversation}"),
    ],
    "GET /api/chat/conversations/{conversation_id}/messages": [
        Read("/api/chat/conversations/{conversation}/messages?limit=20"),
        Read("/api/chat/conversations/{long_conversation}/messages?limit=20"),
    ],
    "GET /api/chat/conversations/{conversation_id}/export": [
        Read("/api/chat/conversations/{long_conversation}/export?format=notebook"),
        Read("/api/chat/conversations/{long_conversation}/export?format=markdown"),
    ],
    "GET /api/tools": [Read("/api/tools")],
    "POST /api/datasets/{dataset_id}/tools/{name}": [
        Read("/api/datasets/{uploaded}/tools/get_value_counts", {"args": {"column": "종류"}})
    ],
    "POST /api/datasets/{dataset_id}/query": [Read("/api/datasets/{uploaded}/query", {"limit": 100})],
    "POST /api/datasets/{dataset_id}/aggregate": [Read("/api/datasets/{uploaded}/aggregate", {"groups": ["종류"]})],
    "POST /api/datasets/{dataset_id}/facets": [Read("/api/datasets/{uploaded}/facets", {})],
    "GET /health": [Read("/health")],
    "GET /health/live": [Read("/health/live")],
}
ROUTES_THAT_CHANGE = frozenset(
    {
        "POST /api/predict/eclo",
        "POST /api/predict/eclo/batch",
        "DELETE /api/predict/batch/{batch_id}",
        "POST /api/predict/batch/{batch_id}/dataset",
        "POST /api/datasets/upload",
        "PATCH /api/datasets/{dataset_id}",
        "DELETE /api/datasets/{dataset_id}",
        "POST /api/datasets/{dataset_id}/reread",
        "PUT /api/datasets/{dataset_id}/lease",
        "DELETE /api/datasets/{dataset_id}/lease",
        "POST /api/datasets/{dataset_id}/share",
        "DELETE /api/datasets/{dataset_id}/share/{link_id}",
        "POST /api/chat/message",
        "POST /api/chat/message/stream",
        "POST /api/chat/questions/{question_id}/stop",
        "POST /api/chat/key/verify",
        "PATCH /api/chat/conversations/{conversation_id}",
        "DELETE /api/chat/conversations/{conversation_id}",
    }
)

_CONVERSATION = ({"conversation_id": "{conversation}"}, {"conversation_id": "{long_conversation}"})
_OF: Sequence[Mapping[str, str]] = (
    {},
    {"dataset_id": "{dataset}"},
    {"dataset_id": "{rare_dataset}"},
    {"dataset_id": "{unused_dataset}"},
)
RPCS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "PredictionService/GetModelInfo": [{}],
    "PredictionService/GetPrediction": [{"prediction_id": "{prediction}"}],
    "PredictionService/ListPredictions": [
        {"page_size": 20, **after, **of} for after in ({}, {"page_token": "{prediction}"}) for of in _OF
    ],
    "BatchPredictionService/GetBatch": [{"batch_id": "{batch}"}],
    "BatchPredictionService/ListBatches": [
        *({"page_size": 2, **of} for of in _OF),
        {"page_size": 2, "unfinished_only": True},
    ],
    "BatchPredictionService/ListBatchResults": [
        {"batch_id": "{batch}", "limit": 100, "offset": offset} for offset in (0, 900)
    ],
    "BatchPredictionService/ReadBatchResults": [{"batch_id": "{batch}"}],
    "ChatService/WatchAnswer": [{"question_id": "{question}"}],
    "ChatService/ListModels": [{}],
    "ConversationService/ListConversations": [
        {"limit": 10, **client, **of} for client in ({}, {"client_id": "client-0"}) for of in _OF
    ],
    "ConversationService/GetConversation": _CONVERSATION[:1],
    "ConversationService/ReadConversation": _CONVERSATION,
    "ConversationService/DownloadConversation": [{**one, "format": "EXPORT_FORMAT_NOTEBOOK"} for one in _CONVERSATION],
    "ConversationService/ExportConversation": [{**_CONVERSATION[0], "format": "EXPORT_FORMAT_NOTEBOOK"}],
    "AnalysisService/ListTools": [{}],
    "AnalysisService/RunTool": [
        {"dataset_id": "{uploaded}", "name": "get_value_counts", "arguments_json": '{"column": "종류"}'}
    ],
    "AnalysisService/QueryRows": [{"dataset_id": "{uploaded}", "question": {"limit": 100}}],
    "AnalysisService/Aggregate": [{"dataset_id": "{uploaded}", "question": {"groups": ["종류"]}}],
    "AnalysisService/CountFacets": [{"dataset_id": "{uploaded}", "question": {}}],
    "SharingService/ListShareLinks": [
        {"dataset_id": "{dataset}", "limit": 3},
        {"dataset_id": "{dataset}", "limit": 3, "after": "{link_place}"},
    ],
    "SharingService/OpenShareLink": [{"share_token": "{token}"}],
    "DatasetService/PreviewReading": [{"dataset_id": "{uploaded}"}],
    "DatasetService/GetDataset": [{"dataset_id": "{dataset}"}],
    "DatasetService/ListDatasets": [{"limit": 4}, {"limit": 4, "offset": 3}, {"limit": 4, "after": "{dataset_place}"}],
    "DatasetService/GetDatasetProfile": [{"dataset_id": "{dataset}"}],
    "DatasetService/ReadDataset": [{"dataset_id": "{uploaded}"}],
    "DatasetService/GetDatasetRegions": [{"dataset_id": "{uploaded}"}],
}
RPCS_THAT_CHANGE = frozenset(
    {
        *(f"PredictionService/{name}" for name in ("Predict", "PredictMany", "PredictStream")),
        *(f"BatchPredictionService/{name}" for name in ("CreateBatch", "CancelBatch", "ProcessBatch", "PredictRows")),
        *(f"BatchPredictionService/{name}" for name in ("GiveUpBatch", "ClaimOverdueBatches")),
        *(f"ChatService/{name}" for name in ("SendMessage", "StopAnswer", "VerifyKey")),
        *(f"ConversationService/{name}Conversation" for name in ("Rename", "Delete")),
        *(f"SharingService/{name}ShareLink" for name in ("Create", "Revoke")),
        *(f"DatasetService/{name}Dataset" for name in ("Upload", "Reread", "Update", "Delete")),
        *(f"DatasetService/{name}Lease" for name in ("Acquire", "Release")),
        "RetentionService/Forget",
    }
)


def find_routes() -> set[str]:
    """Returns the documented routes of the gateway, as `GET /api/datasets`."""
    modules = (
        import_module(f"gateway.routes.{module.name}") for module in pkgutil.iter_modules(gateway.routes.__path__)
    )
    return {
        f"{method} {route.path}"
        for module in modules
        for route in module.router.routes
        if route.include_in_schema
        for method in route.methods
    }


def find_rpcs() -> dict[str, MethodDescriptor]:
    """Returns the RPCs of all contracts by name, as `DatasetService/ListDatasets`."""
    return {
        f"{service.name}/{method.name}": method
        for module in pkgutil.walk_packages(daegu.__path__, "daegu.")
        if module.name.endswith("_pb2")
        for service in import_module(module.name).DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }


def find_forgotten() -> list[str]:
    """Returns what has neither a sample nor a place among what changes, and what is named here and not there."""
    routes, rpcs = find_routes(), find_rpcs().keys()
    return sorted((routes ^ {*ROUTES, *ROUTES_THAT_CHANGE}) | (rpcs ^ {*RPCS, *RPCS_THAT_CHANGE}))


def find_stored(stack: WholeStack, uploaded: str, token: str) -> Mapping[str, str]:
    """Returns the rows that samples name. Places are in the middle of a list; `uploaded` is a dataset with a file."""
    dataset, rare, unused = (_id(stack, "dataset.datasets ORDER BY id", skipped) for skipped in range(3))
    long_conversation = _id(stack, "chat.conversations ORDER BY id")
    return {
        "uploaded": uploaded,
        "token": token,
        "dataset": dataset,
        "rare_dataset": rare,
        "unused_dataset": unused,
        "batch": _id(stack, "prediction.batches WHERE status = 'completed' ORDER BY id DESC"),
        "conversation": _id(stack, "chat.conversations ORDER BY id DESC"),
        "long_conversation": long_conversation,
        "question": _id(
            stack, f"chat.messages WHERE conversation_id = '{long_conversation}' AND role = 'user' ORDER BY turn DESC"
        ),
        "prediction": _id(stack, *_middle(stack, "prediction.predictions WHERE batch_id IS NULL", "id")),
        "dataset_place": _place(stack, "dataset.datasets WHERE expires_at IS NULL", "uploaded_at"),
        "batch_place": _place(stack, "prediction.batches", "created_at"),
        "link_place": _place(stack, f"dataset.share_links WHERE dataset_id = '{dataset}'", "created_at"),
        "conversation_place": _place(stack, "chat.conversations", "updated_at"),
    }


def _id(stack: WholeStack, rows: str, skipped: int = 0) -> str:
    return stack.query(f"SELECT id FROM {rows} OFFSET {skipped} LIMIT 1")


def _middle(stack: WholeStack, rows: str, order: str) -> tuple[str, int]:
    return f"{rows} ORDER BY {order} DESC", int(stack.query(f"SELECT count(*) / 2 FROM {rows}"))


def _place(stack: WholeStack, rows: str, at: str) -> str:
    row_id = _id(stack, *_middle(stack, rows, f"{at} DESC, id"))
    table = rows.partition(" ")[0]
    return Place(
        datetime.fromisoformat(stack.query(f"SELECT {at} FROM {table} WHERE id = '{row_id}'")), row_id
    ).cursor()


def filled_in(sample: Any, stored: Mapping[str, str]) -> Any:
    """Returns a sample with rows in the place of their names."""
    if isinstance(sample, str):
        for name, value in stored.items():
            sample = sample.replace(f"{{{name}}}", value)
    elif isinstance(sample, Mapping):
        return {key: filled_in(value, stored) for key, value in sample.items()}
    return sample


def each_rpc() -> Iterator[tuple[str, MethodDescriptor, Mapping[str, Any]]]:
    """Yields the samples of RPCs with their descriptors."""
    methods = find_rpcs()
    for name, samples in RPCS.items():
        for sample in samples:
            yield name, methods[name], sample
