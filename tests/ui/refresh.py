"""What a browser does with a page by itself: it asks again for the parts that are to be drawn again and again."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests
from streamlit.testing.v1 import AppTest, app_test
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

Refresh = Callable[[AppTest], AppTest]


def refreshing(monkeypatch: pytest.MonkeyPatch) -> Refresh:
    """Returns what redraws those parts of a page, and nothing else. For pages that are opened afterwards."""
    due: list[str] = []
    asked: list[str] = []

    class Runner(LocalScriptRunner):
        def forward_msgs(self) -> list[ForwardMsg]:
            messages = super().forward_msgs()
            due.extend(message.auto_rerun.fragment_id for message in messages if message.HasField("auto_rerun"))
            return messages

        def request_rerun(self, rerun_data: RerunData) -> bool:
            if asked:
                self._requests = ScriptRequests()  # without the first run, which would be one of the whole page
                rerun_data = replace(rerun_data, fragment_id_queue=[*asked], is_auto_rerun=True)
            return super().request_rerun(rerun_data)

    def refresh(at: AppTest) -> AppTest:
        assert due, "nothing of the page is drawn again"
        asked.extend(dict.fromkeys(due))
        at.run()
        asked.clear()
        assert not at.exception
        return at

    monkeypatch.setattr(app_test, "LocalScriptRunner", Runner)
    return refresh
