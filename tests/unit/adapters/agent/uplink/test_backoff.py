"""Pauses grow to a minute, and differ between agents."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.agent.uplink.outcomes import LONGEST_PAUSE, Backoff

luck = st.sampled_from([0.0, 0.25, 0.5, 0.999])


@given(first=st.sampled_from([0.1, 1.0, 15.0, 60.0, 3600.0]), draws=st.lists(luck, min_size=1, max_size=40))
def test_pauses_stay_within_their_bounds(first, draws):
    numbers = iter(draws)
    backoff = Backoff(first, lambda: next(numbers))
    for failure in range(len(draws)):
        pause = backoff.failed()
        longest = min(LONGEST_PAUSE, min(first, LONGEST_PAUSE) * 2.0**failure)
        assert (0 if failure == 0 else longest / 2) <= pause <= longest


def test_the_first_pause_spreads_over_the_whole_interval():
    """Five thousand agents that lose one server do not return at the same moment."""
    draws = iter([0.0, 0.5, 1.0])
    assert [Backoff(15.0, lambda: next(draws)).failed() for _ in range(3)] == [0.0, 7.5, 15.0]


@given(asked=st.sampled_from([1.0, 30.0, 3600.0]), failures=st.integers(1, 9), draws=st.lists(luck, min_size=9))
def test_the_pause_that_a_server_asks_for_is_kept_and_spread(asked, failures, draws):
    numbers = iter(draws)
    backoff = Backoff(15.0, lambda: next(numbers))
    pauses = [backoff.failed(asked) for _ in range(failures)]
    assert all(pause >= asked + 15.0 * draw for pause, draw in zip(pauses, draws, strict=False))
    assert all(pause <= max(asked + 15.0, LONGEST_PAUSE) for pause in pauses)


@pytest.mark.parametrize(("outage", "spread"), [(0.0, 15), (20.0, 15), (600.0, 30), (3_600.0, 30)])
def test_five_thousand_agents_do_not_return_at_once(outage: float, spread: int) -> None:
    """All were cut off at the same moment. The busiest second has at most 1.5 times the average number."""
    luck = random.Random(1).random  # noqa: S311 (a repeatable test)
    returns = Counter(int(first_attempt_after(outage, Backoff(15.0, luck))) for _ in range(5_000))
    assert max(returns.values()) <= 1.5 * 5_000 / spread


def first_attempt_after(outage: float, backoff: Backoff) -> float:
    at = 0.0
    while (at := at + backoff.failed()) < outage:
        pass
    return at


def test_a_long_outage_overflows_nothing():
    backoff = Backoff(15.0, lambda: 1.0)
    assert [backoff.failed() for _ in range(5_000)][-1] == LONGEST_PAUSE


def test_success_resets_the_pause():
    backoff = Backoff(15.0, lambda: 1.0)
    backoff.failed()
    backoff.failed()
    backoff.worked()
    assert backoff.failed() == 15.0
