"""When a host without reports counts as offline, live and in stored history."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alerts.offline import is_offline, offline_at, offline_periods, seconds_without_report
from monitor.domain.intake.intervals import Intervals, least_gap, longest_silence
from monitor.domain.times import microseconds
from tests.contracts.builders import AT, MICROSECOND, SECOND

REPORT = microseconds(AT)


@pytest.mark.parametrize(
    ("offline_after", "interval", "allowed"),
    [
        (90, None, 90),
        (90, 0.0, 90),
        (90, 15.0, 90),
        (90, 30.0, 90),
        (90, 30.01, 90.03),
        (90, 60.0, 180),
        (1, None, 45),
        (1, 1.0, 45),  # a fast agent may still be late as often as any other
        (44, 15.0, 45),
        (45, 15.0, 45),
        (46, 15.0, 46),
    ],
)
@pytest.mark.parametrize(("beyond", "is_offline_then"), [(-1, False), (0, False), (1, True)])
def test_a_host_may_miss_reports_for_the_longer_of_the_setting_and_three_intervals(
    offline_after, interval, allowed, beyond, is_offline_then
):
    limit = REPORT + round(allowed * 1_000_000)
    found = offline_at(REPORT, limit + beyond, timedelta(seconds=offline_after), least_gap(interval))
    assert found == (limit if is_offline_then else None)


@pytest.mark.parametrize(("beyond", "offline"), [(-MICROSECOND, False), (0 * SECOND, False), (MICROSECOND, True)])
@pytest.mark.parametrize("interval", [None, 15.0, 30.0, 60.0])
def test_time_without_a_report_counts_from_when_this_server_listens(beyond, offline, interval):
    silence = max(90, 3 * (interval or 0)) * SECOND + beyond
    day = timedelta(days=1)
    for last_report, listening in [(AT, AT - day), (AT - day, AT), (AT, AT), (AT, None)]:
        found = is_offline(
            last_report_at=last_report,
            now=AT + silence,
            offline_after=90 * SECOND,
            longest_silence=least_gap(interval),
            listening_since=listening,
        )
        assert found is offline


spans = st.integers(0, 10_000) | st.sampled_from([89, 90, 91, 179, 180, 181])


@given(last=spans, listening=spans, now=spans, interval=st.none() | st.sampled_from([0.0, 15.0, 30.0, 60.0]))
def test_our_own_outage_never_makes_a_host_offline(last, listening, now, interval):
    """A server that has listened for less than the report timeout calls no host offline."""
    offline = is_offline(
        last_report_at=AT + last * SECOND,
        now=AT + now * SECOND,
        offline_after=90 * SECOND,
        longest_silence=least_gap(interval),
        listening_since=AT + listening * SECOND,
    )
    allowed = max(90, 3 * (interval or 0))
    assert offline is (now - last > allowed and now - listening > allowed)


@given(spans, spans, spans)
def test_the_time_during_which_this_server_was_deaf_does_not_count(last, now, deaf):
    offline = is_offline(
        last_report_at=AT + last * SECOND,
        now=AT + now * SECOND,
        offline_after=90 * SECOND,
        longest_silence=least_gap(None),
        deaf=deaf * SECOND,
    )
    assert offline is (now - last - deaf > 90)


gaps = st.sampled_from([15, 15, 15, 45, 60, 90, 90.000001, 300, 900, 900.000001])


@given(st.lists(gaps, max_size=40), st.sampled_from([None, 15.0, 60.0]), st.integers(0, 40))
def test_offline_periods_of_a_history_are_those_found_report_by_report(drawn, interval, first):
    times = [REPORT + sum(round(gap * 1_000_000) for gap in drawn[:count]) for count in range(len(drawn) + 1)]
    first = min(first, len(drawn))
    expected = []
    for place in range(first, len(drawn)):
        allowed = longest_silence(interval, times[: place + 1])
        at = offline_at(times[place], times[place + 1], 90 * SECOND, allowed)
        expected += [(times[place], at, times[place + 1])] if at is not None else []
    intervals = Intervals(times, [interval] * len(times))
    assert [*offline_periods(times[first:], intervals, 90 * SECOND, first)] == expected


@pytest.mark.parametrize(("after", "seconds"), [(90.5, 90.5), (0, 0.0), (-3, 0.0)])
def test_the_value_of_an_offline_alert_is_never_negative(after, seconds):
    """Where the clock was set back."""
    assert seconds_without_report(AT, AT + timedelta(seconds=after)) == seconds
