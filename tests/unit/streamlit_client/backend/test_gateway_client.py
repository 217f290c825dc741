import json

import pytest
from structlog.testing import capture_logs

from streamlit_client import texts
from streamlit_client.backend.gateway_client import (
    GatewayClient,
    GatewayError,
    GatewayRefused,
    GatewayTimedOut,
    GatewayUnreachable,
)
from streamlit_client.settings import PageSettings
from tests.contract.gateway.fake_services import UNKNOWN_WEATHER
from tests.patience import PATIENCE_SECONDS, no_limit_passed
from tests.ui.model_values import eclo_of
from tests.ui.real_gateway import RealGateway
from tests.unit.streamlit_client.samples import ACCIDENT

PREDICT = "/api/predict/eclo"


def client_of(gateway: RealGateway, request_seconds: float = PATIENCE_SECONDS) -> GatewayClient:
    return GatewayClient(PageSettings(BACKEND_URL=gateway.url, request_seconds=request_seconds))


def test_prediction_comes_back_with_all_its_parts(gateway: RealGateway) -> None:
    prediction = client_of(gateway).predict(ACCIDENT, explain=True)
    assert prediction.eclo == pytest.approx(eclo_of(ACCIDENT.model_dump()))
    assert prediction.contributions is not None
    assert [(part.name, part.value) for part in prediction.contributions] == [("기상상태", "맑음")]
    assert gateway.calls("POST", PREDICT) == [ACCIDENT.model_dump() | {"explain": True}]


def test_prediction_without_explanation_has_no_contributions(gateway: RealGateway) -> None:
    assert client_of(gateway).predict(ACCIDENT, explain=False).contributions is None


def test_every_request_has_its_own_id_and_says_who_asks(gateway: RealGateway) -> None:
    client = client_of(gateway)
    client.get_model()
    client.get_model()
    headers = [headers for *_, headers, _ in gateway.requests]
    assert len({header["X-Request-ID"] for header in headers}) == 2


def test_history_is_read_page_by_page(gateway: RealGateway) -> None:
    client = client_of(gateway)
    made = [client.predict(ACCIDENT, explain=False).prediction_id for _ in range(3)]
    first = client.list_predictions(limit=2)
    second = client.list_predictions(limit=2, cursor=first.next_cursor)
    ids = [prediction.prediction_id for prediction in (*first.predictions, *second.predictions)]
    assert ids == made[::-1]
    assert second.next_cursor is None
    assert first.predictions[0].accident == ACCIDENT


def test_batch_is_created_followed_and_read(gateway: RealGateway) -> None:
    client = client_of(gateway)
    gateway.set_pace(1)
    batch_id = client.create_batch([ACCIDENT, ACCIDENT.model_copy(update={"weather": UNKNOWN_WEATHER})])
    assert not client.get_batch(batch_id).has_ended
    ended = client.get_batch(batch_id)
    assert (ended.has_ended, ended.done, ended.failed) == (True, 2, 1)
    good, bad = client.iterate_results(batch_id, 2)
    assert good.eclo == pytest.approx(eclo_of(ACCIDENT.model_dump()))
    assert bad.error is not None
    assert bad.error.details[0].suggestion == "안개"
    assert client.get_results_csv(batch_id).startswith("\ufeff번호,기상상태".encode())
    assert [batch.batch_id for batch in client.list_batches()] == [batch_id]


def test_all_pages_of_results_are_read(gateway: RealGateway) -> None:
    client = client_of(gateway)
    batch_id = client.create_batch([ACCIDENT] * 2500)
    client.get_batch(batch_id)
    assert [item.index for item in client.iterate_results(batch_id, 2500)] == list(range(2500))


def test_cancelled_batch_has_ended(gateway: RealGateway) -> None:
    client = client_of(gateway)
    batch_id = client.create_batch([ACCIDENT])
    assert client.cancel_batch(batch_id).status == "cancelled"


@pytest.mark.parametrize("status", ["healthy", "degraded", "unhealthy"])
def test_health_is_an_answer_whatever_it_says(gateway: RealGateway, status: str) -> None:
    gateway.set_health(status)
    assert client_of(gateway).get_health().status == status


