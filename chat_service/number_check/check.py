"""Holds the numbers of an answer against all that the model was told."""

from collections.abc import Iterable, Sequence

from chat_service.answers import Exchange, NumberCheck, ToolCall
from chat_service.number_check.from_tables import find_in_tables
from chat_service.number_check.from_written import Operand, find_in_written
from chat_service.number_check.known import Collector, Known
from chat_service.number_check.left_alone import without_left_alone
from chat_service.number_check.mentions import Mentions
from chat_service.number_check.written import WrittenNumber, find_numbers, hidden_scales

_CUT = "0123456789,. \n"
_LONGEST_TEXT = 40_000
_MOST_NUMBERS = 200
_MOST_NAMES = 400
_MOST_UNCONFIRMED = 30
_PASSES = 2
_MOST_LOOKS = 600  # at a table for a number
_COUNTED = ("개", "곳", "가지", "종류", "종", "군데", "구", "동", "열", "일")
_MOST_COUNTED = 40


def check_numbers(
    text: str, *, question: str, earlier: Sequence[Exchange], calls: Sequence[ToolCall], told: Sequence[str], rows: int
) -> NumberCheck:
    """Checks the numbers of an answer: each must be in what the model was told, or follow from it.

    It was told the results of the tools `calls`, the conversation before, and the texts `told`; the dataset has so many
    `rows`. Numbers of the questions, dates, ordinals and the like are left alone, and the last number of a text that
    ends with it, because it may be cut. At most the first 200 numbers are checked.
    """
    collector = Collector()
    collector.add_total(rows)
    for told_text in told:
        collector.add_text(told_text)
    for exchange in earlier:
        _add_exchange(exchange, collector)
    for call in calls:
        collector.add_call(call)
    known = collector.known()
    questions = [question, *(exchange.question for exchange in earlier)]
    asked = {number.value for asked_text in questions for number in find_numbers(asked_text)}
    names = sorted(known.names, key=len, reverse=True)[:_MOST_NAMES]
    plain = without_left_alone(text[:_LONGEST_TEXT].rstrip(_CUT), names)
    numbers = [number for number in find_numbers(plain) if number.value not in asked][:_MOST_NUMBERS]
    confirmed = {number: value for number in numbers if (value := _find(number, known)) is not None}
    if len(confirmed) < len(numbers):
        _derive(numbers, confirmed, text, collector)
    unknown = [number for number in numbers if number not in confirmed]
    unconfirmed = tuple(dict.fromkeys(number.text for number in unknown))[:_MOST_UNCONFIRMED]
    return NumberCheck(len(numbers), len(confirmed), unconfirmed)


def _add_exchange(exchange: Exchange, collector: Collector) -> None:
    for call in exchange.tool_calls:
        collector.add_call(call)
    said = find_numbers(without_left_alone(exchange.answer[:_LONGEST_TEXT], ()))
    collector.add_numbers(number.value for number in said if number.text not in exchange.unconfirmed)


def _derive(numbers: list[WrittenNumber], confirmed: dict[WrittenNumber, float], text: str, told: Collector) -> None:
    """Adds those that follow from what is known to the confirmed; removes those that would take too much work."""
    tables, totals = told.tables()
    mentions = Mentions(text, tables)
    unknown = [number for number in numbers if number not in confirmed]
    within_bounds = _MOST_LOOKS // max(1, len(tables))
    for number in unknown[within_bounds:]:
        numbers.remove(number)
    unknown = unknown[:within_bounds]

    def confirm(found: Iterable[tuple[WrittenNumber, float | None]]) -> None:
        confirmed.update({number: value for number, value in found if value is not None})

    def follow_from_written() -> None:
        operands = [Operand(number, confirmed[number]) for number in numbers if number in confirmed]
        rest = [number for number in unknown if number not in confirmed]
        confirm((number, find_in_written(number, operands, totals, mentions.text_near(number))) for number in rest)

    follow_from_written()  # takes less than looking into tables
    rest = [number for number in unknown if number not in confirmed]
    confirm((number, find_in_tables(number, mentions.near(number), totals)) for number in rest)
    for _ in range(_PASSES):
        follow_from_written()


def _find(number: WrittenNumber, known: Known) -> float | None:
    """Returns the known number that is written so; None if there is none."""
    if number.unit in _COUNTED and (number.value in known.rests or _is_count(number.value, known.most_rows)):
        return number.value
    found = known.numbers.find(number.low, number.high)
    if found is None and number.is_percentage:
        fraction = known.fractions.find(number.low / 100, number.high / 100)
        found = None if fraction is None else fraction * 100
    for scale in hidden_scales(number) if found is None else ():
        hidden = known.numbers.find(number.low / scale, number.high / scale)
        if hidden is not None:
            return hidden * scale
    return found


def _is_count(value: float, most_rows: int) -> bool:
    """Returns whether so many rows may have been counted in a table."""
    return value == value // 1 and value <= min(most_rows, _MOST_COUNTED)
