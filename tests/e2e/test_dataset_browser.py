"""Datasets, map, link and chat in a real browser, without the internet."""

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from streamlit_client import texts, texts_chat, texts_datasets, texts_explore, texts_streamlit
from streamlit_client.server import map_assets
from streamlit_client.server.browser_id import COOKIE
from tests.e2e.running_stack import Stack
from tests.e2e.samples import accidents_csv
from tests.e2e.test_dataset_pages import stored
from tests.eventually import wait_until
from tests.korean_answers import ANSWERS
from tests.real_browser import IN_A_BROWSER, new_person, nothing_from_outside, running_browser
from tests.scripted_messages_api import ScriptedMessagesApi, ToolUse, says, uses

QUESTION = "사고가 가장 많은 시간대는?"
COUNT = ToolUse("get_temporal_pattern", {"column": "사고일시"})
ONE_ACCIDENT = (
    "사고일시,사고유형,ECLO,비고,위도,경도\n"
    '2020-05-15 14,차대차,8,"<img src=x onerror=""document.title=\'hacked\'"">",35.8714,128.6014\n'
)

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def tab(stack: Stack) -> Iterator[Page]:
    """The one tab of all tests of this file: a new one takes three times the work to fill."""
    with running_browser() as browser, new_person(browser) as person, nothing_from_outside(person):
        person.grant_permissions(["clipboard-read", "clipboard-write"], origin=stack.page)
        yield person.new_page()


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    """A tab of a person who has no cookie yet."""
    yield tab
    for another in tab.context.pages[1:]:
        another.close()
    tab.unroute_all()
    tab.emulate_media(color_scheme="light")
    tab.goto("about:blank")
    tab.context.clear_cookies()


def open_with(page: Page, stack: Stack, path: str, dataset_id: str) -> None:
    page.context.add_cookies([{"name": "open_dataset", "value": dataset_id, "url": stack.page}])
    page.goto(f"{stack.page}/{path}")


def open_chat(page: Page, stack: Stack, api: httpx.Client, messages_api: ScriptedMessagesApi, rows: int) -> str:
    """Opens the chat about a new dataset, whose number of rows no other test has: nothing about it is in the cache."""
    messages_api.start_anew()
    dataset_id = stored(api, f"채팅 {uuid4().hex[:6]}", accidents_csv(rows))
    open_with(page, stack, "chat", dataset_id)
    return dataset_id


def client_header(page: Page) -> dict[str, str]:
    return {"X-Client-Id": next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == COOKIE)}


def conversations(page: Page, api: httpx.Client, dataset_id: str) -> list[dict[str, Any]]:
    query = {"dataset_id": dataset_id}
    found = api.get("/api/chat/conversations", params=query, headers=client_header(page)).json()
    return list(found["conversations"])


def test_click_on_a_point_of_the_map_tells_about_the_accident(page: Page, stack: Stack, api: httpx.Client) -> None:
    with page.expect_request(lambda asked: "/korea." in asked.url and asked.resource_type == "fetch") as outlines:
        open_with(page, stack, "explore", stored(api, "사고 하나", ONE_ACCIDENT))
    assert outlines.value.frame == page.main_frame  # whose files browsers keep
    the_map = page.frame_locator("iframe[title='지도: 사고 하나']")
    ground = the_map.locator(".leaflet-container").first
    expect(ground).to_be_visible()
    expect(the_map.locator("canvas").first).to_be_attached()
    expect(page.locator(".js-plotly-plot")).to_have_count(4)  # which push the map down as they come
    popup = the_map.locator(".leaflet-popup-content")
    while not popup.count():
        ground.click()  # the middle, where the accident is
        with suppress(PlaywrightTimeout):
            popup.wait_for(timeout=2000)
    expect(popup).to_contain_text("2020-05-15 14:00")
    expect(popup).to_contain_text("차대차")
    expect(popup).to_contain_text("ECLO 8")
    expect(popup).to_contain_text("<img src=x")  # as text
    assert page.title() != "hacked"
    page.emulate_media(color_scheme="dark")
    expect(ground).to_have_css("background-color", "rgb(30, 36, 43)")
    expect(the_map.locator("path.korea-land")).to_have_count(17)
    expect(the_map.get_by_text("동인동1가", exact=True)).to_be_visible()
    expect(the_map.get_by_text(texts_explore.OUTLINES_SOURCE)).to_be_visible()


