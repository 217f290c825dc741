"""Conversations on real PostgreSQL: listed, read, renamed, deleted, exported."""

import asyncio
import hashlib
import json
from typing import Any

import grpc
import pytest
from daegu.chat.v1 import chat_pb2 as pb

from servicekit.errors import Refused
from servicekit.ids import new_id
from servicekit.remote_errors import read_remote_error
from tests.contract.chat_service.running_chat import Chat
from tests.scripted_messages_api import ToolUse, says, uses

COUNT = ToolUse("get_temporal_pattern", {"column": "사고일시"})


async def conversation(chat: Chat, dataset_id: str, question: str, **fields: Any) -> pb.Conversation:
    chat.api.script(says(f"{question}에 대한 답"))
    return (await chat.ask(dataset_id, question, **fields)).conversation


async def listed(chat: Chat, **fields: Any) -> tuple[list[str], int]:
    answer = await chat.conversations.ListConversations(pb.ListConversationsRequest(**fields))
    return [found.title for found in answer.conversations], answer.total


async def refusal(call: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return read_remote_error(raised.value).reason


async def test_title_is_the_first_question_on_one_line_and_not_too_long(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    begun = await conversation(chat, dataset_id, "첫 줄\n둘째 줄")
    long = await conversation(chat, dataset_id, "가" * 100)
    assert begun.title == "첫 줄 둘째 줄"
    assert long.title == "가" * 39 + "…"


async def test_list_has_the_latest_change_first(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    first = await conversation(chat, dataset_id, "하나")
    await conversation(chat, dataset_id, "둘")
    await conversation(chat, dataset_id, "셋", conversation_id=first.conversation_id)
    assert await listed(chat, dataset_id=dataset_id) == (["하나", "둘"], 2)
    changed = (await chat.history(first.conversation_id)).conversation
    assert (first.message_count, changed.message_count) == (2, 4)
    assert changed.version > first.version
    assert changed.created_at == first.created_at


async def test_list_is_of_one_dataset_and_one_browser(chat: Chat) -> None:
    one, two = chat.data.datasets.add(), chat.data.datasets.add()
    mine, yours = new_id(), new_id()
    await conversation(chat, one, "내 것", client_id=mine)
    await conversation(chat, one, "네 것", client_id=yours)
    await conversation(chat, two, "내 다른 것", client_id=mine)
    assert await listed(chat, dataset_id=one) == (["네 것", "내 것"], 2)
    assert await listed(chat, client_id=mine) == (["내 다른 것", "내 것"], 2)
    assert await listed(chat, dataset_id=one, client_id=mine) == (["내 것"], 1)
    assert await listed(chat, dataset_id=new_id()) == ([], 0)
    nameless = chat.data.datasets.add()
    await conversation(chat, nameless, "내 것", client_id=mine)
    await conversation(chat, nameless, "누구 것도 아닌 것")
    assert await listed(chat, dataset_id=nameless, client_id="") == (["누구 것도 아닌 것"], 1)


async def test_list_comes_in_pages(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    for number in range(5):
        await conversation(chat, dataset_id, f"{number}번")
    assert await listed(chat, dataset_id=dataset_id, limit=2, offset=1) == (["3번", "2번"], 5)


async def test_list_goes_on_behind_the_page_before_whatever_changes_meanwhile(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    for number in range(5):
        await conversation(chat, dataset_id, f"{number}번")
    request = pb.ListConversationsRequest(dataset_id=dataset_id, client_id="", limit=2)
    pages: list[list[str]] = []
    while not pages or request.after:
        page = await chat.conversations.ListConversations(request)
        await conversation(chat, dataset_id, "새 대화")
        pages.append([found.title for found in page.conversations])
        request.after = page.next
    assert pages == [["4번", "3번"], ["2번", "1번"], ["0번"]]


@pytest.mark.parametrize("wrong", [{"offset": 1001}, {"offset": 1, "after": f"1.{new_id()}"}, {"after": "x"}])
async def test_page_of_the_list_that_there_cannot_be_is_refused(chat: Chat, wrong: dict[str, Any]) -> None:
    request = pb.ListConversationsRequest(**wrong)
    assert await refusal(chat.conversations.ListConversations(request)) == "REQUEST_INVALID"


async def test_messages_come_in_pages_of_questions_with_their_answers(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    begun = await conversation(chat, dataset_id, "하나")
    for question in ("둘", "셋"):
        await conversation(chat, dataset_id, question, conversation_id=begun.conversation_id)

    async def page(**fields: Any) -> tuple[list[str], str]:
        request = pb.ReadConversationRequest(conversation_id=begun.conversation_id, **fields)
        first, *others = [part async for part in chat.conversations.ReadConversation(request)]
        assert first.conversation.message_count == 6
        return [message.content for part in others for message in part.messages], first.next

    latest = {"order": pb.MESSAGE_ORDER_LATEST, "limit": 2}
    one, two, three = ([question, f"{question}에 대한 답"] for question in ("하나", "둘", "셋"))
    assert await page() == ([*one, *two, *three], "")
    assert await page(limit=2) == ([*one, *two], "2")
    assert await page(**latest) == ([*reversed(three), *reversed(two)], "2")
    assert await page(**latest, after="2") == ([*reversed(one)], "")


async def test_everything_of_an_answer_comes_back_as_it_was_told(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(uses(COUNT), says("18시, 60건이고 모두 4,242건입니다."))
    done = await chat.ask(dataset_id)
    assert done.answer.number_check == pb.NumberCheck(numbers=2, confirmed=1, unconfirmed=["4,242건"])
    del chat.data.datasets.datasets[dataset_id]  # the history outlives its dataset
    found = await chat.history(done.conversation.conversation_id)
    assert found.messages[1] == done.answer
    assert found.conversation == done.conversation


async def test_rename_is_seen_and_counts_as_a_change(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    begun = await conversation(chat, dataset_id, "질문")
    request = pb.RenameConversationRequest(conversation_id=begun.conversation_id, title="  새\n제목 ")
    renamed = (await chat.conversations.RenameConversation(request)).conversation
    assert (renamed.title, renamed.version) == ("새 제목", begun.version + 1)
    chat.api.script(says("답"))
    seen = {"conversation_id": begun.conversation_id, "expected_version": begun.version}
    assert (await chat.ask(dataset_id, "다음", **seen)).conflict


async def test_text_with_a_key_is_refused_before_anything_is_kept_or_sent(chat: Chat) -> None:
    dataset_id, key = chat.data.datasets.add(), "sk-ant-api03-canary-in-text"
    assert await refusal(chat.ask(dataset_id, f"{key}로 물어봐")) == "KEY_IN_TEXT"
    assert await refusal(chat.ask(dataset_id, "질문", model=key)) == "KEY_IN_TEXT"
    assert await listed(chat, dataset_id=dataset_id) == ([], 0)
    assert (chat.api.requests, chat.data.analysis.run) == ([], [])

    begun = await conversation(chat, dataset_id, "질문")
    rename = pb.RenameConversationRequest(conversation_id=begun.conversation_id, title=key)
    assert await refusal(chat.conversations.RenameConversation(rename)) == "KEY_IN_TEXT"
    assert await listed(chat, dataset_id=dataset_id) == (["질문"], 1)


async def test_deleted_conversation_is_gone_with_its_messages(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    begun = await conversation(chat, dataset_id, "질문")
    request = pb.DeleteConversationRequest(conversation_id=begun.conversation_id)
    await chat.conversations.DeleteConversation(request)
    assert await listed(chat, dataset_id=dataset_id) == ([], 0)
    assert await refusal(chat.history(begun.conversation_id)) == "CONVERSATION_NOT_FOUND"
    assert await refusal(chat.conversations.DeleteConversation(request)) == "CONVERSATION_NOT_FOUND"


@pytest.mark.parametrize("begun_by", ["mine", ""])
async def test_only_the_browser_that_began_a_conversation_renames_and_deletes_it(chat: Chat, begun_by: str) -> None:
    dataset_id = chat.data.datasets.add()
    begun = await conversation(chat, dataset_id, "질문", client_id=begun_by)

    def rename(**browser: str) -> Any:
        request = pb.RenameConversationRequest(conversation_id=begun.conversation_id, title="새 제목", **browser)
        return chat.conversations.RenameConversation(request)

    def delete(**browser: str) -> Any:
        request = pb.DeleteConversationRequest(conversation_id=begun.conversation_id, **browser)
        return chat.conversations.DeleteConversation(request)

    for change in (rename, delete):
        for other in {"theirs", "mine", ""} - {begun_by}:
            assert await refusal(change(client_id=other)) == "CONVERSATION_OF_OTHER_BROWSER"
    assert await listed(chat, dataset_id=dataset_id) == (["질문"], 1)
    await conversation(chat, dataset_id, "이어서", conversation_id=begun.conversation_id, client_id="theirs")
    await rename(client_id=begun_by)
    await delete(client_id=begun_by)
    assert await listed(chat, dataset_id=dataset_id) == ([], 0)


async def test_conversation_that_is_not_there_is_not_found(chat: Chat) -> None:
    nobody = new_id()
    rename = pb.RenameConversationRequest(conversation_id=nobody, title="제목")
    export = pb.ExportConversationRequest(conversation_id=nobody)
    assert await refusal(chat.history(nobody)) == "CONVERSATION_NOT_FOUND"
    assert await refusal(chat.history("x")) == "REQUEST_INVALID"
    assert await refusal(chat.conversations.RenameConversation(rename)) == "CONVERSATION_NOT_FOUND"
    assert await refusal(chat.conversations.ExportConversation(export)) == "CONVERSATION_NOT_FOUND"


async def test_conversation_deleted_during_its_answer_is_a_failure(chat: Chat) -> None:
    dataset_id, gate = chat.data.datasets.add(), asyncio.Event()
    chat.api.script(says("답", gate=gate))
    asking = asyncio.create_task(chat.fail(dataset_id))
    await chat.api.until_asked()
    listing = await chat.conversations.ListConversations(pb.ListConversationsRequest(dataset_id=dataset_id))
    (under_way,) = listing.conversations
    request = pb.DeleteConversationRequest(conversation_id=under_way.conversation_id)
    await chat.conversations.DeleteConversation(request)
    gate.set()
    assert (await asking).reason == "CONVERSATION_NOT_FOUND"


async def test_notebook_is_refused_while_the_dataset_cannot_be_read(chat: Chat) -> None:
    done = await chat.ask(chat.data.datasets.add(), "가장 많은 시간대는?")
    chat.data.datasets.refusal = Refused("DATABASE_UNAVAILABLE", "down")
    conversation_id = done.conversation.conversation_id
    request = pb.ExportConversationRequest(conversation_id=conversation_id, format=pb.EXPORT_FORMAT_NOTEBOOK)
    assert await refusal(chat.conversations.ExportConversation(request)) == "DATABASE_UNAVAILABLE"


async def test_export_as_markdown_and_as_notebook(chat: Chat) -> None:
    dataset_id = chat.data.datasets.add()
    chat.api.script(uses(COUNT), says("18시입니다."))
    done = await chat.ask(dataset_id, "가장 많은 시간대는?")
    request = pb.DownloadConversationRequest(conversation_id=done.conversation.conversation_id)
    markdown, *text = [part async for part in chat.conversations.DownloadConversation(request)]
    request.format = pb.EXPORT_FORMAT_NOTEBOOK
    notebook, *document = [part async for part in chat.conversations.DownloadConversation(request)]

    assert (markdown.file_name, notebook.file_name) == ("가장 많은 시간대는.md", "가장 많은 시간대는.ipynb")
    assert markdown.media_type.startswith("text/markdown")
    assert "18시입니다." in b"".join(part.chunk for part in text).decode()
    content = b"".join(part.chunk for part in document)
    cells = json.loads(content)["cells"]
    whole = pb.ExportConversationRequest(conversation_id=request.conversation_id, format=request.format)
    assert (await chat.conversations.ExportConversation(whole)).content == content
    assert "Path('대구 교통사고.csv')" in cells[1]["source"]
    assert hashlib.sha256(b"DATASET").hexdigest() in cells[1]["source"]
    assert "df['시각'].value_counts()" in "".join(cell["source"] for cell in cells)
