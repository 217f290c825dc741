"""The tab ECLO 예측 of a dataset: the way to a new dataset, and what happens when it is cut off or refused."""

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from streamlit_client import state, texts, texts_datasets
from streamlit_client.backend.contract_datasets import Profile
from streamlit_client.backend.gateway_client import GatewayRefused
from streamlit_client.datasets import prediction as dataset_prediction
from streamlit_client.files.csv_file import read_csv
from tests.contract.gateway.fake_datasets import DATASET_ID, UNKNOWN_ID
from tests.open_pages import OpenPage
from tests.patience import PATIENCE_SECONDS
from tests.ui.real_gateway import RealGateway
from tests.ui.screen import keys_of, texts_of
from tests.unit.streamlit_client.samples import PROFILE

CREATE = "/api/predict/eclo/batch"
START, AGAIN, ANEW = "prediction.start", "prediction.again", "prediction.anew"
HASH = "ab" * 32
TABLE = pa.table(
    {
        "사고일시": ["2020-03-01 09", "2020-03-02 18", "언젠가", "2020-03-03 07", "2020-03-04 01"],
        "사고유형": ["차대차", "차대사람", "차대차", "차량단독", "차대차"],
        "기상상태": ["맑음", "비", "맑음", "눈", "맑음"],
        "노면상태": ["건조"] * 5,
        "도로형태": ["교차로 - 교차로안"] * 5,
        "시군구": ["대구광역시 수성구 범어동"] * 5,
        "-메모": ["+82-53-1", "-", "@a", "=1", None],
        "ECLO": [3, 4, 5, 6, 7],
    }
)


def profile_of(dataset_id: str, table: pa.Table = TABLE, name: str = "사고") -> Profile:
    fields = {"dataset_id": dataset_id, "name": name, "rows": table.num_rows, "columns": table.num_columns}
    return Profile(**dict(PROFILE) | fields | {"content_hash": HASH})


class Datasets:
    """The datasets of a gateway that keeps what is uploaded; by default the same table under every id."""

    def __init__(self) -> None:
        self.table = TABLE
        self.uploads: list[tuple[bytes, dict[str, Any]]] = []
        self.refusal: GatewayRefused | None = None

    def read_data(self, _dataset_id: str) -> pa.Table:
        return self.table

    def upload(self, _file_name: str, content: bytes, **options: Any) -> Profile:
        self.uploads.append((content, options))
        if self.refusal is not None:
            raise self.refusal
        return profile_of("new", name=options["name"])


def page() -> None:
    import streamlit as st

    from streamlit_client.datasets.prediction import show_prediction

    show_prediction(st.session_state["shown"])


@pytest.fixture
def datasets(open_page: OpenPage) -> Iterator[Datasets]:  # of the page that speaks to the fake gateway
    fake = Datasets()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state, "datasets", lambda: fake)
        yield fake


@pytest.fixture
def browser_has(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def has(value: str) -> None:
        monkeypatch.setattr(type(st.context), "cookies", {"prediction": value})

    return has


def show(dataset_id: str = DATASET_ID, table: pa.Table = TABLE) -> AppTest:
    at = AppTest.from_function(page, default_timeout=PATIENCE_SECONDS)
    at.session_state["shown"] = profile_of(dataset_id, table)
    at.run()
    assert not at.exception
    return at


def start(at: AppTest) -> AppTest:
    return at.button(key=START).click().run()


def kept_by(at: AppTest) -> str:
    """Returns what the browser was told last to keep."""
    return str(at.get("html")[-1].proto.body).partition("prediction=")[2].partition(";")[0]


def two_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset_prediction, "split_into_batches", lambda accidents: [accidents[:2], accidents[2:]])


def test_new_dataset_has_the_cells_of_the_source_as_they_were(datasets: Datasets) -> None:
    at = start(show())
    assert texts_datasets.ACTUAL_HEADING in texts_of(at)
    ((content, options),) = datasets.uploads
    stored = read_csv(content)
    assert stored.columns == (*TABLE.column_names, *texts_datasets.PREDICT_COLUMNS)
    assert [row[6] for row in stored.rows] == ["+82-53-1", "-", "@a", "=1", ""]
    assert [bool(row[8]) for row in stored.rows] == [True, True, False, True, True]
    assert options["name"] == texts_datasets.PREDICT_NAME.format(name="사고")


def test_two_uploads_of_the_same_file_are_predicted_each_for_itself(datasets: Datasets) -> None:
    at = start(show(DATASET_ID))
    at.session_state["shown"] = profile_of(UNKNOWN_ID)
    assert START in keys_of(at.run())
    assert len(datasets.uploads) == 1


def test_dataset_can_be_predicted_again(datasets: Datasets, gateway: RealGateway) -> None:
    at = start(show())
    at.button(key=ANEW).click().run()
    assert len(datasets.uploads) == 1
    start(at)
    assert len(datasets.uploads) == len(gateway.calls("POST", CREATE)) == 2


