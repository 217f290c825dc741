import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from servicekit.prediction_inputs import INPUTS, LABELS
from streamlit_client import texts, texts_datasets
from streamlit_client.batch import results
from tests.chosen_file import choose
from tests.contract.gateway.fake_services import UNKNOWN_WEATHER
from tests.open_pages import OpenPage
from tests.ui.real_gateway import RealGateway
from tests.ui.screen import chart_of, keys_of, metrics_of, texts_of
from tests.unit.streamlit_client import samples

CREATE, UPLOAD = "/api/predict/eclo/batch", "/api/datasets/upload"
COMPETITION = (
    "ID,사고일시,요일,기상상태,시군구,도로형태,노면상태,사고유형\n"
    "ACCIDENT_1,2022-01-01 01,토요일,맑음,대구광역시 수성구 상동,교차로 - 교차로안,건조,차대사람\n"
    "ACCIDENT_2,2022-01-03 18,월요일,눈,대구광역시 남구 대명동,단일로 - 기타,적설,차량단독\n"
    "ACCIDENT_3,2022-01-04 22,화요일,비,대구광역시 중구 동인동1가,단일로 - 터널,젖음/습기,차대차\n"
)
ACCIDENT: Mapping[str, Any] = samples.ACCIDENT.model_dump()


def upload(at: AppTest, content: str | bytes, name: str = "사고.csv") -> AppTest:
    return choose(at, name, content.encode() if isinstance(content, str) else content)


def submit(at: AppTest) -> AppTest:
    return at.button(key="batch.submit").click().run()


def batch_of(gateway: RealGateway, accidents: int, *, done: int = 0, is_cancelled: bool = False) -> str:
    return gateway.add_batch([ACCIDENT] * accidents, done=done, is_cancelled=is_cancelled)


def test_file_is_uploaded_for_a_day_and_its_rows_are_named_with_the_columns_found(
    open_page: OpenPage, gateway: RealGateway
) -> None:
    at = upload(open_page("batch"), COMPETITION.encode("cp949"))
    assert "3건" in texts_of(at)
    assert texts.FILE_EXPIRES in texts_of(at)
    assert not at.warning
    assert at.dataframe[0].value["시군구"].tolist()[2] == "대구광역시 중구 동인동1가"
    submit(at)
    (body,) = gateway.calls("POST", CREATE)
    assert body["dataset_id"] in at_dataset(gateway)
    named = {name: column for name, column in body["columns"].items() if column}
    assert named == {name: texts.INPUT_NAMES[name] for name in ("occurred_at", "day_of_week", *LABELS)}
    assert len(body["columns"]) == len(INPUTS)  # the others are named as left out


def at_dataset(gateway: RealGateway) -> set[str]:
    """Returns the ids of the datasets that were looked at."""
    return {path.split("/")[3] for _, path, *_ in gateway.requests if path.startswith("/api/datasets/0")}


def test_result_shows_figures_table_and_distribution(open_page: OpenPage, gateway: RealGateway) -> None:
    at = submit(upload(open_page("batch"), COMPETITION))
    (batch_id,) = gateway.batches()
    assert (at.query_params["batch"], "file" in at.query_params) == (batch_id, False)
    eclos = [2.0, 19.0, 23.0]  # of 1, 18 and 22 o'clock
    assert metrics_of(at) == {
        "예측한 사고": "3건",
        "오류": "0건",
        "평균 ECLO 기댓값": f"{1 + sum(eclos) / 3:.2f}",
        "심각 이상": "33.3%",
    }
    table = at.dataframe[0].value
    assert table["예측 ECLO"].tolist() == pytest.approx(eclos)
    assert table["예측 ECLO 기댓값"].tolist() == pytest.approx([1 + eclo for eclo in eclos])
    assert table["시군구"].tolist()[2] == "대구광역시 중구 동인동1가"
    assert sum(chart_of(at, "batch.words")[0]["x"]) == 3
    assert texts.NO_ERRORS in texts_of(at)
    assert {"batch.download", "batch.keep"} <= keys_of(at)
    assert texts_datasets.ACTUAL_HEADING not in [tab.label for tab in at.tabs]


def test_actual_values_are_compared_where_the_file_has_them(open_page: OpenPage) -> None:
    header, *rows = COMPETITION.splitlines()
    lines = [f"{header},ECLO", *(f"{row},{eclo}" for row, eclo in zip(rows, (2, "?", 20), strict=True))]
    at = submit(upload(open_page("batch"), "\n".join(lines)))
    assert "실제 ECLO가 있는 2행" in texts_of(at)
    assert chart_of(at, "batch.comparison")[0]["y"] == [2, 20]


