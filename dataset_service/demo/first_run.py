"""Adds the example dataset to a new installation, once. If deleted, it does not come back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import structlog

from dataset_service.demo.accidents import DESCRIPTION, FILE_NAME, NAME, demo_csv
from dataset_service.storage.files import DEMO_MARK
from dataset_service.storage.uploads import UploadOrder, Uploads

_KEY = "demo"  # idempotency key: a crash between row and mark stores nothing twice
_AGAIN_SECONDS = 2.0

log = structlog.get_logger()


async def store_example(directory: Path, uploads: Uploads) -> None:
    """Stores the example as soon as it can be, unless the mark in `directory` exists."""
    mark = directory / DEMO_MARK
    while not mark.exists():
        try:
            content = await asyncio.to_thread(demo_csv)

            async def chunks(content: bytes = content) -> AsyncIterator[bytes]:
                yield content

            order = UploadOrder(FILE_NAME, NAME, DESCRIPTION, encoding="", idempotency_key=_KEY)
            await uploads.upload(order, chunks())
            mark.touch()
        except Exception as error:  # noqa: BLE001 - the database may start later; the service works without the example
            log.warning("demo_not_stored", error=repr(error))
            await asyncio.sleep(_AGAIN_SECONDS)
