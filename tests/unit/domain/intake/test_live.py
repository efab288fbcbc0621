from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.fleet.servers import ServerId, Status
from monitor.domain.intake.live import Live, LiveUpdate, with_report, with_update
from monitor.domain.intake.samples import Sample

ONE = ServerId(1)
AT = datetime(2030, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def sample(recorded: int, received: int, interval: float | None = None) -> Sample:
    return Sample(ONE, AT + recorded * SECOND, AT + received * SECOND, 1.0, 2.0, 3.0, interval=interval)


def update_of(live: Live) -> LiveUpdate:
    return LiveUpdate(ONE, live.sample, live.last_report_at, live.interval)


REPORTS = st.lists(st.tuples(st.integers(0, 9), st.sampled_from([None, 15.0, 30.0])), min_size=1, max_size=4)


@given(REPORTS)
def test_updates_in_any_order_and_repeated_give_the_same(reports):
    """Of reports that came one after the other, to any process."""
    lives = [
        with_report(Live(), sample(recorded, received, interval=interval or 60.0))
        for received, (recorded, interval) in enumerate(reports)
    ]
    outcomes = set()
    for order in permutations(lives):
        held = Live()
        for live in (*order, *order):
            held = with_update(held, update_of(live))
        outcomes.add((held.status, held.sample and held.sample.recorded_at, held.last_report_at, held.interval))
    (outcome,) = outcomes
    newest, last = max(recorded for recorded, _ in reports), len(reports) - 1
    assert outcome == (Status.ONLINE, AT + newest * SECOND, AT + last * SECOND, reports[-1][1] or 60.0)


def test_a_known_report_changes_nothing():
    held = with_report(Live(), sample(1, 1, interval=30.0))
    assert with_update(held, update_of(held)) is held
    assert with_update(held, update_of(with_report(Live(), sample(0, 0)))) is held
    assert with_update(held, LiveUpdate(ONE, None, None)) is held


def test_a_host_keeps_the_interval_that_it_declared_last():
    held = with_report(Live(), sample(1, 1, interval=30.0))
    assert with_update(held, update_of(with_report(Live(), sample(2, 2)))).interval == 30.0


def test_an_older_sample_that_arrives_later_is_a_report_too():
    held = with_report(Live(), sample(5, 1))
    after = with_update(held, update_of(with_report(Live(), sample(4, 2))))
    assert after.sample == held.sample
    assert after.last_report_at == AT + 2 * SECOND
