from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.availability import QuietHours
from monitor.domain.levels import Level
from monitor.domain.oncall.ways import Way, ways_for

ANN = UserId(1)
NIGHT = QuietHours(time(22), time(7), "Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_page_takes_the_ways_of_its_level_in_order_of_their_delay() -> None:
    push = Way(user_id=ANN, kind="web_push")
    call = Way(user_id=ANN, kind="sms", level=Level.CRITICAL, after=timedelta(minutes=5))
    mail = Way(user_id=ANN, kind="mail", after=timedelta(minutes=1))
    assert [push, mail, call] == ways_for([call, mail, push], Level.CRITICAL)
    assert [push, mail] == ways_for([call, mail, push], Level.WARNING)


def test_a_warning_at_night_waits_until_morning_and_a_critical_alert_does_not() -> None:
    """Berlin is two hours ahead of UTC in June."""
    assert at("2026-06-02 05:00") == NIGHT.wait_until(Level.WARNING, at("2026-06-01 23:00"))
    assert NIGHT.wait_until(Level.CRITICAL, at("2026-06-01 23:00")) is None
    assert NIGHT.wait_until(Level.WARNING, at("2026-06-01 12:00")) is None


def test_the_night_in_which_clocks_change_ends_in_the_morning() -> None:
    assert at("2026-03-29 05:00") == NIGHT.wait_until(Level.WARNING, at("2026-03-28 23:00"))
    assert at("2026-10-25 06:00") == NIGHT.wait_until(Level.WARNING, at("2026-10-24 23:00"))


TIMES = st.times().map(lambda each: each.replace(second=0, microsecond=0))
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])


MOMENTS = st.integers(0, 365 * 1440).map(lambda minutes: at("2026-01-01") + timedelta(minutes=minutes))


@given(TIMES, TIMES, ZONES, MOMENTS)
def test_what_waits_waits_for_less_than_a_day_and_then_goes_out(
    starts: time, ends: time, zone: str, now: datetime
) -> None:
    if starts == ends:
        return  # always quiet
    quiet = QuietHours(starts, ends, zone)
    until = quiet.wait_until(Level.WARNING, now)
    if until is not None:
        assert now < until <= now + timedelta(hours=26)
        assert quiet.wait_until(Level.WARNING, until) is None
