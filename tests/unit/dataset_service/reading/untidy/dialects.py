r"""Delimiters, quotes, escapes and line ends of other programs."""

from tests.unit.dataset_service.reading.untidy.untidy_file import untidy

BARS = (
    untidy(
        "districts",
        "구군|건수|비율\n중구|61|1.5\n동구|182|2.5\n",
        "구군|건수|비율",
        *("중구|61|1.5", "동구|182|2.5"),
        told=None,
    ),
    untidy(
        "addresses with commas",
        "번호|주소|층\r\n1|대구광역시 중구 동성로 1, 2층|2\r\n"
        "2|대구광역시 동구 아양로 2, 지하|1\r\n3|대구광역시 서구 3|3\r\n",
        "번호|주소|층",
        *("1|대구광역시 중구 동성로 1, 2층|2", "2|대구광역시 동구 아양로 2, 지하|1", "3|대구광역시 서구 3|3"),
        encoding="cp949",
        told=None,
    ),
    untidy(
        "a bar at the end of each line",
        "코드|명칭|값|\nA1|가|1|\nA2|나|2|\nA3|다|3|\n",
        "코드|명칭|값",
        *("A1|가|1", "A2|나|2", "A3|다|3"),
        told=None,
    ),
    untidy(
        "blanks around each bar",
        "구군 | 건수 | 담당\n중구 | 61 | 김\n동구 | 182 | 이\n서구 | 90 | 박\n",
        "구군|건수|담당",
        *("중구|61|김", "동구|182|이", "서구|90|박"),
        told=None,
    ),
)

SPACES = (
    untidy(
        "one blank between numbers",
        "station temp rain\n143 29.9 0.5\n136 28.1 1\n138 27.7 0\n",
        "station|temp|rain",
        *("143|29.9|0.5", "136|28.1|1", "138|27.7|0"),
        told=None,
    ),
    untidy(
        "columns lined up with blanks",
        "지점   기온  강수량\n143   29.9    0.5\n136    8.1   10.5\n138   27.7    0.0\n",
        "지점|기온|강수량",
        *("143|29.9|0.5", "136|8.1|10.5", "138|27.7|0"),
        told=None,
        texts="지점",
    ),
    untidy(
        "quoted texts with blanks",
        '"이름" "구군" "값"\n"가 나" "중구" 3\n"다 라" "동구" 5\n"마" "서구" 8\n',
        "이름|구군|값",
        *("가 나|중구|3", "다 라|동구|5", "마|서구|8"),
        told=None,
    ),
    untidy(
        "a log of a station under hash lines",
        """
#START7777
#  기상청 지상관측 일자료
#  TM       STN  TA    RN
20240801  143  29.9  0.5
20240802  143  30.2  0.0
20240803  143  30.0  1.5
#7777END
""",
        "*|*|*|*",
        *("2024-08-01|143|29.9|0.5", "2024-08-02|143|30.2|0", "2024-08-03|143|30|1.5"),
    ),
    untidy(
        "texts with blanks in a file of one column are no cells",
        "의견\n도로가 좁다\n신호가 짧다\n불이 어둡다\n",
        "의견",
        *("도로가 좁다", "신호가 짧다", "불이 어둡다"),
        told=False,
    ),
)

LONGER = (
    untidy(
        "two bars",
        "번호||이름||값\n1||가||3\n2||나||5\n3||다||8\n",
        "번호|이름|값",
        *("1|가|3", "2|나|5", "3|다|8"),
        told=None,
    ),
    untidy(
        "a comma and a blank",
        "번호, 이름, 값\n1, 가, 3\n2, 나, 5\n3, 다, 8\n",
        "번호|이름|값",
        *("1|가|3", "2|나|5", "3|다|8"),
        told=None,
    ),
    untidy(
        "a comma and a blank before quotes",
        '번호, 이름, 값\n1, "가, 나", 3\n2, "다", 5\n3, "라, 마", 8\n',
        "번호|이름|값",
        *("1|가, 나|3", "2|다|5", "3|라, 마|8"),
        told=None,
    ),
    untidy(
        "a caret between bars",
        "코드|^|명칭|^|수량\nA1|^|가|^|10\nA2|^|나|^|20\nA3|^|다|^|30\n",
        "코드|명칭|수량",
        *("A1|가|10", "A2|나|20", "A3|다|30"),
        told=None,
    ),
    untidy(
        "two semicolons",
        "측정소;;PM10;;오존\n수창동;;41;;0.031\n지산동;;38;;0.035\n이현동;;44;;0.03\n",
        "측정소|PM10|오존",
        *("수창동|41|0.031", "지산동|38|0.035", "이현동|44|0.03"),
        told=None,
    ),
)