def test_columns_with_unknown_names_are_connected_by_hand(open_page: OpenPage, gateway: RealGateway) -> None:
    content = COMPETITION.replace("기상상태", "하늘").replace("사고일시", "발생")
    at = upload(open_page("batch"), content)
    (warning,) = at.warning
    assert warning.value == texts.COLUMNS_MISSING.format(names="사고일시, 기상상태")
    assert "batch.submit" not in keys_of(at)

    by_label = {box.label: box for box in at.selectbox}
    by_label["기상상태"].select("하늘")
    by_label["사고일시"].select("발생").run()
    assert not at.warning
    submit(at)
    columns = gateway.calls("POST", CREATE)[0]["columns"]
    assert (columns["weather"], columns["occurred_at"]) == ("하늘", "발생")

    at.button(key="batch.new").click().run()
    upload(at, content, "다음.csv")
    assert not at.warning, "the choice is proposed for the next file"
    assert "batch.submit" in keys_of(at)


def test_file_that_cannot_be_used_is_told_in_one_sentence(open_page: OpenPage, gateway: RealGateway) -> None:
    at = upload(open_page("batch"), COMPETITION, "사고.xlsx")
    assert [error.value for error in at.error] == [texts.CSV_ONLY]
    gateway.refuse(UPLOAD, 422, "CSV_UNREADABLE", "2번째 줄부터 따옴표가 닫히지 않았습니다.")
    upload(at, COMPETITION)
    assert "2번째 줄부터 따옴표가 닫히지 않았습니다." in at.error[0].value
    assert not at.exception


def test_rows_that_cannot_be_read_are_errors_beside_the_others(open_page: OpenPage) -> None:
    at = submit(upload(open_page("batch"), COMPETITION.replace("2022-01-03 18", "그저께 *밤*")))
    assert (metrics_of(at)["예측한 사고"], metrics_of(at)["오류"]) == ("2건", "1건")
    errors = at.dataframe[1].value
    assert errors[["번호", "ID"]].to_numpy().tolist() == [[2, "ACCIDENT_2"]]
    assert errors["오류"].tolist()[0].startswith("사고 조건을 확인해주세요. 기상상태: ")


def test_file_in_the_address_is_there_after_a_refresh_and_can_be_left_and_kept(
    open_page: OpenPage, gateway: RealGateway
) -> None:
    file = upload(open_page("batch"), COMPETITION).query_params["file"]
    at = open_page("batch", file=file)
    assert "batch.submit" in keys_of(at)
    at.button(key="batch.keep_file").click().run()
    assert gateway.calls("PATCH", f"/api/datasets/{file}") == [{"keep": True}]
    assert texts.FILE_EXPIRES not in texts_of(at)
    at.button(key="batch.other_file").click().run()
    assert texts.UPLOAD in texts_of(at)


def test_results_are_kept_as_a_dataset_once(open_page: OpenPage, gateway: RealGateway) -> None:
    at = submit(upload(open_page("batch"), COMPETITION))
    keep = f"/api/predict/batch/{at.query_params['batch']}/dataset"
    gateway.refuse(keep, 413, "FILE_TOO_LARGE", texts.TOO_LARGE)
    at.button(key="batch.keep").click().run()
    assert texts.TOO_LARGE in at.error[0].value
    assert "batch.download" in keys_of(at)
    at.button(key="batch.keep").click().run()
    assert texts.KEPT.format(name="사고 · ECLO 예측") in [success.value for success in at.success]
    assert "batch.open_kept" in keys_of(at)
    assert "batch.keep" not in keys_of(at)


def test_long_batch_shows_its_first_rows(
    open_page: OpenPage, gateway: RealGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "_MOST_ROWS", 2)
    at = open_page("batch", batch=batch_of(gateway, 5, done=5))
    assert texts.RESULTS_CUT.format(shown=2) in texts_of(at)
    assert metrics_of(at)["예측한 사고"] == "5건"
    assert len(at.dataframe[0].value) == 2


def test_progress_is_followed_until_the_end(open_page: OpenPage, gateway: RealGateway) -> None:
    gateway.set_pace(20)
    batch_id = batch_of(gateway, 100)
    at = open_page("batch", batch=batch_id)  # each look at the batch lets the fake work on
    done = gateway.batches()[batch_id]["done"]
    assert 0 < done < 100
    (bar,) = at.get("progress")
    assert bar.proto.value == done
    assert bar.proto.text.startswith(f"예측 중 · {done} / 100건 · ")
    assert re.search(r"약 (2\d|30)초 남음", bar.proto.text)
    for _ in range(10):
        at.run()
    assert texts.ENDED["completed"].format(done=100) in [success.value for success in at.success]


def test_batch_can_be_cancelled_and_keeps_its_results(open_page: OpenPage, gateway: RealGateway) -> None:
    gateway.set_pace(20)
    batch_id = batch_of(gateway, 1000)
    at = open_page("batch", batch=batch_id)
    at.button(key="batch.cancel").click().run()
    done = gateway.batches()[batch_id]["done"]
    assert gateway.batches()[batch_id]["status"] == "cancelled"
    assert texts.ENDED["cancelled"].format(done=done) in [info.value for info in at.info]
    assert metrics_of(at)["예측한 사고"] == f"{done}건"


