"""The contract of datasets, over a real port: upload, list, get, change, delete, lease."""

from typing import Any

import grpc
from daegu.dataset.v1 import dataset_pb2 as pb

from tests.contract.dataset_service.running_service import DatasetClient, refusal

CSV = """사고일시,시군구,사망자수,위도,경도
2019-01-01 00,대구광역시 중구,1,35.87,128.6
2019-01-02 13,대구광역시 동구,,35.88,128.63
""".encode()


async def test_upload_answers_with_the_dataset_and_its_profile(client: DatasetClient) -> None:
    stored = await client.upload(CSV, "대구 사고.csv", description=" 설명 ")

    dataset, profile = stored.dataset, stored.profile
    assert (dataset.name, dataset.description, dataset.file_name) == ("대구 사고", "설명", "대구 사고.csv")
    assert (dataset.rows, dataset.columns, dataset.size_bytes) == (2, 5, len(CSV))
    assert (dataset.encoding, dataset.delimiter, len(dataset.content_hash)) == ("utf-8", ",", 64)
    assert [(column.name, column.kind) for column in profile.columns] == [
        ("사고일시", pb.COLUMN_KIND_DATE),
        ("시군구", pb.COLUMN_KIND_TEXT),
        ("사망자수", pb.COLUMN_KIND_INTEGER),
        ("위도", pb.COLUMN_KIND_NUMBER),
        ("경도", pb.COLUMN_KIND_NUMBER),
    ]
    assert profile.columns[0].minimum == "2019-01-01 00:00"
    assert (profile.coordinates.latitude, profile.coordinates.longitude) == ("위도", "경도")
    assert (profile.district_column, list(profile.date_columns)) == ("시군구", ["사고일시"])
    assert profile.regions == pb.RegionColumns(columns=["시군구"], level=pb.REGION_LEVEL_SIGUNGU, matched_rows=2)
    assert {found.input: found.column for found in profile.prediction_columns} == {
        "occurred_at": "사고일시",
        "district": "시군구",
    }
    assert list(profile.warnings) == [
        pb.DatasetWarning(reason="COLUMN_MOSTLY_MISSING", column="사망자수", given="50.0")  # about no line
    ]


async def test_uploaded_dataset_is_found_again_with_its_profile(client: DatasetClient) -> None:
    stored = await client.upload(CSV)
    dataset_id = stored.dataset.dataset_id

    got = await client.datasets.GetDataset(pb.GetDatasetRequest(dataset_id=dataset_id))
    known = await client.datasets.GetDatasetProfile(pb.GetDatasetProfileRequest(dataset_id=dataset_id))

    assert got.dataset == stored.dataset == known.dataset
    assert known.profile == stored.profile
    assert len(client.files()) == 2
    assert CSV in {(client.storage / name).read_bytes() for name in client.files()}


async def test_equal_bytes_have_an_equal_hash_and_another_encoding_another(client: DatasetClient) -> None:
    first, second = await client.upload(CSV), await client.upload(CSV)
    assert first.dataset.content_hash == second.dataset.content_hash
    assert first.dataset.dataset_id != second.dataset.dataset_id
    cp949 = await client.upload(CSV.decode().encode("cp949"))
    assert cp949.dataset.content_hash != first.dataset.content_hash


async def test_datasets_are_listed_newest_first_in_pages(client: DatasetClient) -> None:
    for number in range(5):
        await client.upload(CSV, name=f"자료 {number}")

    async def names(limit: int = 0, offset: int = 0) -> tuple[list[str], int]:
        listed = await client.datasets.ListDatasets(pb.ListDatasetsRequest(limit=limit, offset=offset))
        return [dataset.name for dataset in listed.datasets], listed.total

    assert await names() == (["자료 4", "자료 3", "자료 2", "자료 1", "자료 0"], 5)
    assert await names(limit=2) == (["자료 4", "자료 3"], 5)
    assert await names(limit=2, offset=3) == (["자료 1", "자료 0"], 5)
    assert await names(offset=9) == ([], 5)


async def test_each_page_of_datasets_begins_behind_the_one_before(client: DatasetClient) -> None:
    for number in range(5):
        await client.upload(CSV, name=f"자료 {number}")

    first = await client.datasets.ListDatasets(pb.ListDatasetsRequest(limit=2))
    await client.upload(CSV, name="새 자료")
    second = await client.datasets.ListDatasets(pb.ListDatasetsRequest(limit=2, after=first.next))
    third = await client.datasets.ListDatasets(pb.ListDatasetsRequest(limit=2, after=second.next))

    assert [dataset.name for dataset in second.datasets] == ["자료 2", "자료 1"]
    assert [dataset.name for dataset in third.datasets] == ["자료 0"]
    assert (second.total, second.HasField("next"), third.HasField("next")) == (6, True, False)


async def test_page_that_no_page_named_is_refused(client: DatasetClient) -> None:
    pages = (
        (pb.ListDatasetsRequest(after="x"), "after"),
        (pb.ListDatasetsRequest(offset=1001), "offset"),
        (pb.ListDatasetsRequest(offset=1, after="x"), "offset"),
    )
    for page, field in pages:
        refused = await refusal(client.datasets.ListDatasets(page))
        assert [violation.field for violation in refused.violations] == [field]


async def test_temporary_dataset_expires_after_a_day_and_is_listed_once_it_is_kept(client: DatasetClient) -> None:
    stored = (await client.upload(CSV, temporary=True)).dataset
    assert stored.expires_at.seconds - stored.uploaded_at.seconds in range(24 * 3600, 24 * 3600 + 60)
    assert await client.total() == 0
    assert (await client.read(stored.dataset_id)) != b""

    change = pb.UpdateDatasetRequest(dataset_id=stored.dataset_id, keep=True)
    kept = (await client.datasets.UpdateDataset(change)).dataset
    assert not kept.HasField("expires_at")
    assert await client.total() == 1


async def test_name_and_description_are_changed_each_alone(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV, name="처음", description="처음 설명")).dataset.dataset_id

    renamed = await client.datasets.UpdateDataset(pb.UpdateDatasetRequest(dataset_id=dataset_id, name=" 나중 "))
    assert (renamed.dataset.name, renamed.dataset.description) == ("나중", "처음 설명")
    emptied = await client.datasets.UpdateDataset(pb.UpdateDatasetRequest(dataset_id=dataset_id, description=""))
    assert (emptied.dataset.name, emptied.dataset.description) == ("나중", "")
    same = await client.datasets.UpdateDataset(pb.UpdateDatasetRequest(dataset_id=dataset_id))
    assert same.dataset == emptied.dataset


async def test_unusable_text_is_refused_by_field(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    changes: dict[str, tuple[dict[str, Any], str]] = {
        "name": ({"name": " \n\t "}, "MISSING"),
        "description": ({"description": "가" * 2001}, "TEXT_TOO_LONG"),
    }
    for field, (change, reason) in changes.items():
        error = await refusal(client.datasets.UpdateDataset(pb.UpdateDatasetRequest(dataset_id=dataset_id, **change)))
        assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_INVALID")
        assert [(violation.field, violation.reason) for violation in error.violations] == [(field, reason)]


async def test_file_name_is_display_text_only(client: DatasetClient) -> None:
    dataset = (await client.upload(CSV, "../../etc/passwd.csv")).dataset
    assert (dataset.file_name, dataset.name) == ("passwd.csv", "passwd")
    assert all(path.parent == client.storage for path in client.storage.rglob("*"))
