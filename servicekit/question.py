"""The question that is put to a table: by people in the page, over REST and gRPC, and by the model through the tools.

A column may be derived by its name: `사고일시:연월` are the months of a date, `시군구:시도` the provinces of regions,
`연령:10` the numbers in steps of ten. The names of such columns work wherever a column is named.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

Operator = Literal["==", "!=", ">", "<", ">=", "<=", "between", "contains", "starts_with", "missing", "present"]
MeasureName = Literal[
    "count", "share", "sum", "mean", "median", "percentile", "min", "max", "std", "unique", "rate"
]  # fmt: skip
Name = Annotated[str, Field(min_length=1, max_length=500)]
Text = Annotated[str, Field(max_length=1000)]
Scalar = Text | int | Annotated[float, Field(allow_inf_nan=False)] | bool


class _OneFault:
    """Marks a union whose fault is told once, instead of once for each of its types."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Returns the schema of the union with the one fault."""
        told = "A text, a number, a boolean or a list of them."
        return core_schema.custom_error_schema(handler(source), "scalar_expected", custom_error_message=told)


PARTS: Mapping[str, str] = {
    "year": "연도", "quarter": "분기", "month": "월", "year_month": "연월", "year_quarter": "연분기", "day": "일",
    "weekday": "요일", "hour": "시", "sido": "시도", "sigungu": "시군구", "eupmyeondong": "읍면동",
}  # fmt: skip
"""The Korean names of parts that columns are derived by, by their English ones; both are understood."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Test(_Part):
    """One test of the values of a column."""

    column: Text = Field("", title="열", description="Name of the column.")
    operator: Operator = Field("==", title="비교", description="How to compare.")
    value: Annotated[Scalar | Annotated[tuple[Scalar, ...], Field(max_length=1000)] | None, _OneFault()] = Field(
        None,
        title="값",
        description="The value, or several of which one must fit; `between` has the first and the last value. "
        "A date such as `2019`, `2019-Q1` or `2019-03` is the whole period.",
    )


class Condition(Test):
    """A test of a column, or several of which one must hold."""

    any_of: Annotated[tuple[Test, ...], Field(max_length=20)] = Field(
        (), title="또는", description="Tests of which at least one must hold; without a column."
    )


Where = Annotated[tuple[Condition, ...], Field(max_length=30)]


class Near(_Part):
    """Where distances are measured from: a point in degrees, or the nearest row that meets conditions."""

    latitude: Annotated[float, Field(ge=-90, le=90)] | None = Field(None, title="위도", description="In degrees.")
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = Field(None, title="경도", description="In degrees.")
    where: Where = Field((), title="조건", description="Conditions of the rows to measure from, instead of a point.")


class Definition(_Part):
    """A column that is added for one question; it has one of the three contents."""

    name: Name = Field(title="이름", description="Name of the column.")
    where: Where = Field((), title="조건", description="Conditions: the column tells whether all of them hold.")
    sum_of: Annotated[tuple[Name, ...], Field(max_length=50)] = Field(
        (), title="더할 열", description="Names of the columns whose values are added, row by row."
    )
    near: Near | None = Field(None, title="거리", description="The distance in km to a point or to the nearest row.")


class Measure(_Part):
    """What is worked out for each group."""

    measure: MeasureName = Field("count", title="계산", description="What to work out.")
    column: Text = Field("", title="열", description="Name of the column; not for `count`.")
    per: Text = Field("", title="나눌 열", description="For `rate`: the column to divide by; rows if omitted.")
    times: Annotated[float, Field(gt=0, le=1e9)] = Field(
        100, title="곱할 수", description="For `rate`: what the ratio is multiplied by."
    )
    percentile: Annotated[float, Field(ge=0, le=100)] | None = Field(
        None, title="백분위", description="For `percentile`: from 0 to 100."
    )
    name: Text = Field("", title="이름", description="Header in the result.")


class Sort(_Part):
    """A column to sort by."""

    column: Name = Field(title="열", description="Name of the column, or the header of a measure.")
    descending: bool = Field(False, title="큰 값부터", description="Whether the greatest comes first.")


class Narrowing(_Part):
    """The columns that a question adds, and the rows that it is about."""

    define: Annotated[tuple[Definition, ...], Field(max_length=10)] = Field(
        (), title="정한 열", description="Columns that are added for this question."
    )
    where: Where = Field((), title="조건", description="Conditions of the rows; all must hold.")


class Question(Narrowing):
    """A question put to a table. Each operation uses the parts that it needs."""

    search: Text = Field("", title="검색어", description="Words that must all occur in the texts of a row.")
    groups: Annotated[tuple[Name, ...], Field(max_length=2)] = Field(
        (), title="묶을 열", description="Names of the columns to group by."
    )
    measures: Annotated[tuple[Measure, ...], Field(max_length=12)] = Field(
        (), title="계산", description="What to work out for each group; the number of rows if omitted."
    )
    region_codes: bool = Field(
        False, title="지역 코드", description="Adds the codes of regions that are grouped by, as `지역 코드`."
    )
    columns: Annotated[tuple[Name, ...], Field(max_length=2000)] = Field(
        (), title="보일 열", description="Names of the columns to return; all if omitted."
    )
    sort: Annotated[tuple[Sort, ...], Field(max_length=5)] = Field(
        (), title="정렬", description="The first counts most."
    )
    limit: Annotated[int, Field(ge=0, le=2**53)] | None = Field(None, title="개수", description="How many.")
    offset: Annotated[int, Field(ge=0, le=2**53)] = Field(0, title="건너뛸 수", description="How many to skip.")
    after: Text = Field("", title="이어서", description="`next` of an answer, to go on behind it.")
    sample: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        None, title="뽑을 수", description="Takes so many rows, evenly spread over all that fit."
    )
