from dataclasses import dataclass

import pytest

from streamlit_client.backend.contract import Model
from streamlit_client.backend.gateway_client import GatewayUnreachable
from streamlit_client.backend.known_model import KnownModel
from tests.unit.streamlit_client.samples import MODEL


@dataclass
class Gateway:
    """Answers with a model, or is away; counts how often it is asked. Its seconds pass only when told to."""

    model: Model = MODEL
    is_away: bool = False
    asked: int = 0
    now: float = 0.0

    def get_model(self) -> Model:
        self.asked += 1
        if self.is_away:
            raise GatewayUnreachable("away", "id")
        return self.model


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def known(gateway: Gateway) -> KnownModel:
    return KnownModel(gateway.get_model, lambda: gateway.now)


def test_model_is_asked_for_once_in_ten_minutes_and_kept_while_the_gateway_is_away(
    known: KnownModel, gateway: Gateway
) -> None:
    times = ((0, False, 1), (599, False, 1), (600, False, 2), (1300, True, 3), (1329, True, 3), (1331, True, 4))
    for now, is_away, asked in times:
        gateway.now, gateway.is_away = now, is_away
        assert known.get() is MODEL
        assert gateway.asked == asked, f"after {now} s"


def test_without_any_description_the_failure_is_told(known: KnownModel, gateway: Gateway) -> None:
    gateway.is_away = True
    with pytest.raises(GatewayUnreachable):
        known.get()


def test_answer_of_another_model_makes_the_description_old(known: KnownModel, gateway: Gateway) -> None:
    known.get()
    known.saw_version(MODEL.model_version)
    known.get()
    assert gateway.asked == 1
    gateway.model = MODEL.model_copy(update={"model_version": "m-2"})
    known.saw_version("m-2")
    assert known.get().model_version == "m-2"
