"""The page of the API at /docs, in a real browser, without internet."""

from playwright.sync_api import expect

from tests.e2e.running_stack import Stack
from tests.real_browser import IN_A_BROWSER, new_person, nothing_from_outside, running_browser

pytestmark = IN_A_BROWSER


def test_developer_reads_what_a_call_answers_and_tries_it(stack: Stack) -> None:
    with running_browser() as browser, new_person(browser) as person, nothing_from_outside(person):
        page = person.new_page()
        page.goto(f"http://127.0.0.1:{stack.ports['GATEWAY']}/docs")
        prediction = page.locator("#operations-예측-predict")
        prediction.get_by_role("button").first.click()
        expect(prediction.get_by_text('"interpretation": "string"')).to_be_visible()
        prediction.get_by_role("button", name="Execute").click()
        expect(prediction.locator(".live-responses-table")).to_contain_text('"success": true')
