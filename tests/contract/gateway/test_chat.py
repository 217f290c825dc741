"""The chat over HTTP, whole and as server-sent events, against a chat service that says what it was told."""

from collections.abc import Awaitable
from typing import Any

import httpx
import orjson
import pytest
from daegu.chat.v1 import chat_pb2 as pb

from chat_service.errors import ProviderTrouble
from gateway.settings import GatewaySettings
from servicekit.errors import DatabaseUnavailable, FieldViolation, Refused
from servicekit.ids import new_id
from tests.contract.gateway.fake_chat import ANSWER_ID, CALL, CONVERSATION_ID, QUESTION_ID, FakeChat, beginning, done
from tests.contract.gateway.fake_datasets import TABLE
from tests.contract.gateway.fake_services import FakeService
from tests.contract.gateway.running_gateway import Gateway, refusal, refused_fields, running_gateway

KEY = "sk-ant-api03-canary"
HEADERS = {"X-Anthropic-API-Key": KEY, "X-Client-Id": "browser-1"}
MESSAGE, STREAM = "/api/chat/message", "/api/chat/message/stream"
WATCH, STOP = (f"/api/chat/questions/{QUESTION_ID}/{name}" for name in ("stream", "stop"))
CONVERSATIONS = "/api/chat/conversations"
CUT = "답변이 도중에 끊어졌습니다. 다시 시도해주세요."
KEY_IN_MESSAGE = FieldViolation("message", "KEY_IN_TEXT", "no API key")


def question(**fields: Any) -> dict[str, Any]:
    return {"dataset_id": new_id(), "message": "사고가 가장 많은 시간대는?", **fields}


async def ask(gateway: Gateway, path: str = MESSAGE) -> httpx.Response:
    return await gateway.post(path, json=question(), headers=HEADERS)


async def events_of(listening: Awaitable[httpx.Response]) -> list[tuple[str, Any]]:
    response = await listening
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    blocks = [block.split("\n")[-2:] for block in response.text.strip().split("\n\n") if block != ": beat"]
    return [(name.removeprefix("event: "), orjson.loads(data.removeprefix("data: "))) for name, data in blocks]


def numbered(*events: pb.SendMessageResponse, first: int = 1) -> list[pb.SendMessageResponse]:
    """Returns the events with ids as the chat service gives them."""
    for number, event in enumerate(events, first):
        event.event_id = f"a.{number}.0"
    return list(events)


async def test_answer_comes_whole_with_every_documented_field(gateway: Gateway, scripted: FakeChat) -> None:
    body = question(conversation_id=new_id(), expected_version=2, model="m-1", retry_of=new_id())
    answer = (await gateway.post(MESSAGE, json=body, headers=HEADERS)).json()

    answer.pop("timestamp")
    (call,) = answer.pop("tool_calls")
    assert answer == {
        "success": True,
        "error": None,
        "response": "18시입니다.",
        "token_usage": {"input": 10, "output": 2, "cached": 5, "cache_written": 1, "total": 18},
        "cost": 0.25,
        "cache_hit": False,
        "notice": None,
        "conversation_id": CONVERSATION_ID,
        "message_id": ANSWER_ID,
        "model": "m-2",
        "duration_ms": 12.5,
        "turns_left_out": 0,
        "tables_left_out": 0,
        "number_check": {"numbers": 12, "confirmed": 11, "unconfirmed": ["1,234건"]},
        "version": 3,
        "conflict": None,
    }
    assert call["args"] == {"column": "사고일시"}
    assert call["table"]["rows"] == [["18시", 2**53 + 1, 0.5, True, None]]
    assert call["chart"] == {"kind": "bar", "x": "시간", "y": "건수"}
    assert {field.name: value for field, value in scripted.questions[0].ListFields()} == {
        **body,
        "client_id": "browser-1",
    }
    assert scripted.keys == [KEY]


async def test_answer_from_the_cache_and_changed_elsewhere_and_not_sent_in_full_say_so(
    gateway: Gateway, scripted: FakeChat
) -> None:
    scripted.script = [pb.SendMessageResponse(done=done(cache_hit=True, conflict=True))]
    answer = (await ask(gateway)).json()
    assert (answer["cache_hit"], answer["notice"], answer["token_usage"]) == (True, "캐시에서 반환됨", None)
    assert answer["conflict"] == "대화가 다른 곳에서 수정되었습니다"

    end = done()
    end.answer.turns_left_out = 4
    scripted.script = [pb.SendMessageResponse(done=end)]
    answer = (await ask(gateway)).json()
    assert answer["turns_left_out"] == 4
    assert answer["notice"] == "대화가 길어 앞의 질문 4개는 모델에 보내지 않았습니다."

    end.answer.tables_left_out = 2
    scripted.script = [pb.SendMessageResponse(done=end)]
    answer = (await ask(gateway)).json()
    assert answer["notice"] == "답이 커서 표 2개는 여기에 담지 못했습니다. 대화를 조회하면 모두 볼 수 있습니다."


