from streamlit.testing.v1 import AppTest

from tests.patience import PATIENCE_SECONDS


def page() -> None:
    import streamlit as st

    from streamlit_client import address

    first, second = address.tabs(("가", "나"), "tabs")
    st.text(f"{first.open} {second.open} {address.recall('thing')}")
    if st.button("open"):
        address.put(thing="a b&c", other="1")
    if st.button("close"):
        address.put(thing=None)


def open_page(**address: str) -> AppTest:
    at = AppTest.from_function(page, default_timeout=PATIENCE_SECONDS)
    at.query_params.update(address)
    return at.run()


def test_address_opens_what_it_names() -> None:
    assert open_page(tab="나", thing="x").text[0].value == "False True x"


def test_address_that_names_what_is_not_there_opens_the_first() -> None:
    assert open_page(tab="다").text[0].value == "True False None"


def test_what_is_opened_stands_in_the_address_beside_what_stands_there() -> None:
    at = open_page(tab="나")
    at.button[0].click().run()
    assert {name: at.query_params[name] for name in at.query_params} == {"tab": "나", "thing": "a b&c", "other": "1"}
    at.button[1].click().run()
    assert set(at.query_params) == {"tab", "other"}
    assert at.run().text[0].value == "False True None"


def test_what_was_open_is_remembered_when_the_address_is_lost_on_the_way() -> None:
    at = open_page()
    at.button[0].click().run()
    at.query_params.clear()
    assert at.run().text[0].value == "True False a b&c"
