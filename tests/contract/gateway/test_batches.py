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

from gateway.schemas.prediction import ACCIDENT_EXAMPLE, MOST_ACCIDENTS, MOST_ROWS
from servicekit.errors import Refused
from tests.contract.gateway.fake_datasets import DATASET_ID, UNKNOWN_ID
from tests.contract.gateway.fake_services import SHORT_WEATHER, UNKNOWN_WEATHER, FakeBatches, FakeService
from tests.contract.gateway.running_gateway import Gateway, refusal, refused_fields, running_gateway
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


async def new_batch(gateway: Gateway, items: list[Any]) -> str:
    response = await gateway.post(PATH, json={"accidents": items})
    assert response.status_code == 202
    return f"/api/predict/batch/{response.json()['batch_id']}"


async def results_of(gateway: Gateway, path: str, **params: int) -> dict[str, Any]:
    answer: dict[str, Any] = (await gateway.get(f"{path}/results", params=params)).json()
    return answer


# Create


async def test_batch_is_accepted_with_every_documented_field(gateway: Gateway, batches: FakeBatches) -> None:
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
        "columns": {},
        "failure": None,
    }


async def test_batch_of_a_dataset_that_does_not_exist_is_refused(gateway: Gateway, batches: FakeBatches) -> None:
    response = await gateway.post(PATH, json={"accidents": accidents(1), "dataset_id": UNKNOWN_ID})
    assert refusal(response) == (404, "DATASET_NOT_FOUND")
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


async def test_accidents_reach_the_service_as_written_and_in_order(gateway: Gateway, batches: FakeBatches) -> None:
    sent = accidents(1201)  # more than fit into two parts
    await new_batch(gateway, sent)

    ((batch_id, stored),) = batches.accidents.items()
    assert [{field: getattr(accident, field) for field in ACCIDENT_EXAMPLE} for accident in stored] == sent
    assert {part.batch_id for part in batches.created} == {batch_id}


async def test_batch_of_the_most_accidents_is_taken_and_one_more_refused(
    gateway: Gateway, batches: FakeBatches
) -> None:
    taken = await gateway.post(PATH, content=many(MOST_ACCIDENTS), headers=JSON)
    refused = await gateway.post(PATH, content=many(MOST_ACCIDENTS + 1), headers=JSON)

    assert (taken.status_code, taken.json()["total"]) == (202, 20_000)
    assert refused_fields(refused) == {"accidents": "20000건 이하여야 합니다."}
    assert len(batches.accidents) == 1


@pytest.mark.parametrize(
    ("item", "count"), [(LONGEST_ACCIDENT, 2000), ({"가" * 300 + str(number): 1 for number in range(10)}, 600)]
)
async def test_longest_texts_and_most_faults_fit_into_the_messages_between_the_servers(
    gateway: Gateway, batches: FakeBatches, item: dict[str, Any], count: int
) -> None:
    body = json.dumps({"accidents": [item] * count}, ensure_ascii=False).encode()
    assert (await gateway.post(PATH, content=body, headers=JSON)).status_code == 202
    assert max(part.ByteSize() for part in batches.created) < 4 * 1024 * 1024


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
    gateway: Gateway, batches: FakeBatches, body: dict[str, Any], field: str, message: str
) -> None:
    assert refused_fields(await gateway.post(PATH, json=body)) == {field: message}
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
    gateway: Gateway, batches: FakeBatches, item: Any, field: str, reason: str
) -> None:
    items = [*accidents(501), item, *accidents(2)]  # in the second part, second there
    await new_batch(gateway, items)

    first, second = batches.created
    assert (len(first.accidents), len(second.accidents)) == (500, 3)
    (malformed,) = second.malformed_items
    assert malformed.index == 1
    assert [(problem.field, problem.reason) for problem in malformed.problems] == [(field, reason)]


async def test_unusable_accident_is_an_error_of_its_own_item(gateway: Gateway) -> None:
    items = accidents(3)
    items[1] |= {"weather": UNKNOWN_WEATHER}

    answer = await results_of(gateway, await new_batch(gateway, items))

    assert (answer["status"], answer["done"], answer["failed"]) == ("completed", 3, 1)
    detail = {"message": "허용되는 값이 아닙니다.", "allowed": ["맑음", "안개"], "suggestion": "안개"}
    assert answer["results"][1] == {
        "index": 1,
        **dict.fromkeys(("eclo", "expected", "interpretation", "range", "prediction_id")),
        "row": None,
        "warnings": [],
        "error": {
            "code": "ACCIDENT_INVALID",
            "message": "사고 조건을 확인해주세요.",
            "details": [{"field": "weather", **detail}],
        },
    }
    assert [item["eclo"] for item in answer["results"]] == [1.0, None, 3.0]


