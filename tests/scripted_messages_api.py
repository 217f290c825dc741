"""A scripted Messages API over real HTTP, which can also fail in every way that the real one can.

    async with ScriptedMessagesApi().running() as api:
        api.script(says("안녕하세요."), fails(529, "overloaded_error"))
        ...  ANTHROPIC_BASE_URL=api.url

It validates our requests as strictly as the real one. Without a script it answers by simple rules through the tools,
so that the page can be tried without a key of Anthropic:

    python -m tests.scripted_messages_api 8787        and  ANTHROPIC_BASE_URL=http://127.0.0.1:8787 ./scripts/up

Then any key such as sk-ant-anything-goes works, and keys that begin with one of HAND_TROUBLES cause failures:
sk-ant-refused-…, sk-ant-nocredit-…, sk-ant-limited-…, sk-ant-overloaded-…, sk-ant-html-…, sk-ant-error-…,
sk-ant-cut-…, sk-ant-stall-…, sk-ant-slow-…; with sk-ant-flaky-… every other request is refused as overloaded, with
sk-ant-long-… an answer ends at the limit of tokens, unless it is one that goes on.
"""

import asyncio
import hashlib
import json
import re
import ssl
import struct
import sys
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import uuid4

MODELS = (("claude-sonnet-5-5", "Claude Sonnet 5.5"), ("claude-haiku-5-5", "Claude Haiku 5.5"))
_CHUNK = 6
_MOST_CACHE_MARKS = 4
_REFUSED_SETTINGS = ("temperature", "top_p", "top_k")


