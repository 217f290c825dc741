"""The dataset service with one change: at the step that CRASH_AT names it is gone, as by a kill -9.

Only once the file that CRASH_WHEN names exists; before, it works as ever.
"""

import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from dataset_service.__main__ import main
from dataset_service.reading.csv_reader import CsvReader, NewTable
from dataset_service.storage import uploads
from dataset_service.storage.folder_storage import FolderStorage
from dataset_service.storage.store import DatasetStore, NewDataset


def _gone() -> None:
    if os.path.exists(os.environ["CRASH_WHEN"]):  # noqa: PTH110 - a step may be within pathlib
        os.kill(os.getpid(), signal.SIGKILL)


def _after(owner: Any, name: str) -> None:
    inner = getattr(owner, name)

    def call(*arguments: Any, **named: Any) -> Any:
        result = inner(*arguments, **named)
        _gone()
        return result

    setattr(owner, name, call)


def _after_waiting_for(owner: Any, name: str) -> None:
    inner = getattr(owner, name)

    async def call(*arguments: Any, **named: Any) -> Any:
        result = await inner(*arguments, **named)
        _gone()
        return result

    setattr(owner, name, call)


def _before_committing() -> None:
    inner = DatasetStore.create

    def create(self: DatasetStore, new: NewDataset, table: NewTable) -> Any:
        def gone(_connection: sa.Connection) -> None:
            _gone()

        event.listen(sa.Engine, "commit", gone)
        try:
            return inner(self, new, table)
        finally:
            event.remove(sa.Engine, "commit", gone)

    DatasetStore.create = create  # type: ignore[method-assign]


STEPS: Mapping[str, Callable[[], None]] = {
    "some bytes arrived": lambda: _after(uploads, "_append"),
    "all bytes are on the disk": lambda: _after(uploads, "_sync"),
    "the table is written": lambda: _after_waiting_for(CsvReader, "read"),
    "one of two files has its name": lambda: _after(Path, "rename"),
    "both files have their names": lambda: _after(FolderStorage, "publish"),
    "the row is not committed": _before_committing,
    "the row is committed": lambda: _after(DatasetStore, "create"),
    "the row is deleted": lambda: _after(DatasetStore, "delete"),
    "one of two files is removed": lambda: _after(Path, "unlink"),
    "the new table has its name": lambda: _after(FolderStorage, "publish"),
    "the new table is committed": lambda: _after(DatasetStore, "replace_table"),
}

if __name__ == "__main__":
    STEPS[os.environ["CRASH_AT"]]()
    main()
