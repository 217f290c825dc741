from collections.abc import Iterator

import pytest

from tests.open_pages import OpenPage, pages_of
from tests.ui.real_gateway import RealGateway


@pytest.fixture
def gateway() -> Iterator[RealGateway]:
    with RealGateway() as gateway:
        yield gateway


@pytest.fixture
def open_page(gateway: RealGateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """Opens the page in a new session: by default an hour passes before a new try."""
    monkeypatch.setenv("PAGE_RETRY_SECONDS", "3600")
    with pages_of(gateway.url, monkeypatch) as open_page:
        yield open_page
