"""Ends the sessions of closed tabs. Streamlit itself would keep them until another tab is closed."""

import asyncio
import ctypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from streamlit.runtime import Runtime
from streamlit.runtime.session_manager import SessionStorage

KEPT_SECONDS = 60
"""How long a tab that lost its connection finds its session again."""
_PAUSE_SECONDS = 5.0
# The C library of Linux keeps what was freed in small pieces, and gives it to the system when it is told to.
_give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)


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
    expired = storage._cache.expire()  # type: ignore[attr-defined]
    for _, info in expired:
        info.session.shutdown()
        info.session.session_state.clear()
    if expired and _give_back is not None:
        _give_back(0)
