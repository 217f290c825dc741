"""Words, signs and errors that stand for no value are told from values."""

import pyarrow as pa
import pytest

from dataset_service.reading.columns.values.gaps import Gap, find_gaps, is_gap


@pytest.mark.parametrize(
    ("gap", "texts"),
    [
        (Gap.WORD, ["없음", "해당 없음", "미상", "기타불명", "미분류", "무응답", "N/A", "n/a", "NaN", "NULL", "none"]),
        (Gap.WORD, ["-", "--", "–", "—", "…", ".", "?", "공란"]),
        (Gap.SUPPRESSED, ["X", "x", "*", "**", "비공개"]),
        (Gap.ERROR, ["#N/A", "#DIV/0!", "#REF!", "#value!", "######"]),
        (Gap.NONE, ["0", "중구", "XX", "무료", "없음동", "#1", ""]),
    ],
)
def test_texts_for_no_value_are_told_by_why_there_is_none(gap: Gap, texts: list[str]) -> None:
    assert find_gaps(pa.array(texts)).to_pylist() == [gap] * len(texts)
    assert {is_gap(text) for text in texts} == {gap is not Gap.NONE}


def test_missing_text_is_no_gap() -> None:
    assert find_gaps(pa.array([None, "-"], pa.string())).to_pylist() == [Gap.NONE, Gap.WORD]
