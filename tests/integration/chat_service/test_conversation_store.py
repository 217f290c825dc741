"""Long conversations are read step by step."""

from collections.abc import Iterator, Sequence

import pytest
import sqlalchemy as sa

from chat_service.answers import ToolCall, ToolResult, ToolUse
from chat_service.conversation_store import ConversationStore
from chat_service.turn_store import NewAnswer, NewQuestion, TurnStore
from servicekit.database import create_engine
from servicekit.errors import Refused
from servicekit.ids import new_id
from servicekit.settings import DatabaseSettings


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = create_engine(DatabaseSettings(DATABASE_URL=database_url))
    yield engine
    engine.dispose()


def keep(engine: sa.Engine, answers: Sequence[NewAnswer]) -> str:
    """Stores a conversation with these answers; returns its id."""
    conversation_id, dataset_id = new_id(), new_id()
    for number, answer in enumerate(answers):
        TurnStore(engine).store_turn(
            NewQuestion("질문", conversation_id, number == 0, dataset_id, "자료", "", "질문"), answer
        )
    return conversation_id


class Statements:
    """How many statements read messages."""

    def __init__(self, engine: sa.Engine) -> None:
        self.count = 0
        sa.event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, _: object, __: object, statement: str, *more: object) -> None:
        self.count += "dense_rank" in statement


@pytest.mark.parametrize("step", [1, -1])
def test_all_turns_come_in_their_order_whatever_their_number(engine: sa.Engine, step: int) -> None:
    conversation_id = keep(engine, [NewAnswer(f"답 {number}") for number in range(1, 51)])
    store, statements = ConversationStore(engine), Statements(engine)
    conversation, turns = store.get(conversation_id)
    assert (conversation.message_count, turns) == (100, range(1, 51))
    steps = list(store.read(conversation_id, turns[::step]))
    assert [[message.content for message in turn] for step in steps for turn in step] == [
        ["질문", f"답 {number}"] for number in turns[::step]
    ]
    assert [*map(len, steps)] == [4, 8, 16, 22]  # the first is there at once
    assert statements.count == 4


def test_large_turns_are_read_one_by_one(engine: sa.Engine) -> None:
    noise = {"rows": [new_id() for _ in range(20_000)]}  # it does not compress
    call = ToolCall(ToolUse("1", "get_sample_rows", "{}"), ToolResult("표", noise))
    conversation_id = keep(engine, [NewAnswer("답", [call]) for _ in range(3)])
    store, statements = ConversationStore(engine), Statements(engine)
    steps = store.read(conversation_id, range(1, 4))
    for number in (1, 2, 3):
        ((_, answer),) = next(steps)
        assert (answer.turn, answer.tool_calls, statements.count) == (number, (call,), number)


def test_conversation_deleted_while_it_is_read_is_not_taken_for_a_whole_one(engine: sa.Engine) -> None:
    conversation_id = keep(engine, [NewAnswer("답") for _ in range(30)])
    store = ConversationStore(engine)
    steps = store.read(conversation_id, range(1, 31))
    next(steps)
    store.delete(conversation_id, client_id=None)
    with pytest.raises(Refused, match="CONVERSATION_NOT_FOUND"):
        list(steps)


@pytest.mark.parametrize("step", [1, -1])
def test_conversation_that_loses_its_first_turns_while_it_is_read_is_not_taken_for_a_whole_one(
    engine: sa.Engine, step: int
) -> None:
    conversation_id = keep(engine, [NewAnswer("답") for _ in range(30)])
    steps = ConversationStore(engine).read(conversation_id, range(1, 31)[::step])
    next(steps)
    with engine.begin() as connection:
        forget = sa.text("DELETE FROM chat.messages WHERE conversation_id = :id AND turn <= 10")
        connection.execute(forget, {"id": conversation_id})
    with pytest.raises(Refused, match="CONVERSATION_NOT_FOUND"):
        list(steps)
