"""The batch routes over real HTTP, with a batch service that does what the test says."""

import csv
import io
import json
import re
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import httpx
import pytest
from structlog.testing import capture_logs

from gateway.schemas.prediction import ACCIDENT_EXAMPLE, MOST_ACCIDENTS
from servicekit.errors import DatabaseUnavailable, Refused
from servicekit.ids import new_id
from tests.contract.gateway.fake_datasets import DATASET_ID, UNKNOWN_ID
from tests.contract.gateway.fake_services import SHORT_WEATHER, UNKNOWN_WEATHER, FakeBatches, FakeService
from tests.contract.gateway.running_gateway import NOBODY, running_gateway
from tests.eventually import eventually

PATH = "/api/predict/eclo/batch"
MADE_AT = "2024-11-19T16:06:40.123456+09:00"
JSON = {"content-type": "application/json"}
LONGEST_ACCIDENT = {field: "가" * 200 if isinstance(value, str) else value for field, value in ACCIDENT_EXAMPLE.items()}
"""An accident with the longest texts that are taken."""


def accidents(count: int) -> list[dict[str, Any]]:
    return [ACCIDENT_EXAMPLE | {"accident_hour": index % 24} for index in range(count)]


def many(count: int) -> bytes:
    """A body with so many accidents; quicker to make than by json.dumps."""
    return b'{"accidents":[' + b",".join([json.dumps(ACCIDENT_EXAMPLE).encode()] * count) + b"]}"


async def new_batch(gateway: httpx.AsyncClient, items: list[Any]) -> str:
    response = await gateway.post(PATH, json={"accidents": items})
    assert response.status_code == 202
    batch_id: str = response.json()["batch_id"]
    return batch_id


# Create


async def test_batch_is_accepted_with_every_documented_field(gateway: httpx.AsyncClient, batches: FakeBatches) -> None:
    batches.unpredicted = {0, 1}
    response = await gateway.post(PATH, json={"accidents": accidents(2), "dataset_id": DATASET_ID})

    answer = response.json()
    assert response.status_code == 202
    assert (answer.pop("success"), answer.pop("error")) == (True, None)
    assert answer.pop("timestamp")
    batch_id = answer.pop("batch_id")
    assert UUID(batch_id).version == 7
    assert list(batches.accidents) == [batch_id]
    assert response.headers["location"] == f"/api/predict/batch/{batch_id}"
    assert answer == {
        "status": "pending",
        "total": 2,
        "done": 0,
        "failed": 0,
        "progress": 0.0,
        "created_at": MADE_AT,
        "started_at": None,
        "finished_at": None,
        "estimated_completion": MADE_AT,
        "results_url": f"/api/predict/batch/{batch_id}/results",
        "dataset_id": DATASET_ID,
    }


async def test_batch_of_a_dataset_that_does_not_exist_is_refused(
    gateway: httpx.AsyncClient, batches: FakeBatches
) -> None:
    response = await gateway.post(PATH, json={"accidents": accidents(1), "dataset_id": UNKNOWN_ID})
    assert (response.status_code, response.json()["code"]) == (404, "DATASET_NOT_FOUND")
    assert not batches.accidents


async def test_gateway_under_a_path_names_it_and_answers_with_and_without_it(
    prediction: FakeService, batches: FakeBatches
) -> None:
    async with running_gateway(prediction_target=prediction.target, base_path="/daegu") as gateway:
        created = await gateway.post(f"/daegu{PATH}", json={"accidents": [ACCIDENT_EXAMPLE]})
        for address in (created.headers["location"], created.json()["results_url"]):
            assert address.startswith("/daegu/api/")
            assert (await gateway.get(address)).status_code == 200
            assert (await gateway.get(address.removeprefix("/daegu"))).status_code == 200
        assert (await gateway.get("/daegu/openapi.json")).json()["servers"] == [{"url": "/daegu"}]
        assert (await gateway.get("/elsewhere/openapi.json")).status_code == 404


