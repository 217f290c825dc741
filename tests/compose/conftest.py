"""Tests of the containers: `./scripts/test-compose`. They build images and take minutes, so nothing else runs them."""

import os
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.compose.stack import COMPOSE_FILE, IMAGE, ComposeStack

if os.environ.get("TEST_COMPOSE") != "1":
    collect_ignore_glob = ["*"]

BUILD_SECONDS = 1800.0
TESTS = Path(__file__).resolve().parents[1]
MESSAGES_FILE = TESTS / "compose" / "messages.yml"
MESSAGES_URL = "http://messages:8787"
BUCKET_FILE = TESTS / "compose" / "bucket.yml"


@pytest.fixture(scope="session")
def image() -> str:
    """The image of this very tree, built."""
    command = ["docker", "compose", "--file", str(COMPOSE_FILE), "build", "--quiet"]
    environment = {**os.environ, "APP_TAG": IMAGE.partition(":")[2]}
    subprocess.run(command, env=environment, timeout=BUILD_SECONDS, check=True)
    return IMAGE


@pytest.fixture(scope="session")
def stack(image: str) -> Iterator[ComposeStack]:
    """The running stack. A test that stops it starts it again."""
    folders = {"TESTS_DIR": str(TESTS), "PACKAGES_DIR": sysconfig.get_path("purelib")}
    stack = ComposeStack((MESSAGES_FILE, BUCKET_FILE), {"ANTHROPIC_BASE_URL": MESSAGES_URL, **folders})
    try:
        stack.up()
        yield stack
    finally:
        stack.down(forget=True)


@pytest.fixture
def api(stack: ComposeStack) -> Iterator[httpx.Client]:
    """A client of the published gateway."""
    with httpx.Client(base_url=stack.api, timeout=30, trust_env=False) as client:
        yield client
