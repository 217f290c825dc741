import pytest

from dataset_service.reading.reading import ColumnReading
from tests.unit.dataset_service.analysis.checking import checked, column_of, facts
from tests.unit.dataset_service.analysis.sample_frames import dates, frame_of

FRAME = frame_of(
    {
        "번호": list(range(40)),
        "사고유형": ["차대차", None, "차대사람", "차대차"] * 10,
        "연령": ["24세", "기타불명", "90세 이상", None] * 10,
        "접수": ["2016년 1월 1일 01시", "2019-01-01 00", "모름", None] * 10,
        "일시": dates("2019-01-01", "2019-01-02", None, "2019-01-04") * 10,
        "속도": [30, 50, 30, 60] * 10,
        "거리": [1.5, 2.5, None, 1.5] * 10,
        "야간": [True, False, None, True] * 10,
        "도시": ["대구"] * 40,
        "비고": [None] * 40,
    }
)


def test_info_tells_size_kinds_and_an_example_of_each_column() -> None:
    result = checked("get_dataframe_info", FRAME)
    assert result.text.startswith("**40행 × 10열** (정수 2개, 실수 1개, 글자 5개, 날짜 1개, 참/거짓 1개)")
    assert result.table.rows[1] == ("사고유형", "글자", "", 30, 10, "차대차")
    assert result.table.rows[4] == ("일시", "날짜", "", 30, 10, "2019-01-01")
    assert result.table.rows[9] == ("비고", "글자", "", 0, 40, None)


def test_info_of_a_wide_table_is_cut_and_says_so() -> None:
    result = checked("get_dataframe_info", frame_of({f"열 {number}": [number] for number in range(250)}))
    assert (len(result.table.rows), result.table.total_rows) == (200, 250)
    assert "250개 열 중 200개 열만" in result.text


def test_missing_values_are_told_most_first() -> None:
    result = checked("get_missing_values", FRAME)
    assert facts(result) == {"비고": 40, "사고유형": 10, "연령": 10, "접수": 10, "일시": 10, "거리": 10, "야간": 10}
    assert column_of(result, "비율(%)")[:2] == [100.0, 25.0]
    assert "결측이 있는 열은 7개입니다." in result.text
    assert "모든 값이 있는 행은 0행 (0%)" in result.text
    assert result.chart
    assert result.chart.kind == "bar"


def test_table_without_missing_values_says_so() -> None:
    result = checked("get_missing_values", frame_of({"값": [1, 2]}))
    assert result.text.startswith("결측이 있는 열이 없습니다.")
    assert (result.table is not None and result.table.rows, result.chart) == ((), None)


def test_role_of_a_column_follows_from_what_it_holds() -> None:
    roles = checked("detect_data_types", FRAME)
    assert dict(zip(column_of(roles, "열"), column_of(roles, "쓰임"), strict=True)) == {
        "번호": "식별자",
        "사고유형": "범주",
        "연령": "숫자로 읽히는 글자",
        "접수": "날짜로 읽히는 글자",
        "일시": "날짜",
        "속도": "범주로 쓸 수 있는 정수",
        "거리": "수량",
        "야간": "참/거짓",
        "도시": "값이 하나뿐",
        "비고": "빈 열",
    }
    assert "- 범주: `사고유형`" in roles.text


def test_value_counts_leave_missing_values_out_and_say_so() -> None:
    result = checked("get_value_counts", FRAME, column="사고유형")
    assert result.table.rows == (("차대차", 20, 20 / 30 * 100), ("차대사람", 10, 10 / 30 * 100))
    assert (result.rows_used, result.rows_missing) == (30, 10)
    assert result.text.endswith("근거: 전체 40행 중 30행 (결측 10행 제외).")


def test_value_counts_of_equal_counts_are_in_the_order_of_the_values() -> None:
    result = checked("get_value_counts", frame_of({"값": ["다", "가", "나", "라", "라"]}), column="값", top_n=3)
    assert list(facts(result)) == ["라", "가", "나"]
    assert "4개 묶음 중 3개 묶음만" in result.text


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("속도", [30, 50, 60]),
        ("거리", [1.5, 2.5]),
        ("야간", [True, False]),
        ("일시", ["2019-01-01", "2019-01-02", "2019-01-04"]),
    ],
)
def test_value_counts_take_any_kind_of_column(column: str, values: list[object]) -> None:
    assert column_of(checked("get_value_counts", FRAME, column=column), column) == values


def test_value_counts_of_a_column_without_values_say_so() -> None:
    result = checked("get_value_counts", FRAME, column="비고")
    assert "값이 하나도 없습니다." in result.text
    assert (result.chart, result.rows_missing) == (None, 40)


def test_shares_are_not_rounded_to_nothing() -> None:
    result = checked("get_value_counts", frame_of({"값": ["가"] * 99_999 + ["나"]}), column="값")
    assert column_of(result, "비율(%)") == pytest.approx([99.999, 0.001], rel=1e-12)
    assert "99.9% 초과" in result.text


KNOWN = frame_of(
    {
        "관리번호": ["0101", "0102", "0103"],
        "거래금액": [100, 2550, 300],
        "면적": [59.9, 84.5, 84.9],
        "기간": dates("2024-01-01", "2024-04-01", "2024-10-01"),
        "시각": ["09:05", "23:59", "00:00"],
    },
    관리번호=ColumnReading(kind="text", meaning="code"),
    거래금액=ColumnReading(kind="integer", meaning="money", unit="만원"),
    면적=ColumnReading(kind="number", unit="㎡"),
    기간=ColumnReading(kind="date", precision="quarter"),
    시각=ColumnReading(kind="time"),
)


def test_info_tells_meanings_units_and_precision() -> None:
    result = checked("get_dataframe_info", KNOWN)
    assert result.text.startswith("**3행 × 5열** (정수 1개, 실수 1개, 글자 1개, 날짜 1개, 시각 1개)")
    assert [row[1:3] for row in result.table.rows] == [
        ("글자", "코드"),
        ("정수", "금액(만원)"),
        ("실수", "수치(㎡)"),
        ("날짜", "분기"),
        ("시각", ""),
    ]
    assert "| 거래금액 | 정수 | 금액(만원) | 3 | 0 | 100만원 |" in result.text
    assert "| 면적 | 실수 | 수치(㎡) | 3 | 0 | 59.9 ㎡ |" in result.text
    assert "| 기간 | 날짜 | 분기 | 3 | 0 | 2024-Q1 |" in result.text


def test_role_of_a_column_is_its_meaning() -> None:
    roles = checked("detect_data_types", KNOWN)
    assert column_of(roles, "쓰임") == ["코드", "금액(만원)", "수치(㎡)", "분기", "범주"]
    assert "- 금액(만원): `거래금액`" in roles.text
