import folium
import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from streamlit_client import texts_explore
from streamlit_client.charts.data_map import PopupColumn, Tiles, two_maps
from streamlit_client.charts.positions import Points
from streamlit_client.explore import pair as explore_pair
from tests.patience import PATIENCE_SECONDS
from tests.ui.screen import texts_of
from tests.unit.streamlit_client.kept_datasets import KeptDatasets


def page(dataset_id: str) -> None:
    from servicekit.question import Question
    from streamlit_client import state
    from streamlit_client.explore.pair import show_pair

    show_pair(state.datasets().get_profile(dataset_id), Question())


def test_what_is_near_is_counted_of_all_points_however_few_are_drawn(
    kept: KeptDatasets, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 1,200 accidents at one school and 300 a kilometre north of it, at another.
    norths = np.repeat([35.87, 35.88], [1_200, 300])
    accidents = kept.add(pd.DataFrame({"위도": norths, "경도": 128.6}), "사고")
    schools = kept.add(pd.DataFrame({"이름": ["북", "남"], "위도": [35.88, 35.87], "경도": 128.6}), "학교")
    drawn: list[list[int]] = []

    def draw(*both: tuple[str, Points, list[PopupColumn]], tiles: Tiles | None) -> folium.Map:
        drawn.append([len(points.rows) for _, points, _ in both])
        return two_maps(*both, tiles=tiles)

    monkeypatch.setattr(explore_pair, "two_maps", draw)
    at = AppTest.from_function(page, default_timeout=PATIENCE_SECONDS, args=(accidents,)).run()
    at.selectbox[0].set_value(schools).run()
    (limit,) = (slider for slider in at.select_slider if slider.label == texts_explore.MAP_POINTS)
    limit.set_value(1_000).run()
    assert not at.exception
    assert drawn[-1] == [1_000, 2]
    assert "1,500곳 중 **1,500곳**(100.0%)이" in texts_of(at)
    (near,) = at.dataframe
    assert near.value[texts_explore.NEAR_COLUMN_COUNT].tolist() == [1_200, 300]
    assert near.value["이름"].tolist() == ["남", "북"]


def test_second_of_equal_datasets_is_the_chosen_one(kept: KeptDatasets) -> None:
    first, *equal = [kept.add(pd.DataFrame({"값": [1]})) for _ in range(3)]
    at = AppTest.from_function(page, default_timeout=PATIENCE_SECONDS, args=(first,)).run()
    for place, dataset_id in enumerate(reversed(equal), 1):
        at.selectbox[0].select_index(place).run()
        assert at.selectbox[0].value == dataset_id


def test_second_dataset_is_in_the_address(kept: KeptDatasets) -> None:
    first, second = (kept.add(pd.DataFrame({"값": [1]})) for _ in range(2))
    at = AppTest.from_function(page, default_timeout=PATIENCE_SECONDS, args=(first,)).run()
    at.selectbox[0].set_value(second).run()
    assert at.query_params["second"] == second
    reloaded = AppTest.from_function(page, default_timeout=PATIENCE_SECONDS, args=(first,))
    reloaded.query_params["second"] = second
    assert reloaded.run().selectbox[0].value == second


def test_comparison_begins_with_columns_that_group_and_not_with_numbers_of_things(kept: KeptDatasets) -> None:
    frame = pd.DataFrame({"사고번호": [f"A{row}" for row in range(40)], "유형": ["차대차", "차대사람"] * 20})
    first, second = kept.add(frame), kept.add(frame)
    at = AppTest.from_function(page, default_timeout=PATIENCE_SECONDS, args=(first,)).run()
    at.selectbox[0].set_value(second).run()
    compared = {box.label: box.value for box in at.selectbox}
    assert (compared[texts_explore.COMPARE_FIRST], compared[texts_explore.COMPARE_SECOND]) == ("유형", "유형")


def test_amounts_are_compared_with_those_in_the_same_unit(kept: KeptDatasets) -> None:
    kept.known = {"원": {"unit": "원"}, "천원": {"unit": "천원"}, "연도": {"type": "integer", "meaning": "year"}}
    first, second = (
        kept.add(pd.DataFrame({"원": [1, 2]})),
        kept.add(pd.DataFrame({"천원": [1], "원": [2], "연도": [3]})),
    )
    at = AppTest.from_function(page, default_timeout=PATIENCE_SECONDS, args=(first,)).run()
    at.selectbox[0].set_value(second).run()
    assert at.selectbox(key=f"compare.second.{second}").options == ["원"]
