"""Single predictions of the real service on real servers."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from daegu.prediction.v1 import prediction_pb2

from servicekit.errors import FieldViolation
from servicekit.ids import new_id
from tests.contract.prediction_service.running_service import (
    VALUES,
    RunningService,
    accident,
    failure,
    request,
    running_service,
    varied,
)


async def _list(service: RunningService, **fields: Any) -> prediction_pb2.ListPredictionsResponse:
    answer: prediction_pb2.ListPredictionsResponse = await service.predictions.ListPredictions(
        prediction_pb2.ListPredictionsRequest(**fields)
    )
    return answer


async def test_prediction_is_answered_whole(service: RunningService) -> None:
    before = datetime.now(UTC)
    prediction = await service.predict()

    assert UUID(prediction.prediction_id).version == 7
    assert 1.0 <= prediction.range.low < prediction.eclo < prediction.expected < prediction.range.high
    assert prediction.range.coverage == 0.8
    assert prediction.interpretation in ("경미", "일반", "심각", "매우 심각")
    assert prediction.model_version.startswith("eclo-")
    assert before <= prediction.created_at.ToDatetime(tzinfo=UTC) <= datetime.now(UTC) + timedelta(seconds=1)
    assert not prediction.warnings
    assert not prediction.HasField("explanation")


async def test_prediction_is_in_the_database_when_it_is_answered(service: RunningService) -> None:
    dataset_id = str(uuid4())
    prediction = await service.predict(district="수성구 상동", dataset_id=dataset_id)
    rows = service.rows(
        "SELECT eclo_value, expected_value, range_low, range_high, interpretation, model_version, dataset_id, batch_id,"
        " input_features, warnings FROM prediction.predictions WHERE id = %s",
        prediction.prediction_id,
    )
    assert rows == [
        (
            prediction.eclo,
            prediction.expected,
            prediction.range.low,
            prediction.range.high,
            prediction.interpretation,
            prediction.model_version,
            dataset_id,
            None,
            VALUES,
            [{"reason": "READ_AS", "field": "district", "given": "수성구 상동", "used": "대구광역시 수성구 상동"}],
        )
    ]


async def test_unusable_accident_is_refused_with_all_violations_and_the_way_out(service: RunningService) -> None:
    error = await failure(service.predict(weather="맑은", accident_month=2, accident_day=30, accident_hour=24))

    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "ACCIDENT_INVALID")
    weather, hour, day = error.violations
    assert (weather.field, weather.reason) == ("weather", "CATEGORY_UNKNOWN")
    assert "Did you mean '맑음'? Allowed: 맑음, 비" in weather.description
    assert (hour.field, hour.reason) == ("accident_hour", "NUMBER_OUT_OF_RANGE")
    assert (day.field, day.reason) == ("accident_day", "DATE_IMPOSSIBLE")


@pytest.mark.parametrize("field", ["dataset_id", "prediction_id"])
async def test_id_that_is_no_uuid_is_refused(service: RunningService, field: str) -> None:
    error = await failure(service.predict(**{field: "not-an-id"}))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_INVALID")
    assert error.violations == (FieldViolation(field, "ID_INVALID", "not a UUID"),)


@pytest.mark.parametrize("form", ["{}", "{{{}}}", "urn:uuid:{}"])
async def test_id_may_be_written_in_every_way_and_is_answered_in_one(service: RunningService, form: str) -> None:
    prediction_id, dataset_id = new_id(), str(uuid4())
    prediction = await service.predict(
        prediction_id=form.format(prediction_id.replace("-", "")), dataset_id=form.format(dataset_id.upper())
    )
    assert (prediction.prediction_id, prediction.dataset_id) == (prediction_id, dataset_id)


async def test_prediction_id_that_does_not_sort_by_time_is_refused(service: RunningService) -> None:
    error = await failure(service.predict(prediction_id=str(uuid4())))
    assert error.violations == (FieldViolation("prediction_id", "ID_INVALID", "not a UUIDv7"),)


async def test_bad_items_of_a_group_harm_no_other(service: RunningService) -> None:
    bad = [
        request(weather="?"),
        request(accident_type="차대차\0 - 추돌"),
        request(accident_type="차대차" + "!" * 100_000),
        request(district="\x1b[31m"),
        request(accident_month=2, accident_day=31),
        request(dataset_id="x"),
        request(prediction_id="x"),
        prediction_pb2.PredictionRequest(),
    ]
    group = [part for item in bad for part in (item, request(accident_hour=len(item.dataset_id)))]
    outcomes = await service.predict_many(group)

    assert [outcome.WhichOneof("result") for outcome in outcomes] == ["error", "prediction"] * len(bad)
    stored = service.rows(
        "SELECT id FROM prediction.predictions WHERE id = ANY(%s::uuid[])",
        [outcome.prediction.prediction_id for outcome in outcomes[1::2]],
    )
    assert len(stored) == len(bad)


async def test_empty_group_is_answered_with_nothing(service: RunningService) -> None:
    assert list(await service.predict_many([])) == []


async def test_group_of_a_thousand_is_taken_and_one_more_is_not(service: RunningService) -> None:
    requests = [prediction_pb2.PredictionRequest(accident=item) for item in varied(1001)]
    assert {o.WhichOneof("result") for o in await service.predict_many(requests[:1000])} == {"prediction"}
    refused = await service.predict_many(requests)
    assert {outcome.error.reason for outcome in refused} == {"TOO_MANY_ACCIDENTS"}
    assert len(refused) == 1001


async def test_others_are_answered_while_a_misspelt_group_is_being_read(service: RunningService) -> None:
    wrong = [request(weather=f"날씨{i}", road_type=f"길{i}", district=f"대구 어디구 {i}동") for i in range(1000)]
    asking = asyncio.ensure_future(service.predict_many(wrong))
    others = 0
    while not asking.done():
        await service.predict()
        others += 1
    assert {len(outcome.error.problems) for outcome in asking.result()} == {3}
    assert others > 5


async def test_repeated_id_stores_once_and_answers_the_same(service: RunningService) -> None:
    prediction_id = new_id()
    first = await service.predict(prediction_id=prediction_id, explain=True)
    second = await service.predict(prediction_id=prediction_id, explain=True)
    assert first == second
    assert service.rows("SELECT count(*) FROM prediction.predictions WHERE id = %s", prediction_id) == [(1,)]


async def test_repeated_id_is_answered_as_it_is_stored_even_by_another_model(service: RunningService) -> None:
    prediction_id = new_id()
    await service.predict(prediction_id=prediction_id)
    change = "UPDATE prediction.predictions SET eclo_value = 99, model_version = 'older' WHERE id = %s"
    service.rows(change, prediction_id)
    answer = await service.predict(prediction_id=prediction_id, explain=True)
    assert (answer.eclo, answer.model_version) == (99.0, "older")
    assert not answer.HasField("explanation")  # it would explain another value


async def test_repeated_id_for_another_accident_is_refused(service: RunningService) -> None:
    prediction_id = new_id()
    first = await service.predict(prediction_id=prediction_id)
    error = await failure(service.predict(prediction_id=prediction_id, weather="비"))
    assert (error.code, error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "PREDICTION_ID_TAKEN")
    assert await service.predict(prediction_id=prediction_id) == first


async def test_repeats_within_a_group_harm_no_other(service: RunningService) -> None:
    prediction_id = new_id()
    same, other, new = await service.predict_many(
        [request(prediction_id=prediction_id), request(prediction_id=prediction_id, weather="비"), request()]
    )
    assert same.prediction.prediction_id == prediction_id
    assert other.error.reason == "PREDICTION_ID_TAKEN"
    assert new.WhichOneof("result") == "prediction"


async def test_stream_answers_each_frame_once_with_its_predictions_stored(service: RunningService) -> None:
    stream = service.predictions.PredictStream()
    sizes = {frame_id: frame_id % 7 for frame_id in range(1, 60)}
    for frame_id, size in sizes.items():
        frame = prediction_pb2.PredictStreamRequest(frame_id=frame_id, requests=[request(accident_hour=3)] * size)
        await stream.write(frame)
    await stream.done_writing()

    answered: dict[int, list[str]] = {}
    async for answer in stream:
        assert answer.frame_id not in answered
        answered[answer.frame_id] = [outcome.prediction.prediction_id for outcome in answer.outcomes]
    assert {frame_id: len(ids) for frame_id, ids in answered.items()} == sizes
    ids = [prediction_id for frame_ids in answered.values() for prediction_id in frame_ids]
    found = service.rows("SELECT count(*) FROM prediction.predictions WHERE id = ANY(%s::uuid[])", ids)
    assert found == [(len(set(ids)),)] == [(sum(sizes.values()),)]


async def test_log_line_of_a_frame_names_the_requests_that_asked(
    service: RunningService, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = service.predictions.PredictStream()
    frames = [[request(request_id="first"), request(request_id="second", weather="?")], [request(request_id="third")]]
    for frame_id, requests in enumerate(frames, start=1):
        await stream.write(prediction_pb2.PredictStreamRequest(frame_id=frame_id, requests=requests))
        await stream.read()
    stream.cancel()

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if "frame_answered" in line]
    assert [(line["program"], line["count"], line["request_ids"]) for line in lines] == [
        ("prediction", 2, ["first", "second"]),
        ("prediction", 1, ["third"]),
    ]


async def test_stream_survives_a_bad_frame(service: RunningService) -> None:
    stream = service.predictions.PredictStream()
    too_many = [request()] * 1001
    for frame_id, requests in enumerate(([request(weather="?")], too_many, [request()]), start=1):
        await stream.write(prediction_pb2.PredictStreamRequest(frame_id=frame_id, requests=requests))
    bad, large, good = [await stream.read() for _ in range(3)]
    assert bad.outcomes[0].error.reason == "ACCIDENT_INVALID"
    assert {outcome.error.reason for outcome in large.outcomes} == {"TOO_MANY_ACCIDENTS"}
    assert good.outcomes[0].HasField("prediction")
    stream.cancel()


async def test_stream_says_that_it_is_open_before_anything_is_asked(service: RunningService) -> None:
    stream = service.predictions.PredictStream()
    await stream.initial_metadata()
    stream.cancel()


async def test_list_gives_all_pages_newest_first_without_gap_or_repeat(service: RunningService) -> None:
    dataset_id = str(uuid4())
    ids = [(await service.predict(dataset_id=dataset_id)).prediction_id for _ in range(6)]
    seen: list[str] = []
    token, pages = "", 0
    while True:
        page = await _list(service, dataset_id=dataset_id, page_size=3, page_token=token)
        seen += [prediction.prediction_id for prediction in page.predictions]
        token, pages = page.next_page_token, pages + 1
        await service.predict(dataset_id=dataset_id)  # moves nothing
        if not token:
            break
    assert (seen, pages) == (ids[::-1], 2)


async def test_listed_prediction_has_its_inputs_and_what_was_answered(service: RunningService) -> None:
    answered = await service.predict(weather="비", day_of_week="월요일")
    (listed,) = (await _list(service, page_size=1)).predictions
    assert listed.accident == accident(weather="비")  # as it was understood
    listed.ClearField("accident")
    assert listed == answered


async def test_list_has_twenty_by_default_and_a_hundred_at_most(service: RunningService) -> None:
    await service.predict_many([request()] * 101)
    assert len((await _list(service)).predictions) == 20
    assert len((await _list(service, page_size=100)).predictions) == 100
    for size in (-1, 101):
        error = await failure(_list(service, page_size=size))
        assert (error.code, error.violations[0].field) == (grpc.StatusCode.INVALID_ARGUMENT, "page_size")


@pytest.mark.parametrize("field", ["page_token", "dataset_id"])
async def test_list_refuses_what_is_no_id(service: RunningService, field: str) -> None:
    error = await failure(_list(service, **{field: "x' OR 1=1"}))
    assert (error.code, error.violations[0].field) == (grpc.StatusCode.INVALID_ARGUMENT, field)


async def test_nothing_is_answered_that_the_database_did_not_take(service: RunningService, redis_url: str) -> None:
    nowhere = "postgresql://nobody:x@127.0.0.1:1/none"
    async with running_service(nowhere, redis_url) as broken:
        error = await failure(broken.predict())
        (outcome,) = await broken.predict_many([request()])
        listed = await failure(_list(broken))
        info = await broken.predictions.GetModelInfo(prediction_pb2.GetModelInfoRequest())
    assert (error.code, error.reason) == (grpc.StatusCode.UNAVAILABLE, "DATABASE_UNAVAILABLE")
    assert (listed.code, listed.reason) == (grpc.StatusCode.UNAVAILABLE, "DATABASE_UNAVAILABLE")
    assert outcome.error.reason == "DATABASE_UNAVAILABLE"
    assert info.model_version  # needs no database


async def test_prediction_is_found_by_its_id_with_its_inputs_and_its_reasons(service: RunningService) -> None:
    made = await service.predict(explain=True)
    found = (await service.predictions.GetPrediction(_named(made.prediction_id))).prediction
    assert found.accident.weather
    assert (found.eclo, found.range, found.explanation) == (made.eclo, made.range, made.explanation)


async def test_prediction_from_before_there_was_an_expected_value_is_found_with_it(service: RunningService) -> None:
    made = await service.predict()
    service.rows("UPDATE prediction.predictions SET expected_value = NULL WHERE id = %s", made.prediction_id)
    found = (await service.predictions.GetPrediction(_named(made.prediction_id))).prediction
    assert found.expected == made.expected


async def test_prediction_of_another_model_is_found_without_reasons(service: RunningService) -> None:
    made = await service.predict()
    service.rows("UPDATE prediction.predictions SET model_version = 'older' WHERE id = %s", made.prediction_id)
    found = (await service.predictions.GetPrediction(_named(made.prediction_id))).prediction
    assert (found.model_version, found.HasField("explanation")) == ("older", False)


@pytest.mark.parametrize(
    ("prediction_id", "code"),
    [
        ("0190163d-8694-739b-aea5-966c26f8ad91", grpc.StatusCode.NOT_FOUND),
        ("nonsense", grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
async def test_prediction_that_is_not_there_is_refused(
    service: RunningService, prediction_id: str, code: grpc.StatusCode
) -> None:
    error = await failure(service.predictions.GetPrediction(_named(prediction_id)))
    assert error.code == code


def _named(prediction_id: str) -> prediction_pb2.GetPredictionRequest:
    return prediction_pb2.GetPredictionRequest(prediction_id=prediction_id)
