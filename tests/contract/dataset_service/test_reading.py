"""The contract of how a file is read: told, changed in parts, shown before it is changed, and kept."""

import asyncio
import json
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from daegu.dataset.v1 import dataset_pb2 as pb

from dataset_service.reading import csv_reader
from dataset_service.storage.files import TABLE_ENDING
from servicekit.ids import new_id
from tests.contract.dataset_service.running_service import DatasetClient, refusal, running_dataset_service

UNTIDY = "대구 교통사고 현황\n\n구,건수,코드\n중구,3,007\n동구,5,008\n합계,8,\n※ 출처: 대구시\n"


def change(*found_again: str, columns: dict[str, str | None] | None = None, **parts: Any) -> pb.ReadingChange:
    """Returns a change that gives parts and kinds of columns."""
    kinds = [
        pb.ColumnReading(name=name, kind=kind and f"COLUMN_KIND_{kind.upper()}", chosen=["kind"])  # type: ignore[arg-type]
        for name, kind in (columns or {}).items()
    ]
    return pb.ReadingChange(reading=pb.Reading(**parts, columns=kinds, chosen=parts), found_again=found_again)


async def upload(client: DatasetClient, text: str = UNTIDY) -> str:
    return (await client.upload(text.encode())).dataset.dataset_id


async def reread(client: DatasetClient, dataset_id: str, changes: pb.ReadingChange) -> pb.RereadDatasetResponse:
    return await client.datasets.RereadDataset(pb.RereadDatasetRequest(dataset_id=dataset_id, change=changes))


async def preview(
    client: DatasetClient, dataset_id: str, changes: pb.ReadingChange | None = None
) -> pb.PreviewReadingResponse:
    return await client.datasets.PreviewReading(pb.PreviewReadingRequest(dataset_id=dataset_id, change=changes))


async def rows(client: DatasetClient, dataset_id: str) -> list[dict[str, Any]]:
    return list(json.loads(await client.read(dataset_id, format=pb.DATA_FORMAT_JSON)))


async def test_upload_and_profile_tell_every_part_of_the_reading(client: DatasetClient) -> None:
    stored = await client.upload(UNTIDY.encode())
    reading = stored.reading
    assert (reading.encoding, reading.delimiter, reading.quote, reading.escape) == ("utf-8", ",", '"', "")
    assert (reading.start_line, reading.header_rows, reading.unit_rows, reading.end_line) == (3, 1, 0, 6)
    assert (list(reading.left_out), list(reading.filled), list(reading.chosen)) == ([6], [], [])
    assert [(column.name, column.kind) for column in reading.columns] == [
        ("구", pb.COLUMN_KIND_TEXT),
        ("건수", pb.COLUMN_KIND_INTEGER),
        ("코드", pb.COLUMN_KIND_TEXT),
    ]
    request = pb.GetDatasetProfileRequest(dataset_id=stored.dataset.dataset_id)
    assert (await client.datasets.GetDatasetProfile(request)).reading == reading


async def test_repair_is_told_with_its_lines_and_taken_back_by_its_undo(client: DatasetClient) -> None:
    stored = await client.upload(UNTIDY.encode())
    (totals,) = [warning for warning in stored.profile.warnings if warning.reason == "TOTALS_LEFT_OUT"]
    assert list(totals.lines) == [6]

    undone = await reread(client, stored.dataset.dataset_id, totals.undo)

    assert undone.dataset.rows == 3
    assert list(undone.reading.chosen) == ["left_out"]
    assert "TOTALS_LEFT_OUT" not in [warning.reason for warning in undone.profile.warnings]
    assert "LINES_ABOVE" in [warning.reason for warning in undone.profile.warnings]


async def test_columns_named_by_periods_become_rows_by_choice_and_columns_again(client: DatasetClient) -> None:
    stored = await client.upload("구,2023,2024\n중구,1,2\n동구,3,4\n".encode())
    dataset_id = stored.dataset.dataset_id
    (offer,) = [warning for warning in stored.profile.warnings if warning.reason == "COLUMNS_ARE_PERIODS"]

    long = await reread(client, dataset_id, offer.undo)
    assert (long.reading.is_long, list(long.reading.chosen), long.dataset.rows) == (True, ["is_long"], 4)
    assert (await rows(client, dataset_id))[1] == {"구": "중구", "기준연도": "2024", "값": 2}

    await reread(client, dataset_id, change(columns={"값": "text"}))
    assert (await rows(client, dataset_id))[1] == {"구": "중구", "기준연도": "2024", "값": "2"}

    (made,) = [warning for warning in long.profile.warnings if warning.reason == "COLUMNS_MADE_LONG"]
    wide = await reread(client, dataset_id, made.undo)
    assert (wide.reading.is_long, [column.name for column in wide.profile.columns]) == (False, ["구", "2023", "2024"])