async def test_events_come_in_their_order_to_who_asks_and_without_a_key_to_who_watches(gateway: Gateway) -> None:
    events = await events_of(ask(gateway, STREAM))
    assert [name for name, _ in events] == ["start", "thinking", "tool_start", "tool_end", "delta", "done"]
    assert events[0][1] == {"conversation_id": CONVERSATION_ID, "question_id": QUESTION_ID, "model": "m-2"}
    assert events[2][1]["args"] == {"column": "사고일시"}
    assert events[3][1]["result"] == "18시가 가장 많습니다."
    assert (events[5][1]["response"], events[5][1]["success"]) == ("18시입니다.", True)
    watched = await events_of(gateway.get(WATCH))
    assert (watched[:-1], watched[-1][0]) == (events[:-1], "done")


async def test_failed_run_hands_out_what_was_said_until_then(gateway: Gateway, scripted: FakeChat) -> None:
    kept = done().answer
    kept.status, kept.failure_reason = pb.MESSAGE_STATUS_FAILED, "ANSWER_TOO_LONG"
    failed = pb.Failed(reason="ANSWER_TOO_LONG", answer=kept)
    scripted.script = [*beginning(), pb.SendMessageResponse(failed=failed)]
    whole = await ask(gateway)
    _, streamed = (await events_of(ask(gateway, STREAM)))[-1]
    assert whole.status_code == 502
    for refused in (whole.json(), streamed):
        assert (refused["success"], refused["code"]) == (False, "ANSWER_TOO_LONG")
        answer = refused["answer"]
        assert (answer["content"], answer["status"], len(answer["tool_calls"])) == ("18시입니다.", "failed", 1)
        assert answer["failure_message"] == refused["error"]


async def test_reply_that_is_asked_for_again_is_a_step(gateway: Gateway, scripted: FakeChat) -> None:
    retrying = pb.Retrying(reason="PROVIDER_OVERLOADED", pause_seconds=2.6, text="18")
    scripted.script.insert(-1, pb.SendMessageResponse(retry=retrying))
    message = "Anthropic 서버가 혼잡해 3초 뒤 다시 시도합니다."
    fields = {"code": "PROVIDER_OVERLOADED", "message": message, "seconds": 3, "text": "18"}
    assert (await events_of(ask(gateway, STREAM)))[-2] == ("retry", fields)
    assert (await ask(gateway)).json()["response"] == "18시입니다."


@pytest.mark.parametrize(("method", "path"), [("POST", STREAM), ("GET", WATCH)])
async def test_events_come_at_once_for_longer_than_other_answers_may_take_or_until_the_client_leaves(
    gateway: Gateway, scripted: FakeChat, method: str, path: str
) -> None:
    scripted.script, scripted.hangs = beginning(), True
    body = question() if method == "POST" else None
    async with gateway.stream(method, path, json=body, headers=HEADERS) as answer:
        seen, parts = b"", answer.aiter_raw()
        while b"event: delta" not in seen:
            seen += await anext(parts)
        assert b"event: done" not in seen
        assert scripted.seconds_left > GatewaySettings().handler_seconds
    await scripted.was_left.wait()


async def test_stream_that_began_in_time_is_not_cut_at_the_limit_of_other_answers(
    chat: FakeService, gateway: Gateway, scripted: FakeChat
) -> None:
    scripted.script, scripted.hangs = beginning(), True
    seen = b""
    async with running_gateway(chat_target=chat.target, handler_seconds=0.5) as impatient:
        while not seen:
            async with impatient.stream("GET", WATCH) as answer:
                parts = answer.aiter_raw()
                while answer.status_code == 200 and seen.count(b": beat") < 4:  # or it came late on a busy machine
                    seen += await anext(parts)


async def test_event_of_a_newer_service_is_skipped(gateway: Gateway, scripted: FakeChat) -> None:
    names = [name for name, _ in await events_of(ask(gateway, STREAM))]
    scripted.script.insert(1, pb.SendMessageResponse.FromString(b"\xfa\x3f\x00"))
    assert [name for name, _ in await events_of(ask(gateway, STREAM))] == names


