"""A question in the address, its map of regions and what a click on it adds, with nationwide public records."""

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from uuid import uuid4

import httpx
import pandas as pd
import pytest
from playwright.sync_api import FrameLocator, Page, expect

from streamlit_client import texts_chat, texts_explore
from tests.e2e.running_stack import Stack
from tests.e2e.samples import accidents_csv
from tests.e2e.test_dataset_pages import stored
from tests.eventually import wait_until
from tests.real_browser import IN_A_BROWSER, new_person, nothing_from_outside, running_browser
from tests.real_servers import REPOSITORY
from tests.scripted_messages_api import ScriptedMessagesApi, ToolUse, says, uses

FATAL = (
    Path(os.environ.get("DATA_DIR", REPOSITORY.parent / "shared" / "data")) / "도로교통공단_교통사망사고정보_2016.csv"
)
NIGHT_ON_FOOT = {"주야": "야간", "사고유형_대분류": "차대사람"}
_PRESS_MILLISECONDS = 10_000
BY_TYPE = ToolUse("group_by_aggregate", {"group_column": "사고유형", "operation": "count"})

pytestmark = IN_A_BROWSER


@pytest.fixture
def page(stack: Stack) -> Iterator[Page]:
    with running_browser() as browser, new_person(browser) as person, nothing_from_outside(person):
        yield person.new_page()


def address(stack: Stack, dataset_id: str, question: dict[str, Any], **parts: str) -> str:
    parts = {"dataset": dataset_id, "q": json.dumps(question, ensure_ascii=False), **parts}
    return f"{stack.page}/explore?" + "&".join(f"{name}={quote(value)}" for name, value in parts.items())


def question_in(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(parse_qs(urlsplit(page.url).query)["q"][0])
    return found


def regions_on(the_map: FrameLocator) -> dict[str, int]:
    """Returns the count of each region, as the map has them."""
    (script,) = (text for text in the_map.locator("script").all_text_contents() if "drawAreas(" in text)
    names, texts = (json.loads(found) for found in re.findall(r'"(?:names|texts)":(\[.*?\])', script))
    return {name: int(text.rpartition(" ")[2]) for name, text in zip(names, texts, strict=True)}


def press_until(press: Callable[[], None], is_seen: Callable[[float], None]) -> None:
    """Presses until it is seen: a press is lost while the page around a chart or a map is still being drawn."""

    def is_done() -> bool:
        press()
        try:
            is_seen(_PRESS_MILLISECONDS)
        except AssertionError:
            return False
        return True

    wait_until(is_done)


@pytest.mark.skipif(not FATAL.is_file(), reason="the real public data is not there (DATA_DIR)")
def test_fatal_accidents_at_night_on_foot_are_mapped_by_district_with_the_counts_of_pandas(
    page: Page, stack: Stack, api: httpx.Client
) -> None:
    frame = pd.read_csv(FATAL, encoding="cp949")
    asked = frame[(frame[list(NIGHT_ON_FOOT)] == list(NIGHT_ON_FOOT.values())).all(axis="columns")]
    counts = asked.groupby(["발생지시도", "발생지시군구"]).size()
    dataset_id = stored(api, f"사망사고 {uuid4().hex[:6]}", FATAL.read_bytes().decode("cp949"))
    where = [{"column": name, "value": value} for name, value in NIGHT_ON_FOOT.items()]
    page.goto(address(stack, dataset_id, {"where": where}, map="sigungu"))

    the_map = page.frame_locator("iframe")
    expect(the_map.locator(".leaflet-container")).to_have_attribute("data-areas", str(len(counts)))
    assert Counter(regions_on(the_map).values()) == Counter(counts.tolist())
    assert regions_on(the_map)["대구광역시 수성구"] == counts["대구", "수성구"]

    by_name = regions_on(the_map)
    drawn = the_map.locator(".leaflet-container")
    press_until(
        lambda: the_map.locator("path.korea-area").first.click(force=True),
        lambda patience: expect(drawn).to_have_attribute("data-areas", "1", timeout=patience),
    )
    chosen = question_in(page)["where"][-1]["value"]
    expect(page.get_by_text(f"{len(frame):,}행 중 {by_name[chosen]}행").first).to_be_visible()
    page.go_back()
    expect(the_map.locator(".leaflet-container")).to_have_attribute("data-areas", str(len(counts)))


def test_bar_and_cell_that_are_clicked_become_conditions(page: Page, stack: Stack, api: httpx.Client) -> None:
    dataset_id = stored(api, f"사고 {uuid4().hex[:6]}", accidents_csv())
    page.goto(address(stack, dataset_id, {}))
    bar = page.locator(".barlayer .point path").first
    expect(page.locator(".js-plotly-plot")).to_have_count(5)
    expect(page.locator("iframe")).to_be_visible()
    box = bar.bounding_box()
    assert box
    press_until(
        lambda: page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2),
        lambda patience: expect(page.get_by_text("60행 중 20행").first).to_be_visible(timeout=patience),
    )
    assert [condition["column"] for condition in question_in(page)["where"]] == ["사고유형"]


def test_step_of_an_answer_opens_as_a_chart(
    page: Page, stack: Stack, api: httpx.Client, messages_api: ScriptedMessagesApi
) -> None:
    messages_api.start_anew()
    dataset_id = stored(api, f"채팅 {uuid4().hex[:6]}", accidents_csv(rows=97))
    messages_api.script(uses(BY_TYPE), says("차대차가 가장 많습니다."))
    page.goto(f"{stack.page}/chat?dataset={dataset_id}")
    write = page.get_by_test_id("stChatInputTextArea")
    expect(write).to_be_enabled()
    write.fill(f"유형별 건수는? {uuid4().hex[:6]}")
    write.press("Enter")
    expect(page.get_by_text("차대차가 가장 많습니다.").first).to_be_visible()
    expect(page.get_by_test_id("stChatInputTextArea")).to_be_enabled()
    page.get_by_test_id("stChatMessage").last.get_by_test_id("stExpander").first.locator("summary").click()
    page.get_by_role("link", name=texts_chat.OPEN_QUESTION).first.click()
    expect(page.get_by_role("tab", name=texts_explore.CHARTS)).to_have_attribute("aria-selected", "true")
    expect(page.locator(".js-plotly-plot")).to_have_count(1)
    assert question_in(page)["groups"] == ["사고유형"]
