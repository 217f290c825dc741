"""Whatever the description allows, and much that it forbids: never a 5xx, always the envelope."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.gateway.fake_services import FakeService
from tests.contract.gateway.running_gateway import Gateway, running_gateway, targets_of
from tests.real_servers import REPOSITORY

CONFIG = REPOSITORY / "tests/contract/gateway/schemathesis.toml"


@pytest.fixture(scope="module")
async def gateway(prediction: FakeService, dataset: FakeService, chat: FakeService) -> AsyncIterator[Gateway]:
    targets = targets_of(prediction, dataset, chat)
    async with running_gateway(**targets, header_seconds=10.0) as client:  # some headers of the fuzzer have no end
        yield client


async def test_no_request_breaks_the_gateway_or_its_promises(gateway: Gateway, tmp_path: Path) -> None:
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
