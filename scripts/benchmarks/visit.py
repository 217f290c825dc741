"""The first visit on a slow connection, 시각화 with 15,000 points, and a batch of 20,000 rows, in a real browser."""

import csv
import io
import shutil
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from playwright.sync_api import Browser, Page, sync_playwright

from scripts.benchmarks.accidents import varied_accidents
from scripts.benchmarks.harness import Bench
from scripts.benchmarks.processes import ProgramFailed
from scripts.benchmarks.result import Goal, Result, Table, at_most
from scripts.benchmarks.whole_stack import running_whole_stack
from streamlit_client import texts

_LINE_BITS, _LINE_LATENCY_MS = 400_000, 40
_LONGEST_MS = 300_000.0
_HEADING_SECONDS, _FIRST_MEGABYTES, _COLD_SECONDS, _WARM_SECONDS = 12.0, 3.5, 2.5, 1.0
_BATCH_ROWS, _BATCH_SECONDS = 20_000, 5.0
_BATCH_PARTS = ("progress is shown", "all is predicted", "results are shown")
AS_SERVED, AS_IT_IS = "as served", "uncompressed"
_HEADERS: dict[str, dict[str, str]] = {AS_SERVED: {}, AS_IT_IS: {"Accept-Encoding": "identity"}}
COLD, FROM_PAGE, AGAIN = "its address is opened", "from another page", "from another page, seen before"
_Seen = TypeVar("_Seen")
# Returns when the last chart and the map clusters are drawn, in milliseconds since `start`.
_WATCH = """start => {
  window.drawn = {}
  const look = () => {
    const charts = [...document.querySelectorAll(".js-plotly-plot")].filter(
      chart => chart.querySelector(".points path, .hm image, .heatmaplayer image"))
    if (charts.length >= 5) window.drawn.charts ??= performance.now() - start
    if (!window.drawn.charts) requestAnimationFrame(look)
  }
  window.onmessage = ({data}) => { if (data === "clusters") window.drawn.map ??= performance.now() - start }
  look()
}"""
# Runs in the iframe of the map.
_TELL = """if (parent !== window) new MutationObserver((_, watch) => {
  if (!document.querySelector(".marker-cluster")) return
  watch.disconnect()
  parent.postMessage("clusters", "*")
}).observe(document, {childList: true, subtree: true})"""


@dataclass(frozen=True, slots=True)
class Visit:
    """A first visit: seconds until the heading is shown, bytes until then, and bytes including a predicted chart."""

    heading_seconds: float
    heading_bytes: int
    chart_bytes: int


