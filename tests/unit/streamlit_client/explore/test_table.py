"""The table shows what is asked, and its links lead to files with exactly that."""

from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pyarrow as pa
import pytest
from streamlit.dataframe.lazy_df_source import DataframeSource, SortSpec, resolve_lazy_source
from streamlit.runtime.dataframe_source_manager import DataframeSourceError
from streamlit.testing.v1 import AppTest

from servicekit.question import Condition, Definition, Question
from streamlit_client import address
from streamlit_client.explore.filters.page_question import question_text
from streamlit_client.explore.lazy_rows import PAGE_ROWS, LazyRows, fetch_rows, serve_rows_lazily
from tests.patience import PATIENCE_SECONDS
from tests.ui.screen import texts_of
from tests.unit.streamlit_client.kept_datasets import KeptDatasets

ROWS = 2_500
FRAME = pd.DataFrame({"번호": range(ROWS), "구": ["서구", "동구"] * (ROWS // 2), "값": [0.25] * ROWS})
ALL = Question()
WEST = Question(where=(Condition(column="구", value="서구"),))


def page(dataset_id: str) -> None:
    from streamlit_client import state
    from streamlit_client.explore.filters.page_question import current_question
    from streamlit_client.explore.table import show_table

    show_table(state.datasets().get_profile(dataset_id), current_question())


def open_page(kept: KeptDatasets, frame: pd.DataFrame = FRAME, question: Question = ALL) -> AppTest:
    at = AppTest.from_function(page, args=(kept.add(frame),), default_timeout=PATIENCE_SECONDS)
    if text := question_text(question):
        at.query_params[address.QUESTION] = text
    at.run()
    assert not at.exception
    return at


def links(at: AppTest) -> dict[str, Question]:
    """Returns what each link to a file asks for."""
    queries = [parse_qs(urlsplit(link.proto.url).query) for link in at.get("link_button")]
    return {query["format"][0]: Question.model_validate_json(query["q"][0]) for query in queries}


def test_table_has_the_rows_that_fit(kept: KeptDatasets) -> None:
    at = open_page(kept, question=WEST)
    assert at.dataframe[0].value["구"].unique().tolist() == ["서구"]
    assert links(at) == {"csv": WEST, "arrow": WEST}
    assert "1,250행" in texts_of(at)


def test_columns_that_are_chosen_are_shown_and_downloaded(kept: KeptDatasets) -> None:
    at = open_page(kept)
    at.multiselect[0].set_value(["값", "번호"]).run()
    assert at.dataframe[0].value.columns.tolist() == ["값", "번호"]
    assert links(at)["csv"] == Question(columns=("값", "번호"))


def test_defined_column_is_shown_too(kept: KeptDatasets) -> None:
    asked = WEST.model_copy(update={"define": (Definition(name="서", where=WEST.where),)})
    assert open_page(kept, question=asked).dataframe[0].value["서"].all()


def test_column_that_is_defined_no_longer_is_chosen_no_longer(kept: KeptDatasets) -> None:
    at = open_page(kept, question=WEST.model_copy(update={"define": (Definition(name="서", where=WEST.where),)}))
    at.multiselect[0].set_value(["서", "값"]).run()
    at.query_params[address.QUESTION] = question_text(WEST) or ""
    at.run()
    assert not at.exception
    assert at.dataframe[0].value.columns.tolist() == ["값"]


def test_very_wide_table_says_how_many_columns_it_shows_and_downloads_all(kept: KeptDatasets) -> None:
    at = open_page(kept, pd.DataFrame({f"열 {number}": [number] for number in range(150)}))
    assert len(at.dataframe[0].value.columns) == 100
    assert "열이 150개라서 처음 100개만 보입니다" in texts_of(at)
    assert links(at)["csv"] == ALL


def test_table_and_its_formats_are_fetched_once_for_all_sessions(kept: KeptDatasets) -> None:
    open_page(kept, question=WEST).run()
    assert [name for name, _ in kept.asked] == ["count_rows", "query_rows", "query_rows"]
    assert {question.limit for name, question in kept.asked if name == "query_rows"} == {PAGE_ROWS}


@pytest.fixture
def source(kept: KeptDatasets) -> LazyRows:
    dataset_id = kept.add(FRAME)
    return LazyRows(dataset_id, WEST, ROWS // 2, fetch_rows(dataset_id, WEST, limit=PAGE_ROWS))


def test_streamlit_takes_the_rows_as_a_source_of_ranges(source: LazyRows) -> None:
    serve_rows_lazily()
    assert isinstance(source, DataframeSource)
    assert resolve_lazy_source(source, True, is_selection_activated=False) is source


@pytest.mark.parametrize(
    ("offset", "limit", "sort", "numbers"),
    [
        (0, 2, None, [0, 2]),
        (1_200, 1_000, None, list(range(2_400, 2_500, 2))),
        (0, 2, SortSpec("번호", descending=True), [2_498, 2_496]),
        (1_249, 1_000, SortSpec("번호", descending=True), [0]),
        (5, 0, None, []),
    ],
)
def test_range_of_rows_is_fetched_when_it_is_looked_at(
    source: LazyRows, offset: int, limit: int, sort: SortSpec | None, numbers: list[int]
) -> None:
    table = source.load_rows(offset, limit, sort=sort)
    assert table["번호"].to_pylist() == numbers
    assert table.schema == source.schema
    assert not any(pa.types.is_dictionary(kind) for kind in table.schema.types)


def test_first_rows_are_not_fetched_again(kept: KeptDatasets, source: LazyRows) -> None:
    before = len(kept.asked)
    assert source.load_rows(0, PAGE_ROWS).num_rows == PAGE_ROWS
    assert len(kept.asked) == before


def test_refusal_is_told_in_the_table(kept: KeptDatasets, source: LazyRows) -> None:
    asked = LazyRows(source.dataset_id, Question(columns=("없는 열",)), ROWS, source.first)
    with pytest.raises(DataframeSourceError, match="없는 열"):
        asked.load_rows(1_000, 1_000)
