"""What one press of ECLO 예측 costs, counted over the page's own protocol: it is what fifty people at once wait for."""

from collections import Counter
from collections.abc import Iterator

import pytest

from scripts.benchmarks.visitor import Drawn, visiting
from tests.ui.page_process import running_page
from tests.ui.real_gateway import RealGateway

MOST_DRAWN = 80


@pytest.fixture(scope="module")
def gateway() -> Iterator[RealGateway]:
    with RealGateway() as gateway:
        yield gateway


@pytest.fixture(scope="module")
def page_url(gateway: RealGateway) -> Iterator[str]:
    with running_page(gateway.url) as url:
        yield url


async def pressed(url: str) -> Drawn:
    async with visiting(url) as visitor:
        await visitor.load()
        await visitor.press("predict")
        return await visitor.press("predict")


async def test_press_asks_for_the_prediction_and_the_history_and_nothing_else(
    page_url: str, gateway: RealGateway
) -> None:
    async with visiting(page_url) as visitor:
        await visitor.load()
        gateway.requests.clear()
        await visitor.press("predict")
    asked = sorted((method, path) for method, path, *_ in gateway.requests if path != "/health")
    assert asked == [("GET", "/api/predictions"), ("POST", "/api/predict/eclo")]


async def test_press_draws_the_answer_and_leaves_the_frame_of_the_page_alone(page_url: str) -> None:
    drawn = await pressed(page_url)
    kinds = Counter(drawn.kinds())
    assert (kinds["metric"], kinds["plotly_chart"]) == (3, 3)
    assert "navigation" not in {message.WhichOneof("type") for message in drawn.messages}
    assert kinds.total() <= MOST_DRAWN, kinds
