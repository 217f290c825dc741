"""A text with a copy button; a new text is copied automatically."""

import streamlit as st

from streamlit_client import texts_datasets

_HTML = '<button type="button"></button><span role="status"></span>'
_CSS = """
button { font: inherit; padding: 0.35rem 0.8rem; border-radius: 0.5rem; cursor: pointer;
  border: 1px solid var(--st-border-color); background: var(--st-secondary-background-color);
  color: var(--st-text-color); }
span { margin-left: 0.6rem; color: var(--st-text-color); opacity: 0.75; font-size: 0.9rem; }
"""
# The clipboard API exists only on secure pages; elsewhere `execCommand` still works after a click.
_JS = """
async function copied(text) {
  try { await navigator.clipboard.writeText(text); return true } catch { /* the old way */ }
  const field = document.createElement("textarea");
  field.value = text; field.style.position = "fixed"; field.style.opacity = "0";
  document.body.appendChild(field); field.select();
  const done = document.execCommand("copy"); field.remove();
  return done;
}
export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button"), status = parentElement.querySelector("span");
  button.textContent = data.label;
  const copy = async (quiet) => {
    const done = await copied(data.text);
    status.textContent = done ? data.copied : quiet ? "" : data.failed;
  };
  button.onclick = () => copy(false);
  if (data.is_new && button.dataset.text !== data.text) { button.dataset.text = data.text; copy(true); }
}
"""
_render = st.components.v2.component("copy_button", html=_HTML, css=_CSS, js=_JS)


def show_copy_button(text: str, *, is_new: bool, key: str) -> None:
    """Draws a button that copies the text; a new one is copied automatically if the browser allows it."""
    data = {
        "text": text,
        "is_new": is_new,
        "label": texts_datasets.COPY,
        "copied": texts_datasets.COPIED,
        "failed": texts_datasets.COPY_FAILED,
    }
    _render(data=data, key=key)
