"""Random questions put to random tables have the answers that pandas gives."""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.question.aggregate import aggregate
from dataset_service.analysis.question.facets import count_facets
from dataset_service.analysis.question.rows import find_rows
from servicekit.question import Condition, Definition, Measure, Question, Sort
from servicekit.question import Test as OneTest
from tests.unit.dataset_service.analysis.checking import assert_same_table, checked, run_code
from tests.unit.dataset_service.analysis.question import pandas_answers

TEXTS = st.sampled_from(["가", "나", "나다", "다라 나"])
WHOLE = st.integers(-25, 40)
PARTIAL = st.sampled_from([-7.25, 0.0, 0.5, 3.0, 3.25, 1e6])
MOMENTS = st.integers(0, 24 * 480).map(lambda hours: datetime(2019, 11, 1) + timedelta(hours=hours))  # noqa: DTZ001
PERIODS = st.sampled_from(["2019", "2020", "2021", "2020-Q1", "2020-Q4", "2019-12", "2020-02", "2020-03-31"])
MONTHS = PERIODS.filter(lambda period: len(period) < 10)
QUARTERS = PERIODS.filter(lambda period: len(period) == 4 or "Q" in period)
WEEKDAYS = st.sampled_from(["월요일", "화요일", "일요일"])
ROW = st.fixed_dictionaries(
    {
        "글": st.none() | TEXTS,
        "말": TEXTS,
        "수": st.none() | WHOLE,
        "값": st.none() | PARTIAL,
        "더": WHOLE,
        "때": st.none() | MOMENTS,
        "참": st.none() | st.booleans(),
    }
)
# The last row gives each column a value, and the dates a time.
LAST = {"글": "나", "말": "가", "수": 3, "값": 0.5, "더": 1, "때": datetime(2020, 3, 31, 7), "참": True}  # noqa: DTZ001
ROWS = st.lists(ROW, max_size=30).map(lambda rows: [*rows, LAST])
IN_TEXT = ("contains", "starts_with")
IN_ORDER = ("<", "<=", ">", ">=", "between")


def conditions_on(name: str, values: st.SearchStrategy[Any], signs: tuple[str, ...]) -> st.SearchStrategy[OneTest]:
    """Returns tests of a column by all operators that its kind allows."""
    column = st.just(name)
    several = st.lists(values, min_size=1, max_size=3).map(tuple)
    kinds = {
        "listed": st.builds(OneTest, column=column, operator=st.sampled_from(["==", "!="]), value=values | several),
        "missing": st.builds(OneTest, column=column, operator=st.sampled_from(["missing", "present"])),
    }
    if signs == IN_TEXT:
        kinds["text"] = st.builds(OneTest, column=column, operator=st.sampled_from(IN_TEXT), value=values | several)
    if signs == IN_ORDER:
        ends = st.lists(values, min_size=2, max_size=2).map(lambda pair: tuple(sorted(pair, key=_start)))
        kinds["order"] = st.builds(OneTest, column=column, operator=st.sampled_from(IN_ORDER[:-1]), value=values)
        kinds["between"] = st.builds(OneTest, column=column, operator=st.just("between"), value=ends)
    return st.one_of(*kinds.values())


def _start(value: Any) -> Any:
    return pd.Period(value).start_time if isinstance(value, str) else value


