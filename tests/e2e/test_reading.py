"""A person corrects how an untidy file was read, in a real browser."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from streamlit_client import texts_datasets, texts_reading
from tests.e2e.running_stack import Stack
from tests.real_browser import IN_A_BROWSER, new_person, running_browser

UNTIDY = (
    "사고 현황\n구군,번호,건수\n중구,01,10\n동구,02,20\n남구,03,30\n합계,,60\n\n연도,증감\n2023,1\n2024,2\n2025,3\n"
)
DAMAGED = "구군,건수\n" + "".join(f"중구,{number}\n" for number in range(40)) + "\udcff\udcfe동구,3\n" * 3

_MOST_TRIES = 20

pytestmark = IN_A_BROWSER


@pytest.fixture
def page() -> Iterator[Page]:
    with running_browser() as browser, new_person(browser, reduced_motion="reduce") as person:
        yield person.new_page()


def upload(page: Page, stack: Stack, content: bytes) -> str:
    name = f"어수선한 자료 {uuid4().hex[:6]}"
    page.goto(f"{stack.page}/datasets")
    file = {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": content}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name=texts_datasets.SUBMIT).click()
    return name


def take(page: Page) -> None:
    """Takes the changes that are looked at."""
    page.get_by_role("button", name=texts_reading.TAKE, exact=True).click()
    expect(page.get_by_test_id("stAlert").get_by_text(texts_reading.TAKEN)).to_be_visible()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def pick(page: Page, field: str, option: str) -> None:
    """Picks an option of a field. Its list closes while the page moves, as it does when fields unfold."""
    box, choice = page.get_by_role("combobox", name=field), page.get_by_role("option", name=option, exact=True)
    box.fill(option)
    for _ in range(_MOST_TRIES):
        box.press("ArrowDown")
        with suppress(PlaywrightTimeout):
            choice.click(timeout=2000)
            return
    raise AssertionError(f"{option} is not in the list of {field}")


def datasets_of(api: httpx.Client, name: str) -> list[dict[str, Any]]:
    found = [dataset for dataset in api.get("/api/datasets").json()["datasets"] if dataset["name"] == name]
    return [api.get(f"/api/datasets/{dataset['dataset_id']}/profile").json() for dataset in found]


def test_reading_is_corrected_step_by_step_and_stays(page: Page, stack: Stack, api: httpx.Client) -> None:
    name = upload(page, stack, UNTIDY.encode())
    page.get_by_role("link", name=texts_reading.CHECK).click()
    repairs = page.get_by_role("heading", name=texts_reading.REPAIRS)
    expect(repairs).to_be_in_viewport()
    expect(page.get_by_role("heading", name=texts_reading.ORIGINAL)).to_be_visible()

    total = page.get_by_test_id("stLayoutWrapper").filter(has_text="합계나 소계").last
    total.get_by_role("button", name=texts_reading.UNDO).click()
    expect(page.get_by_text("3행 3열 → 4행 3열").first).to_be_visible()
    assert datasets_of(api, name)[0]["rows"] == 3
    take(page)
    page.get_by_text(texts_reading.CHOOSE_COLUMN).click()
    pick(page, texts_reading.COLUMN, "번호")
    pick(page, texts_reading.COLUMN_PARTS["kind"], texts_datasets.TYPES["integer"])
    take(page)
    (profile,) = datasets_of(api, name)
    assert (profile["rows"], {column["name"]: column["type"] for column in profile["columns_info"]}) == (
        4,
        {"구군": "text", "번호": "integer", "건수": "integer"},
    )
    page.reload()
    for part in (texts_reading.PARTS["left_out"], f"번호 · {texts_reading.COLUMN_PARTS['kind']}"):
        expect(page.get_by_text(f"{part}:")).to_be_visible()

    page.get_by_role("button", name=texts_reading.OFFERS["NEXT_TABLE"]).click()
    take(page)
    page.reload()
    expect(page.get_by_text(f"{texts_reading.PARTS['start_line']}: 8")).to_be_visible()
    (profile,) = datasets_of(api, name)
    assert [column["name"] for column in profile["columns_info"]] == ["연도", "증감"]


def test_file_in_no_encoding_is_stored_in_the_one_that_a_person_picks(
    page: Page, stack: Stack, api: httpx.Client
) -> None:
    name = upload(page, stack, DAMAGED.encode(errors="surrogateescape"))
    expect(page.get_by_text(texts_reading.ENCODING_NEEDED)).to_be_visible()
    assert datasets_of(api, name) == []
    page.get_by_role("button", name="UTF-8로 올리기").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    (profile,) = datasets_of(api, name)
    assert (profile["encoding"], profile["reading"]["chosen"]) == ("utf-8", ["encoding"])
