// Mutations are handled before the browser paints, so that the English is never visible.
const { exact, patterns, speaksItself, nameless, style } = TABLE
const LANGUAGE = "ko"
const SPOKEN = ["aria-label", "aria-valuetext", "aria-description", "title", "data-title", "placeholder", "alt"]
const NEWS = "data-news"
const rules = patterns.map(([pattern, korean]) => [new RegExp(pattern), korean])
const latin = /[A-Za-z]/, isIcon = /^\w+ icon$/

function translate(text) {
  const english = text.trim()
  if (!latin.test(english)) return null
  if (Object.hasOwn(exact, english)) return exact[english]
  const rule = rules.find(([pattern]) => pattern.test(english))
  return rule ? english.replace(...rule) : null
}

// Content of tables and option lists is the user's data.
function translateAttribute(element, name) {
  if (element.closest("[role=option], [role=gridcell]")) return
  if (element.role === "img" && isIcon.test(element.ariaLabel)) element.ariaHidden = "true" // words stand beside it
  const korean = translate(element.getAttribute(name) ?? "")
  if (korean !== null) element.setAttribute(name, korean)
}

function translateText(node) {
  if (!latin.test(node.data) || !node.parentElement?.closest(speaksItself)) return
  const korean = translate(node.data)
  if (korean !== null) node.data = korean
}

// Screen readers only announce changes in an element that already exists; this one always does.
const voice = document.createElement("div")
voice.setAttribute("role", "status")
voice.className = "news"

function tell(element) {
  if (element.getAttribute(NEWS)) voice.textContent = element.getAttribute(NEWS)
}

// A toolbar is one tab stop; arrow keys move within it. Map markers are not tab stops, as the map is one; nor is the
// scroller of a grid, as the grid is one.
const TOOLS = ".modebar, [data-testid=stElementToolbar]", ARROWS = { ArrowLeft: -1, ArrowRight: 1 }
const GRID = "[data-testid=data-grid-canvas]"

function shortenWay(element) {
  if (element.matches(".leaflet-marker-icon, .dvn-scroller")) element.tabIndex = -1
  const kind = Object.keys(nameless).find((selector) => element.matches(selector))
  if (kind) Object.assign(element, { role: "group", ariaLabel: nameless[kind] })
  const bar = element.nodeName === "BUTTON" && element.closest(TOOLS)
  if (!bar) return
  bar.role = "toolbar"
  element.tabIndex = element === bar.querySelector("button") ? 0 : -1
}

// Tab leaves a read-only grid at once, not after every cell of the row. Nor does tabbing to it select the first cell:
// selecting opens things, and must wait for another key.
let isTab = false, waiting = null

document.addEventListener("pointerdown", () => { isTab = false }, true)
document.addEventListener("focusin", (event) => {
  if (!isTab || !event.isTrusted || !event.target.matches(GRID)) return
  event.stopImmediatePropagation()
  waiting = event.target
}, true)

document.addEventListener("keydown", (event) => {
  const { key, target } = event
  isTab = key === "Tab"
  if (isTab && target.closest?.(GRID)) event.stopImmediatePropagation()
  if (!isTab && target === waiting && key !== "Shift") {
    waiting = null
    target.dispatchEvent(new FocusEvent("focusin", { bubbles: true }))
  }
  const bar = key in ARROWS && target.closest?.(TOOLS)
  if (!bar) return
  const buttons = [...bar.querySelectorAll("button")]
  buttons.at((buttons.indexOf(target) + ARROWS[key]) % buttons.length).focus()
  event.preventDefault()
}, true)

// An SVG has thousands of elements and no texts of Streamlit.
const filter = (node) => (node.nodeName === "svg" ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT)

function read(root) {
  const nodes = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, filter)
  for (let node = root; node; node = nodes.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) translateText(node)
    else if (node.nodeType === Node.ELEMENT_NODE) {
      for (const name of SPOKEN) if (node.hasAttribute(name)) translateAttribute(node, name)
      if (node.hasAttribute(NEWS)) tell(node)
      shortenWay(node)
    }
  }
}

const sheet = new CSSStyleSheet()
sheet.replaceSync(style)
document.adoptedStyleSheets.push(sheet)
document.body.append(voice)
document.documentElement.lang = LANGUAGE
read(document.body)
new MutationObserver((mutations) => {
  for (const { type, target, attributeName, addedNodes } of mutations) {
    if (type === "childList") addedNodes.forEach((node) => { if (node.nodeName !== "svg") read(node) })
    else if (type === "characterData") translateText(target)
    else if (attributeName === NEWS) tell(target)
    else translateAttribute(target, attributeName)
  }
}).observe(document.body, {
  subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: [...SPOKEN, NEWS],
})

// Browsers keep no files for maps, whose origin is opaque. This page fetches for them what is the same for all, and nothing
// else.
const MAP_ASSET = /^(\/[\w.-]+)*\/map-assets\/[\w-]+\.[\w-]+\.json$/
const assets = new Map()

async function fetchText(path) {
  const response = await fetch(path)
  if (!response.ok) assets.delete(path)
  return response.ok ? response.text() : null
}

addEventListener("message", async ({ data, ports: [answer] }) => {
  const path = data?.mapAsset
  if (!answer || !MAP_ASSET.test(path)) return
  if (!assets.has(path)) assets.set(path, fetchText(path))
  answer.postMessage(await assets.get(path))
})
