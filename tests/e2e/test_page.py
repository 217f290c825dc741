"""The real page over the real services, in a real browser."""

import csv
import io
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from streamlit_client import texts
from tests.e2e.running_stack import Stack
from tests.real_browser import IN_A_BROWSER, new_person, running_browser
from tests.ui.test_batch_page import COMPETITION
from tests.ui.test_browser import downloaded

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def page(stack: Stack) -> Iterator[Page]:
    """A window of the browser."""
    with running_browser() as browser, new_person(browser) as person:
        yield person.new_page()


def test_person_predicts_an_accident_and_finds_it_in_the_history(stack: Stack, api: httpx.Client, page: Page) -> None:
    page.goto(stack.page)
    page.get_by_role("radio", name="차량단독").click()
    page.get_by_role("button", name=texts.PREDICT_BUTTON).click()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()

    stored = api.get("/api/predictions").json()["predictions"][0]
    assert stored["accident"]["accident_type"] == "차량단독"
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(f"{stored['eclo']:.2f}")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()


def test_person_runs_a_batch_and_takes_its_results_away(stack: Stack, api: httpx.Client, page: Page) -> None:
    page.goto(f"{stack.page}/batch")
    file = {"name": "사고.csv", "mimeType": "text/csv", "buffer": COMPETITION.encode("cp949")}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name=texts.SUBMIT.format(count=3)).click()
    expect(page.get_by_text(texts.ENDED["completed"].format(done=3))).to_be_visible()

    content = downloaded(page, texts.DOWNLOAD)
    assert content.startswith(b"\xef\xbb\xbf")  # which Korean Excel needs
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    batch = api.get("/api/predict/batch").json()["batches"][0]
    results = api.get(batch["results_url"]).json()["results"]
    assert header[:2] == ["ID", "사고일시"]
    assert [float(row[header.index("예측 ECLO")]) for row in rows] == [result["eclo"] for result in results]
    address = page.url
    page.close()
    with page.context.new_page() as another:  # from any tab
        another.goto(address)
        another.get_by_role("button", name=texts.KEEP).click()
        expect(another.get_by_role("button", name=texts.OPEN_KEPT)).to_be_visible()
    assert api.get("/api/datasets").json()["datasets"][0]["name"] == "사고 · ECLO 예측"
