"""지리: positions of the rows."""

import numpy as np

from dataset_service.analysis.arguments import NoArguments, columns_text
from dataset_service.analysis.frame.column import Mask
from dataset_service.analysis.frame.coordinates import find_coordinates
from dataset_service.analysis.frame.frames import Frame
from dataset_service.analysis.frame.readings import Reading, number_columns
from dataset_service.analysis.pandas_code import script
from dataset_service.analysis.result import Chart, Table, ToolResult
from dataset_service.analysis.wording import basis_text, code_text, count_text, paragraphs
from dataset_service.reading.places.systems import LATITUDES, LONGITUDES
from servicekit.errors import ToolRefused

PLACE, LATITUDE, LONGITUDE = "지점", "위도", "경도"
_PLACES = ("남서쪽 끝", "북동쪽 끝", "중앙값")


def get_geo_bounds(frame: Frame, arguments: NoArguments) -> ToolResult:  # noqa: ARG001
    """위도·경도 열을 찾아 데이터가 놓인 범위(남서·북동 끝)와 중심을 알려 줍니다.

    한국 밖의 좌표와 뒤바뀐 위도·경도도 찾아냅니다. 반경 1km 안만 볼 때는 where=[{"column": "거리_km", "operator": "<=",
    "value": 1}], define=[{"name": "거리_km", "near": {"latitude": 35.87, "longitude": 128.6}}].
    """
    coordinates = find_coordinates(frame)
    if coordinates is None:
        raise ToolRefused(
            "한국의 위치(위도 33~39도, 경도 124~132도)가 든 숫자 열을 찾지 못했습니다. "
            f"숫자 열: {columns_text(number_columns(frame))}. "
            "시군구 같은 지역 이름 열은 ‘값별 건수’ 도구로 볼 수 있습니다."
        )
    latitude, longitude = coordinates.latitude, coordinates.longitude
    present = latitude.present & longitude.present
    inside = present & _within(latitude, LATITUDES) & _within(longitude, LONGITUDES)
    crossed = int(np.count_nonzero(present & _within(latitude, LONGITUDES) & _within(longitude, LATITUDES)))
    filled = int(np.count_nonzero(latitude.column.present & longitude.column.present))
    with_both, used = int(np.count_nonzero(present)), int(np.count_nonzero(inside))
    if not used:  # a person said what the columns mean
        names = columns_text([latitude.column, longitude.column])
        raise ToolRefused(f"{names} 열에 한국 안의 위치가 하나도 없습니다. 이 열들의 뜻을 다시 골라주세요.")
    points = [degrees.values[inside].astype(np.float64) for degrees in (latitude, longitude)]
    summaries = [[float(summary(values)) for values in points] for summary in (np.min, np.max, np.median)]
    (south, west), (north, east), (middle_latitude, middle_longitude) = summaries
    code = f"""\
points = pd.DataFrame({{"{LATITUDE}": {latitude.code}, "{LONGITUDE}": {longitude.code}}}).astype("float64")
inside = points["{LATITUDE}"].between{LATITUDES} & points["{LONGITUDE}"].between{LONGITUDES}
result = points[inside].agg(["min", "max", "median"])
result.insert(0, "{PLACE}", {list(_PLACES)!r})
"""
    unread, outside = filled - with_both, with_both - used
    return ToolResult(
        paragraphs(
            f"{_named(LATITUDE, latitude)} {south:.6f}° ~ {north:.6f}°, "
            f"{_named(LONGITUDE, longitude)} {west:.6f}° ~ {east:.6f}°. "
            f"중앙값은 ({middle_latitude:.6f}°, {middle_longitude:.6f}°)입니다.",
            "위도와 경도 열의 이름이 서로 바뀌어 있어 바꾸어 읽었습니다." if coordinates.are_swapped else "",
            f"위도와 경도가 뒤바뀐 행이 {count_text(crossed)} 있습니다." if crossed else "",
            basis_text(
                frame.rows,
                used,
                frame.rows - filled,
                f"숫자로 읽히지 않는 좌표 {count_text(unread)} 제외" if unread else "",
                f"한국 밖 좌표 {count_text(outside)} 제외" if outside else "",
            ),
        ),
        Table.of(
            (PLACE, LATITUDE, LONGITUDE),
            [(place, *summary) for place, summary in zip(_PLACES, summaries, strict=True)],
        ),
        chart=Chart("map", LONGITUDE, LATITUDE),
        code=script(code, latitude.function, longitude.function),
        rows_used=used,
        rows_missing=frame.rows - filled,
    )


def _named(meaning: str, degrees: Reading) -> str:
    name = degrees.column.name
    return meaning if name == meaning else f"{meaning} {code_text(name)}"


def _within(degrees: Reading, limits: tuple[float, float]) -> Mask:
    return np.asarray((degrees.values >= limits[0]) & (degrees.values <= limits[1]))
