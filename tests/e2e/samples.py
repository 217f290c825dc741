"""Small CSV files of the kinds people have."""

_KINDS = ("차대차", "차대사람", "차량단독")
_WEATHERS = ("맑음", "비")


def accidents_csv(rows: int = 60, *, has_positions: bool = True) -> str:
    """Returns accidents, the most of them at 18 o'clock; with positions in Daegu where wanted."""
    positions = ",위도,경도" if has_positions else ""
    lines = [f"사고일시,사고유형,기상상태,노면상태,도로형태,시군구,ECLO{positions}"]
    for index in range(rows):
        hour = 18 if index % 3 else 9
        place = f",{35.85 + index * 0.0005:.5f},{128.60 + index * 0.0005:.5f}" if has_positions else ""
        lines.append(
            f"2020-03-{index % 28 + 1:02} {hour:02},{_KINDS[index % 3]},{_WEATHERS[index % 2]},건조,교차로 - 교차로안,"
            f"대구광역시 수성구 범어동,{3 + index % 5}{place}"
        )
    return "\n".join(lines) + "\n"


def facilities_csv(rows: int = 12) -> str:
    """Returns facilities near the accidents, with a name that must not be taken for HTML."""
    lines = ["시설명,위도,경도"]
    lines += [
        f"<b>학교</b> {index},{35.851 + index * 0.002:.5f},{128.601 + index * 0.002:.5f}" for index in range(rows)
    ]
    return "\n".join(lines) + "\n"
