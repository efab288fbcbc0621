import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import count, measured, middle, percentile, ratio, times

rates = st.floats(0.1, 1e6)


def rounds(*values: float) -> list[dict[str, float]]:
    return [{"rate": value} for value in values]


def test_a_ratio_is_that_of_each_round():
    """The machine was busy in the second round: both were slower, and the ratio is the same."""
    assert ratio(rounds(900, 300, 880), rounds(30, 10, 40), "rate") == (30, 22, 30)


def test_the_middle_of_the_rounds():
    assert middle(rounds(3, 1, 100), "rate") == 3
    assert middle(rounds(1, 2), "rate") == 1.5


def test_only_figures_of_the_same_rounds_are_compared():
    with pytest.raises(ValueError, match="shorter"):
        ratio(rounds(1, 2), rounds(1), "rate")


@given(st.lists(st.tuples(rates, rates), min_size=1), st.floats(0.1, 10))
def test_a_slow_machine_changes_no_ratio(pairs, slowness):
    ours, theirs = zip(*pairs, strict=True)
    usual = ratio(rounds(*ours), rounds(*theirs), "rate")
    slow = ratio(rounds(*(v * slowness for v in ours)), rounds(*(v * slowness for v in theirs)), "rate")
    assert usual == pytest.approx(slow)
    middle_one, least, largest = usual
    assert least <= middle_one <= largest


@pytest.mark.parametrize(
    ("found", "said"), [((17.6, 16.2, 18.7), "18× (16–19)"), ((0.333, 0.2, 0.4), "0.333× (0.2–0.4)")]
)
def test_how_a_ratio_is_written(found, said):
    assert times(found) == said


@given(st.lists(rates, min_size=1), st.integers(1, 100))
def test_a_percentile_was_measured_and_so_many_are_no_larger(values, share):
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share / 100 * len(values)
    assert sum(value < found for value in values) < share / 100 * len(values)


def test_times_measured_here_look_like_the_load_generators():
    found = measured([n / 1000 for n in range(1, 201)], 4.0)
    assert (found["p50"], found["p90"], found["p99"], found["slowest"]) == (100, 180, 198, 200)
    assert (found["requests"], found["seconds"], found["rate"]) == (200, 4.0, 50)


def test_the_p99_of_few_requests_is_the_slowest():
    assert measured([0.5, 2.0], 2.5)["p99"] == 2000


def test_small_numbers_keep_two_digits():
    assert [count(value) for value in (0.3127, 9.96, 10.4, 23456)] == ["0.31", "10", "10", "23,456"]