OTHER_DELIMITERS = (
    untidy(
        "carets",
        "구군^건수^비고\n중구^61^가, 나\n동구^182^다\n서구^90^라\n",
        "구군|건수|비고",
        *("중구|61|가, 나", "동구|182|다", "서구|90|라"),
        told=None,
    ),
    untidy(
        "tildes",
        "코드~명칭~값\nA1~가~1\nA2~나~2\nA3~다~3\n",
        "코드|명칭|값",
        *("A1|가|1", "A2|나|2", "A3|다|3"),
        told=None,
    ),
    untidy(
        "colons",
        "구군:건수:사망\n중구:61:0\n동구:182:2\n서구:90:1\n",
        "구군|건수|사망",
        *("중구|61|0", "동구|182|2", "서구|90|1"),
        told=None,
    ),
    untidy(
        "colons in moments are none",
        "측정일시\n2024-01-02 10:00\n2024-01-03 11:00\n2024-01-04 11:30\n",
        "측정일시",
        *("2024-01-02 10:00", "2024-01-03 11:00", "2024-01-04 11:30"),
        told=False,
    ),
    untidy(
        "colons in addresses of pages are none",
        "주소\nhttp://a.example/x?y=1;z=2\nhttps://b.example/\nhttp://c.example/z\n",
        "주소",
        *("http://a.example/x?y=1;z=2", "https://b.example/", "http://c.example/z"),
        told=False,
    ),
    untidy(
        "commas in some texts of one column are none",
        "의견\n좋다, 그러나 비싸다\n나쁘다\n그저, 그렇다\n넓다\n",
        "의견",
        *("좋다, 그러나 비싸다", "나쁘다", "그저, 그렇다", "넓다"),
        told=None,
    ),
    untidy(
        "semicolons and commas within quotes",
        '지점;기온;비고\n143;29.9;"맑음, 더움"\n136;28.1;"흐림; 비"\n138;27.7;맑음\n',
        "지점|기온|비고",
        *("143|29.9|맑음, 더움", "136|28.1|흐림; 비", "138|27.7|맑음"),
        told=None,
        texts="지점",
    ),
    untidy(
        "tabs and addresses with commas",
        "번호\t주소\t값\n1\t중구, 동인동, 1가\t3\n2\t동구, 신암동, 2\t5\n3\t서구, 내당동, 3\t8\n",
        "번호|주소|값",
        *("1|중구, 동인동, 1가|3", "2|동구, 신암동, 2|5", "3|서구, 내당동, 3|8"),
        told=None,
    ),
)