def test_cancelling_what_has_just_ended_shows_its_results(open_page: OpenPage, gateway: RealGateway) -> None:
    gateway.set_pace(10)
    batch_id = batch_of(gateway, 100)
    at = open_page("batch", batch=batch_id)
    gateway.set_pace(30)
    gateway.refuse(f"DELETE /api/predict/batch/{batch_id}", 409, "BATCH_ENDED", "이미 끝난 배치 작업입니다.")
    at.button(key="batch.cancel").click().run()
    assert not at.error
    assert metrics_of(at)["예측한 사고"] == "100건"


def test_item_errors_are_listed_with_the_field_and_the_nearest_value(open_page: OpenPage, gateway: RealGateway) -> None:
    batch_id = gateway.add_batch([ACCIDENT, {**ACCIDENT, "weather": UNKNOWN_WEATHER}])
    at = open_page("batch", batch=batch_id)
    assert metrics_of(at)["오류"] == "1건"
    errors = at.dataframe[1].value
    sentence = "사고 조건을 확인해주세요. 기상상태: 허용되는 값이 아닙니다. 가장 가까운 값: 안개"
    assert errors[["번호", "오류", "기상상태"]].to_numpy().tolist() == [[2, sentence, UNKNOWN_WEATHER]]


def test_earlier_batches_can_be_opened_and_left_again(open_page: OpenPage, gateway: RealGateway) -> None:
    first, second = batch_of(gateway, 3, done=3), batch_of(gateway, 5, done=2, is_cancelled=True)
    at = open_page("batch")
    buttons = [button.key for button in at.button if str(button.key).startswith("batch.open.")]
    assert buttons == [f"batch.open.{second}", f"batch.open.{first}"], "newest first"

    at.button(key=f"batch.open.{first}").click().run()
    assert at.query_params["batch"] == first
    assert metrics_of(at)["예측한 사고"] == "3건"
    at.button(key="batch.new").click().run()
    assert "batch" not in at.query_params
    assert texts.UPLOAD in texts_of(at)


def test_batch_in_the_address_is_there_after_a_refresh(open_page: OpenPage, gateway: RealGateway) -> None:
    batch_id = batch_of(gateway, 4)
    at = open_page("batch", batch=batch_id)
    assert metrics_of(at)["예측한 사고"] == "4건"
    assert at.dataframe[0].value["기상상태"].tolist() == ["맑음"] * 4


@pytest.mark.parametrize("batch_id", ["unknown", "../../health", "%00"])
def test_unknown_batch_is_told_and_leads_back(open_page: OpenPage, batch_id: str) -> None:
    at = open_page("batch", batch=batch_id)
    assert len(at.error) == 1
    at.button(key="batch.new").click().run()
    assert not at.error


def refuse_as_busy(gateway: RealGateway) -> None:
    gateway.refuse(CREATE, 429, "TOO_MANY_BATCHES", "서버가 혼잡합니다. 잠시 후 다시 시도해주세요")


def cut_under_way(gateway: RealGateway) -> None:
    gateway.cut(CREATE)


@pytest.mark.parametrize("trouble", [refuse_as_busy, cut_under_way])
def test_batch_is_not_sent_twice_by_itself(
    open_page: OpenPage, gateway: RealGateway, trouble: Callable[[RealGateway], None]
) -> None:
    at = upload(open_page("batch"), COMPETITION)
    trouble(gateway)
    submit(at)
    assert (texts.MAY_HAVE_ARRIVED in texts_of(at)) == (trouble is cut_under_way)
    at.run()
    assert len(gateway.calls("POST", CREATE)) == 1
    at.button(key="outage.create_batch.again").click().run()
    assert len(gateway.calls("POST", CREATE)) == 2
    assert metrics_of(at)["예측한 사고"] == "3건"


def test_refused_column_is_named(open_page: OpenPage, gateway: RealGateway) -> None:
    detail = {"field": "columns.accident_hour", "message": "필수 항목입니다."}
    gateway.refuse(CREATE, 422, "REQUEST_INVALID", "요청 값이 올바르지 않습니다.", [detail])
    at = submit(upload(open_page("batch"), COMPETITION))
    assert "**사고시** — 필수 항목입니다." in at.error[0].value


def test_progress_goes_on_after_the_server_was_away(open_page: OpenPage, gateway: RealGateway) -> None:
    gateway.set_pace(10)
    batch_id = batch_of(gateway, 1000)
    at = open_page("batch", batch=batch_id)
    gateway.stop()
    at.run()
    assert [error.value for error in at.error] == [texts.UNREACHABLE]
    gateway.start()
    outage = at.session_state[f"outage.batch.{batch_id}"]
    at.session_state[f"outage.batch.{batch_id}"] = dataclasses.replace(outage, retry_at=0.0)
    at.run()
    assert at.get("progress")
