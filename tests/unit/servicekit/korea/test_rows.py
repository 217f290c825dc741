import pyarrow as pa

from servicekit.korea.matching import find_region
from servicekit.korea.names import regions
from servicekit.korea.rows import Unmatched, find_regions


def test_each_row_has_the_code_of_its_region_or_none() -> None:
    found = find_regions([pa.array(["대구 중구", " 중구", None, "대구 중구", "어딘가", "", "중구"])])
    assert found.codes.to_pylist() == ["27110", None, None, "27110", None, None, None]
    assert (found.matched_rows, found.unknown_rows, found.ambiguous_rows) == (2, 1, 2)
    assert found.unmatched == [Unmatched("중구", "AMBIGUOUS", 2), Unmatched("어딘가", "UNKNOWN", 1)]
    assert found.rows_by_code() == {"27110": 2}


def test_columns_name_the_region_of_a_row_together() -> None:
    provinces = pa.array(["대구", "서울", "대구", None]).dictionary_encode()
    districts = pa.array(["중구", "중구", None, "수성구"]).dictionary_encode()
    assert find_regions([provinces, districts]).codes.to_pylist() == ["27110", "11140", "27", "27260"]


def test_words_for_none_are_no_regions_and_beside_one_mean_all_of_it() -> None:
    found = find_regions([pa.array(["전국", "대구", "미상"]), pa.array(["소계", "소계", None])])
    assert found.codes.to_pylist() == [None, "27", None]
    assert (found.matched_rows, found.unknown_rows) == (1, 0)


def test_codes_may_be_integers() -> None:
    assert find_regions([pa.array([2711010100, 47720, None])]).codes.to_pylist() == ["27110101", "27720", None]


def test_no_rows_have_no_regions() -> None:
    found = find_regions([pa.array([], pa.string())])
    assert (found.codes.to_pylist(), found.matched_rows) == ([], 0)


def test_many_different_addresses_are_matched_as_each_by_itself() -> None:
    forms = (
        "{} {}", "{} {}-1", "{}{}-1", "{}({})", "{} 달구벌대로 {}", "{} 달구벌대로 {}길 1", "(41900) {} {}",
        "{} 팔공산로 {} (없는마을, 1층)", "{0} 팔공산로 {1} ({0})",
    )  # fmt: skip
    names = [region.name for region in regions().values() if len(region.code) > 2]
    addresses = [forms[number % len(forms)].format(names[number % len(names)], number) for number in range(21_000)]
    expected = [region.code if (region := find_region(address)) else None for address in addresses]
    assert None not in expected
    assert find_regions([pa.array(addresses)]).codes.to_pylist() == expected