TESTS = st.one_of(
    conditions_on("글", TEXTS, IN_TEXT),
    conditions_on("말", TEXTS, IN_TEXT),
    conditions_on("수", WHOLE, IN_ORDER),
    conditions_on("값", PARTIAL, IN_ORDER),
    conditions_on("때", PERIODS, IN_ORDER),
    conditions_on("참", st.booleans(), ()),
    conditions_on("때:연도", st.integers(2018, 2022), IN_ORDER),
    conditions_on("때:월", st.integers(1, 12), IN_ORDER),
    conditions_on("때:분기", st.integers(1, 4), IN_ORDER),
    conditions_on("때:일", st.integers(1, 31), IN_ORDER),
    conditions_on("때:시", st.integers(0, 23), IN_ORDER),
    conditions_on("때:요일", WEEKDAYS, ()),
    conditions_on("때:연월", MONTHS, IN_ORDER),
    conditions_on("때:연분기", QUARTERS, IN_ORDER),
)
CONDITIONS = st.one_of(
    TESTS.map(lambda test: Condition(**test.model_dump())),
    st.lists(TESTS, min_size=1, max_size=3).map(lambda tests: Condition(any_of=tuple(tests))),
)
WHERE = st.lists(CONDITIONS, max_size=2).map(tuple)
DEFINITIONS = st.tuples(
    st.builds(Definition, name=st.just("정한 참"), where=st.lists(CONDITIONS, min_size=1, max_size=2).map(tuple)),
    st.builds(Definition, name=st.just("정한 합"), sum_of=st.sampled_from([("더", "수"), ("더", "값", "수"), ("더",)])),
)
COLUMNS = [
    "글",
    "말",
    "수",
    "값",
    "더",
    "때",
    "참",
    "때:연도",
    "때:월",
    "때:연월",
    "때:연분기",
    "때:요일",
    "정한 참",
    "정한 합",
]
GROUPS = ["글", "말", "참", "때:연도", "때:월", "때:연월", "때:연분기", "때:요일", "때:시", "수:10", "정한 참"]
NUMBERS = st.sampled_from(["수", "값", "더", "정한 합"])
MEASURES = st.one_of(
    st.builds(Measure, measure=st.sampled_from(["count", "share"])),
    st.builds(
        Measure, measure=st.sampled_from(["sum", "mean", "median", "min", "max", "std", "share"]), column=NUMBERS
    ),
    st.builds(
        Measure, measure=st.just("percentile"), column=NUMBERS, percentile=st.sampled_from([0, 12.5, 50, 90, 100])
    ),
    st.builds(Measure, measure=st.just("rate"), column=NUMBERS, per=st.just("") | NUMBERS, times=st.just(1000)),
    st.builds(Measure, measure=st.sampled_from(["min", "max"]), column=st.sampled_from(["때", "때:연월", "때:연도"])),
    st.builds(Measure, measure=st.just("unique"), column=st.sampled_from(["글", "값", "때:요일"])),
    st.builds(Measure, measure=st.sampled_from(["sum", "mean"]), column=st.just("정한 참")),
)
_ARGUMENTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "get_value_counts": lambda group: {"column": group},
    "get_column_statistics": lambda group: {"column": group},
    "sort_dataframe": lambda group: {"column": group, "ascending": False, "top_n": 7},
    "group_by_aggregate": lambda group: {"group_column": group, "agg_column": "정한 합", "operation": "mean"},
    "cross_tabulation": lambda group: {"row_column": group, "col_column": "글" if group == "말" else "말"},
    "calculate_percentile": lambda group: {"column": "정한 합", "percentile": 75, "group_column": group},
    "get_outliers": lambda _: {"column": "더"},
    "get_missing_values": lambda _: {},
    "get_temporal_pattern": lambda _: {"column": "때"},
    "get_correlation": lambda _: {},
}
TOOLS = sorted(_ARGUMENTS)
SEARCH = st.sampled_from(["", "", "나", "다라 가"])


TYPES = {
    "글": (pa.string(), "str"),
    "말": (pa.string(), "str"),
    "수": (pa.int64(), "Int64"),
    "값": (pa.float64(), "float64"),
    "더": (pa.int64(), "int64"),
    "때": (pa.timestamp("ms"), "datetime64[us]"),
    "참": (pa.bool_(), "boolean"),
}


def tables(rows: list[dict[str, Any]]) -> tuple[Frame, pd.DataFrame]:
    """Returns the same values for the engine and for pandas."""
    lists = {name: [row[name] for row in rows] for name in TYPES}
    arrays = {name: pa.array(lists[name], kind) for name, (kind, _) in TYPES.items()}
    texts = {name: array.dictionary_encode() for name, array in arrays.items() if array.type == pa.string()}
    data = pd.DataFrame({name: pd.Series(lists[name], dtype=kind) for name, (_, kind) in TYPES.items()})
    return Frame(pa.table(arrays | texts)), data


@given(ROWS, st.data())
@settings(max_examples=60)
def test_rows_are_those_of_pandas(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    question = Question(
        define=data.draw(DEFINITIONS),
        where=data.draw(WHERE),
        search=data.draw(SEARCH),
        columns=tuple(data.draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=4, unique=True))),
        sort=tuple(
            data.draw(st.lists(st.builds(Sort, column=st.sampled_from(COLUMNS), descending=st.booleans()), max_size=2))
        ),
        limit=data.draw(st.sampled_from([0, 1, 7])),
        offset=data.draw(st.sampled_from([0, 3])),
    )
    frame, of_pandas = tables(rows)

    found = find_rows(frame, question, question.offset)

    assert found.total == len(pandas_answers.narrowed(of_pandas, question))
    assert_same(
        found.table.select(list(question.columns)).to_pylist(), question, pandas_answers.rows(of_pandas, question)
    )


