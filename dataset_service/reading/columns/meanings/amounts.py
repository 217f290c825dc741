"""Tells ages, percentages, money and counts."""

from dataset_service.reading.columns.kinds import Meaning
from dataset_service.reading.columns.meanings.facts import Facts
from dataset_service.reading.columns.values.units import AGE, COUNTS, MONEY, PERCENT, without_multiple

_AGES = r"연령|나이|^age"
# 출산율, 사망률, 환율 and the like are no percentages.
_PERCENTAGES = (
    r"비율|구성비|비중|점유율|백분율|퍼센트|^pct|percent(?:age)?|(?:증감|증가|감소|취업|고용|실업|이용|가동|달성|집행|참여|투표|"
    r"보급|진학|공실|흡연|가입|회수|해결|검거|준수|착용|재활용|자립|충족|합격|출석|참가|보장|포장|하락|상승|변동|대비)[율률]"
)
_MONEY_NAMES = (
    r"금액|가격|요금|비용|보증금|임대료|월세|전세금|매출액?|수수료|원가|임금|급여|세액|공시지가|단가|예산액?|집행액|결산액?|세입액?|세출액?|지출액|과태료|"
    r"범칙금|지원금|보조금|기부금|^price|^cost|^fee"
)
# Words that end in 수 but count nothing.
_COUNT_NAMES = (
    r"(?<![점지계배순특하용우급방정연차함변홀짝상약생냉온오폐강파료침누홍복필])수|"
    r"인구|인원|^건|^count|(?:사망|부상|중상|경상|사상)자?|세대|가구"
)


def find_amount(facts: Facts) -> Meaning | None:
    """Returns what is counted or measured, by the unit or else by the name, and by the range."""
    if not facts.is_number:
        return None
    if facts.unit:
        return _of_unit(facts)
    if facts.ends_with(_AGES) and facts.is_within(0, 130):
        return Meaning.AGE
    # Shares of 1 are no percentages.
    if facts.ends_with(_PERCENTAGES) and facts.is_within(-1000, 1000) and not facts.is_within(-1, 1):
        return Meaning.PERCENT
    if facts.ends_with(_MONEY_NAMES):
        return Meaning.MONEY
    is_count = facts.any_word_ends_with(_COUNT_NAMES) and facts.is_within(0, float("inf")) and facts.are_whole
    return Meaning.COUNT if is_count else None


def _of_unit(facts: Facts) -> Meaning | None:
    of, _, per = facts.unit.partition("/")
    if of == PERCENT:
        return Meaning.PERCENT
    if of == AGE:
        return Meaning.AGE if facts.is_within(0, 130) else None
    if of in MONEY:
        return Meaning.MONEY
    is_count = without_multiple(of) in COUNTS and not per and facts.is_within(0, float("inf"))
    return Meaning.COUNT if is_count else None