async def test_location_and_results_url_lead_to_the_batch(gateway: httpx.AsyncClient, batches: FakeBatches) -> None:
    created = await gateway.post(PATH, json={"accidents": accidents(3)})

    followed = await gateway.get(created.headers["location"])
    results = await gateway.get(created.json()["results_url"])

    assert followed.json()["batch_id"] == results.json()["batch_id"] == created.json()["batch_id"]
    assert len(results.json()["results"]) == 3


async def test_accidents_reach_the_service_as_written_and_in_order(
    gateway: httpx.AsyncClient, batches: FakeBatches
) -> None:
    sent = accidents(1201)  # more than fit into two parts
    await new_batch(gateway, sent)

    (stored,) = batches.accidents.values()
    assert [{field: getattr(accident, field) for field in ACCIDENT_EXAMPLE} for accident in stored] == sent
    assert len({part.batch_id for part in batches.created}) == 1


async def test_batch_of_the_most_accidents_is_taken_and_one_more_refused(
    gateway: httpx.AsyncClient, batches: FakeBatches
) -> None:
    taken = await gateway.post(PATH, content=many(MOST_ACCIDENTS), headers=JSON)
    refused = await gateway.post(PATH, content=many(MOST_ACCIDENTS + 1), headers=JSON)

    assert (taken.status_code, taken.json()["total"]) == (202, 20_000)
    assert (refused.status_code, refused.json()["code"]) == (422, "FIELDS_INVALID")
    (detail,) = refused.json()["details"]
    assert (detail["field"], detail["message"]) == ("accidents", "20000건 이하여야 합니다.")
    assert len(batches.accidents) == 1


async def test_longest_texts_fit_into_the_messages_between_the_servers(
    gateway: httpx.AsyncClient, batches: FakeBatches
) -> None:
    body = json.dumps({"accidents": [LONGEST_ACCIDENT] * 2000}, ensure_ascii=False).encode()
    response = await gateway.post(PATH, content=body, headers=JSON)

    assert response.status_code == 202
    assert max(part.ByteSize() for part in batches.created) < 4 * 1024 * 1024
    assert response.json()["total"] == 2000


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({}, "accidents", "필수 항목입니다."),
        ({"accidents": []}, "accidents", "1건 이상이어야 합니다."),
        ({"accidents": ACCIDENT_EXAMPLE}, "accidents", "목록이어야 합니다."),
        ({"accidents": [ACCIDENT_EXAMPLE], "explain": True}, "explain", "알 수 없는 항목입니다."),
        ({"accidents": [ACCIDENT_EXAMPLE], "dataset_id": "x"}, "dataset_id", "올바른 ID(UUID)가 아닙니다."),
    ],
)
async def test_body_that_is_no_batch_is_refused_by_field(
    gateway: httpx.AsyncClient, batches: FakeBatches, body: dict[str, Any], field: str, message: str
) -> None:
    response = await gateway.post(PATH, json=body)

    assert (response.status_code, response.json()["code"]) == (422, "FIELDS_INVALID")
    assert [(detail["field"], detail["message"]) for detail in response.json()["details"]] == [(field, message)]
    assert not batches.accidents


@pytest.mark.parametrize(
    ("item", "field", "reason"),
    [
        (7, "", "OBJECT_EXPECTED"),
        (None, "", "OBJECT_EXPECTED"),
        (ACCIDENT_EXAMPLE | {"weather": None}, "weather", "TEXT_EXPECTED"),
        (ACCIDENT_EXAMPLE | {"weather": "가" * 201}, "weather", "TEXT_TOO_LONG"),
        (ACCIDENT_EXAMPLE | {"accident_hour": "열네 시"}, "accident_hour", "NUMBER_EXPECTED"),
        (ACCIDENT_EXAMPLE | {"accident_hour": 2**40}, "accident_hour", "NUMBER_OUT_OF_RANGE"),
        (ACCIDENT_EXAMPLE | {"dataset_id": DATASET_ID}, "dataset_id", "FIELD_UNKNOWN"),
        ({name: value for name, value in ACCIDENT_EXAMPLE.items() if name != "district"}, "district", "MISSING"),
    ],
)
async def test_item_that_is_no_accident_is_passed_on_at_its_place_and_harms_no_other(
    gateway: httpx.AsyncClient, batches: FakeBatches, item: Any, field: str, reason: str
) -> None:
    items = [*accidents(501), item, *accidents(2)]  # in the second part, second there
    await new_batch(gateway, items)

    first, second = batches.created
    assert (len(first.accidents), len(second.accidents)) == (500, 3)
    (malformed,) = second.malformed_items
    assert malformed.index == 1
    assert [(problem.field, problem.reason) for problem in malformed.problems] == [(field, reason)]