SINGLE_QUOTES = (
    untidy(
        "around each cell",
        "'번호','이름','값'\n'1','가, 나','3'\n'2','다','5'\n'3','라','8'\n",
        "번호|이름|값",
        *("1|가, 나|3", "2|다|5", "3|라|8"),
        told=None,
    ),
    untidy(
        "around texts with semicolons",
        "이름;주소;값\n가;'중구; 동인동';3\n나;'동구; 신암동';5\n다;'서구';8\n",
        "이름|주소|값",
        *("가|중구; 동인동|3", "나|동구; 신암동|5", "다|서구|8"),
        told=None,
    ),
    untidy(
        "doubled within",
        "번호,말,값\n1,'그는 ''네'' 하고, 갔다',3\n2,'없다',5\n3,'가, 나',8\n",
        "번호|말|값",
        *("1|그는 '네' 하고, 갔다|3", "2|없다|5", "3|가, 나|8"),
        told=None,
    ),
    untidy(
        "over a line break",
        "번호,내용,값\n1,'첫째 줄\n둘째 줄',3\n2,'하나, 둘',5\n3,'셋',8\n",
        "번호|내용|값",
        *("1|첫째 줄\n둘째 줄|3", "2|하나, 둘|5", "3|셋|8"),
        told=None,
    ),
    untidy(
        "years written short are no quotes",
        "구군,'23년,'24년\n중구,61,58\n동구,182,177\n서구,90,93\n",
        "구군|'23년|'24년",
        *("중구|61|58", "동구|182|177", "서구|90|93"),
        told=False,
    ),
    untidy(
        "apostrophes in English are no quotes",
        "name,kind,count\nO'Neill's,pub,3\nJoe's,diner,5\n'Round Corner,bar,8\n",
        "name|kind|count",
        *("O'Neill's|pub|3", "Joe's|diner|5", "'Round Corner|bar|8"),
        told=False,
    ),
)

BACKSLASHES = (
    untidy(
        "before quotes within quotes",
        r"""
번호,말,값
1,"그는 \"네\" 했다",3
2,"가, 나",5
3,"\"다\", \"라\"",8
""",
        "번호|말|값",
        *('1|그는 "네" 했다|3', "2|가, 나|5", '3|"다", "라"|8'),
        told=None,
    ),
    untidy(
        "before delimiters without quotes",
        "번호,주소,값\n1,중구\\, 동인동,3\n2,동구\\, 신암동,5\n3,서구,8\n",
        "번호|주소|값",
        *("1|중구, 동인동|3", "2|동구, 신암동|5", "3|서구|8"),
        told=None,
    ),
    untidy(
        "before quotes, bars between cells",
        r"""
"코드"|"명칭"|"값"
"A1"|"5\" 관"|"3"
"A2"|"가/나"|"5"
"A3"|"8\" 관"|"8"
""",
        "코드|명칭|값",
        *('A1|5" 관|3', "A2|가/나|5", 'A3|8" 관|8'),
        told=None,
    ),
    untidy(
        "folders of Windows are no escapes",
        "번호,경로,크기\n1,C:\\자료\\2024,3\n2,C:\\temp\\new,5\n3,D:\\,8\n",
        "번호|경로|크기",
        *("1|C:\\자료\\2024|3", "2|C:\\temp\\new|5", "3|D:\\|8"),
        told=False,
    ),
    untidy(
        "a quoted folder ends in a backslash",
        '번호,경로,크기\n1,"C:\\자료\\",3\n2,"D:\\보고, 최종\\",5\n3,"E:\\",8\n',
        "번호|경로|크기",
        *("1|C:\\자료\\|3", "2|D:\\보고, 최종\\|5", "3|E:\\|8"),
        told=None,
    ),
)

QUOTE_TOO_MANY = (
    untidy(
        "opened and never closed",
        '번호,이름,값\n1,가,3\n2,"나,5\n3,다,8\n4,라,9\n',
        "번호|이름|값",
        *("1|가|3", "2|*|*", "3|다|8", "4|라|9"),
        texts="값",
    ),
    untidy(
        "within a quoted name of a shop",
        '"번호","상호","면적"\n"1","가나식당","66.1"\n"2","더"맛있는"집","33"\n"3","다라, 분점","41"\n',
        "번호|상호|면적",
        *("1|가나식당|66.1", "2|*|33", "3|다라, 분점|41"),
    ),
    untidy(
        "at the end of a cell",
        '구군,건수,담당\n중구",61,김\n동구,182,이\n서구,90,박\n',
        "구군|건수|담당",
        *("*|61|김", "동구|182|이", "서구|90|박"),
        told=None,
    ),
    untidy(
        "one too many before a quoted cell",
        '번호,주소,값\n1,"중구, 동인동",3\n2,""동구, 신암동",5\n3,"서구, 내당동",8\n4,"남구, 대명동",9\n',
        "번호|주소|값",
        *("1|중구, 동인동|3",),
        "2|*|*",
        *("3|서구, 내당동|8", "4|남구, 대명동|9"),
        texts="값",
        told=None,
    ),
    untidy(
        "inches are no quotes",
        '품명,규격,수량\n관,4" 강관,3\n관,6" 강관,5\n판,1/2",8\n',
        "품명|규격|수량",
        *('관|4" 강관|3', '관|6" 강관|5', '판|1/2"|8'),
        told=None,
    ),
)

