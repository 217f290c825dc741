import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from streamlit_client import texts_datasets
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


def test_list_is_paged_to_its_end_and_back(kept: KeptDatasets) -> None:
    names = [f"자료 {number}" for number in range(2 * PAGE_SIZE + 1)]
    for name in names:
        kept.add(pd.DataFrame({"값": [1]}), name)
    at = AppTest.from_function(page, default_timeout=PATIENCE_SECONDS).run()
    shown = [list(at.dataframe[0].value[texts_datasets.NAME])]
    while not at.button(key="datasets.list.older").disabled:
        at.button(key="datasets.list.older").click().run()
        shown.append(list(at.dataframe[0].value[texts_datasets.NAME]))
    assert [name for names in shown for name in names] == names[::-1]
    at.button(key="datasets.list.newer").click().run()
    assert list(at.dataframe[0].value[texts_datasets.NAME]) == shown[-2]


def test_dataset_that_another_session_stored_is_in_the_list(
    kept: KeptDatasets, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh = refreshing(monkeypatch)
    kept.add(pd.DataFrame({"값": [1]}))
    at = AppTest.from_function(page, default_timeout=PATIENCE_SECONDS).run()
    assert len(at.dataframe[0].value) == 1
    kept.add(pd.DataFrame({"값": [1]}))
    assert len(refresh(at).dataframe[0].value) == 2