async def test_many_faults_fit_into_the_messages_between_the_servers(
    gateway: httpx.AsyncClient, batches: FakeBatches
) -> None:
    await new_batch(gateway, [{"가" * 300 + str(number): 1 for number in range(10)}] * 600)

    assert max(part.ByteSize() for part in batches.created) < 4 * 1024 * 1024


async def test_unusable_accident_is_an_error_of_its_own_item(gateway: httpx.AsyncClient, batches: FakeBatches) -> None:
    items = accidents(3)
    items[1] |= {"weather": UNKNOWN_WEATHER}
    batch_id = await new_batch(gateway, items)

    answer = (await gateway.get(f"/api/predict/batch/{batch_id}/results")).json()

    assert (answer["status"], answer["done"], answer["failed"]) == ("completed", 3, 1)
    assert answer["results"][1] == {
        "index": 1,
        "eclo": None,
        "expected": None,
        "interpretation": None,
        "range": None,
        "prediction_id": None,
        "warnings": [],
        "error": {
            "code": "ACCIDENT_INVALID",
            "message": "사고 조건을 확인해주세요.",
            "details": [
                {
                    "field": "weather",
                    "message": "허용되는 값이 아닙니다.",
                    "allowed": ["맑음", "안개"],
                    "suggestion": "안개",
                }
            ],
        },
    }
    assert [item["eclo"] for item in answer["results"]] == [1.0, None, 3.0]


@pytest.mark.parametrize("count", [1, MOST_ACCIDENTS])
async def test_queue_that_is_full_is_said_so_whenever_the_service_says_it(
    gateway: httpx.AsyncClient, batches: FakeBatches, count: int
) -> None:
    batches.refusal = Refused("TOO_MANY_BATCHES", "100 are unfinished.")

    response = await gateway.post(PATH, content=many(count), headers=JSON)

    answer = response.json()
    assert (response.status_code, answer["code"]) == (429, "TOO_MANY_BATCHES")
    assert answer["error"] == "서버가 혼잡합니다. 잠시 후 다시 시도해주세요"
    assert int(response.headers["retry-after"]) > 0


async def test_size_that_the_service_refuses_is_told_in_korean(
    gateway: httpx.AsyncClient, batches: FakeBatches
) -> None:
    batches.refusal = Refused("BATCH_SIZE_INVALID", "Too many.")

    response = await gateway.post(PATH, json={"accidents": accidents(1)})

    assert response.status_code == 422
    assert response.json()["error"] == "배치에는 사고를 1건에서 20,000건까지 담을 수 있습니다."


# Follow, list, cancel


async def test_batch_under_way_tells_how_far_it_is(gateway: httpx.AsyncClient, batches: FakeBatches) -> None:
    batches.unpredicted = {3}
    batch_id = await new_batch(gateway, accidents(4))

    answer = (await gateway.get(f"/api/predict/batch/{batch_id}")).json()

    assert answer["status"] == "processing"
    assert (answer["done"], answer["total"], answer["progress"]) == (3, 4, 0.75)
    assert answer["started_at"] == answer["estimated_completion"] == MADE_AT
    assert answer["finished_at"] is None


async def test_batch_that_has_ended_has_no_estimate(gateway: httpx.AsyncClient, batches: FakeBatches) -> None:
    batch_id = await new_batch(gateway, accidents(1))

    answer = (await gateway.get(f"/api/predict/batch/{batch_id}")).json()

    assert (answer["status"], answer["progress"]) == ("completed", 1.0)
    assert (answer["finished_at"], answer["estimated_completion"], answer["dataset_id"]) == (MADE_AT, None, None)


