"""Previews of a file in the encodings that it may be in."""

import pytest

from dataset_service.reading.text.candidates import preview_facts

LINES = ["구,값", *[f"중구,{number}" for number in range(20)]]


@pytest.mark.parametrize(("encoding", "garbled"), [("cp949", "utf-8"), ("utf-8", "cp949")])
def test_best_encoding_comes_first_with_the_lines_that_differ_and_one_that_is_damaged(
    encoding: str, garbled: str
) -> None:
    lines = [line.encode(encoding) for line in LINES]
    lines[9:11] = [b"\xff\xff,9", b"\xff\xff,10"]
    facts = preview_facts(b"\n".join(lines))
    assert facts["encodings"].split(", ")[0] in (encoding, "utf-8+cp949")
    assert facts["encodings"].split(", ")[-1] == garbled
    assert facts["lines"] == "1, 2, 3, 10"
    assert facts[f"preview_{encoding}"].split("\n")[:3] == LINES[:3]
    assert facts[f"preview_{garbled}"].split("\n")[:3] != LINES[:3]
    assert "\ufffd" in facts[f"preview_{encoding}"].split("\n")[3]


def test_facts_are_short_enough_for_the_headers_of_a_call() -> None:
    facts = preview_facts(("가" * 10_000 + "\n").encode() * 100)
    assert sum(len(text.encode()) for text in facts.values()) < 4_000