def measure(bench: Bench) -> Result:
    """Measures visits and 시각화 in turns; `bench.seconds` is not used."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise ProgramFailed("Chromium is not installed.")
    visits: dict[str, list[Visit]] = {AS_SERVED: [], AS_IT_IS: []}
    drawn: dict[str, list[dict[str, float]]] = {COLD: [], FROM_PAGE: [], AGAIN: []}
    batches: list[Sequence[float]] = []
    with (
        running_whole_stack(bench.directory, {"DATASET_DEMO": "true"}) as stack,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-quic"])
        bench.facts["browser"] = f"Chromium {browser.version}"
        explore = f"explore?dataset={stack.example_dataset()}"
        for _ in range(bench.rounds):
            for design, measured in visits.items():
                measured.append(_visit(browser, stack.page, _HEADERS[design], is_slow=design == AS_SERVED))
            for kind, open_ in (COLD, _open_cold), (FROM_PAGE, _open_from_page), (AGAIN, _open_again):
                drawn[kind].append(_with_page(browser, open_, stack.page, explore))
            batches.append(_with_page(browser, _run_batch, stack.page))
    columns = ("files", "heading, s", "MB until then", "MB with a chart", "of uncompressed")
    return Result(
        title="First visit, 시각화, and a batch",
        method=[
            f"{bench.rounds} rounds in turns, every visit with a browser that has nothing kept; figures are medians.",
            f"The heading: on a line of {_LINE_BITS // 1000} kbit/s with {_LINE_LATENCY_MS} ms more each way;"
            " uncompressed on a fast line, as a slow one starves single files until the page's server gives them up.",
            "Bytes are what comes over the line, headers included; with a chart: a prediction is pressed as well.",
            "시각화 shows the example dataset of 15,000 rows: until five charts and the clusters of the map are drawn.",
            f"A batch: {_BATCH_ROWS:,} rows of an uploaded file, from the press of the button.",
        ],
        tables=[
            Table("First visit", columns, _visit_rows(visits)),
            Table("시각화 with 15,000 points, s", ("opened", "charts", "map"), _drawn_rows(drawn)),
            Table(f"A batch of {_BATCH_ROWS:,} rows", ("until", "s"), _batch_rows(batches)),
        ],
        goals=[
            *_goals(visits[AS_SERVED], drawn),
            at_most("a batch, press to results", _BATCH_SECONDS, statistics.median(one[-1] for one in batches), "s"),
        ],
        figures={"visits": visits, "drawn": drawn, "batches": batches},
        packages=("streamlit", "plotly", "folium"),
    )


def _visit(browser: Browser, address: str, headers: dict[str, str], *, is_slow: bool) -> Visit:
    def look(page: Page) -> Visit:
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        loaded: list[int] = []
        network.on("Network.loadingFinished", lambda event: loaded.append(int(event["encodedDataLength"])))
        line = {"offline": False, "latency": _LINE_LATENCY_MS}
        rate = dict.fromkeys(("downloadThroughput", "uploadThroughput"), _LINE_BITS / 8 if is_slow else -1)
        network.send("Network.emulateNetworkConditions", line | rate)
        started = time.monotonic()
        page.goto(address, wait_until="commit")
        page.get_by_role("heading", level=1).wait_for()
        seconds, until_heading = time.monotonic() - started, sum(loaded)
        network.send("Network.emulateNetworkConditions", line | dict.fromkeys(rate, -1))
        page.get_by_role("button", name=texts.PREDICT_BUTTON).click()
        page.locator(".js-plotly-plot .main-svg").first.wait_for()
        return Visit(seconds, until_heading, sum(loaded))

    return _with_page(browser, look, headers=headers)


def _open_cold(page: Page, address: str, explore: str) -> dict[str, float]:
    page.add_init_script(f"({_WATCH})(0)")
    page.goto(f"{address}/{explore}", wait_until="commit")
    return _drawn(page)


def _open_from_page(page: Page, address: str, explore: str) -> dict[str, float]:
    # The dataset is open, and its charts have not been requested.
    page.goto(f"{address}/datasets?{explore.partition('?')[2]}")
    page.get_by_role("heading", level=2).first.wait_for()
    page.wait_for_function("performance.getEntriesByType('resource').some(file => file.name.includes('PlotlyChart'))")
    page.wait_for_load_state("networkidle")
    return _follow(page)


def _open_again(page: Page, address: str, explore: str) -> dict[str, float]:
    _open_cold(page, address, explore)
    page.locator("a[href$='/datasets']").first.click()
    page.locator("iframe").wait_for(state="detached")
    page.get_by_role("heading", level=2).first.wait_for()
    return _follow(page)


def _follow(page: Page) -> dict[str, float]:
    page.evaluate(f"({_WATCH})(performance.now())")
    page.locator("a[href$='/explore']").first.click()
    return _drawn(page)


def _run_batch(page: Page, address: str) -> Sequence[float]:
    """Returns the seconds from the press until each of the parts."""
    text = io.StringIO()
    rows = [accident._asdict() for accident in varied_accidents(_BATCH_ROWS)]
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    page.goto(f"{address}/batch")
    file = {"name": "accidents.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode()}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    start = page.get_by_role("button", name=texts.SUBMIT.format(count=_BATCH_ROWS))
    start.wait_for()
    page.wait_for_load_state("networkidle")
    started = time.monotonic()
    start.click()
    parts = (
        page.get_by_role("progressbar"),
        page.get_by_text(texts.ENDED["completed"].format(done=_BATCH_ROWS)),
        page.get_by_test_id("stDataFrame").first,
    )
    seconds = []
    for part in parts:
        part.wait_for()
        seconds.append(time.monotonic() - started)
    return seconds


def _drawn(page: Page) -> dict[str, float]:
    page.wait_for_function("window.drawn && window.drawn.charts && window.drawn.map")
    return {name: float(milliseconds) / 1000 for name, milliseconds in page.evaluate("window.drawn").items()}


def _with_page(
    browser: Browser, look: Callable[..., _Seen], *arguments: str, headers: dict[str, str] | None = None
) -> _Seen:
    context = browser.new_context(
        locale="ko-KR", viewport={"width": 1280, "height": 1000}, extra_http_headers=headers or {}
    )
    context.set_default_timeout(_LONGEST_MS)
    context.add_init_script(_TELL)
    try:
        return look(context.new_page(), *arguments)
    finally:
        context.close()


def _medians(visits: Sequence[Visit]) -> tuple[float, float, float]:
    """Returns seconds until the heading, megabytes until then, and megabytes with a chart."""
    return (
        statistics.median(visit.heading_seconds for visit in visits),
        statistics.median(visit.heading_bytes for visit in visits) / 1e6,
        statistics.median(visit.chart_bytes for visit in visits) / 1e6,
    )


def _visit_rows(visits: dict[str, list[Visit]]) -> Sequence[Sequence[str]]:
    _, _, whole = _medians(visits[AS_IT_IS])
    medians = {design: _medians(measured) for design, measured in visits.items()}
    return [
        (design, f"{seconds:.1f}", f"{until:.2f}", f"{chart:.2f}", f"{chart / whole:.2f}")
        for design, (seconds, until, chart) in medians.items()
    ]


def _drawn_rows(drawn: dict[str, list[dict[str, float]]]) -> Sequence[Sequence[str]]:
    return [
        (kind, *(f"{statistics.median(one[part] for one in measured):.1f}" for part in ("charts", "map")))
        for kind, measured in drawn.items()
    ]


def _batch_rows(batches: Sequence[Sequence[float]]) -> Sequence[Sequence[str]]:
    return [
        (part, f"{statistics.median(batch[index] for batch in batches):.1f}") for index, part in enumerate(_BATCH_PARTS)
    ]


def _goals(visits: Sequence[Visit], drawn: dict[str, list[dict[str, float]]]) -> Sequence[Goal]:
    heading, _, megabytes = _medians(visits)
    times = {COLD: _COLD_SECONDS, FROM_PAGE: _WARM_SECONDS, AGAIN: _WARM_SECONDS}
    return [
        at_most("first heading on a slow line", _HEADING_SECONDS, heading, "s"),
        at_most("first visit with a chart", _FIRST_MEGABYTES, megabytes, "MB", 2),
        *(
            at_most(f"시각화, {kind}", most, statistics.median(max(one.values()) for one in drawn[kind]), "s")
            for kind, most in times.items()
        ),
    ]
