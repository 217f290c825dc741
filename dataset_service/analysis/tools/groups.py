"""통계 분석: measures by group."""

from typing import Annotated, get_args

from pydantic import Field

from dataset_service.analysis.arguments import Arguments, BlankIsNone, LabelColumn, NoBoolean, NumberColumn, column_of
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.listing import MOST_GROUPS
from dataset_service.analysis.question.aggregate import tabulate
from dataset_service.analysis.question.measures import MEASURE_NAMES, measure_header
from dataset_service.analysis.result import ToolResult, asking
from dataset_service.analysis.wording import basis_text, paragraphs
from servicekit.errors import ToolRefused
from servicekit.question import Measure, MeasureName, Sort

OPERATIONS = get_args(MeasureName)
OPERATION_NAMES = [MEASURE_NAMES[one] for one in OPERATIONS]


class GroupArguments(Arguments):
    """What to group by, and what to work out of each group."""

    group_column: LabelColumn = Field(title="묶을 열", description="묶을 열. 날짜는 사고일시:연월처럼 부분으로")
    second_group_column: Annotated[LabelColumn | None, BlankIsNone] = Field(
        None, title="둘째로 묶을 열", description="함께 묶을 열"
    )
    agg_column: Annotated[NumberColumn | None, BlankIsNone] = Field(
        None, title="계산할 열", description="계산할 열. count와 share에는 없어도 됩니다"
    )
    operation: Annotated[MeasureName | None, BlankIsNone] = Field(
        None,
        title="계산",
        description="건수 count, 행의 비율 share(열을 주면 합계의 비율), 합계 sum, 평균 mean, 중앙값 median, "
        "백분위수 percentile, 최소 min, 최대 max, 표준편차 std, 서로 다른 값 unique, 합계÷per의 합계 rate",
        examples=["count"],
        json_schema_extra={"enumNames": [*OPERATION_NAMES]},
    )
    percentile: Annotated[float | None, Field(ge=0, le=100)] = Field(
        None, title="백분위", description="percentile일 때 0~100"
    )
    per: Annotated[NumberColumn | None, BlankIsNone] = Field(
        None, title="나눌 열", description="rate일 때 나눌 열. 없으면 행 수로 나눕니다"
    )
    times: Annotated[float, Field(gt=0, le=1e9)] = Field(100, title="곱할 수", description="rate에 곱할 수")
    measures: tuple[Measure, ...] = Field((), max_length=11, title="더 계산할 것", description="함께 구할 계산의 목록")
    ascending: bool = Field(False, title="작은 값부터", description="true면 작은 값부터")
    top_n: Annotated[int, Field(ge=1, le=MOST_GROUPS), NoBoolean] = Field(
        MOST_GROUPS, title="묶음의 수", description="몇 묶음까지 볼지"
    )

    def columns_named(self) -> list[str]:
        """Returns the names of columns among the arguments, those of the measures too."""
        return [*super().columns_named(), *(name for one in self.measures for name in (one.column, one.per) if name)]

    def all_measures(self, frame: Frame) -> tuple[Measure, ...]:
        """Returns what to work out, and on how many values and rows of each group it rests. Raises `ToolRefused`."""
        operation = self.operation or ("count" if self.agg_column is None and not self.measures else None)
        if operation is None and self.agg_column is not None:
            raise ToolRefused(f"`operation` 인자가 필요합니다. {', '.join(OPERATIONS)} 중 하나입니다.")
        asked = list(self.measures)
        if operation:
            given = {"column": self.agg_column or "", "per": self.per or "", "percentile": self.percentile}
            asked.insert(0, Measure.model_validate({"measure": operation, "times": self.times, **given}))
        names = dict.fromkeys(one.column for one in asked if one.column and one.measure != "count")
        asked += [Measure(measure="count", column=name) for name in names if column_of(frame, name).missing]
        return tuple(asked) if Measure() in asked else (*asked, Measure())


def group_by_aggregate(frame: Frame, arguments: GroupArguments) -> ToolResult:
    """한두 열로 묶어 건수, 합계, 평균, 중앙값, 백분위수, 비율, 어떤 값당 비율을 한 번에 구합니다.

    구별 월 추이는 group_column="사고일시:연월", second_group_column="시군구:시군구", 구별 치사율은
    agg_column="사망자수", operation="rate"(100건당), 더 구할 것은 measures=[{"measure": "percentile", "column": "ECLO",
    "percentile": 90}]. A와 나머지는 define한 참/거짓 열로 묶고, 참의 비율은 그 열의 rate입니다.
    시간 순서가 있으면 그 순서, 아니면 큰 값부터입니다.
    """
    groups = [name for name in (arguments.group_column, arguments.second_group_column) if name]
    measures = arguments.all_measures(frame)
    header = measure_header(measures[0], frame.find(measures[0].column))
    sort = (Sort(column=header),) if arguments.ascending else ()
    found = tabulate(frame, groups, measures, sort, arguments.top_n)
    used, missing = found.groups.used, found.groups.missing
    return ToolResult(
        paragraphs(found.text, basis_text(frame.rows, used, missing, *found.notes)),
        found.table,
        chart=found.chart,
        code=found.code,
        rows_used=used,
        rows_missing=missing,
        question=asking(groups=tuple(groups), measures=measures, sort=sort),
    )
