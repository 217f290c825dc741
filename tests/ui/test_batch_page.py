import dataclasses
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from streamlit_client import texts
from streamlit_client.batch.results import join_results
from streamlit_client.batch.upload import SentFile
from streamlit_client.files.csv_file import read_csv
from tests.chosen_file import choose
from tests.contract.gateway.fake_services import UNKNOWN_WEATHER
from tests.open_pages import OpenPage
from tests.ui.model_values import eclo_of
from tests.ui.real_gateway import RealGateway
from tests.ui.screen import chart_of, keys_of, metrics_of, texts_of
from tests.unit.streamlit_client import samples

CREATE = "/api/predict/eclo/batch"
REPOSITORY = Path(__file__).parents[2]
DATA = REPOSITORY / os.environ.get("DATA_DIR", "../shared/data")
COMPETITION = (
    "ID,사고일시,요일,기상상태,시군구,도로형태,노면상태,사고유형\n"
    "ACCIDENT_1,2022-01-01 01,토요일,맑음,대구광역시 수성구 상동,교차로 - 교차로안,건조,차대사람\n"
    "ACCIDENT_2,2022-01-03 18,월요일,눈,대구광역시 남구 대명동,단일로 - 기타,적설,차량단독\n"
    "ACCIDENT_3,2022-01-04 22,화요일,비,대구광역시 중구 동인동1가,단일로 - 터널,젖음/습기,차대차\n"
)
POLICE = (
    "사고번호,사고일시,요일,시군구,사망자수,사고유형,법규위반,노면상태,기상상태,도로형태\n"
    "2016,2016년 1월 1일 01시,금요일,대구광역시 동구 율하동,0,차대차 - 측면충돌,신호위반,건조,맑음,교차로 - 교차로안\n"
)
ACCIDENT: Mapping[str, Any] = samples.ACCIDENT.model_dump()


def upload(at: AppTest, content: str | bytes, name: str = "사고.csv") -> AppTest:
    return choose(at, name, content.encode() if isinstance(content, str) else content)


def submit(at: AppTest) -> AppTest:
    return at.button(key="batch.submit").click().run()


def batch_of(gateway: RealGateway, accidents: int, *, done: int = 0, is_cancelled: bool = False) -> str:
    return gateway.add_batch([ACCIDENT] * accidents, done=done, is_cancelled=is_cancelled)


def test_competition_file_goes_to_the_server_as_it_is(open_page: OpenPage, gateway: RealGateway) -> None:
    at = upload(open_page("batch"), COMPETITION.encode("cp949"))
    assert "3건" in texts_of(at)
    assert not at.warning
    submit(at)
    ((sent,),) = ([body["accidents"]] for body in gateway.calls("POST", CREATE))
    assert [accident["accident_type"] for accident in sent] == ["차대사람", "차량단독", "차대차"]
    derived = {"time_period": "퇴근시간대", "day_of_week": "월요일", "accident_year": 2022, "accident_month": 1}
    labels = {"weather": "눈", "road_surface": "적설", "district": "대구광역시 남구 대명동"}
    assert sent[1] == sent[1] | derived | labels | {"accident_day": 3, "accident_hour": 18}


def test_police_export_goes_to_the_server_as_it_is(open_page: OpenPage, gateway: RealGateway) -> None:
    at = submit(upload(open_page("batch"), POLICE.replace(",", ";")))
    ((sent,),) = (body["accidents"] for body in gateway.calls("POST", CREATE))
    assert (sent["accident_type"], sent["accident_year"], sent["accident_hour"]) == ("차대차 - 측면충돌", 2016, 1)
    assert not at.exception


@pytest.mark.needs_data
@pytest.mark.skipif(not DATA.is_dir(), reason="the real public data is not there (DATA_DIR)")
def test_all_accidents_of_2022_are_read_and_predicted(open_page: OpenPage, gateway: RealGateway) -> None:
    content = (DATA / "daegu_accidents_2022_unlabelled.csv").read_bytes()
    at = submit(upload(open_page("batch"), content))
    (body,) = gateway.calls("POST", CREATE)
    assert len(body["accidents"]) == 10_963
    assert metrics_of(at)["예측한 사고"] == "10,963건"


def test_result_shows_figures_table_and_distribution(open_page: OpenPage, gateway: RealGateway) -> None:
    at = submit(upload(open_page("batch"), COMPETITION))
    (batch_id,) = gateway.batches()
    assert at.query_params["batch"] == batch_id
    eclos = [eclo_of(accident) for accident in gateway.calls("POST", CREATE)[0]["accidents"]]
    assert metrics_of(at) == {
        "예측한 사고": "3건",
        "오류": "0건",
        "평균 ECLO 기댓값": f"{1 + sum(eclos) / 3:.2f}",
        "심각 이상": "33.3%",
    }
    table = at.dataframe[0].value
    assert table["ECLO"].tolist() == pytest.approx(eclos)
    assert table["ECLO 기댓값"].tolist() == pytest.approx([1 + eclo for eclo in eclos])
    assert table["시군구"].tolist()[2] == "대구광역시 중구 동인동1가"
    assert sum(chart_of(at, "batch.words")[0]["x"]) == 3
    assert texts.NO_ERRORS in texts_of(at)
    assert {"batch.download", "batch.download_joined"} <= keys_of(at)


