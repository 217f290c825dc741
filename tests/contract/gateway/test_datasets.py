"""Datasets and links over HTTP, against a dataset service that remembers what it was sent."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from daegu.dataset.v1 import dataset_pb2 as pb

from dataset_service.errors import CsvRefused
from gateway.texts import CSV_PROBLEMS
from gateway.views.dataset import preview, profiled, regions
from servicekit.errors import DatabaseUnavailable, Refused, field_refused
from servicekit.ids import new_id
from tests.contract.gateway.fake_datasets import DATASET_ID, TABLE, TOKEN, FakeDatasets
from tests.contract.gateway.running_gateway import Gateway, refusal, refused_fields
from tests.eventually import eventually
from tests.unit.gateway.service_facts import csv_problems

UPLOAD = "/api/datasets/upload"
AWAY = DatabaseUnavailable("DATABASE_UNAVAILABLE", "secret")
CSV = "사고유형\n차대차\n차대사람\n".encode("cp949")
LIMIT = 52_428_800
COLUMN = {"name": "위도", "type": "number", "unique": 2, "missing": 0, "sample": ["35.8"]}
COLUMN |= {"minimum": "35.8", "maximum": "36", "meaning": "latitude", "unit": "°"}
COLUMN |= {"precision": None, "derived_from": None}
WARNING = {
    "code": "TOTALS_LEFT_OUT",
    "line": 3,
    "column": None,
    "given": "4",
    "used": "",
    "lines": [3, 5, 6, 7],
    "undo": {"left_out": [], "end_line": None},
    "message": "합계나 소계인 4줄(3, 5~7번째 줄)은 두 번 더해지지 않도록 뺐습니다.",
}
READING = {
    "encoding": "cp949",
    "delimiter": ",",
    "quote": '"',
    "escape": "",
    "start_line": 1,
    "header_rows": 1,
    "unit_rows": 0,
    "end_line": 0,
    "left_out": [3, 5, 6, 7],
    "filled": [],
    "crs": "",
    "is_long": False,
    "columns": {
        "위도": {"kind": "number", "meaning": "latitude", "unit": "°", "precision": None, "derived_from": None}
        | {"chosen": ["kind"]}
    },
    "chosen": ["encoding", "columns"],
}


async def upload(gateway: Gateway, content: bytes = CSV, name: str = "대구 사고.csv", **options: Any) -> Any:
    return await gateway.post(UPLOAD, files={"file": (name, content, "text/csv")}, **options)


async def uploaded_id(gateway: Gateway) -> str:
    return str((await upload(gateway)).json()["dataset_id"])


async def test_upload_answers_with_the_dataset_and_its_profile(gateway: Gateway, datasets: FakeDatasets) -> None:
    answer = await upload(gateway, data={"name": "내 자료", "description": "설명"})

    assert answer.status_code == 201
    fields = answer.json()
    assert answer.headers["location"] == f"/api/datasets/{fields['dataset_id']}"
    assert datasets.files[fields["dataset_id"]] == CSV
    assert fields.keys() == profiled.answer.model_fields.keys()
    assert fields == fields | {
        "success": True,
        "error": None,
        "dataset_id": fields["dataset_id"],
        "name": "내 자료",
        "description": "설명",
        "file_name": "대구 사고.csv",
        "rows": 2,
        "columns": 1,
        "size_bytes": len(CSV),
        "uploaded_at": "2023-11-15T07:13:20+09:00",
        "encoding": "utf-8",
        "delimiter": ",",
        "content_hash": hashlib.sha256(CSV).hexdigest(),
        "expires_at": None,
        "columns_info": [COLUMN],
        "duplicate_rows": 1,
        "missing_cells": 4,
        "date_columns": ["사고일시"],
        "coordinates": {"latitude": "위도", "longitude": "경도"},
        "district_column": None,
        "regions": None,
        "prediction_columns": {"weather": "기상상태"},
        "warnings": [WARNING],
        "reading": READING,
    }


async def test_temporary_upload_tells_when_it_expires_until_it_is_kept(gateway: Gateway) -> None:
    stored = (await upload(gateway, params={"temporary": "true"})).json()
    assert stored["expires_at"] == "2023-11-15T07:13:20+09:00"
    path = f"/api/datasets/{stored['dataset_id']}"
    assert (await gateway.patch(path, json={"keep": True})).json()["expires_at"] is None
    assert [*refused_fields(await gateway.patch(path, json={"keep": False}))] == ["keep"]


async def test_name_behind_the_file_counts_too(gateway: Gateway, datasets: FakeDatasets) -> None:
    boundary = b"x" * 10
    head = b'--%b\r\nContent-Disposition: form-data; name="' % boundary

    async def body() -> AsyncIterator[bytes]:
        yield head + b'file"; filename="a.csv"\r\n\r\na\n1\n'
        await eventually(lambda: bool(datasets.descriptions))
        yield b"\r\n" + head + b'name"\r\n\r\nlate\r\n--%b--\r\n' % boundary

    content_type = "multipart/form-data; boundary=" + boundary.decode()
    answer = await gateway.post(UPLOAD, content=body(), headers={"Content-Type": content_type})
    assert datasets.descriptions[0].name == ""
    assert answer.json()["name"] == "late"


async def test_key_and_encoding_are_passed_on(gateway: Gateway, datasets: FakeDatasets) -> None:
    await upload(gateway, headers={"Idempotency-Key": "once"}, params={"encoding": "cp949"})
    assert (datasets.descriptions[0].idempotency_key, datasets.descriptions[0].encoding) == ("once", "cp949")


async def test_file_of_50_mb_is_taken_and_a_larger_body_refused(gateway: Gateway, datasets: FakeDatasets) -> None:
    refused = await upload(gateway, b"a" * (LIMIT + 200_000))
    assert refusal(refused) == (413, "FILE_TOO_LARGE")
    assert refused.json()["error"] == "파일 크기는 50MB를 초과할 수 없습니다"
    assert datasets.files == {}
    assert (await upload(gateway, b"a" * LIMIT)).status_code == 201
    assert max(datasets.chunk_sizes) <= 1024 * 1024


@pytest.mark.parametrize(
    ("refused", "status", "sentence"),
    [
        (CsvRefused("NOT_CSV", "A spreadsheet."), 400, "CSV 형식만 지원됩니다."),
        (Refused("FILE_TOO_LARGE", "Too large."), 413, "파일 크기는 50MB를 초과할 수 없습니다"),
        (AWAY, 503, "서버에 연결할 수 없습니다. 잠시 후 다시 시도해주세요."),
        (
            CsvRefused("CSV_UNREADABLE", "NUL.", problem="NUL", line="7"),
            422,
            "7번째 줄에 보이지 않는 NUL 문자가 있습니다. 그 문자를 지워 다시 올리거나 다른 인코딩을 골라주세요.",
        ),
    ],
)
async def test_refused_upload_says_why(
    gateway: Gateway, datasets: FakeDatasets, refused: Refused, status: int, sentence: str
) -> None:
    datasets.refusal = refused
    answer = await upload(gateway, b"a" * 5_000_000)
    assert (*refusal(answer), answer.json()["error"]) == (status, refused.reason, sentence)


async def test_every_problem_of_a_file_has_its_own_sentence(gateway: Gateway, datasets: FakeDatasets) -> None:
    assert csv_problems() == set(CSV_PROBLEMS)
    for problem in CSV_PROBLEMS:
        datasets.refusal = CsvRefused("CSV_UNREADABLE", "No.", problem=problem)
        sentence = (await upload(gateway)).json()["error"]
        assert sentence != "CSV 파일을 읽을 수 없습니다."
        assert "{" not in sentence


async def test_upload_that_breaks_off_reaches_the_service_as_broken_off(
    gateway: Gateway, datasets: FakeDatasets
) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + b"a" * 3_000_000
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        await gateway.post(UPLOAD, content=half(), headers={"Content-Type": "multipart/form-data; boundary=b"})
    await upload(gateway)
    assert len(datasets.files) == 1


async def test_form_that_cannot_be_used_is_refused(gateway: Gateway, datasets: FakeDatasets) -> None:
    multipart = {"Content-Type": "multipart/form-data; boundary=b"}
    forms: list[dict[str, Any]] = [
        {"files": {"other": ("a.csv", b"x")}},
        {"content": b"junk", "headers": multipart},
        {"content": b"", "headers": {"Content-Type": "multipart/form-data"}},
        {"files": {"file": ("a.csv", b"x")}, "data": {"name": "x" * 201}},
    ]
    for form in forms:
        assert refusal(await gateway.post(UPLOAD, **form))[0] in {400, 422}
    foreign = await upload(gateway, headers={"Origin": "http://evil.example"})
    assert refusal(foreign) == (403, "ORIGIN_UNKNOWN")
    assert datasets.files == {}


async def test_list_is_newest_first_and_comes_in_pages(gateway: Gateway) -> None:
    ids = [DATASET_ID, *[await uploaded_id(gateway) for _ in range(3)]]
    page = (await gateway.get("/api/datasets", params={"limit": 2})).json()
    rest = (await gateway.get("/api/datasets", params={"limit": 2, "offset": 2})).json()
    assert [item["dataset_id"] for item in page["datasets"] + rest["datasets"]] == ids[::-1]
    assert page["total"] == 4
    behind = (await gateway.get("/api/datasets", params={"limit": 2, "after": page["next"]})).json()
    assert (behind["datasets"], behind["next"]) == (rest["datasets"], None)


async def test_dataset_is_read_renamed_and_deleted(gateway: Gateway, datasets: FakeDatasets) -> None:
    path = f"/api/datasets/{await uploaded_id(gateway)}"
    assert (await gateway.patch(path, json={"name": "새 이름"})).json()["name"] == "새 이름"
    assert (await gateway.patch(path, json={"description": ""})).json()["name"] == "새 이름"
    assert (await gateway.get(path)).json()["name"] == "새 이름"
    assert (await gateway.get(f"{path}/profile")).json()["columns_info"][0]["name"] == "위도"
    bodies: list[Any] = [{"name": ""}, {"name": None, "extra": 1}, {"name": 1}, {"name": "x" * 201}, []]
    for body in bodies:
        assert refused_fields(await gateway.patch(path, json=body))
    datasets.refusal = Refused("DATASET_IN_USE", "In use.")
    in_use = await gateway.delete(path)
    assert (in_use.status_code, in_use.json()["error"]) == (409, "사용 중인 데이터셋은 삭제할 수 없습니다")
    datasets.refusal = None
    assert (await gateway.delete(path)).status_code == 200
    assert refusal(await gateway.get(path)) == (404, "DATASET_NOT_FOUND")


def changes(*found_again: str, **parts: Any) -> pb.ReadingChange:
    chosen = [name for name in parts if name != "columns"]
    return pb.ReadingChange(reading=pb.Reading(**parts, chosen=chosen), found_again=found_again)


@pytest.mark.parametrize(
    ("body", "change"),
    [
        ({}, changes()),
        ({"encoding": "utf-8+cp949"}, changes(encoding="utf-8+cp949")),
        ({"left_out": [], "filled": ["구"], "quote": ""}, changes(quote="", left_out=[], filled=["구"])),
        ({"start_line": None, "header_rows": 0, "columns": None}, changes("start_line", "columns", header_rows=0)),
        (
            {
                "columns": {
                    "위도": {"kind": "text", "meaning": "code", "unit": "°"},
                    "경도": {"kind": None},
                    "구": None,
                    "동": {},
                }
            },
            changes(
                columns=[
                    pb.ColumnReading(
                        name="위도",
                        kind=pb.COLUMN_KIND_TEXT,
                        meaning=pb.COLUMN_MEANING_CODE,
                        unit="°",
                        chosen=["kind", "meaning", "unit"],
                    ),
                    pb.ColumnReading(name="경도", chosen=["kind"]),
                    pb.ColumnReading(name="구"),
                ]
            ),
        ),
        (WARNING["undo"], changes("end_line", left_out=[])),
    ],
)
async def test_reread_and_preview_pass_on_the_parts_that_are_given(
    gateway: Gateway, datasets: FakeDatasets, body: dict[str, Any], change: pb.ReadingChange
) -> None:
    path = f"/api/datasets/{await uploaded_id(gateway)}"
    reread = (await gateway.post(f"{path}/reread", json=body)).json()
    shown = (await gateway.post(f"{path}/reading/preview", json=body)).json()
    assert datasets.changes == [change, change]
    assert (reread["reading"], shown["reading"]) == (READING, READING)


async def test_reading_is_shown_with_lines_of_the_file_and_rows_of_the_table(
    gateway: Gateway, datasets: FakeDatasets
) -> None:
    answer = (await gateway.get(f"/api/datasets/{await uploaded_id(gateway)}/reading")).json()
    assert datasets.changes == [None]
    assert answer.keys() == preview.answer.model_fields.keys()
    assert (answer["reading"], answer["columns_info"], answer["warnings"]) == (READING, [COLUMN], [WARNING])
    assert answer["lines"] == [{"line": 1, "role": "other_table", "text": "위도"}]
    assert answer["table"] == TABLE


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"header_rows": 4}, "header_rows"),
        ({"unit_rows": 2}, "unit_rows"),
        ({"start_line": 0}, "start_line"),
        ({"end_line": "5"}, "end_line"),
        ({"left_out": [1, 0]}, "left_out.1"),
        ({"quote": "ab"}, "quote"),
        ({"delimiter": ""}, "delimiter"),
        ({"encoding": "utf 8"}, "encoding"),
        ({"columns": {"구": {"kind": "colour"}}}, "columns.구.kind"),
        ({"colour": 1}, "colour"),
    ],
)
async def test_part_that_cannot_be_is_refused_by_its_name(gateway: Gateway, body: dict[str, Any], field: str) -> None:
    path = f"/api/datasets/{await uploaded_id(gateway)}"
    for ending in ("/reread", "/reading/preview"):
        assert [*refused_fields(await gateway.post(path + ending, json=body))] == [field]


async def test_part_that_the_file_does_not_allow_is_refused_by_its_name(
    gateway: Gateway, datasets: FakeDatasets
) -> None:
    path = f"/api/datasets/{await uploaded_id(gateway)}"
    datasets.refusal = field_refused("start_line", "LINE_UNKNOWN", "the file has 3 lines")
    answer = await gateway.post(f"{path}/reread", json={"start_line": 9})
    assert refusal(answer) == (422, "REQUEST_INVALID")
    assert answer.json()["details"] == [
        {
            "field": "start_line",
            "message": "파일에 없는 줄이거나 시작 줄보다 앞입니다.",
            "allowed": [],
            "suggestion": None,
        }
    ]


async def test_refusal_of_an_encoding_has_those_to_choose_from(gateway: Gateway, datasets: FakeDatasets) -> None:
    facts: Any = {
        "encodings": "cp949, utf-8",
        "preview_cp949": "구\n중구",
        "preview_utf-8": "\ufffd\n\ufffd",
        "lines": "1, 7",
    }
    datasets.refusal = CsvRefused("CSV_UNREADABLE", "No.", problem="ENCODING", line="7", encoding="cp949")
    datasets.refusal.facts |= facts
    answer = (await upload(gateway)).json()
    assert answer["encodings"] == [
        {"encoding": "cp949", "preview": ["구", "중구"]},
        {"encoding": "utf-8", "preview": ["\ufffd", "\ufffd"]},
    ]
    assert answer["lines"] == [1, 7]


@pytest.mark.parametrize(
    ("method", "ending"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/profile"),
        ("GET", "/reading"),
        ("GET", "/data"),
        ("GET", "/regions"),
        ("PUT", "/lease"),
        ("POST", "/share"),
    ],
)
async def test_unknown_dataset_is_not_found(gateway: Gateway, method: str, ending: str) -> None:
    assert refusal(await gateway.request(method, f"/api/datasets/{new_id()}{ending}")) == (404, "DATASET_NOT_FOUND")
    assert refused_fields(await gateway.request(method, f"/api/datasets/no-id{ending}"))


@pytest.mark.parametrize(
    ("name", "kind", "media_type"),
    [
        ("arrow", pb.DATA_FORMAT_ARROW, "application/vnd.apache.arrow.stream"),
        ("csv", pb.DATA_FORMAT_CSV, "text/csv; charset=utf-8"),
    ],
)
async def test_data_pass_as_they_are(
    gateway: Gateway, datasets: FakeDatasets, name: str, kind: int, media_type: str
) -> None:
    path = f"/api/datasets/{await uploaded_id(gateway)}/data"
    query: dict[str, Any] = {
        "format": name, "columns": ["위도", "경도"], "limit": 5, "offset": 2, "region_codes": "true"
    }  # fmt: skip
    answer = await gateway.get(path, params=query)
    assert (answer.content, answer.headers["content-type"]) == (CSV, media_type)
    read = datasets.reads[0]
    assert (read.format, list(read.columns), read.limit, read.offset) == (kind, ["위도", "경도"], 5, 2)
    assert read.region_codes


async def test_rows_are_counted_by_region_at_the_level_that_is_asked_for(gateway: Gateway) -> None:
    path = f"/api/datasets/{await uploaded_id(gateway)}/regions"
    answer = (await gateway.get(path)).json()
    assert answer.keys() == regions.answer.model_fields.keys()
    assert answer == answer | {
        "level": "sigungu",
        "columns": ["시군구"],
        "regions": [
            {"code": "27110", "name": "대구광역시 중구", "rows": 2, "latitude": 35.87, "longitude": 128.6},
            {"code": "43112", "name": "충청북도 청주시 서원구", "rows": 1, "latitude": None, "longitude": None},
        ],
        "unmatched": [{"text": "중구", "reason": "ambiguous", "rows": 1}],
        "matched_rows": 3,
        "unknown_rows": 0,
    }
    assert (await gateway.get(path, params={"level": "sido"})).json()["level"] == "sido"
    assert [*refused_fields(await gateway.get(path, params={"level": "county"}))] == ["level"]


async def test_csv_keeps_a_korean_file_name_and_is_not_guarded_for_programs(
    gateway: Gateway, datasets: FakeDatasets
) -> None:
    path = f"/api/datasets/{await uploaded_id(gateway)}/data"
    await gateway.get(path, params={"format": "csv", "guard": "off"})
    answer = await gateway.get(path, params={"format": "csv"})
    assert [read.format for read in datasets.reads] == [pb.DATA_FORMAT_UNGUARDED_CSV, pb.DATA_FORMAT_CSV]
    disposition = answer.headers["content-disposition"]
    assert "filename*=UTF-8''%EB%8C%80%EA%B5%AC%20%EC%82%AC%EA%B3%A0.csv" in disposition


async def test_json_data_come_in_the_envelope_and_no_half_answer(gateway: Gateway, datasets: FakeDatasets) -> None:
    path = f"/api/datasets/{await uploaded_id(gateway)}/data"
    answer = (await gateway.get(path)).json()
    assert (answer["success"], answer["error"], answer["rows"]) == (True, None, [{"a": 1}])
    datasets.refusal = AWAY
    assert refusal(await gateway.get(path)) == (503, "DATABASE_UNAVAILABLE")


async def test_lease_is_held_in_the_name_of_the_browser(gateway: Gateway, datasets: FakeDatasets) -> None:
    dataset_id = await uploaded_id(gateway)
    path, headers = f"/api/datasets/{dataset_id}/lease", {"X-Client-Id": "abc"}
    assert (await gateway.put(path, headers=headers)).json()["expires_at"] == "2023-11-15T07:13:20+09:00"
    assert datasets.leases == [(dataset_id, "browser:abc")]
    assert (await gateway.delete(path, headers=headers)).status_code == 200
    assert datasets.leases == []
    assert (await gateway.put(path, headers={"X-Client-Id": "x y"})).status_code == 422


async def test_link_is_made_listed_opened_and_revoked(gateway: Gateway, datasets: FakeDatasets) -> None:
    dataset_id = await uploaded_id(gateway)
    made = await gateway.post(f"/api/datasets/{dataset_id}/share")
    link = made.json()
    assert (made.status_code, link["share_token"]) == (201, TOKEN)
    assert link["share_url"] == f"http://localhost:8501/?share={TOKEN}"
    assert link["expires_at"] == "2023-11-22T07:13:20+09:00"

    (listed,) = (await gateway.get(f"/api/datasets/{dataset_id}/share")).json()["links"]
    assert "share_token" not in listed
    assert (listed["views"], listed["revoked_at"]) == (3, None)

    opened = await gateway.get(f"/api/shared/{TOKEN}")
    assert opened.json()["dataset_id"] == dataset_id
    assert opened.json()["columns_info"][0]["name"] == "위도"
    assert datasets.looks == [False]
    assert (await gateway.get(f"/api/shared/{TOKEN}?look=true")).json()["dataset_id"] == dataset_id
    assert datasets.looks == [False, True]

    revoked = await gateway.delete(f"/api/datasets/{dataset_id}/share/{link['link_id']}")
    assert revoked.json()["revoked_at"] == "2023-11-15T07:13:20+09:00"


async def test_link_that_leads_nowhere_says_which_way(gateway: Gateway, datasets: FakeDatasets) -> None:
    assert refusal(await gateway.get("/api/shared/unknown")) == (404, "SHARE_LINK_NOT_FOUND")
    datasets.refusal = Refused("SHARE_LINK_EXPIRED", "Expired.")
    expired = await gateway.get(f"/api/shared/{TOKEN}")
    assert (expired.status_code, expired.json()["error"]) == (410, "이 링크는 만료되었습니다")
