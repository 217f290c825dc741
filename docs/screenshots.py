"""Takes the screenshots of README and of the manual from a running stack: `python docs/screenshots.py [address]`.

The stack uses the Messages API of the tests (`python -m tests.scripted_messages_api`) instead of Anthropic's. Needs
Chromium and a Korean font, as the tests of the page do. The page must have its usual model and an empty history.
"""

import argparse
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, expect, sync_playwright

from streamlit_client import texts, texts_chat, texts_datasets, texts_explore, texts_reading

_IMAGES = Path(__file__).resolve().parent / "images"
_WAIT_MILLISECONDS = 120_000
_HOURS = (
    "ID,사고일시,요일,기상상태,시군구,도로형태,노면상태,사고유형\n"
    "1,2024-06-29 23,토요일,비,대구광역시 달서구 상인동,단일로 - 터널,젖음/습기,차량단독\n"
    "2,2024-06-03 08,월요일,맑음,대구광역시 중구 동인동1가,교차로 - 교차로안,건조,차대차\n"
)
_UNTIDY_NAME = "대구 구군별 교통사고"
_UNTIDY = """대구광역시 구군별 교통사고 현황,,,
,,,(단위: 건)
구군,기준월,사고,사망률
대구 중구,2023-12,812건,0.4%
대구 동구,2023-12,"1,540건",0.6%
대구 서구,2023-12,905건,0.7%
대구 남구,2023-12,731건,0.5%
대구 북구,2023-12,"1,822건",0.6%
대구 수성구,2023-12,"2,190건",0.4%
대구 달서구,2023-12,"2,402건",0.5%
합계,,"10,402건",
,,,
"※ 도로교통공단 자료를 바탕으로 지어낸 예시입니다.",,,
"""


def main(address: str) -> None:
    """Writes one screenshot of each page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = browser.new_context(
            locale="ko-KR", viewport={"width": 1280, "height": 900}, device_scale_factor=1, reduced_motion="reduce"
        )
        context.set_default_timeout(_WAIT_MILLISECONDS)
        expect.set_options(timeout=_WAIT_MILLISECONDS)
        page = context.new_page()
        for name, prepare in PICTURES.items():
            prepare(page, address)
            page.screenshot(path=_IMAGES / f"{name}.png", full_page=False)
        browser.close()


def predicted(page: Page, address: str) -> None:
    """An accident with its prediction."""
    page.goto(address)
    page.get_by_role("radio", name="흐림").click()
    page.get_by_role("button", name=texts.PREDICT_BUTTON).click()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    page.get_by_test_id("stMetricValue").first.scroll_into_view_if_needed()


def batch_done(page: Page, address: str) -> None:
    """A batch with its results."""
    page.goto(f"{address}/batch")
    rows = "".join(f"{_row(number)}\n" for number in range(200))
    file = {"name": "사고_2024년_6월.csv", "mimeType": "text/csv", "buffer": (_HOURS + rows).encode("utf-8-sig")}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name=texts.SUBMIT.format(count=202)).click()
    expect(page.get_by_text(texts.ENDED["completed"].format(done=202))).to_be_visible()
    page.get_by_role("tab", name=texts.RESULT_TABS[1]).click()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()


def dataset_described(page: Page, address: str) -> None:
    """A file with a title, a total and a note, and how it was read."""
    page.goto(f"{address}/datasets")
    file = {"name": f"{_UNTIDY_NAME}.csv", "mimeType": "text/csv", "buffer": _UNTIDY.encode("utf-8-sig")}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name=texts_datasets.SUBMIT).click()
    expect(page.get_by_role("heading", name=texts_reading.ORIGINAL)).to_be_visible()
    expect(page.get_by_role("heading", name=texts_reading.COLUMN_INFO, exact=True)).to_be_attached()
    page.set_viewport_size({"width": 1280, "height": 1350})  # from the name to the columns
    page.get_by_role("heading", name=_UNTIDY_NAME, exact=True).evaluate("heading => heading.scrollIntoView()")
    for drawn_last in ("stMetricValue", "stDownloadButton"):
        expect(page.get_by_test_id(drawn_last).last).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").last.locator("canvas").first).to_be_visible()


def dataset_explored(page: Page, address: str) -> None:
    """The example dataset in charts and on the map."""
    page.goto(f"{address}/explore")
    expect(page.locator(".js-plotly-plot").nth(3)).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 1500})  # from the hours to the map
    expect(page.frame_locator("iframe").locator(".marker-cluster").first).to_be_visible()
    expect(page.frame_locator("iframe").locator(".korea-district-name span").first).to_be_visible()
    page.locator("iframe").scroll_into_view_if_needed()


def question_put(page: Page, address: str) -> None:
    """The example dataset at night, by district."""
    page.goto(f"{address}/explore")
    chosen = page.get_by_role("button", name=texts_explore.ADD_CONDITION)
    expect(chosen).to_be_visible()
    where = {"where": [{"column": "사고일시:시", "operator": "between", "value": [22, 5]}]}
    page.goto(f"{page.url}&map=sigungu&q={quote(json.dumps(where, ensure_ascii=False))}")
    page.set_viewport_size({"width": 1280, "height": 2300})
    expect(page.frame_locator("iframe").locator(".area-legend")).to_be_visible()


def question_answered(page: Page, address: str) -> None:
    """A question with its answer; the stack must have a key, for example of a scripted Messages API."""
    page.goto(f"{address}/chat")
    page.get_by_role("button", name=texts_chat.ASK_BUSIEST_ACCIDENT).click()
    expect(page.get_by_text(texts_chat.FOLLOW_UPS)).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 1500})  # from the question to the end of the answer
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    page.get_by_test_id("stChatMessage").first.scroll_into_view_if_needed()


def _row(number: int) -> str:
    weather, surface = (("맑음", "건조"), ("비", "젖음/습기"), ("흐림", "건조"))[number % 3]
    place = ("수성구 상동", "남구 대명동", "달서구 상인동", "동구 신암동")[number % 4]
    road = ("교차로 - 교차로안", "단일로 - 기타", "교차로 - 교차로부근")[number % 3]
    kind = ("차대차", "차대사람", "차량단독", "차대차", "차대차")[number % 5]
    return (
        f"{number},2024-06-{number % 30 + 1:02} {number % 24:02},,{weather},대구광역시 {place},{road},{surface},{kind}"
    )


PICTURES: dict[str, Callable[[Page, str], None]] = {
    "predict": predicted,
    "batch": batch_done,
    "explore": dataset_explored,
    "question": question_put,
    "chat": question_answered,
    "datasets": dataset_described,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", nargs="?", default="http://localhost:8501")
    main(parser.parse_args().page)
