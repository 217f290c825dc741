"""The question of a tool's result shows the same rows or groups."""

from typing import Any

import numpy as np
import pytest

from dataset_service.analysis import catalogue, run
from dataset_service.analysis.question.aggregate import aggregate
from dataset_service.analysis.question.rows import find_rows
from tests.unit.dataset_service.analysis.sample_frames import frame_of

DAYS = np.arange("2019-01-01T13:00", "2019-03-01T13:00", np.timedelta64(1, "D"), dtype="datetime64[s]")
FRAME = frame_of(
    {
        "구": ["중구", "동구", None, "중구", "남구"] * 10,
        "요일": ["월요일", "화요일", "수요일", "목요일", "금요일"] * 10,
        "값": [1, 2, 3, 4, 500] + [5, 6, 7, 8, 9] * 9,
        "나이": [20.0, 30.5, None, 41.0, 52.0] * 10,
        "일시": DAYS[:50].astype("datetime64[ms]").tolist(),
        "위도": [35.8] * 50,
        "경도": [128.6] * 50,
    }
)
WHERE = [{"column": "구", "operator": "present"}]
ARGUMENTS: dict[str, dict[str, Any]] = {
    "get_column_statistics": {"column": "값"},
    "get_value_counts": {"column": "일시:요일"},
    "filter_dataframe": {"column": "값", "operator": ">=", "value": 6},
    "sort_dataframe": {"column": "값", "ascending": False},
    "get_unique_values": {"column": "구"},
    "group_by_aggregate": {"group_column": "구", "agg_column": "값", "operation": "mean"},
    "calculate_percentile": {"column": "값", "percentile": 90},
    "get_outliers": {"column": "값"},
    "cross_tabulation": {"row_column": "구", "col_column": "일시:월"},
    "get_column_correlation_with_target": {"target_column": "값"},
    "get_date_range": {"column": "일시"},
    "get_temporal_pattern": {"column": "일시"},
    "analyze_missing_pattern": {"column": "나이"},
    "summarize_categorical_distribution": {"column": "구"},
}
ROWS = {"filter_dataframe": 28, "get_outliers": 1, "get_sample_rows": 40, "analyze_missing_pattern": 0}


@pytest.mark.parametrize("name", [tool.name for tool in catalogue()])
def test_question_of_a_tool_can_be_put_to_the_dataset(name: str) -> None:
    result = run(name, FRAME, {**ARGUMENTS.get(name, {}), "where": WHERE})
    question = result.question
    assert question
    assert question.where[0].column == "구"
    if question.groups or question.measures:
        table = aggregate(FRAME, question).table
        assert table.total_rows
        if name in ("get_value_counts", "group_by_aggregate"):
            assert sorted(map(str, table.rows)) == sorted(map(str, result.table.rows))
    else:
        assert find_rows(FRAME, question, 0).total == ROWS.get(name, 40)
