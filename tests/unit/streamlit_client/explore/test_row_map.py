import numpy as np
import pandas as pd

from streamlit_client.explore.row_map import popup_columns, popup_fields
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
