import re

from model import card
from model.train import DIRECTORY


def test_figures_of_the_card_are_those_of_the_model() -> None:
    text = card.CARD.read_text("utf-8")
    assert card.with_figures(text, card.figures(DIRECTORY)) == text, "run `python -m model.card`"


def test_card_tells_every_month_type_and_year() -> None:
    figures = card.figures(DIRECTORY)
    first_cells = re.findall(r"^\| ([^|]+?) \|", figures, re.MULTILINE)
    for cell in (*map(str, range(1, 13)), *map(str, range(2016, 2021)), "차대차", "차대사람", "차량단독", "매우 심각"):
        assert cell in first_cells


def test_card_says_what_the_model_must_not_be_taken_for() -> None:
    text = card.CARD.read_text("utf-8")
    for said in (
        "교통안전도 평가지수",
        "군위군",
        "no basis for a statement about a single accident",
        "not redistributed",
    ):
        assert said in text


def test_figures_are_replaced_and_nothing_else() -> None:
    made = f"before\n{card.BEGIN}old\n{card.END}after\n"
    assert card.with_figures(made, "new\n") == f"before\n{card.BEGIN}new\n{card.END}after\n"
