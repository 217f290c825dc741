import pytest

from servicekit.korean_text.particles import choose_particles


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("‘상동’을(를) ‘수성구 상동’(으)로 읽음", "‘상동’을 ‘수성구 상동’으로 읽음"),
        ("사망자수이(가) 서울(으)로", "사망자수가 서울로"),
        ("10을(를) 7(으)로, 8은(는) 6과(와) 2,345이(가)", "10을 7로, 8은 6과 2,345가"),
        ("ECLO을(를) CSV은(는) XML(으)로 API과(와)", "ECLO를 CSV는 XML로 API와"),
        ("Excel을(를) Python(으)로 column이(가) test은(는)", "Excel을 Python으로 column이 test는"),
        ("UTF-8(으)로, CP949 (한글 엑셀)(으)로", "UTF-8로, CP949 (한글 엑셀)로"),
        ("교차로(2,345건)은(는) (없음)을(를)", "교차로(2,345건)는 (없음)을"),
        ("34.5%이(가) 12℃을(를)", "34.5%가 12℃를"),
        ("**달서구**은(는) `금액`이(가)", "**달서구**는 `금액`이"),
        ("漢을(를) 😀이(가)", "漢을(를) 😀이(가)"),
    ],
)
def test_particle_follows_the_sound_before_it(written: str, read: str) -> None:
    assert choose_particles(written) == read
