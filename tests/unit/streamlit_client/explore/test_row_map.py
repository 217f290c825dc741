import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from streamlit_client import texts_explore
from streamlit_client.backend.contract_datasets import RegionColumns
from streamlit_client.explore.popups import popup_columns, popup_fields, popup_frame, popup_table
from streamlit_client.explore.row_map import show_map
from tests.ui.screen import texts_of
from tests.unit.streamlit_client.explore.opened_page import asked, open_part
from tests.unit.streamlit_client.kept_datasets import KeptDatasets

DAY = "2020-03-01"


def fields_of(kept: KeptDatasets, **columns: object) -> list[str]:
    frame = pd.DataFrame({"위도": [35.87], "경도": [128.6]} | {name: [value] for name, value in columns.items()})
    return popup_fields(kept.get_profile(kept.add(frame)))


def test_popup_tells_what_was_predicted_and_the_conditions_before_the_rest(kept: KeptDatasets) -> None:
    others = {f"열 {index}": index for index in range(12)}
    conditions = {"도로형태": "교차로", "노면상태": "건조", "기상상태": "맑음", "예측 심각도": "일반", "예측 ECLO": 4.2}
    assert fields_of(kept, **others, **conditions) == [
        "예측 ECLO", "예측 심각도", "기상상태", "노면상태", "도로형태", *(f"열 {index}" for index in range(7)),
    ]  # fmt: skip


def test_popup_leaves_out_what_its_date_says_already(kept: KeptDatasets) -> None:
    parts = {"사고연도": 2020, "사고월": 3, "사고일": 1, "사고시": 18, "요일": "일요일"}
    assert fields_of(kept, 사고일시=pd.Timestamp(f"{DAY} 18:00"), **parts) == ["사고일시"]
    assert fields_of(kept, 사고일시=pd.Timestamp(DAY), **parts) == ["사고일시", *parts]
    assert fields_of(kept, **parts) == [*parts]


def cells_of(values: pd.Series) -> list[str]:
    (column,) = popup_columns(values.to_frame("열"), values.index.to_numpy())
    return column.cells()


def test_gap_among_dates_makes_no_midnights() -> None:
    assert cells_of(pd.to_datetime(pd.Series([DAY, None]))) == [DAY, ""]
    moments = pd.to_datetime(pd.Series([f"{DAY} 00:00", None, f"{DAY} 18:00"]))
    assert cells_of(moments) == [f"{DAY} 00:00", "", f"{DAY} 18:00"]


def test_value_that_many_points_share_is_sent_once() -> None:
    (column,) = popup_columns(pd.DataFrame({"유형": pd.Categorical(["차대차", None, "차대차"])}), np.arange(3))
    assert (list(column.texts), column.codes.tolist()) == (["차대차"], [0, -1, 0])
    assert cells_of(pd.Series([0.1 + 0.2, None, 8.0])) == ["0.3", "", "8"]


def test_popup_names_a_period_and_no_day_of_it(kept: KeptDatasets) -> None:
    kept.known = {"분기": {"precision": "quarter"}}
    frame = pd.DataFrame({"분기": pd.to_datetime(["2024-04-01"]), "값": [3]})
    shown = popup_frame(frame, kept.get_profile(kept.add(frame)))
    assert popup_table(popup_columns(shown, np.arange(1))).to_dict("list") == {"분기": ["2024년 2분기"], "값": ["3"]}


PLACES = pd.DataFrame(
    {"위도": [35.87, 35.86, 35.90, None, 0.0], "경도": [128.55, 128.6, 128.6, 128.6, 0.0], "유형": [*"가가나나나"]}
)


def maps_of(at: AppTest) -> list[str]:
    return [frame.proto.src for frame in at.get("iframe")]


def test_points_are_those_of_the_question_and_the_others_are_counted(kept: KeptDatasets) -> None:
    at, _ = open_part(kept, show_map, PLACES)
    said = [texts_explore.POINTS_SHOWN.format(shown=3), texts_explore.POINTS_LEFT_OUT.format(count=2)]
    assert all(sentence in texts_of(at) for sentence in said)
    at, _ = open_part(kept, show_map, PLACES, q={"where": [{"column": "유형", "value": "가"}]})
    assert texts_explore.POINTS_SHOWN.format(shown=2) in texts_of(at)
    assert texts_explore.POINTS_LEFT_OUT.partition("{")[0] not in texts_of(at)


def test_swapped_columns_are_swapped_back_and_told(kept: KeptDatasets) -> None:
    at, _ = open_part(kept, show_map, PLACES.rename(columns={"위도": "경도", "경도": "위도"}))
    assert texts_explore.SWAPPED in texts_of(at)
    assert texts_explore.POINTS_SHOWN.format(shown=3) in texts_of(at)


def test_regions_have_the_values_of_the_measure_and_rows_without_a_region_are_counted(kept: KeptDatasets) -> None:
    at, dataset_id = open_part(kept, show_map, PLACES, map="sigungu")
    at.session_state[f"map.regions.{dataset_id}.values"] = True
    (table,) = at.run().dataframe
    assert table.value.to_numpy().tolist() == [
        ["대구광역시 북구", "27230", 1],
        ["대구광역시 서구", "27170", 1],
        ["대구광역시 중구", "27110", 1],
    ]
    assert texts_explore.REGIONS_UNKNOWN.format(level="시군구", count=2) in texts_of(at)


def test_region_that_is_chosen_becomes_a_condition(kept: KeptDatasets) -> None:
    at, dataset_id = open_part(kept, show_map, PLACES, map="sigungu")
    choice = at.selectbox(key=f"map.regions.{dataset_id}.pick")
    assert choice.options == ["대구광역시 북구: 1", "대구광역시 서구: 1", "대구광역시 중구: 1"]
    choice.select_index(1).run()
    assert asked(at) == {"where": [{"column": "위도:시군구", "value": "대구광역시 서구"}]}
    assert not at.exception


def test_values_that_name_no_region_are_listed(kept: KeptDatasets) -> None:
    frame = pd.DataFrame({"구": [*["대구광역시 서구"] * 30, "화성", "화성", "*별*", None]})
    kept.regions = RegionColumns(columns=("구",), level="sigungu", matched_rows=30, unknown_rows=3, ambiguous_rows=0)
    kept.known = {"구": {"meaning": "region"}}
    at, _ = open_part(kept, show_map, frame)
    assert texts_explore.REGIONS_UNKNOWN.format(level="시군구", count=4) in texts_of(at)
    examples = r"화성 (2행), \*별\* (1행)"
    assert texts_explore.REGIONS_EXAMPLES.format(texts=examples) in texts_of(at)


def test_dataset_without_places_says_that_it_has_no_map(kept: KeptDatasets) -> None:
    at, _ = open_part(kept, show_map, pd.DataFrame({"값": [1]}))
    assert texts_explore.NO_MAP in texts_of(at)