async def test_batches_are_listed_newest_first(gateway: httpx.AsyncClient, batches: FakeBatches) -> None:
    made = [await new_batch(gateway, accidents(1)) for _ in range(3)]

    everything = (await gateway.get("/api/predict/batch")).json()["batches"]
    latest = (await gateway.get("/api/predict/batch?limit=2")).json()["batches"]

    assert [batch["batch_id"] for batch in everything] == made[::-1]
    assert latest == everything[:2]


@pytest.mark.parametrize("limit", ["0", "101", "-1", "many", "1.5", "", "1" * 5000])
async def test_list_of_an_odd_length_is_refused(gateway: httpx.AsyncClient, limit: str) -> None:
    response = await gateway.get("/api/predict/batch", params={"limit": limit})

    assert response.status_code == 422
    assert [detail["field"] for detail in response.json()["details"]] == ["limit"]


async def test_batch_is_cancelled_once(gateway: httpx.AsyncClient, batches: FakeBatches) -> None:
    batches.unpredicted = {1}
    batch_id = await new_batch(gateway, accidents(2))

    cancelled = await gateway.delete(f"/api/predict/batch/{batch_id}")
    again = await gateway.delete(f"/api/predict/batch/{batch_id}")

    assert (cancelled.status_code, cancelled.json()["status"], cancelled.json()["done"]) == (200, "cancelled", 1)
    assert (again.status_code, again.json()["code"]) == (409, "BATCH_ENDED")
    assert again.json()["error"] == "이미 끝난 배치 작업입니다."


ROUTES_OF_A_BATCH = (
    ("GET", "/api/predict/batch/{}"),
    ("GET", "/api/predict/batch/{}/results"),
    ("GET", "/api/predict/batch/{}/results?format=csv"),
    ("DELETE", "/api/predict/batch/{}"),
)


@pytest.mark.parametrize(("method", "path"), ROUTES_OF_A_BATCH)
async def test_unknown_batch_is_not_found(
    gateway: httpx.AsyncClient, batches: FakeBatches, method: str, path: str
) -> None:
    response = await gateway.request(method, path.format(new_id()))

    assert (response.status_code, response.json()["code"]) == (404, "BATCH_NOT_FOUND")
    assert response.json()["error"] == "배치 작업을 찾을 수 없습니다."


@pytest.mark.parametrize("batch_id", ["1", "abc", "%00", "0190163d-8694-739b-aea5-966c26f8ad9", "%ED%95%9C", "'--"])
@pytest.mark.parametrize(("method", "path"), ROUTES_OF_A_BATCH)
async def test_id_that_is_none_is_refused(gateway: httpx.AsyncClient, method: str, path: str, batch_id: str) -> None:
    response = await gateway.request(method, path.format(batch_id))

    assert (response.status_code, response.json()["code"]) == (422, "FIELDS_INVALID")
    assert [(detail["field"], detail["message"]) for detail in response.json()["details"]] == [
        ("batch_id", "올바른 ID(UUID)가 아닙니다.")
    ]