@given(ROWS, st.data())
@settings(max_examples=60)
def test_measures_are_those_of_pandas(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    question = Question(
        define=data.draw(DEFINITIONS),
        where=data.draw(WHERE),
        search=data.draw(SEARCH),
        groups=tuple(data.draw(st.lists(st.sampled_from(GROUPS), max_size=2, unique=True))),
        measures=tuple(data.draw(st.lists(MEASURES, min_size=1, max_size=4))),
    )
    frame, of_pandas = tables(rows)

    found = aggregate(frame, question)

    expected = pandas_answers.groups(of_pandas, question)
    size = len(question.groups)
    ours = {tuple(map(plain, row[:size])): row[size:] for row in found.table.rows}
    assert set(ours) == {tuple(map(plain, labels)) for labels in expected}
    for labels, measures in expected.items():
        assert all(map(is_same, ours[tuple(map(plain, labels))], measures)), (labels, ours, measures)
    assert found.rows_matched == len(pandas_answers.narrowed(of_pandas, question))
    assert_same_table(run_code(found.code, frame), found.table.columns, found.table.rows, found.code)


@given(ROWS, st.sampled_from(TOOLS), st.sampled_from(GROUPS), WHERE, DEFINITIONS)
@settings(max_examples=60)
def test_code_of_tools_does_what_conditions_and_definitions_do(
    rows: list[dict[str, Any]], tool: str, group: str, where: tuple[Condition, ...], define: tuple[Definition, ...]
) -> None:
    asked = Question(where=where, define=define).model_dump(mode="json", exclude_defaults=True)

    checked(tool, tables(rows)[0], **_ARGUMENTS[tool](group), **asked)


@given(ROWS, st.data())
@settings(max_examples=30)
def test_facets_are_counts_under_the_other_conditions(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    question = Question(
        define=data.draw(DEFINITIONS),
        where=data.draw(WHERE),
        search=data.draw(SEARCH),
        columns=("글", "참", "때:요일", "정한 참"),
    )
    frame, of_pandas = tables(rows)

    found = count_facets(frame, question)

    assert found.total == len(pandas_answers.narrowed(of_pandas, question))
    for facet in found.facets:
        others = tuple(
            one
            for one in question.where
            if {one.column, *(test.column for test in one.any_of)} - {""} != {facet.column}
        )
        under = question.model_copy(update={"where": others, "groups": (facet.column,), "measures": (Measure(),)})
        counts = {plain(label): n for (label,), (n,) in pandas_answers.groups(of_pandas, under).items()}
        assert {plain(value.value): value.rows for value in facet.values} == counts
        assert facet.missing_rows == len(pandas_answers.narrowed(of_pandas, under)) - sum(counts.values())


def assert_same(found: list[dict[str, Any]], question: Question, expected: list[tuple[Any, ...]]) -> None:
    assert len(found) == len(expected)
    for row, values in zip(found, expected, strict=True):
        for name, value in zip(question.columns, values, strict=True):
            cell = row[name]
            if isinstance(cell, datetime):
                part = name.rpartition(":")[2]
                cell = {"연월": f"{cell:%Y-%m}", "연분기": f"{cell.year}-Q{(cell.month + 2) // 3}"}.get(
                    part, f"{cell:%Y-%m-%d %H:%M}"
                )
            assert is_same(cell, value), (name, cell, value)


def is_same(ours: Any, theirs: Any) -> bool:
    ours, theirs = plain(ours), plain(theirs)
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
    return bool(ours == theirs)


def plain(value: Any) -> Any:
    """Returns a value in one spelling: numbers as floats, NaN as None, true and false in Korean, no midnights."""
    if isinstance(value, bool) or value in ("true", "false"):
        return "참" if value in (True, "true") else "거짓"
    if value is None or isinstance(value, str):
        return value and value.removesuffix(" 00:00")
    return None if math.isnan(value) else float(value)
