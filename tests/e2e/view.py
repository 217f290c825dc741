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
_GRAVE = ("serious", "critical")
_STRUCTURE = frozenset({"heading-order", "page-has-heading-one", "landmark-one-main", "document-title"})
_RUN = "(options) => axe.run({exclude: ['.main-svg']}, options)"
_ALL_RULES: Mapping[str, Any] = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
_RULES_OF_SIGHT: Mapping[str, Any] = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "rule", "values": ["color-contrast", "target-size", "scrollable-region-focusable"]},
}
# What is named does not depend on width and colours: it is looked at once.
_LOOKS: tuple[tuple[int, Literal["light", "dark"], Mapping[str, Any]], ...] = (
    (390, "dark", _RULES_OF_SIGHT),
    (_WIDE, "light", _ALL_RULES),
)

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
_WIDER_THAN_SCREEN = """() => {
  const main = document.querySelector("[data-testid=stMain]") ?? document.documentElement;
  return Math.max(main.scrollWidth - main.clientWidth, document.documentElement.scrollWidth - innerWidth);
}"""
_FITS = f"() => ({_WIDER_THAN_SCREEN})() <= 0"
# Streamlit follows the browser's colours in its own time.
_IS_SCHEME = "scheme => getComputedStyle(document.querySelector('.stApp')).colorScheme === scheme"


@dataclass(frozen=True, slots=True)
class View:
    """One state of a page, and what was found there."""

    name: str
    title: str
    language: str
    findings: tuple[str, ...]
    words: tuple[str, ...]
    small_targets: tuple[str, ...]
    pixels_too_wide: int


def look(page: Page, name: str) -> View:
    """Looks at the page as it is: narrow in the dark, wide in the light, and as narrow as an enlarged page is."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"{_AXE};0")
    findings: list[str] = []
    small: list[str] = []
    for width, scheme, rules in _LOOKS:
        page.set_viewport_size({"width": width, "height": _HEIGHT})
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(_IS_SCHEME, arg=scheme)
        small += page.evaluate(_SMALL_TARGETS)
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
        too_wide,
    )


def _lines(violations: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for violation in violations:
        if violation["impact"] in _GRAVE or violation["id"] in _STRUCTURE:
            for node in violation["nodes"]:
                yield f"{violation['id']}: {node['html'][:200]} ({node.get('failureSummary', '')[:200]})"
