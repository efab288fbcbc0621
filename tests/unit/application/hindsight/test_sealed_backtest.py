"""A backtest is the same whether its samples are rows, sealed in chunks, or both."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.application.history.sealing import SealHistory
from monitor.domain.intake.samples import Sample
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.policies.kinds.range import RANGE
from monitor.domain.policies.policies import Direction, Policy
from tests.examples import examples
from tests.unit.application.alerts.alert_world import World
from tests.unit.application.hindsight.backtests import result
from tests.unit.domain.alerts.test_alert_engine import CPU

HOURS = 60
POLICY = replace(CPU, sustained_for=timedelta(minutes=10))


def seal(world: World) -> None:
    list(world.process.get(SealHistory)(world.now, in_turn=False))


@settings(max_examples=examples(25))
@given(
    st.randoms(),
    st.lists(st.sampled_from([20, 20, 20, 68, 72, 90, None]), min_size=HOURS, max_size=HOURS),
    st.sampled_from([None, 300.0]),
    st.sampled_from(
        [
            POLICY,
            replace(POLICY, critical=None),
            replace(POLICY, warning=30, critical=10, direction=Direction.BELOW),
            replace(POLICY, kind=FORECAST, over=timedelta(hours=2), within=timedelta(hours=1)),
            Policy(metric="cpu", kind=RANGE, days=1, sustained_for=timedelta(minutes=10)),
        ]
    ),
)
def test_sealed_hours_and_late_samples_change_nothing(rng, levels, interval, policy):
    """*levels*: about how high the CPU is in each hour; None: the host does not report."""
    world = World()
    web = world.server("web", "10.0.0.1")
    start = world.now - timedelta(hours=HOURS)
    samples = []
    for minute in range(0, HOURS * 60, 5):
        level = levels[minute // 60]
        at = start + timedelta(minutes=minute)
        if level is not None:
            samples.append(Sample(web.id, at, at, level + rng.uniform(-3, 3), 10.0, 10.0, None, interval))
    late = set(rng.sample(samples, len(samples) // 20))
    add(world, [sample for sample in samples if sample not in late])
    seal(world)
    add(world, late)
    both = result(world, policy, days=1)
    seal(world)
    sealed = result(world, policy, days=1)
    rows = World()
    assert rows.server("web", "10.0.0.1").id == web.id
    add(rows, samples)
    rows.clock.advance(world.now - rows.now)
    assert both == sealed == result(rows, policy, days=1)


def test_rollups_that_are_kept_less_long_than_samples_change_no_alert():
    world = World()
    web = world.server("web", "10.0.0.1")
    start = world.now - timedelta(hours=HOURS)
    times = [start + timedelta(minutes=minute) for minute in range(0, HOURS * 60, 5)]
    add(world, [Sample(web.id, at, at, 90.0 if at.hour % 5 == 0 else 20.0, 10.0, 10.0) for at in times])
    seal(world)
    before = result(world, POLICY, days=2)
    with world.new_uow() as uow:
        assert uow.history.prune_rollups(3600, 2**31, 1000)
        uow.commit()
    after = result(world, POLICY, days=2)
    assert before.total == after.total > 5
    assert before.peaks
    assert after == replace(before, peaks=[])  # nothing tells the worst values of hours


def test_only_chunks_that_may_matter_are_read(monkeypatch):
    world, asked = World(), set[int]()
    web = world.server("web", "10.0.0.1")
    start = world.now - timedelta(hours=HOURS)
    times = [start + timedelta(minutes=minute) for minute in range(0, HOURS * 60, 5)]
    add(
        world,
        [
            Sample(
                web.id,
                at,
                at,
                90.0 if at - start < timedelta(hours=33) <= at - start + timedelta(hours=1) else 20.0,
                10.0,
                10.0,
            )
            for at in times
        ],
    )
    seal(world)
    history = world.store.queries.history
    read = history.chunks_at

    def chunks_at(server_id, hours):
        asked.update(hours)
        return read(server_id, hours)

    monkeypatch.setattr(history, "chunks_at", chunks_at)
    assert result(world, POLICY, days=2).total == 1
    assert 0 < len(asked) < HOURS / 2  # beside the breach: what clears, twice as many hours each time


def add(world: World, samples) -> None:
    with world.new_uow() as uow:
        uow.samples.add(sorted(samples, key=lambda sample: sample.recorded_at))
        uow.commit()
