import pytest

from streamlit_client.backend.contract import Model
from streamlit_client.backend.gateway_client import GatewayUnreachable
from streamlit_client.backend.known_model import KnownModel
from tests.unit.streamlit_client.samples import MODEL


class Gateway:
    """Answers with a model, or is away; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_away = False
        self.model = MODEL

    def get_model(self) -> Model:
        self.asked += 1
        if self.is_away:
            raise GatewayUnreachable("away", "id")
        return self.model


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def known(gateway: Gateway, clock: Clock) -> KnownModel:
    return KnownModel(gateway.get_model, clock)


def test_model_is_asked_for_once_in_ten_minutes(known: KnownModel, gateway: Gateway, clock: Clock) -> None:
    known.get()
    clock.now = 599
    known.get()
    assert gateway.asked == 1
    clock.now = 600
    known.get()
    assert gateway.asked == 2


def test_old_description_is_kept_while_the_gateway_is_away(known: KnownModel, gateway: Gateway, clock: Clock) -> None:
    known.get()
    gateway.is_away, clock.now = True, 700
    assert known.get() is MODEL
    assert known.get() is MODEL
    assert gateway.asked == 2, "a form must not wait for an absent gateway at every click"
    clock.now = 731
    known.get()
    assert gateway.asked == 3


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
