"""What a browser keeps between visits: small texts in cookies."""

import re

import streamlit as st

_YEAR_SECONDS = 365 * 24 * 3600
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LONGEST = 3_000
"""Characters of the longest text that is kept; browsers drop cookies above some four thousand."""
_TEXT = re.compile(rf"[A-Za-z0-9._=-]{{1,{LONGEST}}}")


def find_id(name: str) -> str | None:
    """Returns the id that the browser keeps under the name; anything else did not come from us."""
    return _find(name, _ID)


def find_text(name: str) -> str | None:
    """Returns the text that the browser keeps under the name; anything else did not come from us."""
    return _find(name, _TEXT)


def keep(name: str, value: str) -> None:
    """Has the browser keep a value of letters, digits and `.`, `_`, `=`, `-` for a year, if it does not yet."""
    if not _TEXT.fullmatch(value):
        raise ValueError("The value has characters that a cookie cannot have, or is too long.")
    if st.context.cookies.get(name) != value:
        # Only a script of the page itself can set it once the page has begun.
        cookie = f"{name}={value}; path=/; max-age={_YEAR_SECONDS}; samesite=lax"
        st.html(f"<script>document.cookie = '{cookie}'</script>", unsafe_allow_javascript=True)


def drop(name: str) -> None:
    """Has the browser forget what it keeps under the name."""
    st.html(f"<script>document.cookie = '{name}=; path=/; max-age=0'</script>", unsafe_allow_javascript=True)


def _find(name: str, form: re.Pattern[str]) -> str | None:
    value = st.context.cookies.get(name)
    return value if isinstance(value, str) and form.fullmatch(value) else None
