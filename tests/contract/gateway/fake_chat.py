"""The chat service as far as a gateway can tell: says what the test scripted."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from daegu.chat.v1 import chat_pb2 as pb
from daegu.chat.v1 import chat_pb2_grpc
from daegu.dataset.v1 import analysis_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from servicekit.errors import Refused
from tests.contract.gateway.fake_datasets import TABLE
from tests.contract.gateway.fake_services import CHAT, FakeService

CONVERSATION_ID, QUESTION_ID, ANSWER_ID = (f"01980000-0000-7000-8000-00000000000{n}" for n in range(3))
MOMENT = Timestamp(seconds=1_700_000_000)
RESULT = analysis_pb2.RunToolResponse(
    text="18시가 가장 많습니다.",
    table_json=json.dumps(TABLE),
    chart_json='{"kind":"bar","x":"시간","y":"건수"}',
    code="df",
    rows_used=7,
)
CALL = pb.ToolCall(
    call_id="t1",
    name="get_temporal_pattern",
    arguments_json='{"column": "사고일시"}',
    result=RESULT,
    duration_ms=1.5,
)


class FakeChat(chat_pb2_grpc.ChatServiceServicer, chat_pb2_grpc.ConversationServiceServicer):
    """Remembers what it was asked and with which key.

    `script` is what SendMessage says, `rests` what WatchAnswer says behind an event.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forgets everything."""
        self.questions: list[pb.SendMessageRequest] = []
        self.keys: list[str] = []
        self.changes: list[pb.RenameConversationRequest | pb.DeleteConversationRequest] = []
        self.script: list[pb.SendMessageResponse] = [*beginning(), pb.SendMessageResponse(done=done())]
        self.refusal: Refused | None = None
        self.refusal_at_the_end: Refused | None = None
        self.rests: dict[str, list[pb.SendMessageResponse]] = {}
        self.hangs = False
        self.further_calls = [CALL]
        self.seconds_left = 0.0
        self.was_left = asyncio.Event()
        self.key_state = pb.KEY_STATE_VALID

    async def SendMessage(self, request: pb.SendMessageRequest, context: Any) -> AsyncIterator[pb.SendMessageResponse]:
        self._note_key(context)
        self.questions.append(request)
        self.seconds_left = context.time_remaining()
        if self.refusal:
            raise self.refusal
        if self.hangs:  # the caller may leave before all of the script is said
            context.add_done_callback(lambda _context: self.was_left.set())
        for event in self.script:
            yield event
        if self.refusal_at_the_end:
            raise self.refusal_at_the_end
        if self.hangs:
            await asyncio.Event().wait()

    async def WatchAnswer(self, request: Any, context: Any) -> AsyncIterator[pb.WatchAnswerResponse]:
        if request.question_id != QUESTION_ID:
            raise Refused("QUESTION_NOT_FOUND", "No question has this id.")
        if request.after:
            yield pb.WatchAnswerResponse()
            for event in self.rests.pop(request.after):
                yield pb.WatchAnswerResponse(event=event)
            return
        async for event in self.SendMessage(pb.SendMessageRequest(), context):
            yield pb.WatchAnswerResponse(event=event)

    async def StopAnswer(self, request: Any, _context: Any) -> pb.StopAnswerResponse:
        if request.question_id != QUESTION_ID:
            raise Refused("QUESTION_NOT_FOUND", "No question has this id.")
        return pb.StopAnswerResponse(end=self.script[-1])

    async def VerifyKey(self, _request: Any, context: Any) -> pb.VerifyKeyResponse:
        self._note_key(context)
        return pb.VerifyKeyResponse(state=self.key_state)

    async def ListModels(self, _request: Any, context: Any) -> pb.ListModelsResponse:
        self._note_key(context)
        models = [pb.Model(model="m-2", name="둘", input_usd=3.0, output_usd=15.0), pb.Model(model="m-1", name="하나")]
        return pb.ListModelsResponse(models=models, default_model="m-2", prices_of="2026-11-01")

    async def ListConversations(self, request: Any, _context: Any) -> pb.ListConversationsResponse:
        self.listed = request
        return pb.ListConversationsResponse(conversations=[conversation()], total=1, next="behind")

    async def GetConversation(self, _request: Any, _context: Any) -> pb.GetConversationResponse:
        raise AssertionError("deprecated")

    async def ExportConversation(self, _request: Any, _context: Any) -> pb.ExportConversationResponse:
        raise AssertionError("deprecated")

    async def ReadConversation(self, request: Any, _context: Any) -> AsyncIterator[pb.ReadConversationResponse]:
        """Has a failed question in one part, and an answer with a call in the next ones."""
        self.read = request
        if request.conversation_id != CONVERSATION_ID:
            raise Refused("CONVERSATION_NOT_FOUND", "No conversation has this id.")
        yield pb.ReadConversationResponse(conversation=conversation(), next=(request.limit and "7") or None)
        failed = pb.Message(
            message_id=QUESTION_ID,
            role=pb.ROLE_USER,
            content="질문",
            created_at=MOMENT,
            status=pb.MESSAGE_STATUS_FAILED,
            failure_reason="KEY_REFUSED",
        )
        yield pb.ReadConversationResponse(messages=[failed])
        answer = done().answer
        del answer.tool_calls[:]
        yield pb.ReadConversationResponse(messages=[answer])
        for call in self.further_calls:
            yield pb.ReadConversationResponse(further_calls=[call])
        if self.refusal_at_the_end:
            raise self.refusal_at_the_end

    async def RenameConversation(self, request: Any, _context: Any) -> pb.RenameConversationResponse:
        self.changes.append(request)
        renamed = conversation()
        renamed.title = request.title
        return pb.RenameConversationResponse(conversation=renamed)

    async def DeleteConversation(self, request: Any, _context: Any) -> pb.DeleteConversationResponse:
        self.changes.append(request)
        return pb.DeleteConversationResponse()

    async def DownloadConversation(self, request: Any, _context: Any) -> AsyncIterator[pb.DownloadConversationResponse]:
        is_notebook = request.format == pb.EXPORT_FORMAT_NOTEBOOK
        media_type = "application/x-ipynb+json" if is_notebook else "text/markdown; charset=utf-8"
        yield pb.DownloadConversationResponse(
            file_name="대화.ipynb" if is_notebook else "대화.md", media_type=media_type
        )
        for chunk in (b'{"cells"', b":[]}") if is_notebook else (b"# ", b"x"):
            yield pb.DownloadConversationResponse(chunk=chunk)

    def _note_key(self, context: Any) -> None:
        self.keys.append(str(dict(context.invocation_metadata()).get("x-anthropic-api-key", "")))


def beginning() -> list[pb.SendMessageResponse]:
    """Returns the events before the end of a run."""
    started = pb.Started(conversation_id=CONVERSATION_ID, question_id=QUESTION_ID, model="m-2")
    tool = pb.ToolStarted(call_id="t1", name=CALL.name, arguments_json=CALL.arguments_json)
    return [
        pb.SendMessageResponse(start=started),
        pb.SendMessageResponse(thinking=pb.Thinking(text="세어 봅니다")),
        pb.SendMessageResponse(tool_start=tool),
        pb.SendMessageResponse(tool_end=pb.ToolEnded(call=CALL)),
        pb.SendMessageResponse(delta=pb.Delta(text="18시")),
    ]


def done(*, cache_hit: bool = False, conflict: bool = False) -> pb.Done:
    """Returns the end of a run that went well."""
    answer = pb.Message(
        message_id=ANSWER_ID,
        role=pb.ROLE_ASSISTANT,
        content="18시입니다.",
        tool_calls=[CALL],
        created_at=MOMENT,
        status=pb.MESSAGE_STATUS_COMPLETE,
        cache_hit=cache_hit,
        model="m-2",
        duration_ms=12.5,
        number_check=pb.NumberCheck(numbers=12, confirmed=11, unconfirmed=["1,234건"]),
    )
    if not cache_hit:
        answer.token_usage.CopyFrom(pb.TokenUsage(input=10, output=2, cached=5, cache_written=1, total=18))
        answer.cost_usd = 0.25
    return pb.Done(answer=answer, conversation=conversation(), conflict=conflict)


def conversation() -> pb.Conversation:
    """Returns the one conversation there is."""
    return pb.Conversation(
        conversation_id=CONVERSATION_ID,
        dataset_id=QUESTION_ID,
        title="제목",
        created_at=MOMENT,
        updated_at=MOMENT,
        version=3,
        message_count=2,
        dataset_name="사고",
    )


def chat_service(fake: FakeChat) -> FakeService:
    """Returns the service with all its doors."""
    servicers: dict[str, Any] = {
        CHAT: (chat_pb2_grpc.add_ChatServiceServicer_to_server, fake),
        "daegu.chat.v1.ConversationService": (chat_pb2_grpc.add_ConversationServiceServicer_to_server, fake),
    }
    return FakeService((CHAT, "database", "redis"), servicers=servicers)
