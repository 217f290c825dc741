"""A person uploads, finds, shares, looks at and deletes datasets, on the real page over the real services."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from streamlit_client import texts, texts_chat, texts_datasets, texts_explore
from tests.chosen_file import choose as choose_file
from tests.e2e.samples import accidents_csv, facilities_csv
from tests.eventually import wait_until
from tests.open_pages import OpenPage
from tests.ui.screen import chart_of, keys_of, metrics_of, texts_of


@pytest.fixture
def name() -> str:
    return f"자료 {uuid4().hex[:8]}"


def stored(api: httpx.Client, name: str, content: str) -> str:
    answer = api.post("/api/datasets/upload", files={"file": ("a.csv", content.encode())}, data={"name": name})
    return str(answer.json()["dataset_id"])


def choose(at: AppTest, label: str, value: Any) -> AppTest:
    (box,) = (box for box in at.selectbox if box.label == label)
    return box.set_value(value).run()


def press(at: AppTest, label: str) -> AppTest:
    (button,) = (button for button in at.button if button.label == label)
    return button.click().run()


def upload(at: AppTest, content: bytes, file_name: str) -> AppTest:
    return choose_file(at, file_name, content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"PK\x03\x04" + b"\0" * 100, "CSV 형식만 지원됩니다."), (b"a,b\n1,2\n3,\x004\n5,\x006\n", "3번째 줄")],
)
def test_file_that_cannot_be_read_is_refused_in_words(open_page: OpenPage, content: bytes, sentence: str) -> None:
    at = press(upload(open_page("datasets"), content, "표.csv"), texts_datasets.SUBMIT)
    assert sentence in at.error[0].value


def test_uploaded_file_is_described_and_listed(open_page: OpenPage, api: httpx.Client, name: str) -> None:
    at = upload(open_page("datasets"), accidents_csv().encode("cp949"), f"{name}.csv")
    press(at, texts_datasets.SUBMIT)
    assert metrics_of(at)[texts_datasets.ROWS] == "60"
    assert name in texts_of(at).replace("\\", "")
    assert texts_datasets.ENCODINGS["cp949"] in texts_of(at)
    listed = api.get("/api/datasets").json()["datasets"][0]
    assert (listed["name"], listed["rows"], listed["columns"], listed["encoding"]) == (name, 60, 9, "cp949")


def test_dataset_is_renamed_and_deleted_after_asking(open_page: OpenPage, api: httpx.Client, name: str) -> None:
    at = upload(open_page("datasets"), accidents_csv().encode(), f"{name}.csv")
    press(at, texts_datasets.SUBMIT)
    (field,) = (field for field in at.text_input if field.value == name)
    field.set_value(f"{name} 새 이름")
    press(at, texts_datasets.CHANGE)
    assert api.get("/api/datasets").json()["datasets"][0]["name"] == f"{name} 새 이름"

    (delete,) = (button for button in at.button if button.label == texts_datasets.DELETE)
    assert delete.disabled
    at.checkbox[0].check().run()
    press(at, texts_datasets.DELETE)
    assert at.success[0].value.replace("\\", "") == texts_datasets.DELETED.format(name=f"{name} 새 이름")
    assert name not in {item["name"] for item in api.get("/api/datasets").json()["datasets"]}


def test_dataset_that_somebody_looks_at_is_not_deleted(open_page: OpenPage, api: httpx.Client, name: str) -> None:
    dataset_id = stored(api, name, accidents_csv())
    looking = open_page("explore")
    choose(looking, texts_datasets.CHOOSE, dataset_id)
    refused = api.delete(f"/api/datasets/{dataset_id}")
    assert (refused.status_code, refused.json()["error"]) == (409, "사용 중인 데이터셋은 삭제할 수 없습니다")

    looking.switch_page("app_pages/predict.py").run()
    assert api.delete(f"/api/datasets/{dataset_id}").status_code == 200


def test_link_opens_the_dataset_read_only_and_ends_when_it_is_revoked(
    open_page: OpenPage, api: httpx.Client, name: str
) -> None:
    at = upload(open_page("datasets"), accidents_csv().encode(), f"{name}.csv")
    press(at, texts_datasets.SUBMIT)
    press(at, texts_datasets.SHARE)
    address = at.code[0].value
    token = address.partition("?share=")[2]
    assert len(token) == 43

    visitor = open_page("shared", share=token)
    assert visitor.title[0].value.replace("\\", "") == name
    assert metrics_of(visitor)[texts_datasets.ROWS] == "60"
    assert not [button for button in visitor.button if button.label in (texts_datasets.DELETE, texts_datasets.CHANGE)]
    dataset_id = api.get("/api/datasets").json()["datasets"][0]["dataset_id"]
    assert f"dataset.download.{dataset_id}" in keys_of(visitor)
    assert api.delete(f"/api/datasets/{dataset_id}").status_code == 409

    press(at.run(), texts_datasets.REVOKE)
    for too_late in (visitor.run(), open_page("shared", share=token)):
        assert too_late.warning[0].value == "이 링크는 만료되었습니다"
        assert too_late.title[0].value == texts.PREDICT_TITLE


def test_chosen_dataset_is_drawn_in_charts_and_on_a_map(open_page: OpenPage, api: httpx.Client, name: str) -> None:
    dataset_id = stored(api, name, accidents_csv())
    at = choose(open_page("explore"), texts_datasets.CHOOSE, dataset_id)
    (hours,) = chart_of(at, f"overview.chart.hour.{dataset_id}")
    assert (hours["y"][18], hours["y"][9], sum(hours["y"])) == (40, 20, 60)
    (kinds,) = chart_of(at, f"overview.chart.type.{dataset_id}")
    assert sorted(kinds["x"]) == [20, 20, 20]
    assert texts_explore.POINTS_SHOWN.format(shown=60) in texts_of(at)
    assert "18시" in texts_of(at)


def test_dataset_without_positions_is_drawn_by_region(open_page: OpenPage, api: httpx.Client, name: str) -> None:
    dataset_id = stored(api, name, accidents_csv(has_positions=False))
    at = choose(open_page("explore"), texts_datasets.CHOOSE, dataset_id)
    shown = texts_explore.REGIONS_SHOWN.replace("을(를)", "를")
    assert shown.format(column="시군구", level="읍면동", value="건수") in texts_of(at)
    at.button_group(key=f"map.kind.{dataset_id}").set_value("sigungu").run()
    assert shown.format(column="시군구", level="시군구", value="건수") in texts_of(at)
    assert at.query_params["map"] in ("sigungu", ["sigungu"])


def test_tool_runs_on_the_rows_of_the_filter_bar(open_page: OpenPage, api: httpx.Client, name: str) -> None:
    dataset_id = stored(api, name, accidents_csv())
    question = json.dumps({"where": [{"column": "기상상태", "value": "비"}], "search": "차대차"})
    at = open_page("tools", dataset=dataset_id, tool="get_value_counts", q=question)
    press(at, texts_chat.RUN)
    assert not at.exception
    assert texts_chat.SEARCH_UNUSED in at.warning[0].value
    (table,) = at.dataframe
    assert table.value["건수"].sum() == 30


def test_mostly_empty_column_is_warned_about(open_page: OpenPage, api: httpx.Client, name: str) -> None:
    rows = "\n".join(f"{index},{'' if index % 2 else index}" for index in range(40))
    dataset_id = stored(api, name, f"번호,반쯤 빈 열\n{rows}\n")
    at = choose(open_page("explore"), texts_datasets.CHOOSE, dataset_id)
    assert "반쯤 빈 열 (50%)" in at.warning[0].value.replace("\\", "")


def test_every_picture_of_a_column_can_be_drawn(open_page: OpenPage, api: httpx.Client, name: str) -> None:
    dataset_id = stored(api, name, accidents_csv())
    at = choose(open_page("explore"), texts_datasets.CHOOSE, dataset_id)
    at.session_state[f"explore.tabs.{dataset_id}"] = texts_explore.CHARTS
    at.run()
    for form in texts_explore.FORMS:
        at.button_group(key=f"chart.form.{dataset_id}").set_value(form).run()
        assert not at.exception
        assert chart_of(at, f"chart.{form}.{dataset_id}")


def test_two_datasets_are_laid_over_each_other_and_compared(open_page: OpenPage, api: httpx.Client, name: str) -> None:
    accidents, facilities = stored(api, name, accidents_csv()), stored(api, f"{name} 시설", facilities_csv())
    at = choose(open_page("explore"), texts_datasets.CHOOSE, accidents)
    at.session_state[f"explore.tabs.{accidents}"] = texts_explore.TABS[-1]
    at.run()
    choose(at, texts_explore.SECOND, facilities)
    assert not at.exception
    (sentence,) = (element.value for element in at.markdown if "안에 있습니다" in element.value)
    assert "60곳" in sentence
    assert chart_of(at, f"compare.chart.{accidents}")


def test_all_rows_of_a_dataset_are_predicted_into_a_new_one(open_page: OpenPage, api: httpx.Client, name: str) -> None:
    at = upload(open_page("datasets"), with_formulas(accidents_csv()).encode(), f"{name}.csv")
    press(at, texts_datasets.SUBMIT)
    dataset_id = api.get("/api/datasets").json()["datasets"][0]["dataset_id"]
    at.session_state[f"dataset.tabs.{dataset_id}"] = texts_datasets.TABS[1]
    at.run()
    press(at, texts.SUBMIT.format(count=60))
    (batch,) = (batch for batch in api.get("/api/predict/batch").json()["batches"] if batch["dataset_id"] == dataset_id)
    path = f"/api/predict/batch/{batch['batch_id']}"
    wait_until(lambda: api.get(path).json()["status"] == "completed")
    at = open_page("batch", batch=batch["batch_id"])
    assert "RMSLE" in texts_of(at)
    press(at, texts.KEEP)
    new = api.get("/api/datasets").json()["datasets"][0]
    assert new["name"] == f"{name} · ECLO 예측"
    rows = api.get(f"/api/datasets/{new['dataset_id']}/data").json()["rows"]
    source = api.get(f"/api/datasets/{dataset_id}/data").json()["rows"]
    assert [{column: row[column] for column in source[0]} for row in rows] == source
    assert {"예측 심각도", "예측 범위(하한)", "예측 범위(상한)"} <= set(rows[0])
    single = api.post("/api/predict/eclo", json=accident_of(rows[0])).json()
    assert rows[0]["예측 ECLO"] == pytest.approx(single["eclo"])
    assert rows[0]["예측 ECLO 기댓값"] == pytest.approx(single["expected"])


def with_formulas(content: str) -> str:
    """Returns the file with another column, of what spreadsheet programs would run."""
    header, *rows = content.splitlines()
    cells = ("+82-53-1", "-", "@a", "=1+1")
    return "\n".join([f"{header},-메모", *(f"{row},{cells[index % 4]}" for index, row in enumerate(rows))])


def accident_of(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "weather": row["기상상태"],
        "road_surface": row["노면상태"],
        "road_type": row["도로형태"],
        "accident_type": row["사고유형"],
        "time_period": "출근시간대",
        "district": row["시군구"],
        "day_of_week": "일요일",
        "accident_hour": 9,
        "accident_year": 2020,
        "accident_month": 3,
        "accident_day": 1,
    }
