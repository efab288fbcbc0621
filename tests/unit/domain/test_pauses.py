from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.accounts.limits import FREE_FAILURES, wait_of_account
from monitor.domain.times import doubled
from tests.contracts.builders import AT, SECOND


def by_hand(first: int, times: int, longest: int) -> int:
    pause = first
    for _ in range(times):
        pause = min(2 * pause, longest)
    return min(pause, longest)


@given(st.integers(1, 3600), st.integers(0, 200), st.integers(1, 86400))
def test_a_pause_doubles_until_it_is_the_longest(first, times, longest):
    assert doubled(first * SECOND, times, longest * SECOND) == by_hand(first, times, longest) * SECOND


def test_any_number_of_failures_has_a_pause():
    assert doubled(30 * SECOND, 10**9, timedelta(minutes=30)) == timedelta(minutes=30)


@pytest.mark.parametrize("beyond", range(40))
def test_a_guess_waits_a_second_and_twice_as_long_each_time_up_to_a_minute(beyond):
    times = [AT] * (FREE_FAILURES + beyond)
    assert wait_of_account(times, AT) == by_hand(1, beyond, 60) * SECOND
