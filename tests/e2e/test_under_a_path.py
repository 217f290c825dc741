"""The page behind a reverse proxy that offers it under a path."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, expect

from streamlit_client import texts, texts_datasets
from tests.e2e.running_stack import Stack
from tests.e2e.samples import accidents_csv
from tests.path_proxy import proxy_under
from tests.patience import PATIENCE_SECONDS
from tests.real_browser import IN_A_BROWSER, new_person, running_browser
from tests.ui.page_process import running_page

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def page_url(stack: Stack) -> Iterator[str]:
    with running_page(stack.api, BASE_PATH="/daegu") as url:
        yield url


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with running_browser() as browser, new_person(browser) as person:
        yield person.new_page()


def test_page_is_the_same_behind_a_proxy_that_takes_the_path_off(page_url: str) -> None:
    pages = []
    for takes_path_off in (True, False):
        with (
            proxy_under("/daegu", page_url, takes_path_off=takes_path_off) as url,
            httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False) as client,
        ):
            names = ("", "datasets", "_stcore/host-config", "_stcore/health")
            pages.append([client.get(f"{url}/{name}").raise_for_status().content for name in names])
    assert pages[0] == pages[1]


def test_file_is_uploaded_drawn_on_a_map_and_found_again_under_the_path(page: Page, page_url: str) -> None:
    name = f"경로 {uuid4().int}"
    with proxy_under("/daegu", page_url, takes_path_off=False) as url:
        outside: list[str] = []
        page.on("request", lambda request: None if f"{url}/" in request.url else outside.append(request.url))
        page.goto(f"{url}/datasets")
        file = {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": accidents_csv().encode()}
        page.get_by_label(texts_datasets.UPLOAD).set_input_files(file)  # type: ignore[arg-type]
        page.get_by_role("button", name=texts_datasets.SUBMIT).click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        page.get_by_role("button", name=texts_datasets.OPEN_EXPLORE).click()
        circles = page.frame_locator("iframe").locator(".marker-cluster")
        expect(circles.first).to_be_visible()
        page.reload()
        expect(circles.first).to_be_visible()
        page.get_by_role("link", name=texts.BATCH_PAGE, exact=True).click()
        expect(page).to_have_url(f"{url}/batch")
        assert [address for address in outside if not address.startswith(("blob:", "data:"))] == []
        page.goto("about:blank")  # which ends what it holds open
