import json
import subprocess
import sys

_START = """
import gc, json
import streamlit as st
from streamlit_client.__main__ import main

config = {}
st.App.run = lambda _app, config: globals().update(config=config)
main()
print(json.dumps({"config": config, "frozen": gc.get_freeze_count(), "threshold": gc.get_threshold()}))
"""


def test_click_of_one_person_does_not_walk_the_objects_of_everybody() -> None:
    done = subprocess.run([sys.executable, "-c", _START], capture_output=True, text=True, check=True)
    started = json.loads(done.stdout.splitlines()[-1])
    assert started["config"]["runner.postScriptGC"] is False
    assert started["frozen"] > 50_000, "what the start made is walked again and again"
    assert started["threshold"][0] >= 10_000
    assert all(started["threshold"]), "what is in cycles must be collected some time"
