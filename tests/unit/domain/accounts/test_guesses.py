"""What the limits allow an attacker at most."""

from datetime import datetime, timedelta

from monitor.domain.accounts.limits import WINDOW, wait_of_account
from tests.contracts.builders import AT


def test_a_thousand_addresses_get_forty_guesses_at_an_account_a_window_and_a_hundred_an_hour() -> None:
    """One who has so many addresses that only the account's own limit counts, and who loses no moment."""
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


def test_however_many_failed_the_pause_is_a_minute_at_most() -> None:
    assert wait_of_account([AT] * 10_000, AT) == timedelta(minutes=1)
    assert wait_of_account([AT] * 10_000, AT + timedelta(minutes=2)) == timedelta()