async def test_stopped_run_says_so_to_everybody(gateway: Gateway, scripted: FakeChat) -> None:
    stopped = pb.SendMessageResponse(stopped=pb.Stopped(conversation=done().conversation))
    scripted.script = [*beginning(), stopped]
    end: dict[str, Any] = {"success": True, "status": "stopped", "failure": None, "failure_message": None}
    end |= {"conversation_id": CONVERSATION_ID, "version": 3}
    name, told = (await events_of(gateway.get(WATCH)))[-1]
    assert name == "stopped"
    for answer in ((await gateway.post(STOP)).json(), told):
        assert {field: answer[field] for field in end} == end
    assert refusal(await ask(gateway)) == (409, "ANSWER_STOPPED")


async def test_stop_of_what_has_ended_says_how(gateway: Gateway, scripted: FakeChat) -> None:
    assert (await gateway.post(STOP)).json()["status"] == "complete"
    scripted.script = [pb.SendMessageResponse(failed=pb.Failed(reason="KEY_REFUSED"))]
    failed = (await gateway.post(STOP)).json()
    assert (failed["status"], failed["failure"], failed["conversation_id"]) == ("failed", "KEY_REFUSED", None)
    assert failed["failure_message"] == "API 키가 유효하지 않습니다. 다시 확인해주세요."


async def test_unknown_question_is_neither_watched_nor_stopped(gateway: Gateway) -> None:
    unknown = f"/api/chat/questions/{new_id()}"
    for answer in (await gateway.get(f"{unknown}/stream"), await gateway.post(f"{unknown}/stop")):
        assert refusal(answer) == (404, "QUESTION_NOT_FOUND")
    assert (await gateway.get("/api/chat/questions/x/stream")).status_code == 422


@pytest.mark.parametrize(
    ("end", "status", "sentence"),
    [
        (Refused("DEADLINE_PASSED", "Late."), 504, "요청 시간 초과. 다시 시도해주세요"),
        (DatabaseUnavailable("DATABASE_UNAVAILABLE", "UNAVAILABLE, as of a dead process"), 503, CUT),
        (ProviderTrouble("ANSWER_CUT", "cut"), 502, CUT),
        (None, 502, CUT),
    ],
)
async def test_answer_that_breaks_off_names_its_question_and_leaves_a_sentence(
    gateway: Gateway, scripted: FakeChat, end: Refused | None, status: int, sentence: str
) -> None:
    scripted.script, scripted.refusal_at_the_end = beginning(), end
    answer = await ask(gateway)
    assert refusal(answer)[0] == status
    assert (answer.json()["conversation_id"], answer.json()["question_id"]) == (CONVERSATION_ID, QUESTION_ID)
    name, error = (await events_of(ask(gateway, STREAM)))[-1]
    assert (name, error["error"]) == ("error", sentence)


@pytest.mark.parametrize("path", [MESSAGE, STREAM])
@pytest.mark.parametrize(
    "how", [DatabaseUnavailable("DATABASE_UNAVAILABLE", "UNAVAILABLE, as of a dead process"), None]
)
async def test_stream_that_breaks_goes_on_where_it_was(
    gateway: Gateway, scripted: FakeChat, path: str, how: Refused | None
) -> None:
    scripted.script, scripted.refusal_at_the_end = numbered(*beginning()), how
    scripted.rests = {
        "a.5.0": numbered(pb.SendMessageResponse(delta=pb.Delta(text="입니다")), first=6),
        "a.6.0": [pb.SendMessageResponse(delta=pb.Delta(text=".")), pb.SendMessageResponse(done=done())],
    }
    answer = await ask(gateway, path)
    assert "18시입니다." in answer.text
    assert scripted.rests == {}
    if path == STREAM:
        texts = [fields["text"] for name, fields in await events_of(_given(answer)) if name == "delta"]
        assert texts == ["18시", "입니다", "."]


async def test_watching_goes_on_behind_the_last_event_received(gateway: Gateway, scripted: FakeChat) -> None:
    scripted.script = [*numbered(*beginning()), pb.SendMessageResponse(done=done())]
    lines = (await gateway.get(WATCH)).text.split("\n")
    assert [line for line in lines if line.startswith("id: ")] == [f"id: a.{number}.0" for number in range(1, 6)]
    scripted.rests = {"a.3.0": scripted.script[3:]}
    rest = await events_of(gateway.get(WATCH, headers={"Last-Event-ID": "a.3.0"}))
    assert [name for name, _ in rest] == ["tool_end", "delta", "done"]


async def _given(response: httpx.Response) -> httpx.Response:
    return response