@pytest.mark.parametrize(("method", "path"), [*ROUTES_OF_A_BATCH, ("GET", "/api/predict/batch")])
async def test_database_that_is_away_is_said_so(
    gateway: httpx.AsyncClient, batches: FakeBatches, method: str, path: str
) -> None:
    batches.refusal = DatabaseUnavailable("DATABASE_UNAVAILABLE", "password=secret")

    response = await gateway.request(method, path.format(new_id()))

    assert (response.status_code, response.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
    assert response.headers["retry-after"]
    assert "secret" not in response.text


# Results


async def test_results_come_in_pages(gateway: httpx.AsyncClient, batches: FakeBatches) -> None:
    batch_id = await new_batch(gateway, accidents(1000))
    path = f"/api/predict/batch/{batch_id}/results"

    first, middle, end, beyond, all_at_once = [
        [item["index"] for item in (await gateway.get(path, params=params)).json()["results"]]
        for params in (
            {},
            {"limit": 450, "offset": 100},
            {"offset": 950},
            {"offset": MOST_ACCIDENTS},
            {"limit": 1000},
        )
    ]

    assert first == list(range(100))
    assert middle == list(range(100, 550))
    assert end == list(range(950, 1000))
    assert beyond == []
    assert all_at_once == list(range(1000))
    assert max(batches.page_limits) <= 200  # what fits into one message


async def test_results_of_a_batch_under_way_end_with_what_is_predicted(
    gateway: httpx.AsyncClient, batches: FakeBatches
) -> None:
    batches.unpredicted = set(range(350, 600))
    batch_id = await new_batch(gateway, accidents(600))
    path = f"/api/predict/batch/{batch_id}/results"

    results = (await gateway.get(path, params={"limit": 300, "offset": 100})).json()["results"]

    assert [item["index"] for item in results] == list(range(100, 350))


async def test_result_has_every_documented_field(gateway: httpx.AsyncClient, batches: FakeBatches) -> None:
    batch_id = await new_batch(gateway, [ACCIDENT_EXAMPLE | {"weather": SHORT_WEATHER}])

    (item,) = (await gateway.get(f"/api/predict/batch/{batch_id}/results")).json()["results"]

    assert UUID(item.pop("prediction_id"))
    assert item == {
        "index": 0,
        "eclo": 15.0,
        "expected": 16.0,
        "interpretation": "일반",
        "range": {"low": 1.0, "high": 9.0, "coverage": 0.8},
        "warnings": [
            {
                "code": "READ_AS",
                "field": "weather",
                "given": "비옴",
                "used": "비",
                "message": "입력한 값 ‘비옴’ 대신 ‘비’ 값으로 계산했습니다.",
            }
        ],
        "error": None,
    }


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        ({"offset": -1}, "offset"),
        ({"offset": MOST_ACCIDENTS + 1}, "offset"),
        ({"format": "xml"}, "format"),
    ],
)
async def test_odd_page_of_results_is_refused(gateway: httpx.AsyncClient, params: dict[str, Any], field: str) -> None:
    response = await gateway.get(f"/api/predict/batch/{new_id()}/results", params=params)

    assert response.status_code == 422
    (detail,) = response.json()["details"]
    assert detail["field"] == field
    assert detail["allowed"]


# CSV


async def csv_of(gateway: httpx.AsyncClient, batch_id: str, guard: str = "on") -> httpx.Response:
    return await gateway.get(f"/api/predict/batch/{batch_id}/results", params={"format": "csv", "guard": guard})


