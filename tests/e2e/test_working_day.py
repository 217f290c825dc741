"""People who do different things on the page at the same time are all served, and leave nothing behind."""

from collections.abc import Iterator, Mapping

import httpx
import pytest

from scripts.benchmarks.journeys import CHARTS, CHATS, PREDICTIONS, UPLOADS, Journey, journeys, slow_model
from scripts.benchmarks.page_load_mixed import Held, spend_day
from scripts.benchmarks.whole_stack import WholeStack
from tests.e2e.running_stack import Stack
from tests.e2e.samples import accidents_csv
from tests.eventually import eventually
from tests.scripted_messages_api import ScriptedMessagesApi

_SECONDS, _STREAM_SECONDS = 2.0, 1.0


@pytest.fixture
def answering_slowly(messages_api: ScriptedMessagesApi) -> Iterator[None]:
    brain = messages_api.brain
    messages_api.brain = slow_model(_STREAM_SECONDS)
    yield
    messages_api.brain = brain


@pytest.fixture
def kinds(stack: Stack, api: httpx.Client) -> Mapping[str, Journey]:
    file = accidents_csv(2_000).encode()
    stored = api.post("/api/datasets/upload", files={"file": ("day.csv", file, "text/csv")}).json()
    return journeys(stack.api, stored["dataset_id"], file, _STREAM_SECONDS)


@pytest.mark.usefixtures("answering_slowly")
async def test_all_are_served_and_nothing_is_left(stack: Stack, kinds: Mapping[str, Journey]) -> None:
    whole = WholeStack(stack.api, stack.page, "", stack.state)
    people = {CHARTS: 1, UPLOADS: 1, CHATS: 2, PREDICTIONS: 2}
    await spend_day(whole, kinds, people, _SECONDS)  # pools of connections fill
    before = Held.read(whole)
    day = await spend_day(whole, kinds, people, _SECONDS)
    assert day.failures == []
    assert day.waits.keys() == kinds.keys()

    def is_given_back() -> bool:
        now = Held.read(whole)
        return now.connections <= before.connections and now.files <= before.files

    await eventually(is_given_back)
