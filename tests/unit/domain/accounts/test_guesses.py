"""The maximum number of guesses that the limits allow."""

from datetime import datetime, timedelta

from monitor.domain.accounts.limits import WINDOW, wait_of_account
from tests.contracts.builders import AT


def test_a_thousand_addresses_get_forty_guesses_a_window_and_a_hundred_an_hour() -> None:
    """With so many addresses only the limit of the account counts."""
    times: list[datetime] = []
    now, hours = AT, 24
    while now < AT + timedelta(hours=hours):
        wait = wait_of_account([at for at in times if at >= now - WINDOW], now)
        if wait:
            now += wait
        else:
            times.append(now)
    assert max(sum(first <= at < first + WINDOW for at in times) for first in times) <= 40
    assert len(times) <= 100 * hours


def test_a_pause_is_at_most_a_minute() -> None:
    assert wait_of_account([AT] * 10_000, AT) == timedelta(minutes=1)
    assert wait_of_account([AT] * 10_000, AT + timedelta(minutes=2)) == timedelta()