ASK_FOR_ALL_UNTIL_THE_LAST_COMES = """paths => new Promise(resolve => {
  for (const path of paths) {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = ({ data }) => resolve([path, JSON.parse(data).provinces.length])
    postMessage({ mapAsset: path }, "*", [port2])
  }
})"""


def test_page_fetches_for_a_map_what_all_maps_share_and_nothing_else(page: Page, stack: Stack) -> None:
    page.goto(stack.page)
    expect(page.locator(".news[role=status]")).to_be_attached()  # by the script that answers maps
    outlines = map_assets.find_outlines()
    others = [
        "/settings.json",
        f"{outlines}?",
        f"//elsewhere.test{outlines}",
        f"https://elsewhere.test{outlines}",
        None,
    ]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    assert page.evaluate(ASK_FOR_ALL_UNTIL_THE_LAST_COMES, [*others, outlines]) == [outlines, 17]
    assert [url for url in asked if any(other and url.endswith(other) for other in others)] == []


def test_data_goes_beside_the_notebook_and_a_file_that_cannot_be_made_any_more_is_refused_in_korean(
    page: Page, stack: Stack, api: httpx.Client, messages_api: ScriptedMessagesApi
) -> None:
    dataset_id = open_chat(page, stack, api, messages_api, rows=45)
    page.get_by_role("button", name=QUESTION).click()
    expect(page.get_by_text(texts_chat.FOLLOW_UPS)).to_be_visible()
    (conversation,) = conversations(page, api, dataset_id)
    page.get_by_text(texts_chat.MANAGE).click()
    with page.expect_download() as saved:
        page.get_by_role("button", name=texts_chat.EXPORT_DATA).click()
    data = api.get(f"/api/datasets/{dataset_id}/data", params={"format": "csv", "guard": "off"})
    assert saved.value.path().read_bytes() == data.content
    notebook = api.get(f"/api/chat/conversations/{conversation['conversation_id']}/export?format=notebook").text
    assert saved.value.suggested_filename in notebook
    assert hashlib.sha256(data.content).hexdigest() in notebook
    path = f"/api/chat/conversations/{conversation['conversation_id']}"
    api.delete(path, headers=client_header(page)).raise_for_status()

    page.get_by_role("button", name=texts_chat.EXPORT_MARKDOWN).click()

    failure = page.get_by_test_id("stDownloadButtonError")
    expect(failure).to_be_visible()
    seen = failure.evaluate("e => [getComputedStyle(e).fontSize, getComputedStyle(e, '::after').content]")
    assert seen == ["0px", f'"{texts_streamlit.DOWNLOAD_FAILED}"']


def test_uploaded_dataset_is_shared_by_a_copied_link_and_opened_by_somebody_else(page: Page, stack: Stack) -> None:
    name = f"나눌 자료 {uuid4().hex[:6]}"
    page.goto(f"{stack.page}/datasets")
    file = {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": accidents_csv().encode("cp949")}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name=texts_datasets.SUBMIT).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.get_by_role("tab", name=texts_datasets.TABS[2]).click()
    page.get_by_role("button", name=texts_datasets.SHARE).click()
    expect(page.get_by_text(texts_datasets.COPIED)).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"http://localhost:{stack.page.rpartition(':')[2]}/?share=")

    browser = page.context.browser
    assert browser
    with new_person(browser) as somebody:
        theirs = somebody.new_page()
        theirs.goto(copied)
        expect(theirs.get_by_role("heading", name=name)).to_be_visible()
        expect(theirs.locator(".js-plotly-plot").first).to_be_visible()
        page.get_by_role("button", name=texts_datasets.REVOKE).click()
        expect(theirs.get_by_test_id("stAlert").get_by_text("이 링크는 만료되었습니다")).to_be_visible()  # untouched
        expect(theirs.locator(".js-plotly-plot")).to_have_count(0)


