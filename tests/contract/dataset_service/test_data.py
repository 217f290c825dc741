"""The contract of reading data: Arrow, CSV and JSON, by columns and rows."""

import csv
import io
import json
from typing import Any

import grpc
import pandas as pd
import pyarrow as pa
import pytest
from daegu.dataset.v1 import dataset_pb2 as pb

from servicekit.ids import new_id
from tests.contract.dataset_service.running_service import DatasetClient, refusal, running_dataset_service
from tests.eventually import eventually

CSV = """일시,구,건수,비율,휴일,날짜
2019-01-01 00,중구,1,0.5,true,2019-01-01
2019-01-02 13,동구,,1.25,false,2019-01-02
2019-01-03 23,중구,-3,,true,
2019-01-04 07,,4,100,,2019-01-04
""".encode()
ROWS: list[dict[str, Any]] = [
    {"일시": "2019-01-01 00:00", "구": "중구", "건수": 1, "비율": 0.5, "휴일": True, "날짜": "2019-01-01"},
    {"일시": "2019-01-02 13:00", "구": "동구", "건수": None, "비율": 1.25, "휴일": False, "날짜": "2019-01-02"},
    {"일시": "2019-01-03 23:00", "구": "중구", "건수": -3, "비율": None, "휴일": True, "날짜": None},
    {"일시": "2019-01-04 07:00", "구": None, "건수": 4, "비율": 100, "휴일": None, "날짜": "2019-01-04"},
]


def arrow_table(content: bytes) -> pa.Table:
    return pa.ipc.open_stream(content).read_all()