@pytest.mark.parametrize("path", [MESSAGE, STREAM])
async def test_service_that_says_nothing_at_all_is_not_waited_for(
    gateway: Gateway, scripted: FakeChat, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("gateway.answer_stream._BEGIN_SECONDS", 0.2)
    scripted.script, scripted.hangs = [], True
    while not scripted.was_left.is_set():  # on a busy machine the limit may pass before the question arrives
        assert refusal(await ask(gateway, path)) == (504, "DEADLINE_PASSED")


@pytest.mark.parametrize("path", [MESSAGE, STREAM])
async def test_answer_that_ends_before_it_begins_is_cut(gateway: Gateway, scripted: FakeChat, path: str) -> None:
    scripted.script = []
    assert refusal(await ask(gateway, path)) == (502, "ANSWER_CUT")


async def test_failed_run_ends_with_an_error_event(gateway: Gateway, scripted: FakeChat) -> None:
    failed = pb.Failed(reason="PROVIDER_OVERLOADED", message="secret", retry_after_seconds=7)
    scripted.script = [*beginning(), pb.SendMessageResponse(failed=failed)]
    name, error = (await events_of(ask(gateway, STREAM)))[-1]
    assert (name, error["code"]) == ("error", "PROVIDER_OVERLOADED")
    assert error["error"] == "Anthropic 서버가 혼잡합니다. 잠시 후 다시 시도해주세요."

    whole = await ask(gateway)
    assert (*refusal(whole), whole.headers["retry-after"]) == (503, "PROVIDER_OVERLOADED", "7")
    assert "secret" not in whole.text


@pytest.mark.parametrize("path", [MESSAGE, STREAM, "/api/chat/key/verify"])
async def test_request_without_a_sensible_key_is_refused(gateway: Gateway, scripted: FakeChat, path: str) -> None:
    assert refusal(await gateway.post(path, json=question())) == (401, "API_KEY_MISSING")
    for key, code in (("", "API_KEY_MISSING"), ("키", "API_KEY_ILL_FORMED"), ("x" * 600, "API_KEY_ILL_FORMED")):
        answer = await gateway.post(path, json=question(), headers=[(b"X-Anthropic-API-Key", key.encode())])
        assert refusal(answer) == (401, code)
    assert scripted.questions == []


@pytest.mark.parametrize("path", [MESSAGE, STREAM])
@pytest.mark.parametrize(
    ("refused", "status", "sentence"),
    [
        (Refused("API_KEY_ILL_FORMED", "No."), 401, ""),
        (Refused("CONVERSATION_NOT_FOUND", "No."), 404, ""),
        (Refused("KEY_IN_TEXT", "No.", violations=(KEY_IN_MESSAGE,)), 400, "글에 API 키가 들어 있어"),
    ],
)
async def test_refusal_before_the_run_has_its_own_status(
    gateway: Gateway, scripted: FakeChat, path: str, refused: Refused, status: int, sentence: str
) -> None:
    scripted.refusal = refused
    answer = await ask(gateway, path)
    assert refusal(answer) == (status, refused.reason)
    assert answer.json()["error"].startswith(sentence)
    assert [detail["field"] for detail in answer.json()["details"]] == [v.field for v in refused.violations]
    assert KEY not in answer.text


async def test_refusal_says_when_to_come_back(gateway: Gateway, scripted: FakeChat) -> None:
    scripted.refusal = ProviderTrouble("PROVIDER_RATE_LIMITED", "Slow down.", retry_after_seconds="33")
    answer = await ask(gateway)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "33")


async def test_unusable_question_is_refused(gateway: Gateway) -> None:
    for field, value in (
        ("message", ""),
        ("message", "x" * 8001),
        ("dataset_id", "x"),
        ("expected_version", -1),
        ("expected_version", "1"),
        ("extra", 1),
    ):
        answer = await gateway.post(MESSAGE, json=question(**{field: value}), headers=HEADERS)
        assert [*refused_fields(answer)] == [field]


async def test_key_is_verified(gateway: Gateway, scripted: FakeChat) -> None:
    for state in ("valid", "invalid", "unreachable"):
        scripted.key_state = pb.KeyState.Value(f"KEY_STATE_{state.upper()}")
        assert (await gateway.post("/api/chat/key/verify", headers=HEADERS)).json()["state"] == state


async def test_models_are_listed_with_and_without_a_key(gateway: Gateway, scripted: FakeChat) -> None:
    listed = (await gateway.get("/api/chat/models")).json()
    await gateway.get("/api/chat/models", headers=HEADERS)
    assert listed["models"][1] == {"model": "m-1", "name": "하나", "input_usd": None, "output_usd": None}
    assert (listed["default_model"], listed["prices_of"]) == ("m-2", "2026-11-01")
    assert scripted.keys == ["", KEY]