LINE_ENDS = (
    untidy(
        "CR alone",
        "구군,건수\r중구,61\r동구,182\r서구,90\r",
        "구군|건수",
        *("중구|61", "동구|182", "서구|90"),
        encoding="cp949",
        told=None,
    ),
    untidy(
        "CR alone with a title and without an end",
        "대구광역시 사고 현황\r구군,건수,사망\r중구,61,0\r동구,182,2\r서구,90,1",
        "구군|건수|사망",
        *("중구|61|0", "동구|182|2", "서구|90|1"),
    ),
    untidy(
        "CR alone around a quoted LF",
        '번호,내용,값\r1,"첫째\n둘째",3\r2,셋째,5\r3,넷째,8\r',
        "번호|내용|값",
        *("1|첫째\n둘째|3", "2|셋째|5", "3|넷째|8"),
        told=None,
    ),
    untidy(
        "CR CR LF",
        "구군,건수\r\r\n중구,61\r\r\n동구,182\r\r\n",
        "구군|건수",
        *("중구|61", "동구|182"),
        told=None,
    ),
    untidy(
        "all three in one file",
        "구군,건수\r\n중구,61\n동구,182\r서구,90\r\n",
        "구군|건수",
        *("중구|61", "동구|182", "서구|90"),
        told=None,
    ),
)

CONTROL_Z = (
    untidy(
        "on a line of its own",
        "구군,건수\r\n중구,61\r\n동구,182\r\n\x1a",
        "구군|건수",
        *("중구|61", "동구|182"),
        encoding="cp949",
        told=None,
    ),
    untidy(
        "right behind the last cell",
        "구군,건수\n중구,61\n동구,182\x1a",
        "구군|건수",
        *("중구|61", "동구|182"),
        told=None,
    ),
    untidy(
        "many of them",
        "번호,이름,값\r\n1,가,3\r\n2,나,5\r\n" + "\x1a" * 60,
        "번호|이름|값",
        *("1|가|3", "2|나|5"),
        told=None,
    ),
    untidy(
        "and a line break behind it",
        "번호,이름,값\r\n1,가,3\r\n2,나,5\r\n\x1a\r\n",
        "번호|이름|값",
        *("1|가|3", "2|나|5"),
        told=None,
    ),
)

WIDE_BELOW_TEXTS = (
    untidy(
        "an account with a title of its own, quoted, some rows shorter",
        """
"잔고 조회, 2024-08-01 09:00"

"계좌 1234-56"
"종목","수량","단가","평가","비고","구분",
"가나전자","10","1,200","12,000","-","주식",
"다라화학","20","2,300","46,000","-","주식"
"마바채권","5","9,900","49,500","-","채권",
"현금","-","-","3,000","-"
"사아은행","7","8,000","56,000","-","주식",
""",
        "종목|수량|단가|평가|비고|구분",
        *("가나전자|10|1200|12000|-|주식", "다라화학|20|2300|46000|-|주식", "마바채권|5|9900|49500|-|채권"),
        *("현금|||3000|-|", "사아은행|7|8000|56000|-|주식"),
    ),
    untidy(
        "titles between groups of wide rows",
        """
시설 현황
번호;이름;주소;전화;면적;층수
1;가나관;중구 동성로 1;053-111-1111;120;2
2;다라관;중구 동성로 2;053-111-1112;95;1
동구
3;마바관;동구 아양로 3;053-111-1113;300;4
서구
4;사아관;서구 국채로 4;053-111-1114;210;3
""",
        "번호|이름|주소|전화|면적|층수",
        *("1|가나관|중구 동성로 1|053-111-1111|120|2", "2|다라관|중구 동성로 2|053-111-1112|95|1"),
        *("동구|||||", "3|마바관|동구 아양로 3|053-111-1113|300|4"),
        *("서구|||||", "4|사아관|서구 국채로 4|053-111-1114|210|3"),
        texts="번호",
    ),
)

