"""What one state of a page is to people who hear it, tab through it, enlarge it or see it in the dark."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import axe_playwright_python.base
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.patience import PATIENCE_SECONDS

_AXE = Path(axe_playwright_python.base.AXE_FILE_PATH).read_text(encoding="utf-8")
_WIDE, _NARROWEST, _HEIGHT = 1280, 320, 1000
_MOST_STOPS = 150
_GRAVE = ("serious", "critical")
_STRUCTURE = frozenset({"heading-order", "page-has-heading-one", "landmark-one-main", "document-title"})
_RUN = "rules => axe.run({exclude: ['.main-svg']}, {resultTypes: ['violations'], runOnly: rules})"
_ALL_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_CONTRAST, _RULES_OF_SIGHT = ("color-contrast",), ("color-contrast", "target-size", "scrollable-region-focusable")
# What is named depends on neither width nor colours, and sizes do not depend on colours: they are looked at once.
_Look = tuple[int, Literal["light", "dark"], tuple[str, ...]]
_LOOKS: tuple[_Look, ...] = ((_WIDE, "light", _ALL_RULES), (390, "dark", _RULES_OF_SIGHT))
_MORE_LOOKS: tuple[_Look, ...] = ((390, "light", _CONTRAST), (_WIDE, "dark", _CONTRAST))

# What a person reads or hears. Icons are ligatures: their names are not words.
_WORDS = """() => {
  const words = new Set(), latin = /[A-Za-z]{2,}/;
  const spoken = ["aria-label", "title", "data-title", "placeholder", "alt", "aria-valuetext", "aria-description"];
  const isHidden = element => element.closest("[aria-hidden=true], [translate=no]");
  const add = (kind, element, text) => {
    if (text && latin.test(text) && !isHidden(element)) words.add(`${kind}: ${text.trim()}`);
  };
  const read = root => {
    const nodes = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) {
        const parent = node.parentElement ?? node.getRootNode().host;
        if (!parent.closest("script, style, noscript, code, pre")) add("text", parent, node.data);
        continue;
      }
      for (const name of spoken) add(name, node, node.getAttribute(name));
      if (node.shadowRoot) read(node.shadowRoot);
    }
  };
  read(document.body);
  return [...words];
}"""
# Links within sentences may be small; so may what is not seen, and what is drawn by the browser itself.
_SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, [role=button], [role=tab], [data-testid=stTab]")]
  .filter(e => e.checkVisibility({opacityProperty: true, visibilityProperty: true}))
  .filter(e => !e.closest("p, li, label") && !e.closest("[style*='clip']"))
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([e, box]) => box.width > 1 && box.height > 1 && (box.width < 23.5 || box.height < 23.5))
  .map(([e, box]) => `${e.outerHTML.slice(0, 120)} ${Math.round(box.width)} x ${Math.round(box.height)}`)"""
# A choice may be longer than its field, which is read in the list.
_CUT_TEXTS = """() => [...document.querySelectorAll("[data-testid=stApp] *")]
  .filter(e => e.textContent.trim() && e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1)
  .filter(e => e.checkVisibility() && getComputedStyle(e).textOverflow === "ellipsis" && !e.closest(".stSelectbox"))
  .map(e => e.textContent.trim())"""
_WIDER_THAN_SCREEN = """() => {
  const main = document.querySelector("[data-testid=stMain]") ?? document.documentElement;
  return Math.max(main.scrollWidth - main.clientWidth, document.documentElement.scrollWidth - innerWidth);
}"""
_FITS = f"() => ({_WIDER_THAN_SCREEN})() <= 0"
# Our script comes after the page. Streamlit takes its time to follow the browser's colours, and fades what goes.
_IS_SETTLED = """scheme => getComputedStyle(document.querySelector(".stApp")).colorScheme === scheme
  && document.querySelector(".news") && !document.querySelector("[data-stale=true]")"""