METRES = "이름,좌표정보(X),좌표정보(Y)\n가,344556.486,264651.193\n나,343608.247,262959.626\n다,,\n"
PLACES = [(35.8714, 128.6014), (35.8563, 128.5906), (None, None)]


async def test_metres_have_degrees_beside_them_in_a_system_that_can_be_changed(client: DatasetClient) -> None:
    stored = await client.upload(METRES.encode())
    dataset_id = stored.dataset.dataset_id
    assert (stored.reading.crs, list(stored.reading.chosen)) == ("EPSG:5174", [])
    assert (stored.profile.coordinates.latitude, stored.profile.coordinates.longitude) == ("위도(계산)", "경도(계산)")
    assert [column.derived_from for column in stored.profile.columns] == ["", "", "", *["좌표정보(X), 좌표정보(Y)"] * 2]
    assert [(row["위도(계산)"], row["경도(계산)"]) for row in await rows(client, dataset_id)] == PLACES

    shown = await preview(client, dataset_id)
    assert (shown.reading, shown.profile) == (stored.reading, stored.profile)

    other = await reread(client, dataset_id, change(crs="EPSG:5181"))
    assert (other.reading.crs, list(other.reading.chosen)) == ("EPSG:5181", ["crs"])
    assert (await rows(client, dataset_id))[0]["경도(계산)"] == pytest.approx(128.6006, abs=1e-4)

    (told,) = [warning for warning in stored.profile.warnings if warning.reason == "COORDINATES_CONVERTED"]
    undone = await reread(client, dataset_id, told.undo)
    assert (undone.reading.crs, len(undone.profile.columns)) == ("none", 3)
    assert not undone.profile.HasField("coordinates")


async def test_calculated_columns_cannot_be_read_otherwise(client: DatasetClient) -> None:
    dataset_id = await upload(client, METRES)
    error = await refusal(reread(client, dataset_id, change(columns={"위도(계산)": "text"})))
    assert [(field.field, field.reason) for field in error.violations] == [("columns.위도(계산)", "COLUMN_UNKNOWN")]


async def test_parts_that_are_not_given_stay_chosen_until_they_are_given_back(client: DatasetClient) -> None:
    dataset_id = await upload(client)
    await reread(client, dataset_id, change(left_out=[], columns={"코드": "integer"}))
    both = await reread(client, dataset_id, change(end_line=5))
    assert (list(both.reading.chosen), both.dataset.rows) == (["end_line", "left_out", "columns"], 2)
    assert (await rows(client, dataset_id))[1] == {"구": "동구", "건수": 5, "코드": 8}
    assert [list(column.chosen) for column in both.reading.columns] == [[], [], ["kind"]]

    found = await reread(client, dataset_id, change("end_line", "left_out", columns={"코드": None}))

    assert (list(found.reading.chosen), found.reading.end_line, list(found.reading.left_out)) == ([], 6, [6])
    assert (await rows(client, dataset_id))[1] == {"구": "동구", "건수": 5, "코드": "008"}


async def test_cells_that_are_not_of_a_chosen_kind_are_missing_and_counted(client: DatasetClient) -> None:
    dataset_id = await upload(client)
    read = await reread(client, dataset_id, change(columns={"구": "number"}))
    (told,) = [warning for warning in read.profile.warnings if warning.reason == "CELLS_NOT_OF_KIND"]
    assert (told.column, told.given, told.used) == ("구", "2", "number")
    undone = await reread(client, dataset_id, told.undo)
    assert list(undone.reading.chosen) == []
    assert [row["구"] for row in await rows(client, dataset_id)] == ["중구", "동구"]


async def test_second_table_is_read_by_the_undo_of_its_warning(client: DatasetClient) -> None:
    stored = await client.upload(
        "구,건수\n중구,3\n동구,5\n서구,6\n남구,7\n\n연도,사망,부상\n2023,7,70\n2024,8,80\n".encode()
    )
    (other,) = [warning for warning in stored.profile.warnings if warning.reason == "NEXT_TABLE"]
    read = await reread(client, stored.dataset.dataset_id, other.undo)
    assert [column.name for column in read.profile.columns] == ["연도", "사망", "부상"]
    assert "start_line" in read.reading.chosen