def test_upload_that_broke_off_goes_on_with_one_press_and_is_stored_once(
    page: Page, stack: Stack, api: httpx.Client
) -> None:
    name = f"끊긴 자료 {uuid4().hex[:6]}"
    sent: list[str | None] = []

    def answer_nobody(route: Route) -> None:
        sent.append(route.request.headers.get("idempotency-key"))
        if len(sent) == 1:  # everything has arrived, but its answer is lost
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/upload/dataset", answer_nobody)
    page.goto(f"{stack.page}/datasets")
    dropped = page.evaluate_handle(
        """([name, text]) => {
          const dropped = new DataTransfer()
          dropped.items.add(new File([text], name, {type: "text/csv"}))
          return dropped
        }""",
        [f"{name}.csv", accidents_csv(70)],
    )
    page.get_by_label(texts_datasets.UPLOAD).dispatch_event("drop", {"dataTransfer": dropped})
    page.get_by_role("button", name=texts_datasets.SUBMIT).click()
    expect(page.get_by_role("alert").get_by_text(texts.FILE_CHOICE["broken"])).to_be_visible()
    page.get_by_role("button", name=texts.TRY_AGAIN).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    assert sent[0] == sent[1]
    assert [item["name"] for item in api.get("/api/datasets").json()["datasets"]].count(name) == 1


def test_file_that_cannot_be_taken_is_refused_before_a_byte_is_sent(page: Page, stack: Stack, tmp_path: Path) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.goto(f"{stack.page}/datasets")
    large, other = tmp_path / "큰 자료.csv", tmp_path / "자료.xlsx"
    large.touch()
    os.truncate(large, 52_428_801)
    other.write_bytes(b"PK")
    for file, sentence in ((large, texts.TOO_LARGE), (other, texts.CSV_ONLY)):
        page.get_by_label(texts_datasets.UPLOAD).set_input_files(file)
        expect(page.get_by_role("alert").get_by_text(sentence)).to_be_visible()
        expect(page.get_by_role("button", name=texts_datasets.SUBMIT)).to_have_count(0)
    assert sent == []


def test_next_file_after_one_that_was_refused_or_stopped_waits_to_be_sent_under_its_own_name(
    page: Page, stack: Stack, tmp_path: Path
) -> None:
    name = f"다음 자료 {uuid4().hex[:6]}"
    refused, stopped, following = tmp_path / "보고서.csv", tmp_path / "큰 자료.csv", tmp_path / f"{name}.csv"
    refused.write_bytes(b"PK\x03\x04\x00")
    stopped.write_text(accidents_csv(60))
    following.write_text(accidents_csv(30))
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.goto(f"{stack.page}/datasets")
    choice, submit = page.get_by_label(texts_datasets.UPLOAD), page.get_by_role("button", name=texts_datasets.SUBMIT)

    expect(page.get_by_role("heading", name=texts_datasets.LIST_HEADING)).to_be_visible()
    with page.expect_file_chooser() as chooser:
        choice.press("Enter")
    chooser.value.set_files(refused)
    submit.click()
    expect(page.get_by_role("alert").get_by_text(texts.CSV_ONLY)).to_be_visible()
    choice.set_input_files(stopped)
    expect(page.get_by_placeholder(stopped.stem)).to_be_visible()
    page.route("**/upload/dataset", lambda _: None)  # never answered
    submit.click()
    page.get_by_role("button", name=texts.FILE_CHOICE["stop"]).click()
    expect(submit).to_have_count(0)
    page.unroute("**/upload/dataset")
    choice.set_input_files(following)
    expect(page.get_by_placeholder(name)).to_be_visible()
    assert len(sent) == 2
    submit.click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_answer_is_there_after_a_reload_and_comes_from_the_cache_when_asked_again(
    page: Page, stack: Stack, api: httpx.Client, messages_api: ScriptedMessagesApi
) -> None:
    open_chat(page, stack, api, messages_api, rows=90)
    write = page.get_by_test_id("stChatInputTextArea")
    expect(write).to_be_enabled()
    write.fill(QUESTION)
    write.press("Enter")
    expect(page.get_by_text("18시").filter(visible=True).first).to_be_visible()  # others are folded away
    expect(page.get_by_text(texts_chat.FOLLOW_UPS)).to_be_visible()

    page.reload()
    expect(page.get_by_test_id("stChatMessage").first).to_contain_text(QUESTION)
    write.fill(QUESTION)
    write.press("Enter")
    expect(page.get_by_text(texts_chat.FROM_CACHE)).to_be_visible()