# Where the focus is, and what is wrong with it: null at the end of the page, "frame" where the page of a frame says it.
_STOP = """() => {
  const e = document.activeElement;
  if (!e || e.matches("body, [data-testid=stSkipToContent]")) return null;
  const content = e.matches("a, button, summary, main, [role=tab]") ? [e] : [];
  const texts = [...(e.labels ?? []), ...(e.ariaLabelledByElements ?? []), ...content].map(it => it.textContent.trim());
  const name = [e.ariaLabel, e.title, e.alt, ...texts].find(Boolean);
  const style = getComputedStyle(e), box = e.getBoundingClientRect(), before = window.lastStop;
  window.lastStop = e;
  if (e.matches("iframe")) return "frame";
  const faults = [
    !name && "has no name",
    `${style.outlineStyle} ${style.outlineWidth}` !== "solid 2px" && "is not seen to have the focus",
    (box.right <= 0 || box.left >= innerWidth) && "is outside of the screen",
    before === e && "keeps the focus",
    before?.isConnected && before.compareDocumentPosition(e) & 2 && "comes before the last stop",
  ].filter(Boolean);
  return [`${name ?? e.outerHTML.slice(0, 120)}`, faults];
}"""

_IS_NEW = "document.hasFocus() && ![document.body, window.lastStop].includes(document.activeElement)"


@dataclass(frozen=True, slots=True)
class View:
    """One state of a page, and what was found there."""

    name: str
    title: str
    language: str
    findings: tuple[str, ...]
    words: tuple[str, ...]
    small_targets: tuple[str, ...]
    cut_texts: tuple[str, ...]
    pixels_too_wide: int
    keyboard_faults: tuple[str, ...]


def look(page: Page, name: str, *, is_walked: bool, in_all_colours: bool) -> View:
    """Looks at the page as it is: narrow and wide, dark and light, and as narrow as an enlarged page is.

    Also by keyboard if it is walked, and in both colours at both widths where asked.
    """
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"{_AXE};0")
    findings: list[str] = []
    small: list[str] = []
    cut: list[str] = []
    # In the colours it has already first: in others everything is drawn again.
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    looks = (*_LOOKS, *(_MORE_LOOKS if in_all_colours else ()))
    for width, scheme, rules in sorted(looks, key=lambda look: (look[1] == "dark") != is_dark):
        page.set_viewport_size({"width": width, "height": _HEIGHT})
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(_IS_SETTLED, arg=scheme)
        small += page.evaluate(_SMALL_TARGETS)
        cut += page.evaluate(_CUT_TEXTS)
        findings += (f"{width} {scheme} {line}" for line in _lines(page.evaluate(_RUN, rules)["violations"]))
    page.set_viewport_size({"width": _NARROWEST, "height": _HEIGHT})
    with suppress(PlaywrightTimeout):
        page.wait_for_function(_FITS, timeout=PATIENCE_SECONDS * 1000)
    too_wide = page.evaluate(_WIDER_THAN_SCREEN)
    page.set_viewport_size({"width": _WIDE, "height": _HEIGHT})
    return View(
        name,
        page.title(),
        page.locator("html").get_attribute("lang") or "",
        tuple(findings),
        tuple(words for frame in page.frames for words in frame.evaluate(_WORDS)),
        tuple(dict.fromkeys(small)),
        tuple(dict.fromkeys(cut)),
        too_wide,
        tuple(_walk_by_keyboard(page)) if is_walked else (),
    )


def _walk_by_keyboard(page: Page) -> list[str]:
    """Presses Tab from the beginning of the page to its end, and returns what is wrong with the stops on the way."""
    page.get_by_test_id("stSkipToContent").focus()
    page.evaluate("window.lastStop = null")
    faults: list[str] = []
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        stop = _stop(page)
        if stop is None:
            return faults
        faults += (f"{stop[0]!r} {fault}" for fault in stop[1])
    return [*faults, f"the end was not reached within {_MOST_STOPS} stops"]


def _stop(page: Page) -> tuple[str, list[str]] | None:
    while (stop := page.evaluate(_STOP)) == "frame":  # into and out of a frame the focus takes its time
        for frame in page.frames[1:]:
            if frame.evaluate(_IS_NEW):
                found: tuple[str, list[str]] = frame.evaluate(_STOP)
                return found
    return stop  # type: ignore[no-any-return]


def _lines(violations: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for violation in violations:
        if violation["impact"] in _GRAVE or violation["id"] in _STRUCTURE:
            for node in violation["nodes"]:
                yield f"{violation['id']}: {node['html'][:200]} ({node.get('failureSummary', '')[:200]})"