def test_refusal_carries_the_sentence_the_fields_and_the_request_id(gateway: RealGateway) -> None:
    detail = {"field": "weather", "message": "허용되는 값이 아닙니다.", "allowed": ["맑음"], "suggestion": "맑음"}
    gateway.refuse(PREDICT, 422, "ACCIDENT_INVALID", "사고 조건을 확인해주세요.", [detail])
    with pytest.raises(GatewayRefused) as raised:
        client_of(gateway).predict(ACCIDENT, explain=True)
    refusal = raised.value
    assert (refusal.sentence, refusal.code, refusal.status) == ("사고 조건을 확인해주세요.", "ACCIDENT_INVALID", 422)
    assert refusal.details[0].suggestion == "맑음"
    assert refusal.request_id == "fake-request-id"


def test_stopped_gateway_is_unreachable_at_once(gateway: RealGateway) -> None:
    client = client_of(gateway)
    gateway.stop()
    with no_limit_passed(), pytest.raises(GatewayUnreachable) as raised:
        client.get_model()
    assert raised.value.sentence == texts.UNREACHABLE
    assert not raised.value.may_have_arrived


def test_client_recovers_when_the_gateway_is_back(gateway: RealGateway) -> None:
    client = client_of(gateway)
    client.get_model()
    gateway.stop()
    with pytest.raises(GatewayError):
        client.get_model()
    gateway.start()
    assert client.get_model().model_version


def test_connection_that_breaks_under_way_may_have_arrived(gateway: RealGateway) -> None:
    gateway.cut(PREDICT)
    with pytest.raises(GatewayUnreachable) as raised:
        client_of(gateway).predict(ACCIDENT, explain=False)
    assert raised.value.may_have_arrived


def test_unavailable_service_counts_as_unreachable_and_keeps_its_sentence(gateway: RealGateway) -> None:
    gateway.refuse(PREDICT, 503, "SERVICE_BUSY", "서버가 혼잡합니다. 잠시 후 다시 시도해주세요")
    with pytest.raises(GatewayUnreachable, match="혼잡"):
        client_of(gateway).predict(ACCIDENT, explain=False)


def test_silent_gateway_times_out_with_its_sentence(gateway: RealGateway) -> None:
    gateway.hang(PREDICT)
    with pytest.raises(GatewayTimedOut) as raised:
        client_of(gateway, request_seconds=0.3).predict(ACCIDENT, explain=False)
    assert raised.value.sentence == "요청 시간 초과. 다시 시도해주세요"


def test_answer_that_drips_is_cut_at_the_limit_for_the_whole(gateway: RealGateway) -> None:
    gateway.drip(PREDICT)
    with no_limit_passed(), pytest.raises(GatewayTimedOut):
        client_of(gateway, request_seconds=0.5).predict(ACCIDENT, explain=False)


def test_deadline_passed_behind_the_gateway_is_a_time_out(gateway: RealGateway) -> None:
    gateway.refuse(PREDICT, 504, "DEADLINE_PASSED", "요청 시간 초과. 다시 시도해주세요")
    with pytest.raises(GatewayTimedOut):
        client_of(gateway).predict(ACCIDENT, explain=False)


def test_answer_of_something_else_is_refused_as_unreadable(gateway: RealGateway) -> None:
    gateway.answer("/api/predict/model", b"<html>")
    with pytest.raises(GatewayRefused) as raised:
        client_of(gateway).get_model()
    assert raised.value.sentence == texts.ANSWER_UNREADABLE


def test_event_holds_whatever_ends_a_line_elsewhere(gateway: RealGateway) -> None:
    text = "한 줄\u2028다음\x85다음\u2029끝"
    event = f"event: delta\ndata: {json.dumps({'text': text}, ensure_ascii=False)}\n\n: beat\n\n"
    gateway.answer("/api/stream", event.encode())
    events = list(client_of(gateway).stream_events("GET", "/api/stream"))
    assert [(event.name, event.fields) for event in events] == [("delta", {"text": text}), ("beat", {})]


def test_batch_id_from_an_address_cannot_lead_to_another_path(gateway: RealGateway) -> None:
    with pytest.raises(GatewayRefused):
        client_of(gateway).get_batch("../model?x=")
    assert [path for _, path, *_ in gateway.requests] == ["/api/predict/batch/..%2Fmodel%3Fx%3D"]


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://localhost", "http://", ""])
def test_backend_url_that_is_none_is_refused_at_start(url: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)backend_url"):
        PageSettings(BACKEND_URL=url)


def test_token_of_a_link_stays_out_of_the_log() -> None:
    nobody = GatewayClient(PageSettings(BACKEND_URL="http://127.0.0.1:9"))
    with capture_logs() as logs, pytest.raises(GatewayUnreachable):
        nobody.fetch("GET", "/api/shared/secret")
    assert [line["path"] for line in logs] == ["/api/shared/***"]
