"""Adds the example dataset to a new installation, once. If deleted, it does not come back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from dataset_service.demo.accidents import DESCRIPTION, FILE_NAME, NAME, demo_csv
from dataset_service.storage.files import DEMO_MARK
from dataset_service.storage.uploads import UploadOrder, Uploads

_KEY = "demo"  # idempotency key: a crash between row and mark stores nothing twice
_AGAIN_SECONDS = 2.0

log = structlog.get_logger()


class FirstRun:
    """A context manager that stores the example in the background, unless the mark in `directory` exists."""

    def __init__(self, directory: Path, uploads: Uploads) -> None:
        self._mark = directory / DEMO_MARK
        self._uploads = uploads
        self._storing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if not self._mark.exists():
            self._storing = asyncio.create_task(self._store_until_it_is_there())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._storing is not None:
            self._storing.cancel()
            await asyncio.gather(self._storing, return_exceptions=True)

    async def _store_until_it_is_there(self) -> None:
        while True:
            try:
                await self._store()
            except Exception as error:  # noqa: BLE001 - the database may start later; the service works without the example
                log.warning("demo_not_stored", error=repr(error))
                await asyncio.sleep(_AGAIN_SECONDS)
            else:
                return

    async def _store(self) -> None:
        content = await asyncio.to_thread(demo_csv)

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        order = UploadOrder(file_name=FILE_NAME, name=NAME, description=DESCRIPTION, encoding="", idempotency_key=_KEY)
        await self._uploads.upload(order, chunks())
        self._mark.touch()
