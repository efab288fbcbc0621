from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.liveness import is_offline, silence_allowed
from tests.contracts.builders import AT, MICROSECOND, SECOND


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
def test_silence_is_allowed_for_the_longer_of_the_setting_and_three_intervals(offline_after, interval, allowed):
    assert silence_allowed(timedelta(seconds=offline_after), interval) == timedelta(seconds=allowed)


@pytest.mark.parametrize(("beyond", "offline"), [(-MICROSECOND, False), (0 * SECOND, False), (MICROSECOND, True)])
@pytest.mark.parametrize("interval", [None, 15.0, 30.0, 60.0])
def test_a_host_is_offline_once_the_silence_is_longer_than_allowed(beyond, offline, interval):
    silence = silence_allowed(90 * SECOND, interval) + beyond
    for last_report, listening in [(AT, AT - timedelta(days=1)), (AT - timedelta(days=1), AT), (AT, AT)]:
        found = is_offline(
            last_report_at=last_report,
            silence_allowed=silence_allowed(90 * SECOND, interval),
            listening_since=listening,
            now=AT + silence,
        )
        assert found is offline


spans = st.integers(0, 10_000) | st.sampled_from([89, 90, 91, 179, 180, 181])


@given(last=spans, listening=spans, now=spans, interval=st.none() | st.sampled_from([0.0, 15.0, 30.0, 60.0]))
def test_our_own_outage_never_makes_a_host_offline(last, listening, now, interval):
    """Whoever has listened for less than the allowed silence says nothing of anybody."""
    offline = is_offline(
        last_report_at=AT + last * SECOND,
        silence_allowed=silence_allowed(90 * SECOND, interval),
        listening_since=AT + listening * SECOND,
        now=AT + now * SECOND,
    )
    allowed = max(90, 3 * (interval or 0))
    assert offline is (now - last > allowed and now - listening > allowed)
