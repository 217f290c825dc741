"""Adds the example dataset to a new installation, once. If deleted, it does not come back."""

import asyncio
from collections.abc import AsyncIterator

import structlog

from dataset_service.demo.accidents import DESCRIPTION, FILE_NAME, NAME, demo_csv
from dataset_service.storage.files import Storage
from dataset_service.storage.uploads import UploadOrder, Uploads

DEMO_MARK = "demo.done"
"""Name of the file that marks that the example was stored once."""
_KEY = "demo"  # idempotency key: two replicas, or a crash between row and mark, store nothing twice
_AGAIN_SECONDS = 2.0

log = structlog.get_logger()


async def store_example(storage: Storage, uploads: Uploads) -> None:
    """Stores the example as soon as it can be, unless the storage has the mark. Of several replicas one stores it."""
    while True:
        try:
            if await asyncio.to_thread(storage.is_marked, DEMO_MARK):
                return
            content = await asyncio.to_thread(demo_csv)

            async def chunks(content: bytes = content) -> AsyncIterator[bytes]:
                yield content

            order = UploadOrder(FILE_NAME, NAME, DESCRIPTION, encoding="", idempotency_key=_KEY)
            await uploads.upload(order, chunks())
            await asyncio.to_thread(storage.mark, DEMO_MARK)
            return
        except Exception as error:  # noqa: BLE001 - the database may start later; the service works without the example
            log.warning("demo_not_stored", error=repr(error))
            await asyncio.sleep(_AGAIN_SECONDS)
