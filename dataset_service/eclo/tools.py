"""The two tools that call the prediction service: for one accident, and for up to a hundred."""

from collections.abc import Sequence
from typing import Any

import grpc
import orjson
from daegu.dataset.v1 import analysis_pb2 as pb
from daegu.prediction.v1 import accident_pb2, prediction_pb2, prediction_pb2_grpc

from dataset_service.analysis.result import Chart, Table, ToolResult
from dataset_service.eclo.arguments import (
    MOST_ACCIDENTS,
    AccidentArguments,
    read_accidents,
    schema_of_many,
    schema_of_one,
)
from servicekit.errors import ToolRefused
from servicekit.ids import new_id
from servicekit.korean_text.particles import choose_particles
from servicekit.remote_errors import PassedOn

PREDICT_ONE, PREDICT_MANY = "predict_eclo", "predict_eclo_batch"
GROUP = "ECLO 예측"
DESCRIPTIONS = {
    PREDICT_ONE: "사고 조건 열한 가지로 ECLO(인명피해 심각도)를 예측합니다. 대표적인 값, 기댓값, 심각도 표현, "
    "비슷한 사고 10건 중 8건이 드는 범위를 돌려줍니다. 가정한 사고 한 건을 물을 때 씁니다.",
    PREDICT_MANY: f"사고 여러 건({MOST_ACCIDENTS}건까지)의 ECLO를 한 번에 예측합니다. 조건을 바꿔 가며 견줄 때 씁니다. "
    "합계와 평균은 기댓값으로 냅니다.",
}
SCHEMAS: dict[str, dict[str, Any]] = {
    PREDICT_ONE: schema_of_one("사고 한 건 예측"),
    PREDICT_MANY: schema_of_many("사고 여러 건 예측"),
}
TOOLS = [
    pb.Tool(name=name, group=GROUP, description=DESCRIPTIONS[name], schema_json=orjson.dumps(schema).decode())
    for name, schema in SCHEMAS.items()
]
_COLUMNS = ("번호", "시군구", "사고유형", "사고시", "ECLO", "기댓값", "심각도", "하한", "상한", "오류")
_WARNINGS = {
    "READ_AS": "‘{given}’을(를) ‘{used}’(으)로 읽음",
    "WEEKDAY_CONTRADICTS_DATE": "요일은 날짜에 맞춰 ‘{used}’(으)로 계산",
    "PERIOD_CONTRADICTS_HOUR": "시간대는 사고시에 맞춰 ‘{used}’(으)로 계산",
    "DISTRICT_UNTRAINED": "군위군은 학습 자료에 없어 참고용",
}
_MOST_WORDS = 20
_MOST_ALLOWED = 10
# The allowed values of such a problem are the ends of a range.
_RANGES = ("NUMBER_EXPECTED", "NUMBER_OUT_OF_RANGE", "DATE_IMPOSSIBLE")


class EcloTools:
    """Runs the two tools."""

    def __init__(self, stub: "prediction_pb2_grpc.PredictionServiceAsyncStub") -> None:
        self._stub = stub

    async def run(self, dataset_id: str, name: str, arguments: Any) -> ToolResult:
        """Predicts. Raises `ToolRefused` when the arguments cannot be used, `PassedOn` when the service fails."""
        accidents = read_accidents(name, arguments)
        request = prediction_pb2.PredictManyRequest(
            requests=[
                prediction_pb2.PredictionRequest(
                    accident=accident_pb2.Accident(**accident.model_dump()),
                    dataset_id=dataset_id,
                    prediction_id=new_id(),
                )
                for accident in accidents
            ]
        )
        try:
            answer = await self._stub.PredictMany(request)
        except grpc.aio.AioRpcError as error:
            raise PassedOn(error) from error
        outcomes = list(answer.outcomes)
        failed = [outcome.error for outcome in outcomes if outcome.HasField("error")]
        if len(failed) == len(outcomes):
            raise ToolRefused(_problem_text(failed[0]))
        return _result(accidents, outcomes, len(failed))


def _result(
    accidents: Sequence[AccidentArguments], outcomes: Sequence[prediction_pb2.PredictionOutcome], failed: int
) -> ToolResult:
    rows = [
        _row(number, accident, outcome)
        for number, (accident, outcome) in enumerate(zip(accidents, outcomes, strict=True), 1)
    ]
    return ToolResult(
        text="\n".join(_lines(rows, outcomes)),
        table=Table.of(_COLUMNS, rows),
        chart=Chart("bar", "번호", "기댓값") if len(rows) > 1 else None,
        code=f"import pandas as pd\n\nresult = pd.DataFrame({rows!r}, columns={list(_COLUMNS)!r})",
        rows_used=len(rows) - failed,
        rows_missing=failed,
    )


def _row(number: int, accident: AccidentArguments, outcome: prediction_pb2.PredictionOutcome) -> tuple[Any, ...]:
    described = (number, accident.district, accident.accident_type, accident.accident_hour)
    if outcome.HasField("error"):
        return (*described, None, None, None, None, None, _problem_text(outcome.error))
    found = outcome.prediction
    values = (round(found.eclo, 4), round(found.expected, 4), found.interpretation)
    return (*described, *values, round(found.range.low, 4), round(found.range.high, 4), None)


def _lines(rows: Sequence[tuple[Any, ...]], outcomes: Sequence[prediction_pb2.PredictionOutcome]) -> list[str]:
    lines = []
    for row, outcome in zip(rows[:_MOST_WORDS], outcomes, strict=False):
        number, district, _, hour, eclo, expected, severity, low, high, error = row
        where = f"{number}. " if len(rows) > 1 else ""
        if error:
            lines.append(f"{where}예측하지 못함: {error}")
            continue
        words = (
            f"{where}{district} {hour}시: 예상 ECLO **{eclo:g}** ({severity}), 기댓값 {expected:g}, "
            f"10건 중 8건은 {low:g}~{high:g}"
        )
        notes = [_warning_text(warning) for warning in outcome.prediction.warnings]
        lines.append(f"{words} · {', '.join(notes)}" if notes else words)
    if len(rows) > _MOST_WORDS:
        expected = [row[5] for row in rows if row[5] is not None]
        total = sum(expected)
        lines.append(
            f"모두 {len(rows)}건, 예측한 {len(expected)}건의 기댓값 합계 {total:.2f}, "
            f"평균 {total / len(expected):.2f}, 최대 {max(expected):g}"
        )
    return lines


def _warning_text(warning: accident_pb2.Warning) -> str:
    return choose_particles(
        _WARNINGS.get(warning.reason, warning.reason).format(given=warning.given, used=warning.used)
    )


def _problem_text(error: accident_pb2.PredictionError) -> str:
    if not error.problems:
        return "이 사고는 예측하지 못했습니다."
    words = []
    for problem in error.problems:
        hint = f" 혹시 '{problem.suggestion}'인가요?" if problem.suggestion else ""
        known = AccidentArguments.model_fields.get(problem.field)
        name = (known and known.title) or problem.field
        why = f"대구광역시 밖의 지역({problem.found})은 예측하지 못합니다." if problem.found else "값을 쓸 수 없습니다."
        words.append(f"{name} {why}{hint}{_allowed_text(problem)}")
    return " ".join(words)


def _allowed_text(problem: accident_pb2.FieldProblem) -> str:
    if not problem.allowed:
        return ""
    if problem.reason in _RANGES:
        return f" {problem.allowed[0]}에서 {problem.allowed[-1]} 사이여야 합니다."
    return f" 가능한 값: {', '.join(problem.allowed[:_MOST_ALLOWED])}"
