"""The example dataset of a new installation."""

from pathlib import Path

from daegu.dataset.v1 import dataset_pb2 as pb

from dataset_service.demo.accidents import COLUMNS, NAME, ROWS
from dataset_service.demo.first_run import DEMO_MARK
from tests.contract.dataset_service.running_service import DatasetClient, running_dataset_service
from tests.eventually import eventually


async def wait_for_mark(client: DatasetClient) -> None:
    await eventually(lambda: (client.storage / DEMO_MARK).exists())


async def listed(client: DatasetClient) -> list[pb.Dataset]:
    return list((await client.datasets.ListDatasets(pb.ListDatasetsRequest())).datasets)


async def test_example_is_stored_once_and_does_not_come_back(database_url: str, tmp_path: Path) -> None:
    async with running_dataset_service(database_url, tmp_path, demo=True) as client:
        await wait_for_mark(client)
        (dataset,) = await listed(client)
        assert (dataset.name, dataset.rows, dataset.columns) == (NAME, ROWS, len(COLUMNS))
        await client.datasets.DeleteDataset(pb.DeleteDatasetRequest(dataset_id=dataset.dataset_id))

    async with running_dataset_service(database_url, tmp_path, demo=True) as client:
        assert await listed(client) == []


async def test_service_that_should_not_has_no_example(database_url: str, tmp_path: Path) -> None:
    async with running_dataset_service(database_url, tmp_path) as client:
        assert await listed(client) == []
        assert not (client.storage / DEMO_MARK).exists()