async def test_preview_shows_the_effect_and_stores_nothing(client: DatasetClient) -> None:
    dataset_id = await upload(client)
    before = await client.datasets.GetDatasetProfile(pb.GetDatasetProfileRequest(dataset_id=dataset_id))
    files = client.files()

    shown = await preview(client, dataset_id, change(left_out=[], columns={"코드": "integer"}))

    assert json.loads(shown.table_json) == {
        "columns": ["구", "건수", "코드"],
        "rows": [["중구", 3, 7], ["동구", 5, 8], ["합계", 8, None]],
        "total_rows": 3,
    }
    assert list(shown.reading.chosen) == ["left_out", "columns"]
    assert [pb.LineRole.Name(line.role)[10:] for line in shown.lines] == [
        "ABOVE", "BLANK", "HEADER", "ROW", "ROW", "ROW", "BELOW",
    ]  # fmt: skip
    assert shown.lines[3].text == "중구,3,007"
    after = await client.datasets.GetDatasetProfile(pb.GetDatasetProfileRequest(dataset_id=dataset_id))
    assert (after, client.files()) == (before, files)


async def test_preview_without_a_change_is_what_is_stored(client: DatasetClient) -> None:
    dataset_id = await upload(client)
    stored = await reread(client, dataset_id, change(header_rows=1))
    shown = await preview(client, dataset_id)
    assert (shown.reading, shown.profile) == (stored.reading, stored.profile)
    assert shown.lines[5].role == pb.LINE_ROLE_LEFT_OUT


async def test_preview_without_a_change_shows_the_rows_as_one_with_a_change(client: DatasetClient) -> None:
    days, times = "2024-01-02 00:00,ㄱ,1\n" * 30, "2024-01-02 10:30,ㄴ,2.5\n,,\n"
    dataset_id = await upload(client, f"때,이름,값\n{days}{times}")
    stored, again = await preview(client, dataset_id), await preview(client, dataset_id, change(start_line=1))
    assert json.loads(stored.table_json) == json.loads(again.table_json)
    assert json.loads(stored.table_json)["rows"][0] == ["2024-01-02 00:00", "ㄱ", 1.0]
    assert list(stored.lines) == list(again.lines)


async def test_preview_without_a_change_repairs_a_damaged_table(client: DatasetClient) -> None:
    dataset_id = await upload(client)
    before = await preview(client, dataset_id)
    (table,) = (name for name in client.files() if name.endswith(TABLE_ENDING))
    (client.storage / table).write_bytes(b"damaged")
    assert await preview(client, dataset_id) == before


async def test_preview_of_a_change_is_what_a_reread_makes(client: DatasetClient) -> None:
    dataset_id = await upload(client)
    changes = change(start_line=1, header_rows=0)
    shown = await preview(client, dataset_id, changes)
    read = await reread(client, dataset_id, changes)
    assert (shown.reading, shown.profile) == (read.reading, read.profile)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        (change(start_line=8), ["start_line"]),
        (change(end_line=99, left_out=[98]), ["end_line", "left_out"]),
        (change(start_line=4, end_line=3), ["end_line"]),
        (change(end_line=2), ["end_line"]),  # its table starts at line 3
        (change(header_rows=4), ["header_rows"]),
        (change(filled=["없음"]), ["filled"]),
        (change(columns={"없음": "text"}), ["columns.없음"]),
        (change(columns={"구": "unspecified"}), ["columns.구.kind"]),
        (change("colour"), ["colour"]),
        (pb.ReadingChange(reading=pb.Reading(chosen=["colour"])), ["colour"]),
    ],
)
async def test_choice_that_the_file_does_not_allow_is_refused_by_its_name(
    client: DatasetClient, changes: pb.ReadingChange, fields: list[str]
) -> None:
    stored = await client.upload(UNTIDY.encode())
    dataset_id = stored.dataset.dataset_id
    for call in (reread, preview):
        error = await refusal(call(client, dataset_id, changes))
        assert (error.reason, [violation.field for violation in error.violations]) == ("REQUEST_INVALID", fields)
    got = await client.datasets.GetDataset(pb.GetDatasetRequest(dataset_id=dataset_id))
    assert (got.dataset, len(client.files())) == (stored.dataset, 2)


async def test_column_that_was_chosen_and_is_gone_is_ignored(client: DatasetClient) -> None:
    dataset_id = await upload(client)
    await reread(client, dataset_id, change(columns={"코드": "integer"}))
    read = await reread(client, dataset_id, change(header_rows=0))
    assert [column.name for column in read.reading.columns] == ["열 1", "열 2", "열 3"]


