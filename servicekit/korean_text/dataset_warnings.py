"""Korean sentences for the warnings about a dataset, by the words of the contract."""

from collections.abc import Iterable, Mapping, Sequence

from servicekit.korean_text.particles import choose_particles

# Warnings about a dataset; `lines` are its lines, the first 20 at most, `counted` how many and which.
DATASET_WARNINGS: Mapping[str, str] = {
    "BYTES_REPLACED": "깨져서 읽을 수 없는 글자 {given}곳({lines})을 ‘�’로 표시했습니다.",
    "ENCODINGS_MIXED": "UTF-8과 CP949가 섞여 있어 줄마다 맞는 인코딩으로 읽었습니다.",
    "LINES_ABOVE": "표 위의 {counted}은 제목이나 설명이라 표에 넣지 않았습니다.",
    "HEADER_JOINED": "머리글 {counted}을 이어 열 이름으로 썼습니다.",
    "HEADER_MISSING": "머리글이 없어 표의 첫 줄부터 자료로 읽고 ‘열 1’, ‘열 2’처럼 이름을 붙였습니다.",
    "NAMES_MOVED": "머리글({lines})에 낀 빈 이름 {given}개를 빼고 뒤의 이름을 앞으로 당겼습니다.",
    "UNITS_BELOW_NAMES": "머리글 아래의 단위 줄({lines})은 자료에서 뺐습니다.",
    "LINES_BELOW": "표 아래의 {counted}은 주석이나 출처라 표에 넣지 않았습니다.",
    "NEXT_TABLE": "{lines}부터 다른 표가 있어 그 앞의 표만 읽었습니다.",
    "COMMENTS_LEFT_OUT": "표 가운데의 {counted}은 주석이라 뺐습니다.",
    "NAMES_LEFT_OUT": "표 가운데의 {counted}은 되풀이된 머리글이라 뺐습니다.",
    "TOTALS_LEFT_OUT": "합계나 소계인 {counted}은 두 번 더해지지 않도록 뺐습니다.",
    "CELLS_FILLED": "‘{given}’ 열에서 병합되어 비어 있던 칸을 위의 값으로 채웠습니다.",
    "ROWS_SHORT": "칸이 모자란 {counted}은 끝을 빈칸으로 채웠습니다.",
    "ROWS_LONG": "칸이 많은 {counted}의 남는 칸을 끝에 새 열로 붙였습니다.",
    "ROWS_MOVED": "빈칸이 하나 더 낀 {counted}은 그 빈칸을 빼고 뒤의 칸을 앞으로 당겼습니다.",
    "ROWS_CUT": "끝에 빈칸이 더 있는 {counted}은 남는 빈칸을 잘랐습니다.",
    "LINES_UNQUOTED": "통째로 따옴표에 묶인 줄을 풀어 칸으로 나누었습니다.",
    "QUOTES_UNUSUAL": "칸을 묶는 기호를 {used}(으)로 보고 읽었습니다.",
    "QUOTES_DAMAGED": "따옴표의 짝이 맞지 않는 {counted}은 따옴표를 글자로 보고 읽었습니다.",
    "HEADER_EMPTY": "이름이 없는 열의 이름을 ‘{used}’(으)로 정했습니다.",
    "HEADER_REPEATED": "열 이름 ‘{given}’이(가) 겹쳐 ‘{used}’(으)로 바꾸었습니다.",
    "HEADER_SHORTENED": "열 이름이 너무 길어 ‘{used}’(으)로 줄였습니다.",
    "COLUMN_DROPPED": "{given}번째 열은 이름도 값도 없어 뺐습니다.",
    "ROWS_DROPPED": "값이 하나도 없는 줄 {given}개를 뺐습니다.",
    "MARKS_READ_AS_MISSING": "값이 없다는 표시인 {given}칸({used})을 빈칸으로 읽었습니다.",
    "CELLS_READ_AS_MISSING": "‘{column}’ 열에서 값이 없다는 뜻인 {given}칸({used})을 빈칸으로 읽었습니다.",
    "CELLS_SUPPRESSED": "‘{column}’ 열에서 공개하지 않은 값인 {given}칸({used})을 빈칸으로 읽었습니다.",
    "CELLS_WITH_ERRORS": "‘{column}’ 열에서 계산 오류가 남은 {given}칸({used})을 빈칸으로 읽었습니다.",
    "SIGNS_READ_AS_MINUS": "‘{column}’ 열의 세모나 괄호를 빼기 부호로 보고 {given}칸({used})을 음수로 읽었습니다.",
    "BOUNDS_READ_AS_NUMBERS": "‘{column}’ 열에서 이상·이하가 붙은 {given}칸({used})을 그 수로 읽었습니다.",
    "SIGNS_UNCLEAR": "‘{column}’ 열의 세모({used})가 늘었다는 뜻일 수도 있어 글자로 읽었습니다.",
    "UNITS_MIXED": "‘{column}’ 열에 단위가 다른 값({used})이 섞여 있어 글자로 읽었습니다.",
    "CELLS_NOT_OF_KIND": "‘{column}’ 열에서 {used}(으)로 읽을 수 없는 {given}칸을 빈칸으로 두었습니다.",
    "HOUR_24_READ": "‘{column}’ 열에서 24시로 적힌 {given}칸을 다음 날 0시로 읽었습니다.",
    "YEARS_OF_TWO_DIGITS": "‘{column}’ 열의 두 자리 연도를 69~99는 1900년대, 00~68은 2000년대로 읽었습니다.",
    "ZONE_CONVERTED": "‘{column}’ 열에서 다른 시간대로 적힌 {given}칸을 서울 시각으로 바꾸었습니다.",
    "DATES_MIXED": "‘{column}’ 열은 연도, 분기, 연월, 날짜가 섞여 있어 글자로 읽었습니다.",
    "MONTHS_GUESSED": "‘{column}’ 열의 숫자를 연월로 읽었습니다. 숫자라면 형식을 바꿔주세요.",
    "COLUMNS_ARE_PERIODS": "열 {given}개의 이름이 기간입니다. 기간마다 한 줄이 되도록 바꿔 읽을 수 있습니다.",
    "COLUMNS_MADE_LONG": "이름이 기간인 열 {given}개를 기간마다 한 줄이 되도록 바꿔 읽었습니다.",
    "COLUMN_MIXED": "‘{column}’ 열은 대부분 {used}이지만 ‘{given}’ 같은 값이 섞여 있어 글자로 읽었습니다.",
    "COLUMN_MOSTLY_MISSING": "‘{column}’ 열은 {given}%가 비어 있습니다.",
    "COORDINATES_SWAPPED": "‘{column}’ 열에 동서 방향 좌표가 있어 짝이 되는 열과 서로 바꾸어 읽었습니다.",
    "COORDINATES_OUTSIDE": "{given}개 행의 좌표가 대한민국 밖에 있습니다.",
    "COORDINATES_CONVERTED": "‘{column}’ 열의 좌표를 {used}(으)로 보고 계산한 위도와 경도를 덧붙였습니다. {given}",
    "DEGREES_READ": "‘{column}’ 열의 글자에서 읽은 위도와 경도를 숫자 열로 덧붙였습니다.",
    "COORDINATES_UNREAD": "‘{column}’ 열에서 위치로 읽을 수 없는 {given}칸은 계산한 위도와 경도를 비웠습니다.",
    "SYSTEM_UNUSED": "{used}(으)로 읽었을 때 대한민국 안에 놓이는 좌표가 없어 바꾸지 않았습니다.",
    "REGIONS_AMBIGUOUS": "‘{column}’ 열의 {given}개 행은 같은 이름의 지역이 여러 곳이라 정하지 못했습니다(예: {used}).",
    "REGIONS_UNKNOWN": "‘{column}’ 열에서 {given}개 행은 지역을 찾지 못했습니다(예: {used}).",
    "ENCODING_GUESSED": "인코딩이 분명하지 않아 {used}(으)로 읽었습니다. 글자가 깨졌으면 다른 인코딩을 골라주세요.",
    "TEXT_COMPOSED": "자음과 모음이 나뉜 한글을 합쳐 읽었습니다.",
}
_USED: Mapping[str, str] = {
    "integer": "정수",
    "number": "숫자",
    "date": "날짜",
    "boolean": "참·거짓",
    "time": "시각",
    "'": "작은따옴표(')",
    "' \\": "작은따옴표(')와 역사선(\\)",
    '" \\': '큰따옴표(")와 역사선(\\)',
    "EPSG:5174": "중부원점(베셀, EPSG:5174)",
    "EPSG:2097": "중부원점(옛 베셀, EPSG:2097)",
    "EPSG:5181": "중부원점(GRS80 50만, EPSG:5181)",
    "EPSG:5186": "중부원점(GRS80 60만, EPSG:5186)",
    "EPSG:5187": "동부원점(GRS80 60만, EPSG:5187)",
    "EPSG:5179": "UTM-K(GRS80, EPSG:5179)",
    "EPSG:5178": "UTM-K(베셀, EPSG:5178)",
}
_DECIDED_BY: Mapping[str, str] = {
    "chosen": "직접 고른 좌표계입니다.",
    "named": "파일에 적힌 좌표계입니다.",
    "placed": "다른 좌표계로는 각 행의 지역이나 육지에 놓이지 않습니다.",
    "usual": "흔히 쓰는 좌표계로 짐작한 것이니, 지도에서 어긋나면 다른 좌표계를 골라주세요.",
}


def dataset_warning_text(reason: str, *, lines: Sequence[int], column: str, given: str, used: str) -> str:
    """Returns the sentence for a warning about a dataset."""
    sentence = DATASET_WARNINGS.get(reason, reason)
    which = _lines_text(lines, is_part=given.isdecimal() and int(given) > len(lines))
    counted = which if len(lines) == 1 else f"{given}줄({which})"
    used = _USED.get(used, used)
    if reason == "COORDINATES_CONVERTED":
        given = _DECIDED_BY.get(given, given)
    if reason == "COLUMN_DROPPED":
        given = _ranges_text(map(int, given.split(",")))
    return choose_particles(sentence.format(lines=which, counted=counted, column=column, given=given, used=used))


def _lines_text(lines: Sequence[int], *, is_part: bool) -> str:
    return _ranges_text(lines) + ("번째 줄 등" if is_part else "번째 줄")


def _ranges_text(numbers: Iterable[int]) -> str:
    """Returns ascending numbers as people write them: `3, 5~9`."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][-1] + 1:
            ranges[-1][1:] = [number]
        else:
            ranges.append([number])
    return ", ".join("~".join(map(str, one)) for one in ranges)