async def test_conversations_are_listed_read_renamed_and_deleted(gateway: Gateway, scripted: FakeChat) -> None:
    listed = (await gateway.get(CONVERSATIONS, headers=HEADERS)).json()
    assert (listed["total"], listed["next"], listed["conversations"][0]["title"]) == (1, "behind", "제목")
    assert scripted.listed.client_id == "browser-1"

    path = f"{CONVERSATIONS}/{CONVERSATION_ID}"
    whole = (await gateway.get(path)).json()
    assert [message["role"] for message in whole["messages"]] == ["user", "assistant"]
    assert whole["messages"][0]["status"] == "failed"
    assert whole["messages"][0]["failure_message"] == "API 키가 유효하지 않습니다. 다시 확인해주세요."
    renamed = await gateway.patch(path, json={"title": "새 제목"}, headers=HEADERS)
    assert renamed.json()["title"] == "새 제목"
    assert (await gateway.delete(path, headers=HEADERS)).status_code == 200
    assert [request.client_id for request in scripted.changes] == ["browser-1"] * 2
    assert refusal(await gateway.get(f"{CONVERSATIONS}/{new_id()}")) == (404, "CONVERSATION_NOT_FOUND")


async def test_conversation_comes_with_all_its_messages_and_these_with_all_their_calls(
    gateway: Gateway, scripted: FakeChat
) -> None:
    scripted.further_calls = [CALL] * 3
    whole = (await gateway.get(f"{CONVERSATIONS}/{CONVERSATION_ID}")).json()
    assert (whole["success"], whole["title"], scripted.read.limit) == (True, "제목", 0)
    asked, answered = whole["messages"]
    assert (asked["tool_calls"], len(answered["tool_calls"])) == ([], 3)
    assert answered["tool_calls"][2]["table"] == TABLE


async def test_messages_come_in_pages_with_the_latest_first(gateway: Gateway, scripted: FakeChat) -> None:
    path = f"{CONVERSATIONS}/{CONVERSATION_ID}/messages"
    page = (await gateway.get(path, params={"limit": 2, "after": "9"})).json()
    assert (page["success"], page["title"], page["next"], len(page["messages"])) == (True, "제목", "7", 2)
    assert (scripted.read.order, scripted.read.limit, scripted.read.after) == (pb.MESSAGE_ORDER_LATEST, 2, "9")
    assert refusal(await gateway.get(f"{CONVERSATIONS}/{new_id()}/messages")) == (404, "CONVERSATION_NOT_FOUND")


async def test_list_goes_on_behind_the_page_before(gateway: Gateway, scripted: FakeChat) -> None:
    await gateway.get(CONVERSATIONS, params={"after": "behind", "limit": 5})
    assert (scripted.listed.after, scripted.listed.limit) == ("behind", 5)


async def test_conversation_that_breaks_off_is_no_whole_answer(gateway: Gateway, scripted: FakeChat) -> None:
    scripted.refusal_at_the_end = Refused("DATABASE_UNAVAILABLE", "down")
    with pytest.raises(httpx.RemoteProtocolError):
        await gateway.get(f"{CONVERSATIONS}/{CONVERSATION_ID}")


async def test_who_names_no_browser_asks_for_conversations_begun_without_one(
    gateway: Gateway, scripted: FakeChat
) -> None:
    path = f"{CONVERSATIONS}/{CONVERSATION_ID}"
    await gateway.get(CONVERSATIONS)
    await gateway.patch(path, json={"title": "새 제목"})
    await gateway.delete(path)
    for request in (scripted.listed, *scripted.changes):
        assert (request.HasField("client_id"), request.client_id) == (True, "")


@pytest.mark.parametrize(
    ("kind", "media_type", "ending", "content"),
    [
        ("markdown", "text/markdown; charset=utf-8", ".md", b"# x"),
        ("notebook", "application/x-ipynb+json", ".ipynb", b'{"cells":[]}'),
    ],
)
async def test_conversation_is_exported(
    gateway: Gateway, kind: str, media_type: str, ending: str, content: bytes
) -> None:
    answer = await gateway.get(f"{CONVERSATIONS}/{CONVERSATION_ID}/export", params={"format": kind})
    assert (answer.content, answer.headers["content-type"]) == (content, media_type)
    assert answer.headers["content-disposition"].endswith(f"%EB%8C%80%ED%99%94{ending}")
