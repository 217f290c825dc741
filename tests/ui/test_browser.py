"""The page in a real browser, run as people run it, against a gateway that can be told to fail."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from streamlit_client import texts, texts_streamlit
from tests.real_browser import IN_A_BROWSER, new_person, nothing_from_outside, running_browser
from tests.ui.page_process import running_page
from tests.ui.real_gateway import RealGateway
from tests.ui.test_batch_page import ACCIDENT

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def gateway() -> Iterator[RealGateway]:
    with RealGateway() as gateway:
        yield gateway


@pytest.fixture(scope="module")
def page_url(gateway: RealGateway) -> Iterator[str]:
    with running_page(gateway.url, PAGE_RETRY_SECONDS="2") as url:
        yield url


@pytest.fixture(scope="module")
def browser_page(page_url: str) -> Iterator[Page]:
    with running_browser() as browser, new_person(browser) as person, nothing_from_outside(person):
        yield person.new_page()


def test_choices_survive_an_absent_server_and_the_answer_comes_by_itself(
    browser_page: Page, page_url: str, gateway: RealGateway
) -> None:
    browser_page.goto(page_url)
    browser_page.get_by_role("radio", name="안개").click()
    gateway.stop()
    browser_page.get_by_role("button", name=texts.PREDICT_BUTTON).click()
    expect(browser_page.get_by_test_id("stAlert").get_by_text(texts.UNREACHABLE)).to_be_visible()
    gateway.start()
    expect(browser_page.get_by_test_id("stMetricValue").first).to_be_visible()
    expect(browser_page.get_by_text(texts.UNREACHABLE)).to_have_count(0)
    expect(browser_page.get_by_role("radio", name="안개")).to_be_checked()
    assert gateway.calls("POST", "/api/predict/eclo")[-1]["weather"] == "안개"


def test_fault_in_the_page_itself_never_shows_a_traceback(
    browser_page: Page, page_url: str, gateway: RealGateway
) -> None:
    batch_id = gateway.add_batch([ACCIDENT], done=1)  # whose results cannot be drawn
    gateway.answer(f"/api/predict/batch/{batch_id}/results", "이상한,표\n1,2\n".encode(), kind="text/csv")
    browser_page.goto(f"{page_url}/batch?batch={batch_id}")
    expect(browser_page.get_by_test_id("stAlert").get_by_text(texts.UNFORESEEN)).to_be_visible()
    expect(browser_page.get_by_test_id("stException")).to_have_count(0)
    expect(browser_page.get_by_text("Traceback")).to_have_count(0)


def downloaded(page: Page, label: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=label).click()
    return download.value.path().read_bytes()


def test_first_visit_with_a_chart_is_small_and_prints_whole_on_a4(browser_page: Page, page_url: str) -> None:
    browser = browser_page.context.browser
    assert browser
    context = new_person(browser)
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    loaded: list[int] = []
    network.on("Network.loadingFinished", lambda event: loaded.append(int(event["encodedDataLength"])))
    page.goto(page_url)
    page.get_by_role("button", name=texts.PREDICT_BUTTON).click()
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    assert 0 < sum(loaded) < 3_500_000

    charts_width = page.evaluate("Math.max(...[...document.querySelectorAll('.main-svg')].map(one => one.clientWidth))")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    scale = float(page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--printed')"))
    a4_without_margins = 186 * 96 / 25.4
    assert 0 < charts_width * scale <= a4_without_margins + 1
    page.emulate_media(media="print")
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    context.close()


def test_press_predicts_the_day_that_is_shown_or_says_what_is_wrong_with_it(
    browser_page: Page, page_url: str, gateway: RealGateway
) -> None:
    browser_page.goto(page_url)
    parts = browser_page.get_by_test_id("stDateInput").get_by_role("spinbutton")
    press = browser_page.get_by_role("button", name=texts.PREDICT_BUTTON)
    answers = browser_page.get_by_test_id("stMetricValue")
    type_into(browser_page, parts.nth(0), "1999")
    expect(browser_page.get_by_text(texts.DAY_OUTSIDE.format(first=2007, last=2040))).to_be_visible()
    sent = len(gateway.calls("POST", "/api/predict/eclo"))
    press.click()
    type_into(browser_page, parts.nth(0), "2024")
    expect(browser_page.get_by_text(texts.DAY_OUTSIDE.format(first=2007, last=2040))).to_have_count(0)
    assert len(gateway.calls("POST", "/api/predict/eclo")) == sent, "no press with an error asked for anything"

    type_into(browser_page, parts.nth(1), "02")
    type_into(browser_page, parts.nth(2), "31")
    press.click()
    expect(answers.first).to_be_visible()
    assert predicted_day(gateway) == [int(part.inner_text()) for part in parts.all()]

    parts.nth(1).click()
    browser_page.keyboard.press("Backspace")
    browser_page.keyboard.press("Backspace")
    press.click()
    expect(parts.nth(1)).not_to_have_attribute("data-placeholder", "true")
    assert predicted_day(gateway) == [int(part.inner_text()) for part in parts.all()]


def test_tap_right_after_a_day_was_typed_predicts_that_day(
    browser_page: Page, page_url: str, gateway: RealGateway
) -> None:
    browser_page.goto(page_url)
    browser_page.get_by_test_id("stDateInput").get_by_role("spinbutton").first.click()
    browser_page.keyboard.type("2024")
    browser_page.get_by_role("button", name=texts.PREDICT_BUTTON).click()  # at once, as a finger does
    expect(browser_page.get_by_test_id("stMetricValue").first).to_be_visible()
    expect(browser_page.get_by_text(texts.OUTDATED)).to_have_count(0)
    assert predicted_day(gateway)[0] == 2024


def test_batch_comes_back_by_reload_back_and_forward(browser_page: Page, page_url: str, gateway: RealGateway) -> None:
    browser_page.goto(f"{page_url}/batch")
    expect(browser_page.get_by_label(texts.UPLOAD)).to_be_visible()
    batch_id = gateway.add_batch([ACCIDENT], done=1)  # by another person, meanwhile
    browser_page.locator(f"[class*='batch-open-{batch_id}'] button").click()
    results = browser_page.get_by_role("button", name=texts.DOWNLOAD, exact=True)
    expect(results).to_be_visible()
    browser_page.reload()
    expect(results).to_be_visible()
    browser_page.go_back()
    expect(browser_page.get_by_label(texts.UPLOAD)).to_be_visible()
    browser_page.go_forward()
    expect(results).to_be_visible()


def test_menu_of_a_narrow_screen_closes_once_a_page_is_chosen(browser_page: Page, page_url: str) -> None:
    browser_page.set_viewport_size({"width": 390, "height": 1000})
    browser_page.goto(page_url)
    browser_page.get_by_role("button", name=texts_streamlit.EXACT["Expand sidebar"]).click()
    browser_page.get_by_role("link", name=texts.BATCH_PAGE, exact=True).click()
    expect(browser_page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "true")
    expect(browser_page.get_by_role("heading", name=texts.BATCH_TITLE)).to_be_visible()
    browser_page.set_viewport_size({"width": 1280, "height": 1000})


def test_history_is_seen_whole_and_a_row_is_chosen_by_any_of_its_cells(
    browser_page: Page, page_url: str, gateway: RealGateway
) -> None:
    long = {"road_type": "교차로 - 교차로횡단보도내", "road_surface": "서리/결빙", "accident_type": "차대사람"}
    newest = [dict(ACCIDENT) | long | {"district": "대구광역시 달성군 다사읍"}, dict(ACCIDENT)]
    for accident in reversed(newest):
        httpx.post(f"{gateway.url}/api/predict/eclo", json=accident).raise_for_status()
    for row, accident in enumerate(newest):
        browser_page.goto(page_url)
        grid = browser_page.get_by_test_id("stDataFrame")
        expect(grid.locator("canvas").first).to_be_visible()
        box = grid.bounding_box()
        assert box
        grid.click(position={"x": (20, box["width"] - 20)[row], "y": 35 * (row + 1.5)})
        browser_page.get_by_role("button", name=texts.HISTORY_AGAIN).click()
        expect(browser_page.get_by_test_id("stMetricValue").first).to_be_visible()
        assert gateway.calls("POST", "/api/predict/eclo")[-1]["road_type"] == accident["road_type"]
        gateway.forget_prediction()
        assert grid.locator(".dvn-scroller").evaluate("e => e.scrollWidth - e.clientWidth") == 0


def type_into(page: Page, part: Locator, text: str) -> None:
    part.click()
    page.keyboard.type(text)
    page.keyboard.press("Escape")


def predicted_day(gateway: RealGateway) -> list[int]:
    sent = gateway.calls("POST", "/api/predict/eclo")[-1]
    return [sent["accident_year"], sent["accident_month"], sent["accident_day"]]
