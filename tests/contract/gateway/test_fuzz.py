"""Whatever the description allows, and much that it forbids: never a 5xx, always the envelope."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from daegu.chat.v1 import chat_pb2_grpc
from daegu.dataset.v1 import dataset_pb2_grpc, sharing_pb2_grpc

from tests.contract.gateway.fake_chat import FakeChat
from tests.contract.gateway.fake_datasets import FakeDatasets
from tests.contract.gateway.fake_services import CHAT, DATASET, FakeService
from tests.contract.gateway.running_gateway import running_gateway
from tests.real_servers import REPOSITORY

SHARING = "daegu.dataset.v1.SharingService"
CONFIG = REPOSITORY / "tests/contract/gateway/schemathesis.toml"


@pytest.fixture(scope="module")
async def dataset() -> AsyncIterator[FakeService]:
    fake = FakeDatasets()
    servicers: dict[str, Any] = {
        DATASET: (dataset_pb2_grpc.add_DatasetServiceServicer_to_server, fake),
        SHARING: (sharing_pb2_grpc.add_SharingServiceServicer_to_server, fake),
    }
    async with FakeService((DATASET, SHARING, "database", "storage"), servicers=servicers).running() as service:
        yield service


@pytest.fixture(scope="module")
async def chat() -> AsyncIterator[FakeService]:
    fake = FakeChat()
    servicers: dict[str, Any] = {
        CHAT: (chat_pb2_grpc.add_ChatServiceServicer_to_server, fake),
        "daegu.chat.v1.ToolService": (chat_pb2_grpc.add_ToolServiceServicer_to_server, fake),
        "daegu.chat.v1.ConversationService": (chat_pb2_grpc.add_ConversationServiceServicer_to_server, fake),
    }
    async with FakeService((CHAT, "database", "redis"), servicers=servicers).running() as service:
        yield service


@pytest.fixture(scope="module")
async def gateway(prediction: FakeService, dataset: FakeService, chat: FakeService) -> AsyncIterator[httpx.AsyncClient]:
    targets = {"prediction_target": prediction.target, "dataset_target": dataset.target, "chat_target": chat.target}
    async with running_gateway(**targets, header_seconds=10.0) as client:  # some headers of the fuzzer have no end
        yield client


async def test_no_request_breaks_the_gateway_or_its_promises(gateway: httpx.AsyncClient, tmp_path: Path) -> None:
    document = tmp_path / "openapi.json"
    document.write_bytes((await gateway.get("/openapi.json")).content)
    command = (sys.executable, "-m", "schemathesis.cli", "--no-color", f"--config-file={CONFIG}", "run", "--checks=all")
    ours = {"PYTHONPATH": str(REPOSITORY), "SCHEMATHESIS_HOOKS": "tests.contract.gateway.envelope_check"}
    run = await asyncio.create_subprocess_exec(
        *command, f"--url={gateway.base_url}", str(document),
        cwd=REPOSITORY,
        env={**os.environ, **ours},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        report = (await run.communicate())[0].decode()
    finally:
        if run.returncode is None:
            run.kill()

    assert run.returncode == 0, report
    assert int(re.findall(r"(\d+) generated", report)[0]) > 1000
