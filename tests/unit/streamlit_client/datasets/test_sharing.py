import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from streamlit_client import texts_datasets
from streamlit_client.datasets import sharing as dataset_sharing
from tests.ui.screen import texts_of
from tests.unit.streamlit_client.kept_datasets import KeptDatasets


def page(dataset_id: str) -> None:
    from streamlit_client.datasets.sharing import show_sharing

    show_sharing(dataset_id)


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each drawn copy button was told to copy at once."""
    told: list[bool] = []
    monkeypatch.setattr(dataset_sharing, "show_copy_button", lambda _text, *, is_new, key: told.append(is_new))
    return told


def press(at: AppTest, label: str) -> AppTest:
    (button,) = (button for button in at.button if button.label == label)
    return button.click().run()


def test_link_is_copied_only_when_it_was_just_made(kept: KeptDatasets, copies: list[bool]) -> None:
    at = AppTest.from_function(page, args=(kept.add(pd.DataFrame({"값": [1]})),)).run()
    press(at, texts_datasets.SHARE)
    assert at.code[0].value == kept.links[0].share_url
    at.run()
    assert copies == [True, False]
    press(at, texts_datasets.SHARE)
    assert copies == [True, False, True]


def test_link_that_is_revoked_is_no_longer_shown_as_open(kept: KeptDatasets, copies: list[bool]) -> None:
    at = AppTest.from_function(page, args=(kept.add(pd.DataFrame({"값": [1]})),)).run()
    press(press(at, texts_datasets.SHARE), texts_datasets.REVOKE)
    assert not at.exception
    assert (list(at.code), list(at.success)) == ([], [])
    assert texts_datasets.LINK_REVOKED in texts_of(at)


def test_new_link_stays_while_an_older_one_is_revoked(kept: KeptDatasets, copies: list[bool]) -> None:
    dataset_id = kept.add(pd.DataFrame({"값": [1]}))
    older = kept.share(dataset_id)
    at = press(AppTest.from_function(page, args=(dataset_id,)).run(), texts_datasets.SHARE)
    at.button(f"revoke.{older.link_id}").click().run()
    assert at.code[0].value == kept.links[0].share_url
