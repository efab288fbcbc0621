"""Ticks neither drift nor burst."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.agent.main import Schedule


@given(
    origin=st.floats(0, 1e7),
    interval=st.sampled_from([1.0, 0.1, 15.0, 0.3, 3600.0]),
    delays=st.lists(st.sampled_from([0.0, 1e-9, 0.05, 0.999, 1.0, 1.001, 2.0, 7.5, 4_000.0])),
)
def test_ticks_lie_on_the_grid_however_late_each_is_taken(origin, interval, delays):
    schedule = Schedule(origin, interval)
    now = tick = schedule.after(origin)
    for delay in delays:
        now = max(now, tick) + delay * interval
        tick = schedule.after(now)
        assert now < tick
        assert tick - now <= interval * 1.001
        steps = (tick - origin) / interval
        assert abs(steps - round(steps)) < 1e-3


def test_missed_ticks_are_skipped():
    assert Schedule(100.0, 15.0).after(999.9) == 1_000.0
    assert Schedule(100.0, 15.0).after(1_001.0) == 1_015.0


def test_the_first_ticks_may_lie_before_the_origin():
    """The first sample is taken at once, before the drawn phase begins."""
    assert Schedule(110.0, 15.0).after(100.0) == 110.0
    assert Schedule(114.0, 15.0).after(98.0) == 99.0
