"""The real page over the real services, in a real browser."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from streamlit_client import texts
from streamlit_client.files.csv_file import read_csv
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
    rows = read_csv(content).rows
    batch = api.get("/api/predict/batch").json()["batches"][0]
    results = api.get(batch["results_url"]).json()["results"]
    column = 12  # after the number and the eleven inputs
    assert [float(row[column]) for row in rows] == [result["eclo"] for result in results]
    joined = read_csv(downloaded(page, texts.DOWNLOAD_JOINED))
    assert joined.columns[:2] == ("ID", "사고일시")
    assert [float(row[-6]) for row in joined.rows] == [result["eclo"] for result in results]
