import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import middle, ratio, times

rates = st.floats(0.1, 1e6)


def rounds(*values: float) -> list[dict[str, float]]:
    return [{"rate": value} for value in values]


def test_a_ratio_is_that_of_each_round():
    """The second was measured while the machine was busy: both were slower, and the ratio stands."""
    assert ratio(rounds(900, 300, 880), rounds(30, 10, 40), "rate") == (30, 22, 30)


def test_the_middle_of_the_rounds():
    assert middle(rounds(3, 1, 100), "rate") == 3
    assert middle(rounds(1, 2), "rate") == 1.5


def test_what_was_not_measured_in_the_same_rounds_is_not_compared():
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
