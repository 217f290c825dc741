"""A user of the page without a browser: speaks the WebSocket protocol of one tab."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from scripts.benchmarks.processes import ProgramFailed

_LONGEST_SECONDS = 120.0


class NotDrawn(ProgramFailed):
    """The page showed an error, or lacks the button; the message says which."""


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
        self._page = ""
        self._query = ""
        self._pages: dict[str, str] = {}
        self._buttons: dict[str, tuple[str, str]] = {}
        self._inputs: dict[str, tuple[str, str]] = {}

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
        await self._connection.send(message.SerializeToString())
        messages: list[ForwardMsg] = []
        async with asyncio.timeout(_LONGEST_SECONDS):
            while not messages or not _is_last(messages[-1]):
                messages.append(ForwardMsg.FromString(await self._connection.recv(decode=False)))
                self._note(messages[-1])
        return Drawn(tuple(messages))

    def _note(self, message: ForwardMsg) -> None:
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
            yield Visitor(connection, client)


def _is_last(message: ForwardMsg) -> bool:
    return (
        message.WhichOneof("type") == "script_finished"
        and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
    )