@pytest.mark.parametrize(
    ("reason", "count", "status", "sentence"),
    [
        ("TOO_MANY_BATCHES", 1, 429, "서버가 혼잡합니다. 잠시 후 다시 시도해주세요"),
        ("TOO_MANY_BATCHES", MOST_ACCIDENTS, 429, "서버가 혼잡합니다. 잠시 후 다시 시도해주세요"),  # not read any more
        ("BATCH_SIZE_INVALID", 1, 422, "배치에는 사고를 1건에서 20,000건까지 담을 수 있습니다."),
    ],
)
async def test_batch_that_the_service_refuses_is_told_why_whenever_it_says_so(
    gateway: Gateway, batches: FakeBatches, reason: str, count: int, status: int, sentence: str
) -> None:
    batches.refusal = Refused(reason, "for developers")
    response = await gateway.post(PATH, content=many(count), headers=JSON)
    assert (*refusal(response), response.json()["error"]) == (status, reason, sentence)


# Follow, list, cancel


async def test_batch_tells_how_far_it_is_and_an_estimate_until_it_has_ended(
    gateway: Gateway, batches: FakeBatches
) -> None:
    batches.unpredicted = {3}
    under_way = (await gateway.get(await new_batch(gateway, accidents(4)))).json()
    ended = (await gateway.get(await new_batch(gateway, accidents(1)))).json()

    fields = ("status", "done", "total", "progress", "started_at", "finished_at", "estimated_completion", "dataset_id")
    assert [under_way[field] for field in fields] == ["processing", 3, 4, 0.75, MADE_AT, None, MADE_AT, None]
    assert [ended[field] for field in fields] == ["completed", 1, 1, 1.0, MADE_AT, MADE_AT, None, None]


async def test_batches_are_listed_newest_first(gateway: Gateway) -> None:
    made = [await new_batch(gateway, accidents(1)) for _ in range(3)]

    everything = (await gateway.get("/api/predict/batch")).json()["batches"]
    latest = (await gateway.get("/api/predict/batch?limit=2")).json()["batches"]

    assert [f"/api/predict/batch/{batch['batch_id']}" for batch in everything] == made[::-1]
    assert latest == everything[:2]
    for limit in ("many", "1.5", "", "1" * 5000):
        assert [*refused_fields(await gateway.get("/api/predict/batch", params={"limit": limit}))] == ["limit"]


async def test_batches_are_listed_page_by_page_to_the_end(gateway: Gateway) -> None:
    made = [(await new_batch(gateway, accidents(1))).rpartition("/")[2] for _ in range(5)]
    pages: list[list[Any]] = []
    after = ""
    while not pages or after:
        answer = (await gateway.get("/api/predict/batch", params={"limit": 2, "after": after})).json()
        pages.append([batch["batch_id"] for batch in answer["batches"]])
        after = answer["next"]
    assert pages == [made[4:2:-1], made[2:0:-1], made[:1]]
    response = await gateway.get("/api/predict/batch", params={"after": "nonsense"})
    assert (*refusal(response), response.json()["details"][0]["field"]) == (422, "REQUEST_INVALID", "after")


async def test_request_that_is_repeated_with_its_key_is_the_same_batch(gateway: Gateway, batches: FakeBatches) -> None:
    async def create(**headers: str) -> dict[str, Any]:
        response = await gateway.post(PATH, json={"accidents": accidents(600)}, headers=headers)
        assert response.status_code == 202
        answer: dict[str, Any] = response.json()
        return answer

    first, again = [await create(**{"Idempotency-Key": "once"}) for _ in range(2)]
    assert (again["batch_id"], again["total"]) == (first["batch_id"], 600)
    assert {part.idempotency_key for part in batches.created} == {"once"}
    assert len({(await create())["batch_id"] for _ in range(2)} | {first["batch_id"]}) == 3

    batches.refusal = Refused("IDEMPOTENCY_KEY_REUSED", "for developers")
    refused = await gateway.post(PATH, json={"accidents": accidents(1)}, headers={"Idempotency-Key": "once"})
    assert refusal(refused) == (422, "IDEMPOTENCY_KEY_REUSED")
    odd = await gateway.post(PATH, json={"accidents": accidents(1)}, headers={"Idempotency-Key": "a" * 201})
    assert [*refused_fields(odd)] == ["idempotency-key"]


async def test_batch_is_cancelled_once(gateway: Gateway, batches: FakeBatches) -> None:
    batches.unpredicted = {1}
    path = await new_batch(gateway, accidents(2))

    cancelled, again = await gateway.delete(path), await gateway.delete(path)

    assert (cancelled.status_code, cancelled.json()["status"], cancelled.json()["done"]) == (200, "cancelled", 1)
    assert (*refusal(again), again.json()["error"]) == (409, "BATCH_ENDED", "이미 끝난 배치 작업입니다.")


