"""Ends the sessions of closed tabs. By default Streamlit keeps them until another tab is closed."""

import asyncio
import ctypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from streamlit.runtime import Runtime
from streamlit.runtime.session_manager import SessionStorage

KEPT_SECONDS = 60
"""How long a disconnected tab can return to its session."""
_PAUSE_SECONDS = 5.0
# glibc keeps freed memory in small chunks, and returns it to the system only on request.
_give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)


@asynccontextmanager
async def expire_sessions(_app: Any) -> AsyncIterator[None]:
    """Ends expired sessions while the page is served."""
    storage = Runtime.instance()._session_mgr._session_storage  # type: ignore[attr-defined]

    async def expire_repeatedly() -> None:
        while True:
            await asyncio.sleep(_PAUSE_SECONDS)
            end_expired(storage)

    ending = asyncio.create_task(expire_repeatedly())
    yield
    ending.cancel()


def end_expired(storage: SessionStorage) -> None:
    """Ends expired sessions, and clears them, because the garbage collector frees their cycles late."""
    expired = storage._cache.expire()  # type: ignore[attr-defined]
    for _, info in expired:
        info.session.shutdown()
        info.session.session_state.clear()
    if expired and _give_back is not None:
        _give_back(0)