ALIGNED_BELOW_TITLES = (
    untidy(
        "a station with its place above",
        """
 Daegu
   35.88  128.65 53 m version 1
 2024   1  1   0.5  -2.3 0    61.2 0
 2024   1  2   1.0  -2.7 0    62.0 0
 2024   1  3   0.0  -3.1 1    60.4 0
 2024   1  4   0.0   0.4 0    58.9 1
""",
        "*|*|*|*|*|*|*|*",
        *("2024|1|1|0.5|-2.3|0|61.2|0", "2024|1|2|1|-2.7|0|62|0"),
        *("2024|1|3|0|-3.1|1|60.4|0", "2024|1|4|0|0.4|0|58.9|1"),
    ),
    untidy(
        "a gauge under one word",
        "수위계\n101   2.31  0.4  12.0  7\n102  12.80  0.1   9.5  8\n103   0.05  1.2  30.1  9\n",
        "*|*|*|*|*",
        *("101|2.31|0.4|12|7", "102|12.8|0.1|9.5|8", "103|0.05|1.2|30.1|9"),
    ),
    untidy(
        "a printed table with its names, some rows shorter",
        """
 02-20-2014                          통계국
                            소비자물가지수

                               2020=100

     연도    1월    2월    3월    4월    5월    6월

     2011   90.1   90.2   90.4   90.5   90.7   90.8
     2012   91.0   91.2   91.3   91.5   91.6   91.8
     2013   92.0   92.1   92.3   92.4   92.6   92.7

     2014   93.0   93.2   93.3   93.5   93.6   93.8
     2015   94.1   94.2   94.4   94.5   94.7   94.8
     2016   95.0   95.1   95.3   95.4   95.6   95.7
     2017   96.0   96.1   96.3   96.4   96.6   96.7
     2018   97.0   97.1   97.3   97.4   97.6   97.7
     2019   98.0   98.1   98.3   98.4   98.6   98.7
     2020   99.0
""",
        "연도|1월|2월|3월|4월|5월|6월",
        *("2011|90.1|90.2|90.4|90.5|90.7|90.8", "2012|91|91.2|91.3|91.5|91.6|91.8"),
        *("2013|92|92.1|92.3|92.4|92.6|92.7", "2014|93|93.2|93.3|93.5|93.6|93.8"),
        *("2015|94.1|94.2|94.4|94.5|94.7|94.8", "2016|95|95.1|95.3|95.4|95.6|95.7"),
        *("2017|96|96.1|96.3|96.4|96.6|96.7", "2018|97|97.1|97.3|97.4|97.6|97.7"),
        *("2019|98|98.1|98.3|98.4|98.6|98.7", "2020|99|||||"),
    ),
    untidy(
        "moments under one word stay one column",
        "측정일시\n2024-03-01 01:00\n2024-03-01 02:00\n2024-03-01 03:00\n",
        "측정일시",
        *("2024-03-01 01:00", "2024-03-01 02:00", "2024-03-01 03:00"),
        told=None,
    ),
)

KINDS = {
    "bars": BARS,
    "spaces": SPACES,
    "delimiters of several characters": LONGER,
    "other delimiters": OTHER_DELIMITERS,
    "single quotes": SINGLE_QUOTES,
    "backslashes": BACKSLASHES,
    "a quote too many": QUOTE_TOO_MANY,
    "line ends": LINE_ENDS,
    "Ctrl-Z": CONTROL_Z,
    "wide rows between texts": WIDE_BELOW_TEXTS,
    "aligned numbers below titles": ALIGNED_BELOW_TITLES,
}
