"""The tab ECLO 예측 of a dataset, from which a person goes on to the batch."""

import pytest

from streamlit_client import texts
from tests.open_pages import OpenPage
from tests.ui.real_gateway import RealGateway
from tests.ui.screen import keys_of, metrics_of
from tests.ui.test_batch_page import COMPETITION, CREATE, submit, upload


@pytest.fixture
def dataset_id(open_page: OpenPage) -> str:
    return str(upload(open_page("batch"), COMPETITION).query_params["file"])


def test_rows_of_a_dataset_are_predicted_as_those_of_a_file(
    open_page: OpenPage, gateway: RealGateway, dataset_id: str
) -> None:
    at = submit(open_page("datasets", dataset=dataset_id))
    assert [body["dataset_id"] for body in gateway.calls("POST", CREATE)] == [dataset_id]
    assert [at.query_params["batch"]] == list(gateway.batches())
    assert metrics_of(at)["예측한 사고"] == "3건"


def test_dataset_without_accidents_asks_for_the_columns(open_page: OpenPage) -> None:
    facilities = upload(open_page("batch"), "시설명,위도,경도\n학교,35.8,128.6\n").query_params["file"]
    at = open_page("datasets", dataset=facilities)
    assert any(warning.value.startswith(texts.COLUMNS_MISSING[:10]) for warning in at.warning)
    assert "batch.submit" not in keys_of(at)