def test_columns_with_unknown_names_are_connected_by_hand(open_page: OpenPage, gateway: RealGateway) -> None:
    content = COMPETITION.replace("기상상태", "하늘").replace("사고일시", "발생")
    at = upload(open_page("batch"), content)
    (warning,) = at.warning
    assert warning.value == texts.COLUMNS_MISSING.format(names="사고일시, 기상상태")
    assert "batch.submit" not in keys_of(at)

    by_label = {box.label: box for box in at.selectbox}
    by_label["기상상태"].select(3)
    by_label["사고일시"].select(1).run()
    assert not at.warning
    submit(at)
    assert [accident["weather"] for accident in gateway.calls("POST", CREATE)[0]["accidents"]] == ["맑음", "눈", "비"]

    at.button(key="batch.new").click().run()
    upload(at, content, "다음.csv")
    assert not at.warning, "the choice is proposed for the next file"
    assert "batch.submit" in keys_of(at)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("사고.xlsx", COMPETITION.encode(), texts.CSV_ONLY),
        ("사고.csv", b"a,b\n1\n", texts.CSV_RAGGED.format(line=2, found=1, expected=2)),
    ],
)
def test_file_that_cannot_be_used_is_told_in_one_sentence(
    open_page: OpenPage, name: str, content: bytes, sentence: str
) -> None:
    at = upload(open_page("batch"), content, name)
    assert [error.value for error in at.error] == [sentence]
    assert not at.exception


def test_rows_that_cannot_be_read_are_named_and_left_out(open_page: OpenPage, gateway: RealGateway) -> None:
    at = upload(open_page("batch"), COMPETITION.replace("2022-01-03 18", "그저께 *밤*"))
    (warning,) = at.warning
    assert warning.value.startswith(texts.UNREADABLE_ROWS.format(count=1))
    assert "3번째 줄의 사고일시 ‘그저께 \\*밤\\*’" in warning.value
    submit(at)
    assert len(gateway.calls("POST", CREATE)[0]["accidents"]) == 2


def test_file_without_a_readable_row_is_not_sent(open_page: OpenPage) -> None:
    header, *_ = COMPETITION.splitlines()
    at = upload(open_page("batch"), f"{header}\n1,어제,월,맑음,상동,기타,건조,차대차\n")
    assert [error.value for error in at.error] == [texts.NOTHING_READABLE]
    assert "batch.submit" not in keys_of(at)


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
    at = submit(upload(open_page("batch"), COMPETITION.replace("눈", UNKNOWN_WEATHER)))
    assert metrics_of(at)["오류"] == "1건"
    errors = at.dataframe[1].value
    assert errors.to_numpy().tolist() == [[2, "기상상태", "허용되는 값이 아닙니다.", "안개"]]


def test_own_file_gets_the_results_beside_its_rows(open_page: OpenPage, gateway: RealGateway) -> None:
    content = COMPETITION.replace("2022-01-03 18", "언젠가").replace("ACCIDENT_3", "=1+1")
    at = submit(upload(open_page("batch"), content))
    sent = at.session_state["batch.sent"]
    assert isinstance(sent, SentFile)
    file = join_results(sent, at.dataframe[0].value)
    assert b"'=1+1" in file
    joined = read_csv(file)
    assert joined.columns[-6:] == ("ECLO", "ECLO 기댓값", "심각도", "범위(하한)", "범위(상한)", "오류")
    assert [row[0] for row in joined.rows] == ["ACCIDENT_1", "ACCIDENT_2", "=1+1"]
    assert [row[-4] for row in joined.rows] == ["경미", "", "심각"]
    assert float(joined.rows[2][-6]) == pytest.approx(eclo_of(gateway.calls("POST", CREATE)[0]["accidents"][1]))
    assert "언젠가" in joined.rows[1][-1]


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
    assert "batch.download_joined" not in keys_of(at), "the file itself stays with the session that sent it"


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


def test_batch_is_sent_once_the_server_is_back(open_page: OpenPage, gateway: RealGateway) -> None:
    at = upload(open_page("batch"), COMPETITION)
    gateway.stop()
    submit(at)
    assert [error.value for error in at.error] == [texts.UNREACHABLE]
    gateway.start()
    outage = at.session_state["outage.create_batch"]
    at.session_state["outage.create_batch"] = dataclasses.replace(outage, retry_at=0.0)
    at.run()
    assert metrics_of(at)["예측한 사고"] == "3건"


def test_refused_field_is_named_with_its_accident(open_page: OpenPage, gateway: RealGateway) -> None:
    detail = {"field": "accidents.1.accident_year", "message": "허용 범위를 벗어났습니다."}
    gateway.refuse(CREATE, 422, "FIELDS_INVALID", "입력값을 확인해주세요.", [detail])
    at = submit(upload(open_page("batch"), COMPETITION))
    assert "**2번째 사고의 사고연도** — 허용 범위를 벗어났습니다." in at.error[0].value


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
