"""A user of the page without a browser: speaks the WebSocket protocol of one tab."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import cast

import httpx
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg, RunIdentity
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from scripts.benchmarks.processes import ProgramFailed

_LONGEST_SECONDS = 120.0


class NotDrawn(ProgramFailed):
    """The page showed an error, or lacks the button; the message says which."""


class Disconnected(ProgramFailed):
    """The page closed the connection; a browser would connect again."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The messages of one script run of the page."""

    messages: tuple[ForwardMsg, ...]

    def frames(self) -> list[str]:
        """Returns the addresses of the frames that the browser loads by itself, such as maps."""
        elements = [message.delta.new_element for message in self.messages if message.WhichOneof("type") == "delta"]
        return [element.iframe.src for element in elements if element.iframe.src]

    def kinds(self) -> list[str]:
        """Returns the types of the drawn elements, for example `metric`, and of the blocks that contain them."""
        deltas = [message.delta for message in self.messages if message.WhichOneof("type") == "delta"]
        return [str(delta.new_element.WhichOneof("type") or "block") for delta in deltas]


class Visitor:
    """One open tab."""

    def __init__(self, connection: ClientConnection, client: httpx.AsyncClient) -> None:
        self.client = client
        """Sends what the browser sends beside the WebSocket, with its cookies."""
        self._connection = connection
        # Also what comes between two steps is read: unread messages would hold up the answers to pings.
        self._arrived: asyncio.Queue[ForwardMsg | None] = asyncio.Queue()
        self._page = ""
        self._query = ""
        self._pages: dict[str, str] = {}
        self._buttons: dict[str, tuple[str, str]] = {}
        self._inputs: dict[str, tuple[str, str]] = {}

    async def read(self) -> None:
        """Reads what the page sends, until the connection closes."""
        with suppress(ConnectionClosed):
            async for content in self._connection:
                self._arrived.put_nowait(ForwardMsg.FromString(cast(bytes, content)))
        self._arrived.put_nowait(None)

    async def load(self) -> Drawn:
        """Loads the page."""
        return await self._run(BackMsg())

    async def open(self, path: str, query: str) -> Drawn:
        """Goes to another page, as a click on its link does, and loads its frames."""
        if not self._pages:
            await self.load()
        self._page, self._query = self._pages[path], query
        drawn = await self._run(BackMsg())
        for frame in drawn.frames():
            (await self.client.get(frame)).raise_for_status()
        return drawn

    async def ask(self, key: str, text: str) -> Drawn:
        """Sends a text by the chat input with that key, and returns what is drawn until the answer has ended."""
        if key not in self._inputs:
            raise NotDrawn(f"The page has no input {key!r}.")
        field, fragment = self._inputs[key]
        message = BackMsg()
        message.rerun_script.fragment_id = fragment
        message.rerun_script.widget_states.widgets.add(id=field).chat_input_value.data = text
        return await self._run(message)

    async def press(self, key: str) -> Drawn:
        """Clicks the button with that key, and returns what is drawn afterwards."""
        if key not in self._buttons:
            raise NotDrawn(f"The page has no button {key!r}.")
        button, fragment = self._buttons[key]
        message = BackMsg()
        message.rerun_script.fragment_id = fragment
        message.rerun_script.widget_states.widgets.add(id=button, trigger_value=True)
        return await self._run(message)

    async def _run(self, message: BackMsg) -> Drawn:
        message.rerun_script.page_script_hash = self._page
        message.rerun_script.query_string = self._query
        while not self._arrived.empty():
            self._note(self._arrived.get_nowait())
        with suppress(ConnectionClosed):  # told by what arrives
            await self._connection.send(message.SerializeToString())
        messages: list[ForwardMsg] = []
        run: RunIdentity | None = None
        async with asyncio.timeout(_LONGEST_SECONDS):
            while not (run and _is_end_of(run, messages[-1])):
                messages.append(self._note(await self._arrived.get()))
                begun = messages[-1].metadata.run
                if messages[-1].WhichOneof("type") == "new_session" and (run or _is_asked_for(begun, message)):
                    run = begun  # or the one that follows, where the script asked for another
        return Drawn(tuple(messages))

    def _note(self, message: ForwardMsg | None) -> ForwardMsg:
        if message is None:
            raise Disconnected("The page closed the connection.")
        if message.WhichOneof("type") == "navigation":
            self._page = message.navigation.page_script_hash
            self._pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
        element = message.delta.new_element
        match element.WhichOneof("type"):
            case "button":
                key = element.button.id.rpartition("-")[2]
                self._buttons[key] = element.button.id, message.delta.fragment_id
            case "chat_input":
                self._inputs[element.chat_input.id.rpartition("-")[2]] = (
                    element.chat_input.id,
                    message.delta.fragment_id,
                )
            case "exception":
                raise NotDrawn(element.exception.message)
            case "alert" if element.alert.format == Alert.ERROR:
                raise NotDrawn(element.alert.body)
        return message


@asynccontextmanager
async def visiting(url: str) -> AsyncIterator[Visitor]:
    """Yields a tab connected to the page at that URL, with nothing drawn yet."""
    headers = {"Origin": url}
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=_LONGEST_SECONDS) as client:
        await client.get("/")
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        async with connect(
            f"{url.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            additional_headers={"Cookie": cookie},
            origin=Origin(url),
            max_size=None,
            open_timeout=_LONGEST_SECONDS,
        ) as connection:
            visitor = Visitor(connection, client)
            reading = asyncio.create_task(visitor.read())
            try:
                yield visitor
            finally:
                reading.cancel()


def _is_asked_for(run: RunIdentity, message: BackMsg) -> bool:
    """Tells whether a run is of the fragment that was asked for, or of the whole page."""
    fragment = message.rerun_script.fragment_id
    return fragment in run.fragment_ids if fragment else not run.fragment_ids


def _is_end_of(run: RunIdentity, message: ForwardMsg) -> bool:
    return (
        message.WhichOneof("type") == "script_finished"
        and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        and message.metadata.run.script_run_id == run.script_run_id
    )
