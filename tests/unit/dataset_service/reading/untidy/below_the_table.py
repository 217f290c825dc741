"""Lines below the table: sources, notes, and a second table."""

from tests.unit.dataset_service.reading.untidy.untidy_file import untidy

NOTES = (
    untidy(
        "a source in the first of as many cells as the table has",
        """
구군,건수,사망
중구,61,0
동구,182,2
서구,90,1
자료: 대구광역시 교통정책과,,
""",
        "구군|건수|사망",
        "중구|61|0",
        "동구|182|2",
        "서구|90|1",
    ),
    untidy(
        "notes after a blank line, one with commas",
        """
연도,출생,사망
2021,10661,14011
2022,10134,16210
2023,9410,15820

주 1) 2023년은 잠정치, 2024년 8월 확정
   2) 외국인 제외
자료 : 통계청 「인구동향조사」
""",
        "연도|출생|사망",
        "2021|10661|14011",
        "2022|10134|16210",
        "2023|9410|15820",
        encoding="cp949",
    ),
    untidy(
        "a note of stars under two columns",
        "품목,가격\n사과,3200\n배,4100\n감,1500\n* 소매 가격 기준임\n* 100g 당 가격이 아님\n",
        "품목|가격",
        "사과|3200",
        "배|4100",
        "감|1500",
    ),
    untidy(
        "a source under texts",
        "시설명,종류,소재지\n수성못,유원지,수성구\n앞산공원,공원,남구\n팔공산,자연공원,동구\n출처: 대구관광\n",
        "시설명|종류|소재지",
        "수성못|유원지|수성구",
        "앞산공원|공원|남구",
        "팔공산|자연공원|동구",
    ),
    untidy(
        "who made the file and when, in two cells",
        "코드,명칭,값\nA1,가,1\nA2,나,2\nA3,다,3\n\n작성자,홍길동\n작성일,2024-03-02\n",
        "코드|명칭|값",
        "A1|가|1",
        "A2|나|2",
        "A3|다|3",
    ),
    untidy(
        "a last row with blanks is a row",
        "구군,건수,비고\n중구,61,가\n동구,182,나\n미상,,\n",
        "구군|건수|비고",
        "중구|61|가",
        "동구|182|나",
        "미상||",
        told=None,
    ),
    untidy(
        "a last row whose name begins like a note is a row",
        "업체명,종사자,매출\n자료산업,31,410\n주식회사 가나,12,90\n출처물산,8,33\n",
        "업체명|종사자|매출",
        "자료산업|31|410",
        "주식회사 가나|12|90",
        "출처물산|8|33",
        told=False,
    ),
    untidy(
        "meanings of the names, and a line cut by a comma",
        """
time,Gb,Gd,T2m
20240101:0010,0.5,1.5,3.44
20240101:0110,0.7,1.5,2.94
20240101:0210,0.9,1.5,2.43

Gb: Beam (direct) irradiance on the inclined plane
Gd: Diffuse irradiance on the inclined plane
T2m: 2-m air temperature (degree Celsius)


(c) European Union, 2001-2021
""",
        "time|Gb|Gd|T2m",
        *("20240101:0010|0.5|1.5|3.44", "20240101:0110|0.7|1.5|2.94", "20240101:0210|0.9|1.5|2.43"),
    ),
    untidy(
        "headings between lines of stars, numbered notes in cells",
        """
진료과;"2005";"2006";"2007"
외과;379;575;686
내과;864;1142;1459
소아과;128;198;266

****************************************
각주
****************************************

"1.";"1992년까지는 일부 지역의 자료입니다."
"2.";"연말 기준입니다."

****************************************
2024-05-15 12:28에 만든 표입니다.
****************************************
""",
        "진료과|2005|2006|2007",
        *("외과|379|575|686", "내과|864|1142|1459", "소아과|128|198|266"),
    ),
    untidy(
        "numbered footnotes in two cells below their heading",
        """
"Geography","Age group","2019","2020","2021"
"Canada (map)","Total, 12 years and over","87.5","86.7","87.5"
"Newfoundland (map)","Total, 12 years and over","88.1","87.2","86.9"
"Prince Edward Island (map)","Total, 12 years and over","85.0","84.4","83.1"

"Footnotes:"
1,"Data from 2015 onwards are not comparable to previous years."
2,"Source: Statistics Canada, Community Health Survey, 2019."

"How to cite: Statistics Canada. Table 13-10  Health characteristics"
""",
        "Geography|Age group|2019|2020|2021",
        "Canada (map)|Total, 12 years and over|87.5|86.7|87.5",
        "Newfoundland (map)|Total, 12 years and over|88.1|87.2|86.9",
        "Prince Edward Island (map)|Total, 12 years and over|85|84.4|83.1",
    ),
    untidy(
        "footnotes with letters, padded to the width of the table",
        """
시설;구군;면적;층수
가나관;중구;120;2
다라관;동구;95;1
마바관;서구;300;4
;;;
주석:;;;
가;연면적 기준;;
나;지하층 제외;;
""",
        "시설|구군|면적|층수",
        *("가나관|중구|120|2", "다라관|동구|95|1", "마바관|서구|300|4"),
    ),
)

