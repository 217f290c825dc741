"""The limit follows time: it shrinks while a queue stands and grows while it is in the way for nothing."""

from gateway.admission import Admission


def settle(admission: Admission, seconds: float, begin: float = 0.0) -> float:
    """Lets many intervals pass in which every answer takes so long; returns the limit then."""
    for number in range(200):
        admission.under_way = int(admission.limit) + 1
        assert admission.is_full
        admission.observe(seconds, now=begin + number * 0.2)
    return admission.limit


def test_limit_stays_while_answers_are_quick() -> None:
    assert settle(Admission(2000, target_seconds=0.8, clock=lambda: 0.0), 0.3) == 2000


def test_limit_shrinks_to_its_least_while_answers_are_slow_and_comes_back() -> None:
    admission = Admission(2000, target_seconds=0.8, clock=lambda: 0.0)
    assert settle(admission, 1.5) == 400
    assert settle(admission, 0.1, begin=100.0) == 2000


def test_one_quick_answer_shows_that_no_queue_stands() -> None:
    admission = Admission(2000, target_seconds=0.8, clock=lambda: 0.0)
    for number in range(1, 1000):
        admission.under_way = 2000
        admission.observe(0.1 if number % 5 == 0 else 2.0, now=number * 0.011)
    assert admission.limit == 2000


def test_limit_below_the_least_stays_as_it_was_set() -> None:
    assert settle(Admission(2, target_seconds=0.8, clock=lambda: 0.0), 5.0) == 2


def test_limit_grows_where_streams_alone_are_under_way() -> None:
    moment = 0.0
    admission = Admission(2000, target_seconds=0.8, clock=lambda: moment)
    assert settle(admission, 1.5) == 400
    moment = 1_000.0
    admission.under_way = 1999
    while admission.is_full:
        moment += 0.2
    assert admission.limit == 2000