def test_result_that_would_be_too_large_is_refused_before_anything_is_sent(
    datasets: Datasets, gateway: RealGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset_prediction, "MOST_BYTES", 100)
    at = show()
    assert at.error[0].value.startswith("예측을 더하면 약 1 KB가 되어")
    assert START not in keys_of(at)
    assert gateway.calls("POST", CREATE) == datasets.uploads == []


def test_result_that_is_refused_can_be_had_as_a_file(datasets: Datasets) -> None:
    datasets.refusal = GatewayRefused(texts.TOO_LARGE, "r-1", status=413)
    at = start(show())
    assert texts.TOO_LARGE in at.error[0].value
    assert {"prediction.download", ANEW} <= keys_of(at)
    assert texts_datasets.ACTUAL_HEADING in texts_of(at)


def test_store_that_is_busy_is_asked_again(datasets: Datasets) -> None:
    datasets.refusal = GatewayRefused("혼잡", "r-1", status=429)
    at = start(show())
    datasets.refusal = None
    (again,) = (button for button in at.button if str(button.key).endswith(".store.again"))
    again.click().run()
    assert at.success
    assert len({options["idempotency_key"] for _, options in datasets.uploads}) == 1


@pytest.mark.parametrize(("columns", "is_refused"), [(600, False), (994, False), (995, True)])
def test_wide_dataset_is_predicted_as_far_as_the_result_can_be_stored(
    datasets: Datasets, columns: int, is_refused: bool
) -> None:
    others = {f"열 {number}": [number] * 5 for number in range(columns - TABLE.num_columns)}
    datasets.table = pa.table({**{name: TABLE.column(name) for name in TABLE.column_names}, **others})
    at = show(table=datasets.table)
    if is_refused:
        assert "995" in at.error[0].value
        assert START not in keys_of(at)
    else:
        assert START in keys_of(at)


def test_reload_goes_on_with_the_same_batches(
    datasets: Datasets, gateway: RealGateway, browser_has: Callable[[str], None]
) -> None:
    gateway.set_pace(0)
    at = start(show())
    browser_has(kept_by(at))
    gateway.set_pace(10)
    reloaded = show()
    assert reloaded.success
    assert len(datasets.uploads) == len(gateway.calls("POST", CREATE)) == 1
    # The context still has the cookie of the start: it must not bring the run back.
    assert START in keys_of(reloaded.button(key=ANEW).click().run())


def test_run_of_a_dataset_that_was_read_anew_is_not_gone_on_with(
    datasets: Datasets, gateway: RealGateway, browser_has: Callable[[str], None]
) -> None:
    gateway.set_pace(0)
    browser_has(kept_by(start(show())).replace(HASH, "cd" * 32))
    at = show()
    assert START in keys_of(at)
    assert "max-age=0" in at.get("html")[-1].proto.body
    assert not datasets.uploads


def test_batch_that_no_longer_exists_leaves_a_way_to_start_over(
    datasets: Datasets, gateway: RealGateway, browser_has: Callable[[str], None]
) -> None:
    gateway.set_pace(0)
    browser_has(kept_by(start(show())))
    gateway.forget_batches()
    at = show()
    assert at.error
    assert START in keys_of(at.button(key=AGAIN).click().run())
    assert not datasets.uploads


def test_start_that_is_refused_half_way_goes_on_from_there(
    datasets: Datasets, gateway: RealGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_batches(monkeypatch)
    create = state.gateway().create_batch
    answers = iter([True, False, True])

    def create_or_refuse(*arguments: Any, **options: Any) -> str:
        if next(answers):
            return create(*arguments, **options)
        raise GatewayRefused("혼잡", "r-1", status=429)

    monkeypatch.setattr(state.gateway(), "create_batch", create_or_refuse)
    at = start(show())
    (again,) = (button for button in at.button if str(button.key).endswith(".create.again"))
    again.click().run()
    assert at.success
    sent = [len(body["accidents"]) for body in gateway.calls("POST", CREATE)]
    assert sent == [2, 2]
    assert len(read_csv(datasets.uploads[0][0]).rows) == 5


@pytest.mark.usefixtures("datasets")
def test_page_offers_to_go_on_after_a_reload(gateway: RealGateway, browser_has: Callable[[str], None]) -> None:
    gateway.set_pace(0)
    browser_has(kept_by(start(show())))

    def hint() -> None:
        from streamlit_client import state
        from streamlit_client.datasets.prediction import offer_unfinished

        offer_unfinished(lambda dataset_id: state.remember("opened", dataset_id))

    at = AppTest.from_function(hint).run()
    at.button(key="prediction.go_on").click().run()
    assert at.session_state["opened"] == DATASET_ID
    at.button(key="prediction.give_up").click().run()
    assert not at.button
    assert "max-age=0" in at.get("html")[-1].proto.body