@pytest.mark.parametrize(
    ("method", "ending"), [("GET", ""), ("GET", "/results"), ("GET", "/results?format=csv"), ("DELETE", "")]
)
async def test_unknown_batch_is_not_found_and_an_id_that_is_none_refused(
    gateway: Gateway, method: str, ending: str
) -> None:
    unknown = await gateway.request(method, f"/api/predict/batch/{UNKNOWN_ID}{ending}")
    assert (*refusal(unknown), unknown.json()["error"]) == (404, "BATCH_NOT_FOUND", "배치 작업을 찾을 수 없습니다.")
    for batch_id in ("1", "%00", UNKNOWN_ID[:-1], "%ED%95%9C", "'--"):
        response = await gateway.request(method, f"/api/predict/batch/{batch_id}{ending}")
        assert refused_fields(response) == {"batch_id": "올바른 ID(UUID)가 아닙니다."}


# Results


async def test_results_come_in_pages(gateway: Gateway, batches: FakeBatches) -> None:
    path = await new_batch(gateway, accidents(1001))
    pages: list[tuple[dict[str, int], range]] = [
        ({}, range(100)),
        ({"limit": 450, "offset": 100}, range(100, 550)),
        ({"offset": 950}, range(950, 1001)),
        ({"offset": MOST_ACCIDENTS}, range(0)),
        ({"limit": 5000}, range(1000)),
    ]
    for params, indices in pages:
        assert [item["index"] for item in (await results_of(gateway, path, **params))["results"]] == [*indices]
    assert batches.parts_sent == 1 + 3 + 1 + 1 + 5


async def test_pages_of_results_go_on_behind_each_other_to_the_end(gateway: Gateway) -> None:
    path = await new_batch(gateway, accidents(5))
    pages: list[list[Any]] = []
    after = ""
    while not pages or after:
        answer = (await gateway.get(f"{path}/results", params={"limit": 2, "after": after})).json()
        pages.append([item["index"] for item in answer["results"]])
        after = answer["next"]
    assert pages == [[0, 1], [2, 3], [4]]
    rest = await gateway.get(f"{path}/results", params={"format": "csv", "after": "3"})
    assert [row["번호"] for row in rows_of(rest)] == ["4", "5"]
    for query in ("after=nonsense", "after=3&offset=1"):
        for format_ in ("json", "csv"):
            response = await gateway.get(f"{path}/results?format={format_}&{query}")
            assert refusal(response) == (422, "REQUEST_INVALID")


@pytest.mark.parametrize("format_", ["json", "csv"])
async def test_results_go_on_when_the_replica_that_sends_them_ends(
    gateway: Gateway, batches: FakeBatches, format_: str
) -> None:
    path = await new_batch(gateway, accidents(900))
    batches.streams_to_break = 3
    response = await gateway.get(f"{path}/results", params={"limit": 850, "format": format_})
    if format_ == "csv":
        indices = [int(row["번호"]) - 1 for row in rows_of(response)]
    else:
        indices = [item["index"] for item in response.json()["results"]]
    assert indices == [*range(850)]
    assert batches.streams_to_break == 0


async def test_results_of_a_batch_under_way_end_with_what_is_predicted(gateway: Gateway, batches: FakeBatches) -> None:
    batches.unpredicted = set(range(350, 600))
    path = await new_batch(gateway, accidents(600))
    results = (await results_of(gateway, path, limit=300, offset=100))["results"]
    assert [item["index"] for item in results] == list(range(100, 350))


async def test_result_has_every_documented_field(gateway: Gateway) -> None:
    path = await new_batch(gateway, [ACCIDENT_EXAMPLE | {"weather": SHORT_WEATHER}])

    (item,) = (await results_of(gateway, path))["results"]

    assert UUID(item.pop("prediction_id"))
    message = "입력한 값 ‘비옴’ 대신 ‘비’ 값으로 계산했습니다."
    assert item == {
        "index": 0,
        "eclo": 15.0,
        "expected": 16.0,
        "interpretation": "일반",
        "range": {"low": 1.0, "high": 9.0, "coverage": 0.8},
        "warnings": [{"code": "READ_AS", "field": "weather", "given": "비옴", "used": "비", "message": message}],
        "error": None,
        "row": None,
    }


async def test_odd_page_of_results_is_refused_with_what_is_allowed(gateway: Gateway) -> None:
    path = f"/api/predict/batch/{UNKNOWN_ID}/results"
    for field, value in (("limit", MOST_ROWS + 1), ("offset", MOST_ROWS + 1), ("format", "xml")):
        response = await gateway.get(path, params={field: value})
        assert [*refused_fields(response)] == [field]
        assert response.json()["details"][0]["allowed"]


