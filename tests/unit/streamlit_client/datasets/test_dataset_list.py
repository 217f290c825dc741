import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.patience import PATIENCE_SECONDS
from tests.ui.refresh import refreshing
from tests.unit.streamlit_client.kept_datasets import KeptDatasets

PAGE_SIZE = 20


def page() -> None:
    from streamlit_client.datasets.dataset_list import show_list

    show_list(lambda dataset_id: None)


def test_row_that_moves_up_on_a_full_page_is_not_taken_for_the_chosen_one(kept: KeptDatasets) -> None:
    ids = [kept.add(pd.DataFrame({"값": [1]})) for _ in range(PAGE_SIZE + 1)]
    at = AppTest.from_function(page, default_timeout=PATIENCE_SECONDS).run()
    before = at.dataframe[0].proto.id
    assert at.run().dataframe[0].proto.id == before
    kept.delete(ids[-3])  # neither the first nor the last of a page that stays full
    assert at.run().dataframe[0].proto.id != before, "a table with the same id keeps its selected row"


def test_dataset_that_another_session_stored_is_in_the_list(
    kept: KeptDatasets, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh = refreshing(monkeypatch)
    kept.add(pd.DataFrame({"값": [1]}))
    at = AppTest.from_function(page, default_timeout=PATIENCE_SECONDS).run()
    assert len(at.dataframe[0].value) == 1
    kept.add(pd.DataFrame({"값": [1]}))
    assert len(refresh(at).dataframe[0].value) == 2