def test_answer_is_watched_as_it_comes_with_its_steps_closed_and_stopped(
    page: Page, stack: Stack, api: httpx.Client, messages_api: ScriptedMessagesApi
) -> None:
    open_chat(page, stack, api, messages_api, rows=91)
    gate = asyncio.Event()
    long_answer = says("여기까지 세었고 " + "더 셉니다 " * 600, seconds_between=0.1)
    messages_api.script(uses(COUNT, gate=gate), long_answer)
    write = page.get_by_test_id("stChatInputTextArea")
    expect(write).to_be_enabled()
    write.fill(f"{QUESTION} {uuid4().hex}")  # which no other test has had answered
    write.press("Enter")
    answer = page.get_by_test_id("stChatMessage").last
    clock = answer.get_by_text(texts_chat.ANSWERING.partition(" (")[0])
    expect(clock).not_to_have_text(clock.inner_text())  # while nothing happens the seconds go on
    steps = answer.get_by_test_id("stExpanderDetails")
    expect(steps).not_to_have_attribute("inert", "")
    answer.get_by_text(texts_chat.THINKING).click()
    expect(steps).to_have_attribute("inert", "")
    messages_api.open(gate)
    expect(page.get_by_text("여기까지 세었고")).to_be_visible()
    expect(steps).to_have_attribute("inert", "")  # as the person left them

    page.get_by_role("button", name=texts_chat.STOP).click()

    expect(page.get_by_text(texts_chat.STOPPED)).to_be_visible()
    expect(page.get_by_text("여기까지 세었고")).to_be_visible()
    expect(page.get_by_role("button", name=texts_chat.STOP)).to_have_count(0)
    wait_until(messages_api.requests[1].left.is_set)
    write.fill("사고유형별 건수를 비교해줘")
    write.press("Enter")
    expect(page.get_by_text(texts_chat.FOLLOW_UPS)).to_be_visible()
    expect(page.get_by_test_id("stChatMessage")).to_have_count(4)


def test_every_answer_reads_as_it_was_meant(
    page: Page, stack: Stack, api: httpx.Client, messages_api: ScriptedMessagesApi
) -> None:
    open_chat(page, stack, api, messages_api, rows=92)
    messages_api.script(says("\n\n끝.\n\n".join(ANSWERS)))
    write = page.get_by_test_id("stChatInputTextArea")
    expect(write).to_be_enabled()
    question = f"7~9시와 17~19시에 *왜* <b>많나요</b>? $1~$2 :smile: A -> B {uuid4().hex}"
    write.fill(question)
    write.press("Enter")
    expect(page.get_by_text(texts_chat.FOLLOW_UPS)).to_be_visible()

    expect(page.get_by_test_id("stChatMessage").first.get_by_text(question, exact=True)).to_be_visible()
    answer = page.get_by_test_id("stChatMessage").last.get_by_test_id("stMarkdownContainer").filter(has_text="끝.")
    expect(answer.locator("pre code")).to_have_count(sum("```" in written for written in ANSWERS))
    assert " ".join(answer.evaluate(_READ_WITH_NUMBERS).split()) == " 끝. ".join(ANSWERS.values())


def test_names_and_values_are_shown_as_they_are(page: Page, stack: Stack, api: httpx.Client) -> None:
    name = f"**굵게** 7~9시 17~19시 <b> $1~$2 _x_ {uuid4().hex[:6]}"
    values = ["10~19세 20~29세", "<20", "A&B", "**굵게**", "_x_", "<b>값</b>", "$1~$2"]
    rows = "".join(f'"{value}",{number}\n' for number, value in enumerate(values))
    dataset_id = stored(api, name, f"구분,금액($)\n{rows}")

    open_with(page, stack, f"datasets?dataset={dataset_id}", dataset_id)
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    page.goto(f"{stack.page}/explore?dataset={dataset_id}")
    labels = page.locator(".js-plotly-plot").first.locator(".ytick text")
    expect(labels).to_have_count(len(values))
    assert set(labels.all_text_contents()) == set(values)
    page.goto(f"{stack.page}/chat?dataset={dataset_id}")
    expect(page.get_by_role("button", name="구분별 평균 금액($)을 비교해줘")).to_be_visible()