# CSV


async def csv_of(gateway: Gateway, path: str, guard: str = "on") -> httpx.Response:
    return await gateway.get(f"{path}/results", params={"format": "csv", "guard": guard})


def rows_of(response: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


async def test_csv_opens_in_korean_excel(gateway: Gateway) -> None:
    response = await csv_of(gateway, await new_batch(gateway, accidents(2)))

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.content.startswith("\ufeff번호,기상상태,".encode())
    assert response.content.count("\ufeff".encode()) == 1
    assert response.content.endswith(b"\r\n")
    (encoded,) = re.findall(r"filename\*=UTF-8''(\S+)$", response.headers["content-disposition"])
    assert unquote(encoded) == "ECLO_배치_결과.csv"
    assert response.headers["content-disposition"].startswith('attachment; filename="')


async def test_csv_has_a_row_for_each_item(gateway: Gateway) -> None:
    items = accidents(2)
    items[1] |= {"weather": UNKNOWN_WEATHER}

    response = await csv_of(gateway, await new_batch(gateway, items))

    columns = "번호,기상상태,노면상태,도로형태,사고유형,시간대,시군구,요일,사고시,사고연도,사고월,사고일"
    inputs = "건조,교차로 - 교차로안,차대차,일반시간대,대구광역시 수성구 상동,수요일"
    assert response.content.decode("utf-8-sig").split("\r\n") == [
        f"{columns},ECLO,ECLO 기댓값,심각도,범위(하한),범위(상한),오류",
        f"1,맑음,{inputs},0,2024,5,15,1.0,2.0,일반,1.0,9.0,",
        f"2,{UNKNOWN_WEATHER},{inputs},1,2024,5,15,,,,,,사고 조건을 확인해주세요. 기상상태: 허용되는 값이 아닙니다."
        " 가장 가까운 값: 안개",
        "",
    ]


async def test_formula_is_harmless_in_the_csv_and_other_text_stays_in_its_cell(gateway: Gateway) -> None:
    formulas = ["=1+1", "+A1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", '=HYPERLINK("http://x","눌러")', "＝1+1"]
    texts = [*formulas, '대구, "중구"\r\n동인동']
    path = await new_batch(gateway, [ACCIDENT_EXAMPLE | {"district": text} for text in texts])

    guarded = [row["시군구"] for row in rows_of(await csv_of(gateway, path))]
    for_programs = [row["시군구"] for row in rows_of(await csv_of(gateway, path, guard="off"))]

    assert guarded == [*(f"'{formula}" for formula in formulas), texts[-1]]
    assert for_programs == texts


async def test_csv_has_all_pages_of_a_large_batch(gateway: Gateway) -> None:
    response = await gateway.post(PATH, content=many(3000), headers=JSON)
    rows = rows_of(await csv_of(gateway, response.headers["location"]))
    assert [row["번호"] for row in rows] == [str(number) for number in range(1, 3001)]


async def test_csv_of_some_results(gateway: Gateway) -> None:
    path = await new_batch(gateway, accidents(900))
    page = await gateway.get(f"{path}/results", params={"format": "csv", "offset": 190, "limit": 300})
    assert [row["번호"] for row in rows_of(page)] == [str(number) for number in range(191, 491)]


async def test_csv_of_a_batch_that_has_not_begun_is_a_header(gateway: Gateway, batches: FakeBatches) -> None:
    batches.unpredicted = {0}
    assert (await csv_of(gateway, await new_batch(gateway, accidents(1)))).content.count(b"\r\n") == 1


async def test_csv_that_breaks_off_is_no_complete_answer_and_logged(
    gateway: Gateway, prediction: FakeService, batches: FakeBatches
) -> None:
    path = await new_batch(gateway, accidents(2000)) + "/results"

    async def is_cut(impatient: Gateway) -> bool:
        batches.may_answer.set()
        async with impatient.stream("GET", path, params={"format": "csv"}) as response:
            if response.status_code == 200:  # or the limit passed too early, on a busy machine
                with pytest.raises(httpx.RemoteProtocolError):
                    await read(response)
            return response.status_code == 200

    async def read(response: httpx.Response) -> None:
        async for _ in response.aiter_raw():
            batches.may_answer.clear()

    limits = {"call_seconds": 1.0, "body_seconds": 0.1, "least_bytes_per_second": 10**9}  # a second, all together
    async with running_gateway(prediction_target=prediction.target, **limits) as impatient:
        with capture_logs() as lines:
            await eventually(lambda: is_cut(impatient))

    (line,) = [line for line in lines if line["event"] == "answer_cut"]
    assert (line["path"], line["reason"]) == (path, "DEADLINE_PASSED")
