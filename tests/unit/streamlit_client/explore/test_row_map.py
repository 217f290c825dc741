import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from streamlit_client.backend.contract_datasets import RegionRows, Regions, UnmatchedText
from streamlit_client.explore.row_map import popup_columns, popup_fields, region_notes
from tests.patience import PATIENCE_SECONDS
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


def test_rows_that_are_not_on_the_map_of_regions_are_counted_and_said() -> None:
    found = Regions(
        columns=("구군",),
        regions=(
            RegionRows(name="대구광역시 수성구", rows=1000, latitude=35.8, longitude=128.6),
            RegionRows(name="인천광역시 영종구", rows=4, latitude=None, longitude=None),
        ),
        unmatched=(UnmatchedText(text="중구", rows=3), UnmatchedText(text="*별*", rows=2)),
        coarser_rows=1,
        unknown_rows=2,
        ambiguous_rows=3,
    )
    assert region_notes(found, 1015) == [
        "알 수 없는 지역 2행은 제외했습니다.",
        "같은 이름의 지역이 여럿인 3행은 제외했습니다.",
        "더 넓은 지역만 적힌 1행은 제외했습니다.",
        "경계가 없는 새 지역 4행은 표에만 있습니다.",
        "빈 5행은 제외했습니다.",
        r"제외한 값의 예: 중구, \*별\*",
    ]


def test_nothing_is_said_where_every_row_is_on_the_map_of_regions() -> None:
    whole = RegionRows(name="대구광역시 수성구", rows=7, latitude=35.8, longitude=128.6)
    found = Regions(columns=(), regions=(whole,), unmatched=(), coarser_rows=0, unknown_rows=0, ambiguous_rows=0)
    assert region_notes(found, 7) == []


def popups(dataset_id: str) -> None:
    import streamlit as st

    from streamlit_client import state
    from streamlit_client.explore.row_map import load_places, popup_table

    places = load_places(state.datasets().get_profile(dataset_id))
    assert places
    st.session_state["popups"] = popup_table(places.sample(9)[1]).to_dict("list")


def test_popup_names_a_period_and_no_day_of_it(kept: KeptDatasets) -> None:
    kept.known = {"분기": {"precision": "quarter"}}
    frame = pd.DataFrame({"위도": [35.87], "경도": [128.6], "분기": pd.to_datetime(["2024-04-01"]), "값": [3]})
    at = AppTest.from_function(popups, args=(kept.add(frame),), default_timeout=PATIENCE_SECONDS).run()
    assert at.session_state["popups"] == {"분기": ["2024년 2분기"], "값": ["3"]}
