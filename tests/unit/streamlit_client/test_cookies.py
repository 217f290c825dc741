from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from streamlit_client import cookies

Cookies = Callable[[str], None]


@pytest.fixture
def browser_has(monkeypatch: pytest.MonkeyPatch) -> Cookies:
    def has(value: str) -> None:
        monkeypatch.setattr(type(st.context), "cookies", {"kept": value})

    return has


def test_ids_and_texts_are_found_by_their_form(browser_has: Cookies) -> None:
    browser_has("0198-ab_c.d")
    assert (cookies.find_id("kept"), cookies.find_text("kept")) == ("0198-ab_c.d", "0198-ab_c.d")
    browser_has("eyJ9=" * 100)
    assert (cookies.find_id("kept"), cookies.find_text("kept")) == (None, "eyJ9=" * 100)


@pytest.mark.parametrize("value", ["", "<script>", "a b", "a;b", "x" * 3001, "가"])
def test_what_did_not_come_from_us_is_not_found(browser_has: Cookies, value: str) -> None:
    browser_has(value)
    assert cookies.find_id("kept") is None
    assert cookies.find_text("kept") is None


def test_value_that_could_end_the_script_is_not_kept() -> None:
    with pytest.raises(ValueError, match="characters"):
        cookies.keep("kept", "'</script>")


def test_only_a_new_value_is_sent_to_the_browser(browser_has: Cookies) -> None:
    def page() -> None:
        from streamlit_client import cookies

        cookies.keep("kept", "new")

    browser_has("old")
    (sent,) = AppTest.from_function(page).run().get("html")
    assert "kept=new; path=/; max-age=31536000; samesite=lax" in sent.proto.body
    browser_has("new")
    assert not AppTest.from_function(page).run().get("html")


def test_browser_is_told_to_forget() -> None:
    def page() -> None:
        from streamlit_client import cookies

        cookies.drop("kept")

    (sent,) = AppTest.from_function(page).run().get("html")
    assert "kept=; path=/; max-age=0" in sent.proto.body
