"""One stack for all end-to-end tests: started on first use, stopped after the last one."""

from collections.abc import Iterator

import httpx
import pytest

from tests.e2e.running_stack import Stack
from tests.open_pages import OpenPage, pages_of
from tests.patience import PATIENCE_SECONDS
from tests.scripted_messages_api import ScriptedMessagesApi


@pytest.fixture(scope="session")
def messages_api() -> Iterator[ScriptedMessagesApi]:
    """The Messages API that the stack asks instead of Anthropic's."""
    with ScriptedMessagesApi().running_in_thread() as api:
        yield api


@pytest.fixture(scope="session")
def stack_environment(messages_api: ScriptedMessagesApi) -> dict[str, str]:
    """Variables the stack is started with, besides its ports and its state folder."""
    return {
        "ANTHROPIC_BASE_URL": messages_api.url,
        "DATASET_DEMO": "false",
    }


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, stack_environment: dict[str, str]) -> Iterator[Stack]:
    """The running stack. A test that stops it starts it again."""
    stack = Stack(tmp_path_factory.mktemp("stack"), stack_environment)
    try:
        stack.start()
        yield stack
    finally:
        stack.end()


@pytest.fixture
def api(stack: Stack) -> Iterator[httpx.Client]:
    """A client of the gateway of the stack."""
    with httpx.Client(base_url=stack.api, timeout=PATIENCE_SECONDS, trust_env=False) as client:
        yield client


@pytest.fixture
def open_page(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """Opens a page in a new session, drawn in this process."""
    with pages_of(stack.api, monkeypatch) as open_page:
        yield open_page
