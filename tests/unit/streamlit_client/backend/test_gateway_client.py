import json
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from streamlit_client.backend.gateway_client import GatewayClient, GatewayRefused, GatewayTimedOut, GatewayUnreachable
from streamlit_client.settings import PageSettings
from tests.patience import PATIENCE_SECONDS, no_limit_passed
from tests.ui.real_gateway import RealGateway
from tests.unit.streamlit_client.samples import ACCIDENT

PREDICT = "/api/predict/eclo"


def client_of(gateway: RealGateway, request_seconds: float = PATIENCE_SECONDS) -> GatewayClient:
    return GatewayClient(PageSettings(BACKEND_URL=gateway.url, request_seconds=request_seconds))


def test_every_request_has_its_own_id_and_says_who_asks(gateway: RealGateway) -> None:
    client = client_of(gateway)
    client.get_model()
    client.get_model()
    headers = [headers for *_, headers, _ in gateway.requests]
    assert len({header["X-Request-ID"] for header in headers}) == 2


def test_unavailable_service_counts_as_unreachable_and_keeps_its_sentence(gateway: RealGateway) -> None:
    gateway.refuse(PREDICT, 503, "SERVICE_BUSY", "서버가 혼잡합니다. 잠시 후 다시 시도해주세요")
    with pytest.raises(GatewayUnreachable, match="혼잡"):
        client_of(gateway).predict(ACCIDENT, explain=False)


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


@pytest.mark.parametrize("trouble", [RealGateway.hang, RealGateway.drip])
def test_answer_that_does_not_come_in_time_is_cut(
    gateway: RealGateway, trouble: Callable[[RealGateway, str], None]
) -> None:
    trouble(gateway, PREDICT)
    with no_limit_passed(), pytest.raises(GatewayTimedOut, match="요청 시간 초과"):
        client_of(gateway, request_seconds=0.5).predict(ACCIDENT, explain=False)
