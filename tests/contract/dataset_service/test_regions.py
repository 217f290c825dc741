"""The contract of regions: rows have the code of the region that they name, and are counted by it."""

import json
from typing import Any

import pyarrow as pa
import pytest
from daegu.dataset.v1 import dataset_pb2 as pb

from tests.contract.dataset_service.running_service import DatasetClient, refusal

CSV = """번호,시도,구,지역 코드
1,대구,수성구,a
2,경북,군위군,b
3,대구,수성구,c
4,대구,,d
5,,중구,e
6,대구,중구,f
7,서울,어디구,g
8,,,h
""".encode()
CODES = ["27260", "27720", "27260", "27", None, "27110", None, None]


async def regions_of(client: DatasetClient, content: bytes, **asked: Any) -> pb.GetDatasetRegionsResponse:
    dataset_id = (await client.upload(content)).dataset.dataset_id
    return await client.datasets.GetDatasetRegions(pb.GetDatasetRegionsRequest(dataset_id=dataset_id, **asked))


@pytest.mark.parametrize("data_format", [pb.DATA_FORMAT_JSON, pb.DATA_FORMAT_CSV, pb.DATA_FORMAT_ARROW])
async def test_rows_have_the_code_of_their_region_or_none(
    client: DatasetClient, data_format: pb.DataFormat.ValueType
) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    content = await client.read(dataset_id, format=data_format, region_codes=True)
    match data_format:
        case pb.DATA_FORMAT_JSON:
            codes = [row["지역 코드 (2)"] for row in json.loads(content)]
        case pb.DATA_FORMAT_CSV:
            codes = [
                line.rpartition(",")[2].strip('"') or None for line in content.decode("utf-8-sig").splitlines()[1:]
            ]
        case _:
            codes = pa.ipc.open_stream(content).read_all()["지역 코드 (2)"].to_pylist()
    assert codes == CODES


async def test_codes_go_with_the_columns_and_rows_that_are_asked_for(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    content = await client.read(
        dataset_id, format=pb.DATA_FORMAT_JSON, columns=["번호"], offset=1, limit=2, region_codes=True
    )
    assert json.loads(content) == [{"번호": 2, "지역 코드": "27720"}, {"번호": 3, "지역 코드": "27260"}]


async def test_rows_without_columns_of_regions_have_no_codes(client: DatasetClient) -> None:
    dataset_id = (await client.upload(b"a\n1\n2\n")).dataset.dataset_id
    content = await client.read(dataset_id, format=pb.DATA_FORMAT_JSON, region_codes=True)
    assert json.loads(content) == [{"a": 1, "지역 코드": None}, {"a": 2, "지역 코드": None}]


async def test_rows_are_counted_by_region_and_the_others_told(client: DatasetClient) -> None:
    counted = await regions_of(client, CSV)
    assert (counted.level, list(counted.columns)) == (pb.REGION_LEVEL_SIGUNGU, ["시도", "구"])
    assert [(region.code, region.name, region.rows) for region in counted.regions] == [
        ("27260", "대구광역시 수성구", 2),
        ("27110", "대구광역시 중구", 1),
        ("27720", "대구광역시 군위군", 1),
    ]
    assert all(35 < region.latitude < 37 and 128 < region.longitude < 129 for region in counted.regions)
    assert [(text.text, text.reason, text.rows) for text in counted.unmatched] == [
        ("중구", pb.REGION_FAILURE_AMBIGUOUS, 1),
        ("서울 어디구", pb.REGION_FAILURE_UNKNOWN, 1),
    ]
    rows = (counted.matched_rows, counted.coarser_rows, counted.unknown_rows, counted.ambiguous_rows)
    assert rows == (5, 1, 1, 1)


async def test_regions_are_counted_at_another_level(client: DatasetClient) -> None:
    counted = await regions_of(client, CSV, level=pb.REGION_LEVEL_SIDO)
    assert [(region.code, region.rows) for region in counted.regions] == [("27", 5)]


async def test_a_dataset_without_regions_has_none_and_an_unknown_level_is_refused(client: DatasetClient) -> None:
    assert await regions_of(client, b"a\n1\n") == pb.GetDatasetRegionsResponse()
    assert (await refusal(regions_of(client, CSV, level=9))).reason == "REQUEST_INVALID"
