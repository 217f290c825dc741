"""Ends the sessions of closed tabs. Streamlit itself would keep them until another tab is closed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from streamlit.runtime import Runtime
from streamlit.runtime.session_manager import SessionStorage

KEPT_SECONDS = 60
"""How long a tab that lost its connection finds its session again."""
_PAUSE_SECONDS = 5.0


@asynccontextmanager
async def ending_sessions(_app: Any) -> AsyncIterator[None]:
    """Ends sessions as long as the page is served."""
    storage = Runtime.instance()._session_mgr._session_storage  # type: ignore[attr-defined]

    async def end_again_and_again() -> None:
        while True:
            await asyncio.sleep(_PAUSE_SECONDS)
            end_expired(storage)

    ending = asyncio.create_task(end_again_and_again())
    yield
    ending.cancel()


def end_expired(storage: SessionStorage) -> None:
    """Ends the sessions whose time is over, and empties them: they are cycles, which the collector comes to late."""
    for _, info in storage._cache.expire():  # type: ignore[attr-defined]
        info.session.shutdown()
        info.session.session_state.clear()