def rows_of(response: httpx.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


async def test_csv_opens_in_korean_excel(gateway: httpx.AsyncClient, batches: FakeBatches) -> None:
    batch_id = await new_batch(gateway, accidents(2))

    response = await csv_of(gateway, batch_id)

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.content.startswith("\ufeff번호,기상상태,".encode())
    assert response.content.count("\ufeff".encode()) == 1
    assert response.content.endswith(b"\r\n")
    (encoded,) = re.findall(r"filename\*=UTF-8''(\S+)$", response.headers["content-disposition"])
    assert unquote(encoded) == "ECLO_배치_결과.csv"
    assert response.headers["content-disposition"].startswith('attachment; filename="')


async def test_csv_has_a_row_for_each_item(gateway: httpx.AsyncClient, batches: FakeBatches) -> None:
    items = accidents(2)
    items[1] |= {"weather": UNKNOWN_WEATHER}
    batch_id = await new_batch(gateway, items)

    header, first, second = rows_of(await csv_of(gateway, batch_id))

    assert dict(zip(header, first, strict=True)) == {
        "번호": "1",
        "기상상태": "맑음",
        "노면상태": "건조",
        "도로형태": "교차로 - 교차로안",
        "사고유형": "차대차",
        "시간대": "일반시간대",
        "시군구": "대구광역시 수성구 상동",
        "요일": "수요일",
        "사고시": "0",
        "사고연도": "2024",
        "사고월": "5",
        "사고일": "15",
        "ECLO": "1.0",
        "ECLO 기댓값": "2.0",
        "심각도": "일반",
        "범위(하한)": "1.0",
        "범위(상한)": "9.0",
        "오류": "",
    }
    failed = dict(zip(header, second, strict=True))
    assert (failed["번호"], failed["기상상태"]) == ("2", UNKNOWN_WEATHER)
    assert (failed["ECLO"], failed["심각도"], failed["범위(하한)"], failed["범위(상한)"]) == ("", "", "", "")
    assert failed["오류"] == "사고 조건을 확인해주세요. 기상상태: 허용되는 값이 아닙니다."


@pytest.mark.parametrize(
    "formula", ["=1+1", "+A1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", '=HYPERLINK("http://x","눌러")', "＝1+1"]
)
async def test_formula_is_harmless_in_the_csv(gateway: httpx.AsyncClient, batches: FakeBatches, formula: str) -> None:
    batch_id = await new_batch(gateway, [ACCIDENT_EXAMPLE | {"district": formula}])

    header, row = rows_of(await csv_of(gateway, batch_id))

    assert dict(zip(header, row, strict=True))["시군구"] == f"'{formula}"
    for_programs = rows_of(await csv_of(gateway, batch_id, guard="off"))[1]
    assert dict(zip(header, for_programs, strict=True))["시군구"] == formula


async def test_quotes_commas_and_lines_stay_in_their_cell(gateway: httpx.AsyncClient, batches: FakeBatches) -> None:
    district = '대구, "중구"\r\n동인동'
    batch_id = await new_batch(gateway, [ACCIDENT_EXAMPLE | {"district": district}])

    _, row = rows_of(await csv_of(gateway, batch_id))

    assert row[6] == district


async def test_csv_has_all_pages_of_a_large_batch(gateway: httpx.AsyncClient, batches: FakeBatches) -> None:
    response = await gateway.post(PATH, content=many(3000), headers=JSON)

    rows = rows_of(await csv_of(gateway, response.json()["batch_id"]))

    assert [row[0] for row in rows[1:]] == [str(number) for number in range(1, 3001)]


async def test_csv_of_a_batch_that_has_not_begun_is_a_header(gateway: httpx.AsyncClient, batches: FakeBatches) -> None:
    batches.unpredicted = {0}
    batch_id = await new_batch(gateway, accidents(1))

    assert len(rows_of(await csv_of(gateway, batch_id))) == 1


async def test_csv_that_breaks_off_is_no_complete_answer_and_logged(
    gateway: httpx.AsyncClient, prediction: FakeService, batches: FakeBatches
) -> None:
    batch_id = await new_batch(gateway, accidents(2000))
    path = f"/api/predict/batch/{batch_id}/results"

    async def is_cut(impatient: httpx.AsyncClient) -> bool:
        batches.may_answer.set()
        async with impatient.stream("GET", path, params={"format": "csv"}) as response:
            if response.status_code == 200:  # or the limit passed too early, on a busy machine
                with pytest.raises(httpx.RemoteProtocolError):
                    await read(response)
            return response.status_code == 200

    async def read(response: httpx.Response) -> None:
        async for _ in response.aiter_raw():
            batches.may_answer.clear()

    async with running_gateway(prediction_target=prediction.target, call_seconds=1.0) as impatient:
        with capture_logs() as lines:
            await eventually(lambda: is_cut(impatient))

    (line,) = [line for line in lines if line["event"] == "answer_cut"]
    assert (line["path"], line["reason"]) == (path, "DEADLINE_PASSED")


# The service


async def test_service_that_is_away_is_said_so() -> None:
    async with running_gateway(prediction_target=NOBODY) as gateway:
        response = await gateway.post(PATH, json={"accidents": accidents(1)})

    assert (response.status_code, response.json()["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert response.json()["error"] == "서버에 연결할 수 없습니다. 잠시 후 다시 시도해주세요."


async def test_service_that_does_not_take_the_batch_in_time_is_a_time_out(
    prediction: FakeService, batches: FakeBatches
) -> None:
    batches.may_answer.clear()
    async with running_gateway(prediction_target=prediction.target, call_seconds=0.3) as gateway:
        response = await gateway.post(PATH, json={"accidents": accidents(1)})

    assert (response.status_code, response.json()["code"]) == (504, "DEADLINE_PASSED")
    assert response.json()["error"] == "요청 시간 초과. 다시 시도해주세요"
