import dataclasses
from datetime import date
from typing import Any

import pytest
from plotly.basedatatypes import BaseFigure
from streamlit.testing.v1 import AppTest

from streamlit_client import texts
from streamlit_client.parts.asking import MOST_FAILURES, Outage
from streamlit_client.parts.shown_text import plain_text
from tests.contract.gateway.fake_datasets import UNKNOWN_ID
from tests.contract.gateway.fake_services import SHORT_WEATHER
from tests.open_pages import OpenPage
from tests.ui.model_values import ALLOWED, eclo_of
from tests.ui.real_gateway import RealGateway
from tests.ui.screen import chart_of, keys_of, metrics_of, texts_of

PREDICT = "/api/predict/eclo"
AGAIN = "outage.predict.again"


def predict(at: AppTest) -> AppTest:
    return at.button(key="predict").click().run()


def pause_is_over(at: AppTest, name: str) -> None:
    """Makes the next run ask again, as it would when the pause is over."""
    outage = at.session_state[f"outage.{name}"]
    assert isinstance(outage, Outage)
    at.session_state[f"outage.{name}"] = dataclasses.replace(outage, retry_at=0.0)


def test_form_offers_what_the_model_knows_and_begins_with_the_typical_accident(open_page: OpenPage) -> None:
    at = open_page()
    assert at.selectbox(key="form.road_type").options == [*ALLOWED["road_type"]]
    assert at.button_group(key="form.weather").options == [*ALLOWED["weather"]]
    assert at.selectbox(key="form.county").options == ["남구", "달성군", "수성구", "중구"]
    assert (at.selectbox(key="form.county").value, at.selectbox(key="form.town").value) == ("남구", "대명동")
    assert at.slider(key="form.hour").value == 18
    assert texts.INVITATION in texts_of(at)


def test_weekday_and_period_follow_the_date_and_the_hour(open_page: OpenPage, gateway: RealGateway) -> None:
    at = open_page()
    at.date_input(key="form.day").set_value(date(2024, 5, 15))
    at.slider(key="form.hour").set_value(23).run()
    assert texts.DERIVED.format(weekday="수요일", period="심야") in texts_of(at)
    predict(at)
    (sent,) = gateway.calls("POST", PREDICT)
    assert (sent["day_of_week"], sent["time_period"], sent["accident_hour"]) == ("수요일", "심야", 23)
    assert (sent["accident_year"], sent["accident_month"], sent["accident_day"]) == (2024, 5, 15)


def test_prediction_shows_value_word_and_place_among_real_accidents(open_page: OpenPage, gateway: RealGateway) -> None:
    at = open_page()
    at.slider(key="form.hour").set_value(23).run()
    predict(at)
    (sent,) = gateway.calls("POST", PREDICT)
    assert sent["district"] == "대구광역시 남구 대명동"
    eclo = eclo_of(sent)
    assert metrics_of(at) == {"예상 ECLO": f"{eclo:.2f}", "심각도": "◑ 심각", texts.PLACE_LABEL: "92번째"}
    assert "**92번째**입니다. 81 ~ 95번째가 ‘심각’입니다." in texts_of(at)
    assert "1 ~ 9" in texts_of(at)
    assert texts.EXPECTED_SENTENCE.format(expected=1 + eclo) in texts_of(at)
    assert chart_of(at, "answer.range")[0]["x"] == [pytest.approx(eclo)]


@pytest.mark.parametrize("day", [date(1999, 1, 5), date(2041, 1, 1), date(19, 1, 5)])
def test_day_that_cannot_be_predicted_is_told_at_its_field_and_nothing_is_asked(
    open_page: OpenPage, gateway: RealGateway, day: date
) -> None:
    at = open_page()
    at.date_input(key="form.day").set_value(day).run()
    predict(at)
    assert [error.value for error in at.error] == [texts.DAY_OUTSIDE.format(first=2007, last=2040)]
    assert not gateway.calls("POST", PREDICT)
    at.date_input(key="form.day").set_value(date(2024, 5, 15)).run()
    predict(at)
    assert not at.error
    assert gateway.calls("POST", PREDICT)[0]["accident_year"] == 2024


