"""Every page and panel for people who hear it, tab through it, enlarge it or see it in the dark (WCAG 2.2 AA)."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from streamlit_client import texts, texts_chat, texts_datasets, texts_explore, texts_reading, texts_streamlit
from tests.e2e.running_stack import Stack
from tests.e2e.samples import accidents_csv
from tests.e2e.test_reading import DAMAGED
from tests.e2e.view import View, look
from tests.eventually import wait_until
from tests.real_browser import IN_A_BROWSER, new_person, running_browser
from tests.scripted_messages_api import ScriptedMessagesApi, fails
from tests.ui.page_process import running_page
from tests.ui.real_gateway import RealGateway
from tests.ui.test_batch_page import ACCIDENT, COMPETITION

_MOST_STOPS = 30
QUESTION = "사고가 가장 많은 시간대는?"

# States that hold between them whatever a page has to press.
_WALKED = {"예측, 답", "배치, 결과", "배치, 진행 중", "데이터셋, 공유", "공유받은 데이터셋", "분석 도구", "채팅, 답"}
_WALKED |= {f"데이터셋, {texts_datasets.TABS[0]}"}
_WALKED |= {"시각화", "시각화, 조건", *(f"시각화, {tab}" for tab in texts_explore.TABS[1:])}

# States that hold between them whatever has a colour of its own, with the sidebar and without.
_COLOURED = {"예측, 답", "배치, 결과", "데이터셋, 공유", "시각화", "채팅, 답"}

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with running_browser() as browser, new_person(browser, reduced_motion="reduce") as person:
        yield person.new_page()


@pytest.fixture(scope="module")
def views(page: Page, stack: Stack, messages_api: ScriptedMessagesApi) -> list[View]:
    """All states that a person can meet, each looked at once."""
    messages_api.start_anew()
    return [
        look(page, state, is_walked=state in _WALKED, in_all_colours=state in _COLOURED)
        for walk in (
            _predict(page, stack),
            _batch(page, stack),
            _datasets(page, stack),
            _explore(page, stack),
            _tools(page, stack),
            _chat(page, stack, messages_api),
            _astray(page, stack),
            _in_trouble(page),
        )
        for state in walk
    ]


def _predict(page: Page, stack: Stack) -> Iterator[str]:
    page.goto(stack.page)
    expect(page.get_by_role("button", name=texts.PREDICT_BUTTON)).to_be_visible()
    page.get_by_text(texts.BACKEND_STATE.format(state="")).click()
    page.get_by_text(texts_chat.KEY_HEADING).click()
    yield "예측"
    page.get_by_test_id("stDateInputCalendarButton").click()
    expect(page.get_by_test_id("stDateInputCalendar")).to_be_visible()
    yield "예측, 달력"
    page.keyboard.press("Escape")
    page.get_by_role("button", name=texts.PREDICT_BUTTON).click()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    yield "예측, 답"
    for tab in (texts.WHAT_IF, texts.ABOUT):
        page.get_by_role("tab", name=tab).press("Enter")
        if tab == texts.WHAT_IF:
            page.get_by_role("button", name=texts.WHAT_IF_BUTTON).click()
            expect(page.get_by_text(texts.AFTER)).to_be_visible()
        yield f"예측, {tab}"


def _batch(page: Page, stack: Stack) -> Iterator[str]:
    page.goto(f"{stack.page}/batch")
    expect(page.get_by_role("heading", name=texts.EARLIER)).to_be_visible()
    yield "배치"
    file = {"name": "사고.csv", "mimeType": "text/csv", "buffer": COMPETITION.encode("cp949")}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    start = page.get_by_role("button", name=texts.SUBMIT.format(count=3))
    expect(start).to_be_visible()
    yield "배치, 올린 파일"
    start.click()
    expect(page.get_by_text(texts.ENDED["completed"].format(done=3))).to_be_visible()
    yield "배치, 결과"
    page.get_by_role("tab", name=texts.RESULT_TABS[1]).press("Enter")
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    yield "배치, 분포"
    page.goto(f"{stack.page}/batch?batch={uuid4()}")
    expect(page.get_by_test_id("stAlert").first).to_be_visible()
    yield "배치, 없는 배치"


def _datasets(page: Page, stack: Stack) -> Iterator[str]:
    name = f"모두의 자료 {uuid4().int}"
    page.goto(f"{stack.page}/datasets")
    expect(page.get_by_role("heading", name=texts_datasets.UPLOAD_HEADING)).to_be_visible()
    yield "데이터셋"
    _upload(page, "모두의 자료", DAMAGED.encode(errors="surrogateescape"))
    expect(page.get_by_text(texts_reading.ENCODING_NEEDED)).to_be_visible()
    yield "데이터셋, 인코딩"
    page.goto(f"{stack.page}/datasets")
    _upload(page, name, f"대구 교통사고 현황\n{accidents_csv(120)}".encode())
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    for tab in texts_datasets.TABS:
        page.get_by_role("tab", name=tab).press("Enter")
        if tab == texts_datasets.TABS[0]:
            page.get_by_text(texts_reading.CHOOSE).click()
            page.get_by_text(texts_reading.CHOOSE_COLUMN).click()
            page.get_by_role("button", name=texts_reading.UNDO).first.click()
            expect(page.get_by_role("button", name=texts_reading.TAKE, exact=True)).to_be_visible()
        if tab == texts_datasets.TABS[2]:
            page.get_by_role("button", name=texts_datasets.SHARE).click()
            expect(page.get_by_role("img", name=texts_datasets.QR_ALT)).to_be_visible()
        yield f"데이터셋, {tab}"
    page.get_by_role("tab", name=texts_datasets.TABS[2]).press("Enter")
    dataset, link = page.url, page.get_by_test_id("stCode").inner_text().strip()
    shared = f"{stack.page}/?{link.partition('?')[2]}"
    page.goto(shared)
    expect(page.locator("iframe")).to_be_visible()
    yield "공유받은 데이터셋"
    page.goto(dataset)
    page.get_by_role("tab", name=texts_datasets.TABS[2]).press("Enter")
    page.get_by_role("button", name=texts_datasets.REVOKE).click()
    expect(page.get_by_text(texts_datasets.LINK_REVOKED)).to_be_visible()
    page.goto(shared)
    expect(page.get_by_test_id("stAlert").first).to_be_visible()
    yield "끊긴 공유 링크"


def _upload(page: Page, name: str, content: bytes) -> None:
    file = {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": content}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name=texts_datasets.SUBMIT).click()


def _explore(page: Page, stack: Stack) -> Iterator[str]:
    page.goto(f"{stack.page}/explore")
    expect(page.get_by_role("heading", name=texts_explore.TITLE)).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(5)
    expect(page.locator("iframe")).to_be_visible()
    yield "시각화"
    page.get_by_role("button", name=texts_explore.ADD_CONDITION).press("Enter")
    add = page.get_by_role("dialog")
    column = add.get_by_role("combobox", name=texts_explore.CONDITION_COLUMN)
    column.fill("기상상태")
    column.press("Enter")
    values = add.get_by_role("combobox", name=texts_explore.VALUES)
    expect(values).to_be_visible()
    yield "시각화, 조건 더하기"
    values.fill("맑음")
    values.press("Enter")
    values.press("Tab")
    add.get_by_role("button", name=texts_explore.CONDITION_ADDED).click()
    expect(page.get_by_role("button", name=texts_explore.CLEAR_CONDITIONS)).to_be_visible()
    yield "시각화, 조건"
    page.get_by_role("button", name=texts_explore.CLEAR_CONDITIONS).press("Enter")
    expect(page.get_by_role("button", name=texts_explore.CLEAR_CONDITIONS)).to_be_hidden()
    for tab in texts_explore.TABS[1:]:
        _open_tab(page.get_by_role("tab", name=tab))
        yield f"시각화, {tab}"


def _open_tab(tab: Locator) -> None:
    """Presses a tab until it is open: while the page is being drawn, a press can be lost."""

    def is_open() -> bool:
        tab.press("Enter")
        return tab.get_attribute("aria-selected") == "true"

    wait_until(is_open)


def _tools(page: Page, stack: Stack) -> Iterator[str]:
    page.get_by_role("link", name=texts_chat.TOOLS_PAGE).click()
    run = page.get_by_role("button", name=texts_chat.RUN)
    expect(run).to_be_visible()
    run.click()
    expect(page.get_by_text(texts_chat.CODE)).to_be_visible()
    yield "분석 도구"


def _chat(page: Page, stack: Stack, messages_api: ScriptedMessagesApi) -> Iterator[str]:
    page.get_by_role("link", name=texts_chat.PAGE, exact=True).click()
    write = page.get_by_test_id("stChatInputTextArea")
    expect(write).to_be_enabled()
    yield "채팅"
    page.get_by_role("button", name=QUESTION).click()
    expect(page.get_by_text(texts_chat.FOLLOW_UPS)).to_be_visible()
    yield "채팅, 답"
    messages_api.script(fails(400, "invalid_request_error", "Your credit balance is too low to access the API."))
    write.fill(f"다시 {uuid4().int}")
    write.press("Enter")
    expect(page.get_by_test_id("stAlert").first).to_be_visible()
    yield "채팅, 실패"


def _astray(page: Page, stack: Stack) -> Iterator[str]:
    page.goto(f"{stack.page}/nowhere")
    expect(page.get_by_role("dialog")).to_be_visible()
    yield "없는 화면"


def _in_trouble(page: Page) -> Iterator[str]:
    """A batch that goes on, a server that fails, and every page while there is none."""
    gateway = RealGateway()
    gateway.start()
    gateway.set_pace(0)
    batch_id = gateway.add_batch([ACCIDENT] * 3, done=1)
    with running_page(gateway.url, PAGE_RETRY_SECONDS="3600") as url:
        page.goto(f"{url}/batch?batch={batch_id}")
        expect(page.get_by_role("progressbar")).to_be_visible()
        yield "배치, 진행 중"
        gateway.refuse("/api/predict/model", 500, "INTERNAL_ERROR", "서버에 문제가 생겼습니다.")
        page.goto(url)
        expect(page.get_by_role("button", name=texts.TRY_AGAIN)).to_be_visible()
        yield "예측, 서버의 문제"
        gateway.stop()
        for path in ("", f"batch?batch={batch_id}", "chat"):  # the others show the same error in the same frame
            page.goto(f"{url}/{path}")
            expect(page.get_by_test_id("stAlert").first).to_be_visible()
            yield f"서버 없음, {path}"


# What is a name, a unit or a key in Korean too, and what these tests brought along themselves.
_NAMES = re.compile(
    r"(?<![A-Za-z])(?:ECLO|CSV|Arrow|TAAS|API|Anthropic|Claude|Sonnet|Haiku|UTF|CP|QR|Enter|Esc|Excel|Leaflet|Markdown|Jupyter|OpenStreetMap|utf|log|km|ms|KB|MB|B"
    r"|ID|ACCIDENT_\d|eclo-[\w-]+"
    r"|claude-[\w-]+|(?<=도구 )\w+(?=의 입력값)|sk-ant-\S*|(?<=…)-key|\w+\.(?:csv|md|ipynb))(?![A-Za-z])"
)


# The one stack holds what other tests brought along: names that end in a number of letters and digits, and their links.
_OTHERS = re.compile(r"\b[0-9a-f]{6,32}\b")


def _english(views: list[View]) -> Iterator[str]:
    for view in views:
        for words in view.words:
            kind, _, said = words.partition(": ")
            said = _OTHERS.sub("", said)
            if re.search(r"[A-Za-z]{2,}", _NAMES.sub("", said)):
                yield f"{view.name}, {kind}: {said}"


def test_no_page_has_a_serious_finding_of_axe_in_any_width_or_colour(views: list[View]) -> None:
    assert [f"{view.name}: {finding}" for view in views for finding in view.findings] == []


def test_nothing_is_said_in_english(views: list[View]) -> None:
    assert list(_english(views)) == []
    assert {view.language for view in views} == {"ko"}


def test_every_page_has_a_title_of_its_own(views: list[View]) -> None:
    titles = [view.title.removesuffix(f" · {texts.APP_NAME}") for view in views]
    assert titles[0] == texts.PREDICT_PAGE
    assert {texts.BATCH_PAGE, texts_datasets.PAGE} < set(titles)
    for page in (texts_datasets.PAGE, texts_explore.PAGE, texts_chat.TOOLS_PAGE, texts_datasets.SHARED_PAGE):
        assert any(title.startswith("모두의 자료") and title.endswith(f" · {page}") for title in titles)


def test_whatever_can_be_pressed_is_large_enough(views: list[View]) -> None:
    assert [f"{view.name}: {target}" for view in views for target in view.small_targets] == []


def test_enlarged_pages_need_no_scrolling_to_the_side(views: list[View]) -> None:
    assert [f"{view.name}: {view.pixels_too_wide}" for view in views if view.pixels_too_wide > 0] == []


def test_no_text_is_cut(views: list[View]) -> None:
    assert [f"{view.name}: {text}" for view in views for text in view.cut_texts] == []


def test_keyboard_passes_through_every_page_seen_and_told(views: list[View]) -> None:
    assert [f"{view.name}: {fault}" for view in views for fault in view.keyboard_faults] == []
    assert {view.name for view in views} >= _WALKED


def test_prediction_is_asked_for_by_keyboard_seen_at_every_step_and_told(page: Page, stack: Stack) -> None:
    page.goto(stack.page)
    expect(page.get_by_role("button", name=texts.PREDICT_BUTTON)).to_be_visible()
    expect(page.locator(".news")).to_be_attached()
    stops = _tab_until(page, "e => e.closest('.st-key-predict') !== null")
    assert stops[0] == texts_streamlit.EXACT["Skip to main content"]
    page.keyboard.press("Enter")
    expect(page.locator(".news")).to_contain_text(texts.ECLO_LABEL)
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()

    page.get_by_test_id("stDataFrame").locator("canvas").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('canvas') === null")


def test_dataset_is_opened_by_a_key_in_the_list_and_not_by_coming_there(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.page}/datasets")
    grid = page.get_by_test_id("data-grid-canvas").first
    expect(grid).to_be_attached()
    expect(page.locator(".news")).to_be_attached()
    page.get_by_label(texts_datasets.UPLOAD).focus()
    _tab_until(page, "e => e.matches('canvas')")
    expect(page.get_by_role("heading", level=2)).to_have_count(2)
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", level=2)).to_have_count(3)


def test_bar_of_tools_is_one_stop_and_arrows_move_in_it(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.page}/explore")
    bar = page.locator(".modebar").first
    first, second = bar.locator("button").nth(0), bar.locator("button").nth(1)
    expect(first).to_have_attribute("tabindex", "0")
    expect(bar.locator("button[tabindex='0']")).to_have_count(1)
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(second).to_be_focused()
    page.keyboard.press("Tab")
    assert not bar.evaluate("bar => bar.contains(document.activeElement)")


def _tab_until(page: Page, is_there: str) -> list[str]:
    """Presses Tab until the focus is there, and returns what was passed; every stop must be seen to have the focus."""
    stops: list[str] = []
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        name, outline, arrived = page.evaluate(
            """isThere => {
              const e = document.activeElement, style = getComputedStyle(e);
              return [e.ariaLabel ?? e.textContent, `${style.outlineStyle} ${style.outlineWidth}`, eval(isThere)(e)];
            }""",
            is_there,
        )
        assert outline == "solid 2px", name
        stops.append(name)
        if arrived:
            return stops
    raise AssertionError(f"not reached within {_MOST_STOPS} stops: {stops}")