SECOND_TABLES = (
    untidy(
        "a wider second table after a blank line",
        """
구군,건수
중구,61
동구,182
서구,90

연도,사망,중상,경상
2022,31,1022,1310
2023,22,1011,1290
""",
        "구군|건수",
        "중구|61",
        "동구|182",
        "서구|90",
    ),
    untidy(
        "a second table with its title",
        """
1. 구군별 사고
구군,건수,사망
중구,61,0
동구,182,2
서구,90,1

2. 시간대별 사고
시간대,건수,사망
새벽,30,2
오전,120,1
오후,210,0
""",
        "구군|건수|사망",
        "중구|61|0",
        "동구|182|2",
        "서구|90|1",
    ),
    untidy(
        "a narrower second table after a row of commas",
        """
역명,승차,하차
반월당,410233,398120
중앙로,350012,360101
동대구,280101,270230
,,
호선,역수,
1,32,
2,29,
""",
        "역명|승차|하차",
        "반월당|410233|398120",
        "중앙로|350012|360101",
        "동대구|280101|270230",
    ),
    untidy(
        "a second table of the same width with another header",
        """
일자,최고기온
2024-08-01,34.6
2024-08-02,35.8

측정소,오존
수창동,0.031
지산동,0.035
""",
        "일자|최고기온",
        "2024-08-01|34.6",
        "2024-08-02|35.8",
    ),
    untidy(
        "the same header again, as pages that were put together have",
        "구군,건수\n중구,61\n동구,182\n\n구군,건수\n서구,90\n남구,71\n",
        "구군|건수",
        *("중구|61", "동구|182", "서구|90", "남구|71"),
    ),
    untidy(
        "a second table with its title and no blank line",
        "표1. 구군\n구군,건수\n중구,61\n동구,182\n서구,90\n표2. 연도\n연도,사망\n2022,31\n2023,22\n",
        "구군|건수",
        *("중구|61", "동구|182", "서구|90"),
    ),
    untidy(
        "a blank line within one table",
        "구군,건수\n중구,61\n동구,182\n\n서구,90\n남구,71\n",
        "구군|건수",
        *("중구|61", "동구|182", "서구|90", "남구|71"),
        told=None,
    ),
    untidy(
        "a narrower table right below",
        "구군|건수|사망\n중구|61|0\n동구|182|2\n서구|90|1\n연도|합계\n2022|333\n2023|310\n2024|298\n",
        "구군|건수|사망",
        *("중구|61|0", "동구|182|2", "서구|90|1"),
    ),
    untidy(
        "a wider table right below",
        """
월,해
1,2018
2,2007
3,2009
시각,기온,습도,기압
20180101,2.04,94.38,998.7
20180102,1.98,95.45,998.1
20180103,1.92,96.51,997.4
20180104,1.85,97.57,997.1
""",
        "월|해",
        *("1|2018", "2|2007", "3|2009"),
    ),
    untidy(
        "the same years below another title",
        """
표 1. 남자
나이,2019,2020
0-9세,10,11
10-19세,20,21

표 2. 여자
나이,2019,2020
0-9세,12,13
10-19세,22,23
""",
        "나이|2019|2020",
        *("0-9세|10|11", "10-19세|20|21"),
    ),
    untidy(
        "the same names of texts below another title, padded",
        """
A동 시설,,
명칭,용도,담당
강당,행사,김가
회의실,회의,이나
,,
B동 시설,,
명칭,용도,담당
식당,급식,박다
창고,보관,최라
""",
        "명칭|용도|담당",
        *("강당|행사|김가", "회의실|회의|이나"),
    ),
)