async def test_file_that_waits_too_long_to_be_read_again_is_refused(
    module_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_reading, may_end = asyncio.Event(), asyncio.Event()
    ask = csv_reader._Worker.ask

    async def wait(*arguments: Any) -> Any:
        is_reading.set()
        await may_end.wait()
        return await ask(*arguments)

    async with running_dataset_service(module_database, tmp_path / "d", turn_seconds=0.05) as client:
        dataset_id = await upload(client)
        monkeypatch.setattr(csv_reader._Worker, "ask", wait)
        waiting = asyncio.ensure_future(preview(client, dataset_id))
        await is_reading.wait()
        for call in (reread, preview):
            assert (await refusal(call(client, dataset_id, change(header_rows=0)))).reason == "UPLOADS_BUSY"
        may_end.set()
        assert (await waiting).reading.header_rows == 1


async def test_unknown_dataset_has_no_preview(client: DatasetClient) -> None:
    assert (await refusal(preview(client, new_id()))).reason == "DATASET_NOT_FOUND"


async def test_file_in_doubtful_encoding_is_refused_with_previews_and_read_in_the_chosen_one(
    client: DatasetClient,
) -> None:
    lines = ["구,값", *[f"수성구 상동,{number}" for number in range(100)]]
    content = "\n".join(lines).encode("cp949")
    damaged = content.replace(b",7\n", b"\xff\xff,7\n").replace(b",8\n", b"\xff\xff,8\n")

    error = await refusal(client.upload(damaged))

    assert (error.reason, error.facts["problem"]) == ("CSV_UNREADABLE", "ENCODING")
    assert error.facts["preview_cp949"].split("\n")[:2] == lines[:2]
    assert {"preview_utf-8", "encodings", "lines"} <= error.facts.keys()
    assert (client.files(), await client.total()) == (set(), 0)
    stored = await client.upload(damaged, encoding="cp949")
    assert list(stored.reading.chosen) == ["encoding"]
    assert "BYTES_REPLACED" in [warning.reason for warning in stored.profile.warnings]


@pytest.mark.parametrize(
    ("text", "changes"),
    [(UNTIDY, change(columns={"코드": "integer"})), (METRES, change()), (METRES, change(crs="EPSG:5181"))],
)
async def test_damaged_table_is_rebuilt_as_it_was_read(
    client: DatasetClient, text: str, changes: pb.ReadingChange
) -> None:
    dataset_id = await upload(client, text)
    await reread(client, dataset_id, changes)
    request = pb.GetDatasetProfileRequest(dataset_id=dataset_id)
    before, data = await client.datasets.GetDatasetProfile(request), await client.read(dataset_id)
    (table,) = client.storage.glob("*.parquet")
    table.unlink()

    assert await client.read(dataset_id) == data
    assert await client.datasets.GetDatasetProfile(request) == before


AS_BEFORE = {
    "encoding": "utf-8", "delimiter": ";", "quote": '"', "escape": "", "start_line": 1, "header_rows": 1,
    "unit_rows": 0, "end_line": 0, "left_out": [], "filled": [],
    "columns": {"1": {"kind": "text"}, "2": {"kind": "integer"}, "(이름 없는 열 3)": {"kind": "integer"}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("stored", "last"),
    [
        pytest.param(AS_BEFORE, "(이름 없는 열 3)", id="as the migration writes it"),  # today it would be `열 3`
        pytest.param({}, "열 3", id="without a reading, written after the migration"),
    ],
)
async def test_dataset_of_an_earlier_version_is_rebuilt_with_the_columns_it_had(
    client: DatasetClient, module_database: str, stored: dict[str, Any], last: str
) -> None:
    """Its reading is applied although another one would be found today."""
    dataset_id = await upload(client, "sep=;\n1;2;\n3;4;5\n합계;6;5\n")
    with psycopg2.connect(module_database) as connection, connection.cursor() as cursor:
        change = "UPDATE dataset.datasets SET reading = %s, chosen = '{}' WHERE id = %s"
        cursor.execute(change, (json.dumps(stored), dataset_id))
    connection.close()
    (table,) = client.storage.glob("*.parquet")
    table.unlink()

    assert await rows(client, dataset_id) == [{"1": "3", "2": 4, last: 5}, {"1": "합계", "2": 6, last: 5}]


async def test_dataset_of_a_version_without_calculated_columns_is_rebuilt_without_them(
    client: DatasetClient, module_database: str
) -> None:
    dataset_id = await upload(client, METRES)
    with psycopg2.connect(module_database) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE dataset.datasets SET reading = reading - 'crs' WHERE id = %s", (dataset_id,))
    connection.close()
    (table,) = client.storage.glob("*.parquet")
    table.unlink()

    assert list((await rows(client, dataset_id))[0]) == ["이름", "좌표정보(X)", "좌표정보(Y)"]