def test_what_was_opened_comes_back_by_reload_back_and_forward(page: Page, stack: Stack, api: httpx.Client) -> None:
    name = f"자료 {uuid4().hex[:6]}"
    dataset_id = stored(api, name, accidents_csv())

    page.goto(f"{stack.page}/datasets")
    grid = page.get_by_test_id("stDataFrame").first
    expect(grid.locator("canvas").first).to_be_visible()
    comes_back(page, lambda: grid.click(position={"x": 20, "y": 52}), page.get_by_role("heading", name=name))

    page.goto(f"{stack.page}/explore?dataset={dataset_id}")
    tab = page.get_by_role("tab", name=texts_explore.TABLE)
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    comes_back(page, tab.click, page.get_by_text(texts_explore.COLUMN_INFO))

    page.goto(f"{stack.page}/tools?dataset={dataset_id}&tool=get_value_counts")
    count = page.get_by_role("spinbutton")
    count.fill("2")
    count.press("Enter")
    ran = page.get_by_test_id("stMain").filter(has=page.locator("input[value='2']"), has_text=texts_chat.CODE)
    comes_back(page, page.get_by_role("button", name=texts_chat.RUN).click, ran)


def comes_back(page: Page, step: Callable[[], None], shown: Locator) -> None:
    """Takes a step, and sees what it shows again after a reload, not before it, and again after it."""
    step()
    expect(shown).to_be_visible()
    page.reload()
    expect(shown).to_be_visible()
    page.go_back()
    expect(shown).to_be_hidden()
    page.go_forward()
    expect(shown).to_be_visible()


# What is seen, with the numbers of lists, which innerText leaves out.
_READ_WITH_NUMBERS = """answer => {
  for (const item of answer.querySelectorAll("ol > li")) {
    const sign = getComputedStyle(item).listStyleType.includes(")") ? ") " : ". ";
    item.prepend(document.createTextNode(item.value + sign));
  }
  return answer.innerText;
}"""


def test_answer_goes_on_through_menu_reload_and_a_second_tab(
    page: Page, stack: Stack, api: httpx.Client, messages_api: ScriptedMessagesApi
) -> None:
    dataset_id = open_chat(page, stack, api, messages_api, rows=93)
    gate = asyncio.Event()
    tools = api.get("/api/tools").json()["tools"]
    title = next(tool["args_schema"]["title"] for tool in tools if tool["name"] == COUNT.name)
    messages_api.script(uses(COUNT), says("18시에 가장 많습니다.", gate=gate))

    def is_watched(page: Page) -> None:
        expect(page.get_by_role("button", name=texts_chat.STOP)).to_be_visible()
        expect(page.get_by_text(title).first).to_be_visible()

    write = page.get_by_test_id("stChatInputTextArea")
    expect(write).to_be_enabled()
    question = f"{QUESTION} {uuid4().hex[:6]}"  # which no other test has had answered
    write.fill(question)
    write.press("Enter")
    is_watched(page)

    page.get_by_role("link", name=texts.PREDICT_PAGE, exact=True).click()
    expect(page.get_by_text(texts.PREDICT_TITLE).first).to_be_visible()
    (conversation,) = conversations(page, api, dataset_id)
    assert conversation["is_being_answered"]
    page.get_by_role("link", name=texts_chat.PAGE, exact=True).click()
    is_watched(page)
    assert conversation["conversation_id"] in page.url
    page.reload()
    is_watched(page)
    second = page.context.new_page()
    second.goto(page.url)
    is_watched(second)
    line = texts_chat.CONVERSATION_BEING_ANSWERED.format(title=question)
    expect(second.get_by_role("button", name=line).first).to_be_visible()

    messages_api.open(gate)

    for tab in (page, second):
        expect(tab.get_by_test_id("stChatMessage").last).to_contain_text("18시에 가장 많습니다.")
        expect(tab.get_by_text(texts_chat.FOLLOW_UPS)).to_be_visible()
        expect(tab.get_by_test_id("stChatMessage")).to_have_count(2)
    assert len(messages_api.requests) == 2
    assert not any(request.left.is_set() for request in messages_api.requests)