_TABLE = "구군,건수,사망\n중구,61,0\n동구,182,2\n서구,90,1\n"
_ROWS = ("중구|61|0", "동구|182|2", "서구|90|1")

LINES_WITHOUT_MARK = tuple(
    untidy(f"the line {below.strip().splitlines()[0]}", _TABLE + below, "구군|건수|사망", *_ROWS, encoding=encoding)
    for below, encoding in (
        ("끝.\n", "utf-8"),
        ("이 하 여 백,,\n", "cp949"),
        ("- 이상 -\n", "cp949"),
        ("- 중구: 동인동 제외\n- 동구: 전체 동\n", "utf-8"),
        ("단위: 명\n데이터기준일자 : 2024-06-30\n", "utf-8"),
        ("위 자료는 잠정치이며, 추후 변경될 수 있습니다.\n", "utf-8"),
        (",,\n작성일,2024-01-05,\n작성자,홍길동,\n", "cp949"),
        ("제공기관,대구광역시,\n", "utf-8"),
        ("총 3건\n", "utf-8"),
        ("──────────\n", "cp949"),
        ("━━━━━\n자료: 경찰청\n", "utf-8"),
        ("출처: 경찰청, 2024\n", "cp949"),
        ("자료: 대구경찰청, 2023, 잠정\n", "utf-8"),
        ("합계 : 333건,,\n", "utf-8"),
        (",,\n,,담당 : 홍길동\n,,과장 : 김철수\n", "cp949"),
        ("[출처] 대구경찰청\n[비고] 군위군 편입\n", "utf-8"),
    )
)

NO_NOTES = (
    untidy(
        "a last row that begins with a word of notes",
        "구분,내용\n자료,2024년 보고서\n문의,053-803-0000\n담당,홍길동\n",
        "구분|내용",
        *("자료|2024년 보고서", "문의|053-803-0000", "담당|홍길동"),
        told=False,
    ),
    untidy(
        "a last row of which only the name is known",
        "업소,주소,면적\n가나,대구 중구,33\n다라,대구 동구,40\n마바,,\n",
        "업소|주소|면적",
        *("가나|대구 중구|33", "다라|대구 동구|40", "마바||"),
        told=False,
    ),
)

PAGES = (
    untidy(
        "numbers of pages in dashes, and names on each page",
        "구군,건수,사망\n중구,61,0\n동구,182,2\n- 1 -\n구군,건수,사망\n서구,90,1\n남구,12,0\n- 2 -\n",
        "구군|건수|사망",
        *_ROWS,
        "남구|12|0",
    ),
    untidy(
        "pages in words, without names",
        "구군,건수,사망\n중구,61,0\n동구,182,2\n1쪽\n서구,90,1\n남구,12,0\n2쪽\n",
        "구군|건수|사망",
        *_ROWS,
        "남구|12|0",
        encoding="cp949",
    ),
)

TITLES_BETWEEN = (
    untidy(
        "a table of the same names below its own title",
        "1. 중구\n동,건수\n가,1\n나,2\n다,3\n\n2. 동구\n동,건수\n라,4\n마,5\n바,6\n",
        "동|건수",
        *("가|1", "나|2", "다|3"),
    ),
    untidy(
        "the same names below a title without a blank line",
        "<표 1> 중구\n동,건수,사망\n가,1,0\n나,2,1\n다,3,0\n<표 2> 동구\n동,건수,사망\n라,4,0\n마,5,2\n바,6,1\n",
        "동|건수|사망",
        *("가|1|0", "나|2|1", "다|3|0"),
        encoding="cp949",
    ),
)

KINDS = {
    "notes below": NOTES,
    "second tables": SECOND_TABLES,
    "lines without a mark below": LINES_WITHOUT_MARK,
    "no notes": NO_NOTES,
    "pages": PAGES,
    "tables of the same names": TITLES_BETWEEN,
}
