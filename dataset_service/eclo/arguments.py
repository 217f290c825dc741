"""The arguments of the two prediction tools: the eleven inputs, described for the model and for people."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from servicekit.errors import ToolRefused
from servicekit.visible_text import visible_line

MOST_ACCIDENTS = 100
_LONGEST_LABEL = 100
_MOST_PROBLEMS = 5
_INT32 = 2**31

Label = Annotated[str, Field(max_length=_LONGEST_LABEL), AfterValidator(visible_line)]


def _number(title: str, description: str, least: int, greatest: int, example: int) -> Any:
    """Returns a field that documents its range, but accepts any integer of the contract."""
    told: dict[str, Any] = {"minimum": least, "maximum": greatest}
    return Field(
        title=title, description=description, examples=[example], ge=-_INT32, le=_INT32 - 1, json_schema_extra=told
    )


class AccidentArguments(BaseModel):
    """One accident. The prediction service checks ranges and labels, reads short forms, and explains refusals."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weather: Label = Field(
        title="기상상태",
        description="기상상태: 맑음, 흐림, 비, 눈, 안개, 기타 중 하나",
        examples=["맑음", "흐림", "비", "눈", "안개", "기타"],
    )
    road_surface: Label = Field(
        title="노면상태",
        description="노면상태: 건조, 젖음/습기, 서리/결빙, 적설, 침수, 기타 중 하나",
        examples=["건조", "젖음/습기", "서리/결빙", "적설", "침수", "기타"],
    )
    road_type: Label = Field(
        title="도로형태",
        description="도로형태. 예: 교차로 - 교차로안, 교차로 - 교차로부근, 교차로 - 교차로횡단보도내, 단일로 - 기타, "
        "단일로 - 터널, 단일로 - 교량, 기타 - 기타, 주차장 - 주차장",
        examples=[
            *("교차로 - 교차로안", "교차로 - 교차로부근", "교차로 - 교차로횡단보도내"),
            *("단일로 - 기타", "단일로 - 터널", "단일로 - 교량", "단일로 - 고가도로위", "단일로 - 지하차도(도로)내"),
            *("주차장 - 주차장", "기타 - 기타", "미분류 - 미분류"),
        ],
    )
    accident_type: Label = Field(
        title="사고유형",
        description="사고유형: 차대사람, 차대차, 차량단독 중 하나",
        examples=["차대차", "차대사람", "차량단독"],
    )
    time_period: Label = Field("", title="시간대", description="시간대. 비워 두면 사고시에서 정합니다")
    district: Label = Field(
        title="시군구", description="시군구와 동. 예: 대구광역시 수성구 범어동", examples=["대구광역시 수성구 범어동"]
    )
    day_of_week: Label = Field("", title="요일", description="요일. 비워 두면 날짜에서 정합니다")
    accident_hour: int = _number("사고시", "사고시: 0부터 23", 0, 23, 18)
    accident_year: int = _number("사고연도", "사고연도. 예: 2020", 2007, 2040, 2020)
    accident_month: int = _number("사고월", "사고월: 1부터 12", 1, 12, 5)
    accident_day: int = _number("사고일", "사고일: 1부터 31", 1, 31, 15)


class AccidentsArguments(BaseModel):
    """Up to a hundred accidents."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accidents: tuple[AccidentArguments, ...] = Field(
        title="사고", description=f"예측할 사고들, 1건에서 {MOST_ACCIDENTS}건", min_length=1, max_length=MOST_ACCIDENTS
    )


def schema_of_one(title: str) -> dict[str, Any]:
    """Returns the JSON Schema of one accident."""
    return _titled(title, AccidentArguments.model_json_schema())


def schema_of_many(title: str) -> dict[str, Any]:
    """Returns the JSON Schema of up to a hundred accidents, with that of one accident inlined."""
    schema = _titled(title, AccidentsArguments.model_json_schema())
    del schema["$defs"]
    schema["properties"]["accidents"]["items"] = _titled("사고", AccidentArguments.model_json_schema())
    return schema


def _titled(title: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Returns the schema in the form of the other tools: with a title for people, without developer descriptions."""
    return {**{name: value for name, value in schema.items() if name != "description"}, "title": title}


def read_accidents(name: str, arguments: Any) -> tuple[AccidentArguments, ...]:
    """Returns the accidents of a prediction tool. Raises `ToolRefused`, which says how to fix them."""
    try:
        if name == "predict_eclo":
            return (AccidentArguments.model_validate(arguments),)
        return AccidentsArguments.model_validate(arguments).accidents
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        lines = dict.fromkeys(_problem_text(problem) for problem in problems)
        raise ToolRefused(" ".join(["인자를 고쳐주세요.", *list(lines)[:_MOST_PROBLEMS]])) from None


def _problem_text(problem: Any) -> str:
    name = ".".join(str(part) for part in problem["loc"])[:_LONGEST_LABEL]
    match problem["type"]:
        case "missing":
            return f"'{name}' 인자가 필요합니다."
        case "extra_forbidden":
            return f"'{name}' 인자는 없습니다."
        case "too_long" | "too_short":
            return f"'{name}'에는 1건에서 {MOST_ACCIDENTS}건까지 담을 수 있습니다."
        case kind if kind.startswith(("int", "greater", "less")):
            return f"'{name}' 값은 정수여야 합니다."
        case kind if kind.startswith("string"):
            return f"'{name}' 값은 {_LONGEST_LABEL}자 이하의 글자여야 합니다."
        case _:
            return f"'{name}' 값의 형식이 맞지 않습니다."
