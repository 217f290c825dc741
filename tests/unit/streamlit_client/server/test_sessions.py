from types import SimpleNamespace
from typing import Any

from streamlit.runtime.memory_session_storage import MemorySessionStorage

from streamlit_client.server.sessions import end_expired


def session_with(values: dict[str, object], ended: list[str]) -> Any:
    session = SimpleNamespace(id="tab", session_state=values, shutdown=lambda: ended.append("tab"))
    return SimpleNamespace(session=session)


def test_session_of_a_closed_tab_is_ended_and_emptied_though_no_other_tab_is_closed() -> None:
    storage, ended, values = MemorySessionStorage(ttl_seconds=0), list[str](), {"batch.upload": object()}
    storage.save(session_with(values, ended))
    end_expired(storage)
    assert (ended, values, storage.list()) == (["tab"], {}, [])


def test_session_that_may_come_back_is_left_alone() -> None:
    storage, ended, values = MemorySessionStorage(ttl_seconds=3600), list[str](), {"batch.upload": object()}
    storage.save(session_with(values, ended))
    end_expired(storage)
    assert not ended
    assert storage.get("tab")
