"""Stores small texts in cookies."""

import re

import streamlit as st

_YEAR_SECONDS = 365 * 24 * 3600
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LONGEST = 3_000
"""Maximum characters of a value; browsers drop cookies above about 4,000."""
_TEXT = re.compile(rf"[A-Za-z0-9._=-]{{1,{LONGEST}}}")


def find_id(name: str) -> str | None:
    """Returns the id in a cookie; invalid values are ignored."""
    return _find(name, _ID)


def find_text(name: str) -> str | None:
    """Returns the text in a cookie; invalid values are ignored."""
    return _find(name, _TEXT)


def keep(name: str, value: str) -> None:
    """Sets a cookie for a year, if it differs. The value has letters, digits and `.`, `_`, `=`, `-`."""
    if not _TEXT.fullmatch(value):
        raise ValueError("The value has characters that a cookie cannot have, or is too long.")
    if st.context.cookies.get(name) != value:
        # Once the page is loaded, only a script in it can set cookies.
        cookie = f"{name}={value}; path=/; max-age={_YEAR_SECONDS}; samesite=lax"
        st.html(f"<script>document.cookie = '{cookie}'</script>", unsafe_allow_javascript=True)


def drop(name: str) -> None:
    """Deletes a cookie."""
    st.html(f"<script>document.cookie = '{name}=; path=/; max-age=0'</script>", unsafe_allow_javascript=True)


def _find(name: str, form: re.Pattern[str]) -> str | None:
    value = st.context.cookies.get(name)
    return value if isinstance(value, str) and form.fullmatch(value) else None
