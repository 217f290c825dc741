"""What a person asks of a dataset: kept by the address, followed by the table and its files, in a real browser."""

import re
from collections.abc import Iterator
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from servicekit.question import Condition, Question
from streamlit_client import texts_explore
from streamlit_client.explore.filters.page_question import question_text
from tests.e2e.running_stack import Stack
from tests.e2e.samples import accidents_csv
from tests.e2e.test_dataset_pages import stored
from tests.real_browser import IN_A_BROWSER, new_person, nothing_from_outside, running_browser

ROWS, PEOPLE = 3_300, 1_100
ALL_OF_THEM = "3,300행 중 1,100행"
ON_FOOT = Question(where=(Condition(column="사고유형", value="차대사람"),))
ROWS_TAB = texts_explore.TABS[-2]

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with new_person(browser) as person, nothing_from_outside(person):
        yield person.new_page()


@pytest.fixture(scope="module")
def dataset_id(stack: Stack) -> str:
    with httpx.Client(base_url=stack.api) as api:
        return stored(api, f"사고 {uuid4().hex[:6]}", accidents_csv(ROWS))


def address_of(stack: Stack, dataset_id: str, question: Question | None = None) -> str:
    asked = f"&q={quote(question_text(question) or '')}" if question else ""
    return f"{stack.page}/explore?dataset={dataset_id}&tab={quote(ROWS_TAB)}{asked}"


def add_condition(page: Page, column: str, value: str) -> None:
    """Adds a condition by keyboard alone."""
    page.get_by_role("button", name=texts_explore.ADD_CONDITION).press("Enter")
    form = page.get_by_role("dialog")
    choose = form.get_by_role("combobox", name=texts_explore.CONDITION_COLUMN)
    choose.fill(column)
    choose.press("Enter")
    values = form.get_by_role("combobox", name=texts_explore.VALUES)
    values.fill(value)
    values.press("Enter")
    values.press("Tab")
    added = form.get_by_role("button", name=texts_explore.CONDITION_ADDED)
    expect(added).to_be_enabled()
    added.press("Enter")
    expect(form).to_be_hidden()


def expect_asked(page: Page, *, is_asked: bool = True) -> None:
    """Sees the condition and the number of rows, or none of it."""
    chip = page.get_by_role("button", name=re.compile("사고유형 = 차대사람"))
    rows = page.get_by_test_id("stMarkdownContainer").filter(has_text=ALL_OF_THEM)
    for part in (chip, rows):
        expect(part).to_have_count(1 if is_asked else 0)


def test_condition_is_in_the_address_for_reload_back_forward_and_everybody_who_gets_it(
    page: Page, browser: Browser, stack: Stack, dataset_id: str
) -> None:
    page.goto(address_of(stack, dataset_id))
    add_condition(page, "사고유형", "차대사람")
    expect_asked(page)
    expect(page.locator(".news")).to_have_text(ALL_OF_THEM)
    page.reload()
    expect_asked(page)
    page.go_back()
    expect_asked(page, is_asked=False)
    page.go_forward()
    expect_asked(page)
    with new_person(browser) as another:
        elsewhere = another.new_page()
        elsewhere.goto(page.url)
        expect_asked(elsewhere)
        elsewhere.get_by_role("button", name=re.compile("사고유형 = 차대사람")).press("Enter")
        expect_asked(elsewhere, is_asked=False)
        assert "&q=" not in elsewhere.url
    page.get_by_role("link", name="데이터셋", exact=True).click()
    expect(page).to_have_url(re.compile("/datasets"))
    page.get_by_role("link", name=texts_explore.PAGE, exact=True).click()
    expect_asked(page)


def test_visitor_with_a_link_filters_what_is_shared_and_comes_back_to_it(
    page: Page, browser: Browser, stack: Stack, dataset_id: str, api: httpx.Client
) -> None:
    link = api.post(f"/api/datasets/{dataset_id}/share").json()["share_url"]
    page.goto(f"{stack.page}/?{link.partition('?')[2]}")
    add_condition(page, "사고유형", "차대사람")
    expect_asked(page)
    page.reload()
    expect_asked(page)
    with new_person(browser) as another:
        elsewhere = another.new_page()
        elsewhere.goto(page.url)
        expect_asked(elsewhere)


def test_table_has_all_rows_in_any_order_and_its_files_exactly_these(
    page: Page, stack: Stack, dataset_id: str, api: httpx.Client
) -> None:
    page.goto(address_of(stack, dataset_id, ON_FOOT))
    expect_asked(page)
    table = page.get_by_test_id("stDataFrame").first

    def cell(column: int, row: int) -> Locator:
        return table.get_by_test_id(f"glide-cell-{column}-{row}")

    expect(cell(0, 0)).to_contain_text("2020-03-02 18:00")
    table.locator(".dvn-scroller").evaluate("e => { e.scrollTop = e.scrollHeight }")
    expect(cell(1, PEOPLE - 1)).to_have_text("차대사람")
    expect(cell(1, PEOPLE)).to_have_count(0)
    table.locator(".dvn-scroller").evaluate("e => { e.scrollTop = 0 }")
    expect(cell(0, 0)).to_contain_text("2020-03-02 18:00")
    table.click(position={"x": 40, "y": 18})  # the head of the first column
    expect(cell(0, 0)).to_contain_text("2020-03-01 18:00")

    asked = ON_FOOT.model_copy(update={"limit": 0}).model_dump(mode="json", exclude_defaults=True)
    for file_format, name in (("csv", texts_explore.DOWNLOAD_CSV), ("arrow", texts_explore.DOWNLOAD_ARROW)):
        with page.expect_download() as saved:
            page.get_by_role("link", name=name).press("Enter")
        rows = api.post(f"/api/datasets/{dataset_id}/query", params={"format": file_format}, json=asked)
        assert saved.value.path().read_bytes() == rows.content
        assert saved.value.suggested_filename.endswith(f"_골라낸행.{file_format}")


@pytest.mark.parametrize(
    ("question", "sentence"),
    [("{", texts_explore.QUESTION_UNREADABLE), ('{"where": [{"column": "기상"}]}', "기상")],
)
def test_address_that_does_not_fit_the_dataset_says_so_and_is_cleared(
    page: Page, stack: Stack, dataset_id: str, question: str, sentence: str
) -> None:
    page.goto(f"{address_of(stack, dataset_id)}&q={quote(question)}")
    expect(page.get_by_test_id("stAlert")).to_contain_text(sentence)
    page.get_by_role("button", name=texts_explore.CLEAR_CONDITIONS).click()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    assert "q=" not in page.url.partition("?")[2]