async def test_arrow_has_the_types_and_text_as_dictionaries(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id

    table = arrow_table(await client.read(dataset_id))

    assert table.schema == pa.schema(
        {
            "일시": pa.timestamp("ms"),
            "구": pa.dictionary(pa.int32(), pa.string()),
            "건수": pa.int64(),
            "비율": pa.float64(),
            "휴일": pa.bool_(),
            "날짜": pa.timestamp("ms"),
        }
    )
    assert table.column("구").to_pylist() == ["중구", "동구", "중구", None]
    assert table.column("건수").to_pylist() == [1, None, -3, 4]
    frame = table.to_pandas()
    assert frame["일시"].tolist()[1] == pd.Timestamp("2019-01-02 13:00")
    assert isinstance(frame["구"].dtype, pd.CategoricalDtype)


async def test_json_is_an_array_of_objects(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    assert json.loads(await client.read(dataset_id, format=pb.DATA_FORMAT_JSON)) == ROWS


async def test_texts_of_moments_keep_parts_of_a_second(client: DatasetClient) -> None:
    dataset_id = (await client.upload(b"a,b\n2019-01-01 10:00:00.250,1\n2019-01-02 10:00:00,2\n")).dataset.dataset_id
    rows = json.loads(await client.read(dataset_id, format=pb.DATA_FORMAT_JSON))
    assert [row["a"] for row in rows] == ["2019-01-01 10:00:00.250", "2019-01-02 10:00:00.000"]


async def test_periods_and_times_are_written_as_precise_as_they_are_and_read_back_as_such(
    client: DatasetClient,
) -> None:
    text = "기준월,분기,연도,시각\n201901,2024.1/4,2019년,9:05\n201912,2024.4/4,2020년,24:00\n".encode()
    first = await client.upload(text)
    as_json = json.loads(await client.read(first.dataset.dataset_id, format=pb.DATA_FORMAT_JSON))
    assert as_json == [
        {"기준월": "2019-01", "분기": "2024-Q1", "연도": "2019", "시각": "09:05"},
        {"기준월": "2019-12", "분기": "2024-Q4", "연도": "2020", "시각": "00:00"},
    ]
    month, quarter, year, time = first.profile.columns
    assert (month.minimum, quarter.maximum, list(year.samples)) == ("2019-01", "2024-Q4", ["2019", "2020"])
    assert time.kind == pb.COLUMN_KIND_TIME

    again = await client.upload(await client.read(first.dataset.dataset_id, format=pb.DATA_FORMAT_CSV))
    kinds = [(column.kind, column.precision) for column in (month, quarter, time)]
    assert [(column.kind, column.precision) for column in again.profile.columns if column.name != "연도"] == kinds


async def test_csv_has_a_mark_for_excel_and_is_read_back(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id

    content = await client.read(dataset_id, format=pb.DATA_FORMAT_CSV)

    assert content.startswith(b"\xef\xbb\xbf")
    read = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert read[0] == {
        "일시": "2019-01-01 00:00", "구": "중구", "건수": "1", "비율": "0.5", "휴일": "true", "날짜": "2019-01-01",
    }  # fmt: skip
    assert read[3]["구"] == read[2]["비율"] == ""
    again = await client.upload(content)
    assert [column.kind for column in again.profile.columns] == [
        column.kind for column in (await client.upload(CSV)).profile.columns
    ]


async def test_cells_that_a_spreadsheet_would_run_are_made_harmless_in_csv_alone(client: DatasetClient) -> None:
    cells = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\tx", "\rx", "＝1+1", "＠SUM(1)", "'=x", "a=b", "평문"]
    text = "".join(f'"{cell}",-5\n' for cell in cells)
    dataset_id = (await client.upload(f"=이름,수\n{text}".encode())).dataset.dataset_id

    content = (await client.read(dataset_id, format=pb.DATA_FORMAT_CSV)).decode("utf-8-sig")

    header, *rows = csv.reader(io.StringIO(content, newline=""))
    assert header == ["'=이름", "수"]
    assert [row[0] for row in rows] == [f"'{cell}" for cell in cells[:9]] + cells[9:]
    assert {row[1] for row in rows} == {"-5"}
    as_json = json.loads(await client.read(dataset_id, format=pb.DATA_FORMAT_JSON))
    assert [row["=이름"] for row in as_json] == cells
    unguarded = (await client.read(dataset_id, format=pb.DATA_FORMAT_UNGUARDED_CSV)).decode("utf-8-sig")
    assert [row[0] for row in csv.reader(io.StringIO(unguarded, newline=""))] == ["=이름", *cells]


async def test_file_that_is_downloaded_and_uploaded_again_holds_the_same(client: DatasetClient) -> None:
    cells = ["-", "-5.3%", "+82-10-1234-5678", "@담당자", "=1+1", "'=1+1", "''=1+1", "'", "'인용'", " =1", "- 항목"]
    first = (await client.upload("".join(f'"{cell}"\n' for cell in ["@열", *cells]).encode())).dataset.dataset_id
    content = await client.read(first, format=pb.DATA_FORMAT_CSV)

    second = (await client.upload(content)).dataset.dataset_id

    assert await client.read(second, format=pb.DATA_FORMAT_CSV) == content
    for dataset_id in (first, second):
        as_json = json.loads(await client.read(dataset_id, format=pb.DATA_FORMAT_JSON))
        assert [row["@열"] for row in as_json] == cells


async def test_columns_and_rows_are_chosen_in_every_format(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    columns = ["건수", "구"]
    for offset, limit in ((0, 0), (1, 2), (3, 0), (2, 99), (4, 0), (9, 9), (0, 1)):
        chosen = {"columns": columns, "offset": offset, "limit": limit}
        wanted = [{name: row[name] for name in columns} for row in ROWS[offset : offset + limit if limit else None]]

        as_json = json.loads(await client.read(dataset_id, format=pb.DATA_FORMAT_JSON, **chosen))
        assert [list(row.items()) for row in as_json] == [list(row.items()) for row in wanted]
        table = arrow_table(await client.read(dataset_id, format=pb.DATA_FORMAT_ARROW, **chosen))
        assert (table.column_names, table.to_pylist()) == (columns, wanted)
        used = {row["구"] for row in wanted} - {None}
        assert set(table.column("구").unify_dictionaries().chunk(0).dictionary.to_pylist() if wanted else []) == used
        as_csv = (await client.read(dataset_id, format=pb.DATA_FORMAT_CSV, **chosen)).decode("utf-8-sig")
        assert list(csv.reader(io.StringIO(as_csv))) == [
            columns,
            *([str(row["건수"] or ""), row["구"] or ""] for row in wanted),
        ]


async def test_texts_with_every_strange_character_survive_in_every_format(client: DatasetClient) -> None:
    texts = ['"', "\\", "\n", "a\tb", "\x01", "\x7f", "\u2028", "🚗", "</script>", "{}", ",", "'", "가\u0301"]
    written = io.StringIO()
    csv.writer(written).writerows([["글", "수"], *([f"x{text}x", 1] for text in texts)])
    dataset_id = (await client.upload(written.getvalue().encode())).dataset.dataset_id
    expected = [f"x{text}x" for text in texts]

    assert [row["글"] for row in json.loads(await client.read(dataset_id, format=pb.DATA_FORMAT_JSON))] == expected
    assert arrow_table(await client.read(dataset_id)).column("글").to_pylist() == expected
    as_csv = (await client.read(dataset_id, format=pb.DATA_FORMAT_CSV)).decode("utf-8-sig")
    assert [row[0] for row in csv.reader(io.StringIO(as_csv, newline=""))][1:] == expected


async def test_data_of_many_megabytes_come_in_pieces_of_one_at_most(client: DatasetClient) -> None:
    rows = 300_000
    content = b"number,word\n" + b"".join(b"%d,word%d\n" % (number, number % 1000) for number in range(rows))
    dataset_id = (await client.upload(content)).dataset.dataset_id

    table = arrow_table(await client.read(dataset_id))
    assert table.column("number").to_pylist() == list(range(rows))
    assert table.column("word").to_pylist()[-1] == "word999"
    part = arrow_table(await client.read(dataset_id, offset=262_000, limit=500))  # across two groups of rows
    assert part.column("number").to_pylist() == list(range(262_000, 262_500))
    assert part.column("word").to_pylist() == [f"word{number % 1000}" for number in range(262_000, 262_500)]
    as_json = json.loads(await client.read(dataset_id, format=pb.DATA_FORMAT_JSON))
    assert (len(as_json), as_json[-1]) == (rows, {"number": rows - 1, "word": "word999"})


@pytest.mark.parametrize(
    ("selection", "reason"),
    [
        ({"columns": ["없음"]}, "COLUMN_NOT_FOUND"),
        ({"columns": ["구", ""]}, "COLUMN_NOT_FOUND"),
        ({"columns": ["구"] * 1001}, "REQUEST_INVALID"),
        ({"limit": -1}, "REQUEST_INVALID"),
        ({"offset": -1}, "REQUEST_INVALID"),
        ({"format": 17}, "REQUEST_INVALID"),
    ],
)
async def test_selection_that_cannot_be_is_refused(client: DatasetClient, selection: Any, reason: str) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    error = await refusal(client.read(dataset_id, **selection))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, reason)


async def test_column_asked_for_twice_comes_once(client: DatasetClient) -> None:
    dataset_id = (await client.upload(CSV)).dataset.dataset_id
    table = arrow_table(await client.read(dataset_id, columns=["구", "건수", "구"]))
    assert table.column_names == ["구", "건수"]


async def test_data_of_an_unknown_dataset_are_not_found(client: DatasetClient) -> None:
    assert (await refusal(client.read(new_id()))).reason == "DATASET_NOT_FOUND"
    assert (await refusal(client.read("x"))).reason == "REQUEST_INVALID"


async def test_more_streams_than_may_go_out_are_refused_and_one_left_behind_is_forgotten(
    module_database: str, tmp_path: Any
) -> None:
    async with running_dataset_service(module_database, tmp_path / "d", max_downloads=1) as client:
        content = b"a,b\n" + b"".join(b"%d,%d\n" % (number, number) for number in range(600_000))
        dataset_id = (await client.upload(content)).dataset.dataset_id
        request = pb.ReadDatasetRequest(dataset_id=dataset_id, format=pb.DATA_FORMAT_JSON)
        first: Any = client.datasets.ReadDataset(request)
        assert (await first.read()).chunk

        error = await refusal(client.read(dataset_id))
        assert (error.code, error.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "SERVICE_BUSY")
        first.cancel()

        async def is_free() -> bool:
            try:
                await client.read(dataset_id, limit=1)
            except grpc.aio.AioRpcError:
                return False
            return True

        await eventually(is_free)


async def test_data_are_read_while_the_dataset_is_deleted(client: DatasetClient) -> None:
    content = b"a,b\n" + b"".join(b"%d,%d\n" % (number, number) for number in range(300_000))
    dataset_id = (await client.upload(content)).dataset.dataset_id
    request = pb.ReadDatasetRequest(dataset_id=dataset_id, format=pb.DATA_FORMAT_JSON)
    call: Any = client.datasets.ReadDataset(request)
    first = (await call.read()).chunk
    await client.datasets.DeleteDataset(pb.DeleteDatasetRequest(dataset_id=dataset_id))
    rest = b"".join([answer.chunk async for answer in call])
    assert len(json.loads(first + rest)) == 300_000
    await eventually(lambda: not client.files())