@dataclass(frozen=True)
class ToolUse:
    """A tool use by the model. `raw` is sent instead of the arguments, and may be invalid JSON."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    raw: str | None = None


@dataclass(frozen=True)
class Reply:
    """The reply to one request: a stream, or `status` and `body`.

    `end` says how the stream ends, after its content was sent. `cut` ends it properly
    but too early, `drop` and `reset` end the connection. A `gate` is awaited before the text.
    """

    text: str = ""
    thinking: str = ""
    tool_uses: tuple[ToolUse, ...] = ()
    stop_reason: str | None = None
    end: Literal["complete", "cut", "drop", "reset", "stall", "error"] = "complete"
    error_type: str = "overloaded_error"
    error_message: str = "Overloaded"
    seconds_between: float = 0.0
    gate: asyncio.Event | None = None
    input_tokens: int = 900
    output_tokens: int = 120
    cached_tokens: int = 300
    cache_written_tokens: int = 50
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def says(text: str, **how: Any) -> Reply:
    """Returns a reply with text."""
    return Reply(text=text, **how)


def uses(*tool_uses: ToolUse, **how: Any) -> Reply:
    """Returns a reply that uses tools."""
    return Reply(tool_uses=tool_uses, **how)


def fails(
    status: int, error_type: str = "api_error", message: str = "No.", headers: Mapping[str, str] | None = None
) -> Reply:
    """Returns a refusal with an error of the API."""
    body = json.dumps(
        {"type": "error", "error": {"type": error_type, "message": message}, "request_id": "req_scripted"}
    )
    return Reply(status=status, body=body.encode(), headers={"content-type": "application/json", **(headers or {})})


def page(status: int, html: str = "<html><body>Bad gateway</body></html>") -> Reply:
    """Returns the HTML page of an intermediate proxy."""
    return Reply(status=status, body=html.encode(), headers={"content-type": "text/html"})


@dataclass
class Request:
    """One received request; `left` is set if its client disconnected before the end."""

    path: str
    headers: Mapping[str, str]
    body: Any
    left: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def api_key(self) -> str:
        """The key, from either of its two headers."""
        return self.headers.get("authorization", "").removeprefix("Bearer ") or self.headers.get("x-api-key", "")


Brain = Callable[[Request], Reply]


class ScriptedMessagesApi:
    """The server. `requests` has the requests to /v1/messages; `brain` answers those without a script."""

    def __init__(self, brain: Brain | None = None) -> None:
        self.requests: list[Request] = []
        self.brain: Brain = brain or answer_by_rules
        self.models_reply: Reply | None = None
        self.port = 0
        self.tls: ssl.SSLContext | None = None
        self._script: deque[Reply] = deque()
        self._connections: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._arrived = asyncio.Event()

    @property
    def url(self) -> str:
        """The value for ANTHROPIC_BASE_URL."""
        return f"http://127.0.0.1:{self.port}" if self.tls is None else f"https://localhost:{self.port}"

    def script(self, *replies: Reply) -> None:
        """Queues these replies for the next requests, one each."""
        self._script.extend(replies)

    def start_anew(self) -> None:
        """Clears requests and script."""
        self._script.clear()
        self.requests.clear()
        self.models_reply = None

    def open(self, gate: asyncio.Event) -> None:
        """Opens the gate of a reply, from a test in another thread."""
        assert self._loop
        self._loop.call_soon_threadsafe(gate.set)

    async def until_asked(self, times: int = 1) -> None:
        """Waits until this many requests have arrived."""
        while len(self.requests) < times:
            self._arrived.clear()
            await self._arrived.wait()

    @asynccontextmanager
    async def running(self, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator["ScriptedMessagesApi"]:
        """Serves inside the block, on this event loop."""
        server = await asyncio.start_server(self._serve, host, port, limit=2**24, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for connection in self._connections:
                connection.cancel()
            if self._connections:
                await asyncio.wait(self._connections)

    @contextmanager
    def running_in_thread(self, port: int = 0) -> Iterator["ScriptedMessagesApi"]:
        """Serves inside the block from a separate thread, for tests without an event loop."""
        is_ready, loop = threading.Event(), asyncio.new_event_loop()
        self._loop = loop
        should_stop = asyncio.Event()

        async def serve() -> None:
            async with self.running(port):
                is_ready.set()
                await should_stop.wait()

        thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
        thread.start()
        is_ready.wait()
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(should_stop.set)
            thread.join()
            loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        try:
            while (request := await _read_request(reader)) is not None:
                reply = self._reply_to(request)
                if not await _send(request, reply, reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._connections.discard(task)
            writer.close()

    def _reply_to(self, request: Request) -> Reply:
        if not request.api_key:
            return fails(401, "authentication_error", "x-api-key header is required")
        if request.path.startswith("/v1/models"):
            return (
                self.models_reply or _trouble_by_hand(request, without=("slow", "cut", "stall", "error")) or _models()
            )
        if request.path.split("?")[0] != "/v1/messages":
            return fails(404, "not_found_error", "Not found")
        self.requests.append(request)
        self._arrived.set()
        fault = _fault_of(request.body)
        if fault:
            return fails(400, "invalid_request_error", fault)
        is_first = sum(asked.api_key == request.api_key for asked in self.requests) % 2 == 1
        if request.api_key.startswith("sk-ant-flaky") and is_first:
            return fails(529, "overloaded_error", "Overloaded")
        reply = self._script.popleft() if self._script else _trouble_by_hand(request) or self.brain(request)
        if reply.tool_uses and request.body.get("tool_choice") == {"type": "none"}:
            return says("도구 없이 답합니다.")
        return reply


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(first.split()[1], headers, json.loads(body) if body else None)


async def _send(request: Request, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Sends a reply. Returns whether the connection can be used again."""
    if reply.body or reply.status != 200:
        writer.write(_head(reply.status, {**reply.headers, "content-length": str(len(reply.body))}) + reply.body)
        await writer.drain()
        return True
    writer.write(_head(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"}))
    leaving = asyncio.ensure_future(reader.read(1))  # the client sends nothing more: this ends when it disconnects
    pace = _Pace(reply, leaving)
    try:
        for event in _events(request.body, reply):
            if leaving.done():
                break
            if event["type"] == "content_block_delta":
                await pace.next()
            data = f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()
            writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            await writer.drain()
        if not leaving.done() and reply.end == "stall":
            await leaving
        if leaving.done():
            request.left.set()
            return False
        if reply.end == "reset":
            await asyncio.sleep(0.02)  # lets the sent data arrive before the reset
            sock = writer.get_extra_info("socket")
            sock.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SOL_SOCKET, SO_LINGER: close with RST
            writer.transport.abort()
            return False
        leaving.cancel()  # before the end is sent: afterwards the next request may arrive
        await asyncio.wait((leaving,))
        writer.write(b"0\r\n\r\n" if reply.end != "drop" else b"")
        await writer.drain()
        return reply.end != "drop"
    except ConnectionError:
        request.left.set()
        return False
    finally:
        leaving.cancel()


class _Pace:
    """When the pieces of a reply are due: as long after the first as it says, also where a busy machine was late."""

    def __init__(self, reply: Reply, leaving: asyncio.Future[bytes]) -> None:
        self._reply, self._leaving = reply, leaving
        self._due = 0.0

    async def next(self) -> None:
        """Waits until the next piece is due, or the client has disconnected."""
        if self._reply.gate is not None:
            opened = asyncio.ensure_future(self._reply.gate.wait())
            await asyncio.wait((opened, self._leaving), return_when=asyncio.FIRST_COMPLETED)
            opened.cancel()
        if self._reply.seconds_between:
            now = asyncio.get_running_loop().time()
            self._due = (self._due or now) + self._reply.seconds_between
            await asyncio.wait((self._leaving,), timeout=max(0.0, self._due - now))


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Scripted", "request-id: req_scripted", "set-cookie: __who=somebody; Path=/"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _events(body: Any, reply: Reply) -> Iterator[dict[str, Any]]:
    usage = {
        "input_tokens": reply.input_tokens,
        "output_tokens": 1,
        "cache_read_input_tokens": reply.cached_tokens,
        "cache_creation_input_tokens": reply.cache_written_tokens,
    }
    message = {
        "id": f"msg_{uuid4().hex}", "type": "message", "role": "assistant", "model": body["model"], "content": [],
        "stop_reason": None, "stop_sequence": None, "usage": usage,
    }  # fmt: skip
    yield {"type": "message_start", "message": message}
    yield {"type": "ping"}
    index = 0
    if reply.thinking:
        begins = {"type": "thinking", "thinking": "", "signature": ""}
        deltas = [{"type": "thinking_delta", "thinking": part} for part in _parts(reply.thinking)]
        signature = {"type": "signature_delta", "signature": signature_of(reply.thinking)}
        yield from _block(index, begins, [*deltas, signature])
        index += 1
    if reply.text:
        deltas = [{"type": "text_delta", "text": part} for part in _parts(reply.text)]
        is_whole = bool(reply.tool_uses) or reply.end == "complete"
        yield from _block(index, {"type": "text", "text": ""}, deltas, is_whole)
        index += 1
    for use in reply.tool_uses:
        start: dict[str, Any] = {"type": "tool_use", "id": f"toolu_{uuid4().hex[:20]}", "name": use.name, "input": {}}
        raw = use.raw if use.raw is not None else json.dumps(use.arguments, ensure_ascii=False)
        yield from _block(index, start, [{"type": "input_json_delta", "partial_json": part} for part in _parts(raw)])
        index += 1
    if reply.end == "error":
        error = {"type": reply.error_type, "message": reply.error_message}
        yield {"type": "error", "error": error, "request_id": "req_scripted"}
    elif reply.end == "complete":
        stop_reason = reply.stop_reason or ("tool_use" if reply.tool_uses else "end_turn")
        delta = {"stop_reason": stop_reason, "stop_sequence": None}
        yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": reply.output_tokens}}
        yield {"type": "message_stop"}


def _block(
    index: int, start: Mapping[str, Any], deltas: Sequence[Mapping[str, Any]], is_whole: bool = True
) -> Iterator[dict[str, Any]]:
    yield {"type": "content_block_start", "index": index, "content_block": start}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    if is_whole:
        yield {"type": "content_block_stop", "index": index}


def _parts(text: str) -> list[str]:
    return [text[at : at + _CHUNK] for at in range(0, len(text), _CHUNK)]


def signature_of(thinking: str) -> str:
    """Returns the signature of a thinking block, which must be sent back with it."""
    return hashlib.sha256(thinking.encode()).hexdigest()


def _fault_of(body: Any) -> str:
    """Returns why the real API would refuse a request for Sonnet 5.5; empty if it would accept it."""
    marks = json.dumps(body).count('"cache_control"')
    messages = body["messages"]
    thinking = body.get("thinking", {}).get("type")
    checks = {
        "sampling parameters are not supported": any(name in body for name in _REFUSED_SETTINGS),
        "max_tokens: field required": not body.get("max_tokens"),
        "forced tool_choice is not supported": body.get("tool_choice", {}).get("type") in ("any", "tool"),
        "thinking.type is not supported": thinking not in (None, "adaptive", "between_tools"),
        "prefill is not supported": not messages or messages[-1]["role"] != "user",
        "a maximum of 4 blocks with cache_control may be provided": marks > _MOST_CACHE_MARKS,
        "tools: names must be unique": len({t["name"] for t in body.get("tools", ())}) != len(body.get("tools", ())),
        "text content blocks must be non-empty": any(
            block["type"] == "text" and not block["text"] for turn in messages for block in turn["content"]
        ),
        "thinking blocks must come back unmodified": any(
            block["type"] == "thinking" and block["signature"] != signature_of(block["thinking"])
            for turn in messages
            for block in turn["content"]
        ),
        "every tool_use needs one tool_result in the next message": any(
            [block["id"] for block in turn["content"] if block["type"] == "tool_use"]
            != [block["tool_use_id"] for block in following["content"] if block["type"] == "tool_result"]
            for turn, following in zip(messages, [*messages[1:], {"content": []}], strict=True)
            if turn["role"] == "assistant"
        ),
        "roles must alternate": any(
            turn["role"] != ("user", "assistant")[at % 2] for at, turn in enumerate(messages)
        ),
    }  # fmt: skip
    return next((fault for fault, is_there in checks.items() if is_there), "")


def _models() -> Reply:
    data = [
        {
            "type": "model",
            "id": model,
            "display_name": name,
            "created_at": "2026-09-28T00:00:00Z",
            "lifecycle": "active",
        }
        for model, name in MODELS
    ]
    body = {"data": data, "has_more": False, "first_id": MODELS[0][0], "last_id": MODELS[-1][0]}
    return Reply(status=200, body=json.dumps(body).encode(), headers={"content-type": "application/json"})


HAND_TROUBLES: Mapping[str, Reply] = {
    "refused": fails(401, "authentication_error", "invalid x-api-key"),
    "nocredit": fails(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
    "limited": fails(429, "rate_limit_error", "This request would exceed your rate limit.", {"retry-after": "60"}),
    "overloaded": fails(529, "overloaded_error", "Overloaded"),
    "html": page(502),
    "error": says("답을 쓰다가 ", end="error"),
    "cut": says("답을 쓰다가 ", end="cut"),
    "stall": says("답을 쓰다가 ", end="stall"),
}


def _trouble_by_hand(request: Request, without: Sequence[str] = ()) -> Reply | None:
    found = re.match(r"sk-ant-([a-z]+)", request.api_key)
    name = found.group(1) if found else ""
    return None if name in without else HAND_TROUBLES.get(name)


def answer_by_rules(request: Request) -> Reply:
    """Answers a question with one tool that fits its words, then repeats the tool's result."""
    pace = 0.3 if request.api_key.startswith("sk-ant-slow") else 0.01
    last = request.body["messages"][-1]["content"]
    results = [block for block in last if block["type"] == "tool_result"]
    if results:
        found = "\n\n".join(str(block["content"]) for block in results)
        stop_reason = "max_tokens" if request.api_key.startswith("sk-ant-long") else None
        return says(f"도구로 확인했습니다.\n\n{found}", seconds_between=pace, stop_reason=stop_reason)
    if "이어서" in last[-1]["text"]:
        return says("이어서 말씀드립니다. 이른 아침과 늦은 밤에는 사고가 적습니다.", seconds_between=pace)
    question = "".join(block["text"] for block in last if block["type"] == "text")
    names = {tool["name"] for tool in request.body.get("tools", ())}
    use = _fitting_tool(question, dataset_of(request.body))
    if use.name not in names:
        return says("쓸 수 있는 도구가 없어 답하지 못합니다.", seconds_between=pace)
    return replace(uses(use, thinking=f"{use.name} 도구로 확인하겠습니다."), seconds_between=pace)


def dataset_of(body: Any) -> dict[str, Any]:
    """Returns the description of the dataset in the request."""
    told = "\n".join(block["text"] for block in body.get("system", ()))
    found = re.search(r"<dataset>\n(.*)\n</dataset>", told, re.DOTALL)
    dataset: dict[str, Any] = json.loads(found.group(1)) if found else {"columns": []}
    return dataset


def _fitting_tool(question: str, dataset: Mapping[str, Any]) -> ToolUse:
    kinds: dict[str, str] = {column["name"]: column["kind"] for column in dataset["columns"]}

    def named(*parts: str) -> str | None:
        return next((name for part in parts for name in kinds if part in name), None)

    if "예측" in question:
        return ToolUse("predict_eclo", _EXAMPLE_ACCIDENT)
    if any(word in question for word in ("결측", "빠진", "비어")):
        return ToolUse("get_missing_values")
    for words, parts, tool in (
        (("시간", "몇 시", "월별", "언제"), ("일시", "날짜", "일자", "시간"), "get_temporal_pattern"),
        (("어느 구", "어디", "지역", "동네"), ("시군구", "구", "주소"), "get_value_counts"),
    ):
        column = named(*parts)
        if column and any(word in question for word in words):
            return ToolUse(tool, {"column": column})
    mentioned = max((name for name in kinds if name in question), key=len, default=None)
    if mentioned is not None:
        is_number = kinds[mentioned] in ("정수", "실수")
        return ToolUse("get_column_statistics" if is_number else "get_value_counts", {"column": mentioned})
    return ToolUse("get_dataframe_info")


_EXAMPLE_ACCIDENT = {
    "weather": "맑음", "road_surface": "건조", "road_type": "교차로 - 교차로안", "accident_type": "차대차",
    "district": "대구광역시 수성구 범어동", "accident_hour": 18, "accident_year": 2020, "accident_month": 6,
    "accident_day": 12,
}  # fmt: skip


async def _serve_by_hand(port: int, host: str) -> None:
    async with ScriptedMessagesApi().running(port, host) as api:
        print(f"ANTHROPIC_BASE_URL={api.url}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        given = dict(enumerate(sys.argv))
        asyncio.run(_serve_by_hand(int(given.get(1, "8787")), given.get(2, "127.0.0.1")))