def test_answer_is_marked_once_the_form_says_something_else(open_page: OpenPage, gateway: RealGateway) -> None:
    at = predict(open_page())
    assert texts.OUTDATED not in texts_of(at)
    at.button_group(key="form.weather").set_value("눈").run()
    assert texts.OUTDATED in texts_of(at)
    assert any(texts.OUTDATED_ANSWER in element.proto.body for element in at.get("html"))
    at.button_group(key="form.weather").set_value("맑음").run()
    assert texts.OUTDATED not in texts_of(at), "it is the answer to the form again"
    at.date_input(key="form.day").set_value(date(1999, 1, 1)).run()
    assert texts.OUTDATED in texts_of(at)
    at.date_input(key="form.day").set_value(date(2024, 5, 15)).run()
    predict(at)
    assert texts.OUTDATED not in texts_of(at)


def test_reasons_are_drawn_with_korean_names_and_used_values(open_page: OpenPage) -> None:
    at = predict(open_page())
    (trace,) = chart_of(at, "answer.why")
    assert trace["y"] == ["보통 사고", "기상상태 · 맑음", "이 사고"]
    assert trace["x"] == [1.0, 0.25, 1.25]
    assert texts.WHY_HELP in texts_of(at)


def test_no_figure_is_checked_by_plotly_while_a_person_waits(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page()

    def check(*_: object, **__: object) -> None:
        raise AssertionError("Plotly checks and copies every field, which takes longer than all the rest of a press.")

    monkeypatch.setattr(BaseFigure, "__init__", check)
    predict(at)
    assert {chart.key for chart in at.get("plotly_chart")} == {"answer.strip", "answer.range", "answer.why"}
    assert not at.exception


def test_warnings_of_the_server_are_shown_with_the_korean_name(open_page: OpenPage, gateway: RealGateway) -> None:
    at = open_page()
    at.button_group(key="form.weather").set_value(SHORT_WEATHER).run()
    predict(at)
    message = f"입력한 값 ‘{SHORT_WEATHER}’ 대신 ‘비’ 값으로 계산했습니다."
    assert [info.value for info in at.info] == [f"**기상상태** — {message}"]


def test_field_error_names_the_field_and_the_nearest_value_and_keeps_the_form(
    open_page: OpenPage, gateway: RealGateway
) -> None:
    road_type = {"field": "road_type", "message": "허용되는 값이 아닙니다.", "suggestion": "단일로 - 교량"}
    day = {"field": "accident_day", "message": "달력에 없는 날짜입니다.", "allowed": ["1", "28"]}
    details = [road_type, day]
    gateway.refuse(PREDICT, 422, "ACCIDENT_INVALID", "사고 조건을 확인해주세요.", details)
    at = open_page()
    at.button_group(key="form.weather").set_value("눈").run()
    predict(at)
    (error,) = at.error
    assert error.value.startswith("사고 조건을 확인해주세요.")
    assert "**도로형태** — 허용되는 값이 아닙니다. 가장 가까운 값: **단일로 - 교량**" in error.value
    assert "**사고일** — 달력에 없는 날짜입니다. 가능한 값: 1, 28" in error.value
    assert "fake-request-id" in texts_of(at)
    assert AGAIN not in keys_of(at), "the same values would be refused again"
    assert at.button_group(key="form.weather").value == "눈"

    predict(at)
    assert not at.error
    assert len(gateway.calls("POST", PREDICT)) == 2


def test_absent_server_is_told_tried_again_and_nothing_typed_is_lost(open_page: OpenPage, gateway: RealGateway) -> None:
    at = open_page()
    at.button_group(key="form.weather").set_value("안개").run()
    gateway.stop()
    predict(at)
    assert [error.value for error in at.error] == [texts.UNREACHABLE], "once, though the history is away too"
    assert any(
        texts.RETRY_IN.format(seconds=left, failures=1, most=MOST_FAILURES) in texts_of(at) for left in range(61)
    )
    assert not at.warning, "nobody need be called after one failure"

    gateway.start()
    at.run()
    assert not gateway.calls("POST", PREDICT), "nothing is asked before the pause is over"
    pause_is_over(at, "predict")
    at.run()
    assert metrics_of(at)["심각도"] == "◔ 일반"
    assert at.button_group(key="form.weather").value == "안개"
    assert gateway.calls("POST", PREDICT)[0]["weather"] == "안개"


def test_third_failure_names_the_administrator_and_a_button_starts_over(
    open_page: OpenPage, gateway: RealGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGE_RETRY_SECONDS", "0")
    at = open_page()
    gateway.stop()
    predict(at)  # with no pause the three tries follow each other
    assert at.session_state["outage.predict"].failures == MOST_FAILURES
    assert texts.ASK_ADMINISTRATOR in [warning.value for warning in at.warning]

    at.run()
    assert at.session_state["outage.predict"].failures == MOST_FAILURES, "after three failures nobody tries by himself"
    gateway.start()
    at.button(key=AGAIN).click().run()
    assert "예상 ECLO" in metrics_of(at)
    assert "outage.predict" not in at.session_state


def test_time_out_is_told_and_may_be_tried_again(open_page: OpenPage, gateway: RealGateway) -> None:
    at = open_page()
    gateway.refuse(PREDICT, 504, "DEADLINE_PASSED", texts.TIMED_OUT)
    predict(at)
    assert [error.value for error in at.error] == ["요청 시간 초과. 다시 시도해주세요"]
    at.run()
    assert len(gateway.calls("POST", PREDICT)) == 1, "a time-out is not repeated by itself"
    at.button(key=AGAIN).click().run()
    assert "예상 ECLO" in metrics_of(at)


def test_answer_of_something_else_is_told_without_a_traceback(open_page: OpenPage, gateway: RealGateway) -> None:
    at = open_page()
    gateway.answer(PREDICT, b"<html>")
    predict(at)
    assert [error.value for error in at.error] == [plain_text(texts.ANSWER_UNREADABLE)]
    assert not at.exception


def test_page_without_any_model_says_why_and_draws_no_form(open_page: OpenPage, gateway: RealGateway) -> None:
    gateway.stop()
    at = open_page()
    assert [error.value for error in at.error] == [texts.UNREACHABLE]
    assert not at.selectbox
    gateway.start()
    pause_is_over(at, "model")
    at.run()
    assert at.selectbox(key="form.county").value == "남구"


def test_what_was_chosen_survives_a_visit_to_another_page(open_page: OpenPage) -> None:
    at = open_page()
    at.selectbox(key="form.county").select("수성구")
    at.button_group(key="form.weather").set_value("비").run()
    at.switch_page("app_pages/batch.py").run()
    at.switch_page("app_pages/predict.py").run()
    assert at.selectbox(key="form.county").value == "수성구"
    assert at.button_group(key="form.weather").value == "비"


def test_what_if_sets_both_values_side_by_side(open_page: OpenPage, gateway: RealGateway) -> None:
    at = predict(open_page())
    at.selectbox(key="what_if.name").select("accident_type").run()
    assert at.selectbox(key="what_if.accident_type").options == ["차대사람", "차량단독"], "only what is different"
    at.selectbox(key="what_if.accident_type").select("차량단독")
    at.button(key="what_if.compare").click().run()
    before, after = gateway.calls("POST", PREDICT)
    assert {name for name in before if before[name] != after[name]} == {"accident_type", "explain"}
    shown = metrics_of(at)
    assert (shown["지금 조건"], shown["바꾼 조건"]) == (f"{eclo_of(before):.2f}", f"{eclo_of(after):.2f}")
    assert len(chart_of(at, "what_if.strip")[-1]["x"]) == 2
    assert "차대차 → 차량단독" in texts_of(at)
    at.selectbox(key="what_if.name").select("weather").run()
    assert "바꾼 조건" not in metrics_of(at), "another change is chosen"


@pytest.mark.parametrize(
    ("name", "value", "field", "derived"),
    [("accident_hour", 2, "time_period", "심야"), ("day", date(2024, 2, 29), "day_of_week", "목요일")],
)
def test_what_if_takes_what_follows_from_the_change_along(
    open_page: OpenPage, gateway: RealGateway, name: str, value: Any, field: str, derived: str
) -> None:
    at = predict(open_page())
    at.selectbox(key="what_if.name").select(name).run()
    if name == "day":
        at.date_input(key="what_if.day").set_value(date(1999, 2, 28))
        at.button(key="what_if.compare").click().run()
        assert [error.value for error in at.error] == [texts.DAY_OUTSIDE.format(first=2007, last=2040)]
        assert len(gateway.calls("POST", PREDICT)) == 1
        at.date_input(key="what_if.day").set_value(value)
    else:
        at.selectbox(key="what_if.hour").select(value)
    at.button(key="what_if.compare").click().run()
    assert gateway.calls("POST", PREDICT)[-1][field] == derived


def test_comparison_is_gone_after_another_prediction(open_page: OpenPage) -> None:
    at = predict(open_page())
    at.button(key="what_if.compare").click().run()
    assert "바꾼 조건" in metrics_of(at)
    predict(at)
    assert "바꾼 조건" not in metrics_of(at)


def test_history_shows_the_newest_first_also_in_a_new_session(open_page: OpenPage) -> None:
    at = predict(open_page())
    at.button_group(key="form.accident_type").set_value("차대사람").run()
    predict(at)
    for session in (at, open_page()):
        (table,) = session.dataframe
        assert table.value["사고유형"].tolist() == ["차대사람", "차대차"]
        assert table.value["시군구"].tolist() == ["남구 대명동"] * 2


def test_history_turns_pages_back_and_forth(open_page: OpenPage, gateway: RealGateway) -> None:
    at = open_page()
    for hour in range(12):
        at.slider(key="form.hour").set_value(hour).run()
        predict(at)
    moments = at.dataframe[0].value["사고 일시"]
    assert len(moments) == 10
    assert moments[0].endswith("11시")
    assert not {"history.newer"} & keys_of(at)

    at.button(key="history.older").click().run()
    assert [moment.split()[-1] for moment in at.dataframe[0].value["사고 일시"]] == ["1시", "0시"]
    assert not {"history.older"} & keys_of(at)
    at.button(key="history.newer").click().run()
    assert len(at.dataframe[0].value) == 10


def test_accident_of_the_history_can_be_predicted_again(open_page: OpenPage, gateway: RealGateway) -> None:
    at = open_page()
    at.selectbox(key="form.county").select("수성구")
    at.button_group(key="form.weather").set_value("눈").run()
    predict(at)
    other = open_page()
    key = f"history.table.{gateway.newest_prediction()['prediction_id']}"
    other.session_state[key] = {"selection": {"rows": [], "columns": [], "cells": [(0, "사고유형")]}}
    other.run()
    other.button(key="history.again").click().run()
    first, second = gateway.calls("POST", PREDICT)
    assert first == second
    assert other.selectbox(key="form.county").value == "수성구"
    assert other.button_group(key="form.weather").value == "눈"


def test_address_brings_the_answer_and_its_form_back(open_page: OpenPage, gateway: RealGateway) -> None:
    at = open_page()
    at.selectbox(key="form.county").select("수성구")
    at.button_group(key="form.weather").set_value("눈").run()
    predict(at)
    shown, (chart,) = metrics_of(at), chart_of(at, "answer.why")
    other = open_page(prediction=query_of(at)["prediction"])
    assert metrics_of(other) == shown
    assert chart_of(other, "answer.why")[0]["x"] == chart["x"]
    assert other.selectbox(key="form.county").value == "수성구"
    assert other.button_group(key="form.weather").value == "눈"
    assert texts.OUTDATED not in texts_of(other)
    assert len(gateway.calls("POST", PREDICT)) == 1, "what is looked at again is not predicted again"


def test_address_brings_back_a_form_that_was_not_predicted_yet(open_page: OpenPage) -> None:
    at = predict(open_page())
    assert set(query_of(at)) == {"prediction"}
    at.selectbox(key="form.county").select("수성구")
    at.slider(key="form.hour").set_value(7)
    at.date_input(key="form.day").set_value(date(2024, 2, 29)).run()
    assert set(query_of(at)) == {"prediction", "form"}
    other = open_page(**query_of(at))
    assert other.selectbox(key="form.county").value == "수성구"
    assert (other.slider(key="form.hour").value, other.date_input(key="form.day").value) == (7, date(2024, 2, 29))
    assert texts.OUTDATED in texts_of(other)
    predict(other)
    assert set(query_of(other)) == {"prediction"}


@pytest.mark.parametrize("form", ["", "nonsense", "2024-02-31|7|a|b|c|d|e", "2024-02-29|99|a|b|c|d|e", "|" * 6])
def test_address_with_a_form_that_is_none_opens_the_page_as_it_is(open_page: OpenPage, form: str) -> None:
    at = open_page(form=form)
    assert at.selectbox(key="form.county").value == "남구"
    assert not at.error


def test_address_of_a_prediction_that_is_not_there_says_so(open_page: OpenPage) -> None:
    at = open_page(prediction=UNKNOWN_ID)
    assert [error.value for error in at.error] == ["예측을 찾을 수 없습니다."]
    predict(at)
    assert not at.error
    assert "예상 ECLO" in metrics_of(at)


def query_of(at: AppTest) -> dict[str, str]:
    """Returns the address as a browser would ask for it again."""
    found = {name: at.query_params[name] for name in at.query_params}
    return {name: value[-1] if isinstance(value, list) else value for name, value in found.items()}
