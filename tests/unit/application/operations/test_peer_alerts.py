"""Alerts of servers whose samples reach several processes."""

from dataclasses import replace
from datetime import timedelta
from unittest.mock import Mock

from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.memory.samples import MemorySamples
from monitor.application.alerts.ports import AlertFilter
from monitor.application.operations.peers import FollowAlerts
from monitor.domain.policies.kinds.forecast import FORECAST
from tests.contracts.builders import stored_policy
from tests.unit.application.core import ROOT, Core
from tests.unit.application.operations.serving import all_poll, processes


def test_a_process_without_samples_knows_firing_and_ended_alerts():
    (a, b), server_id = processes()
    stored_policy(a.core.store, sustained_for=timedelta(0), clear_for=timedelta(0))
    all_poll([a, b], 2)
    for cpu, firing in ((99.0, [(server_id, "cpu")]), (1.0, [])):
        a.report(server_id, cpu=cpu)
        all_poll([a, b])
        assert firing == b.core.alerting.states.firing() == a.core.alerting.states.firing()


def test_an_alert_read_before_its_policy_counts_once_both_are_known():
    (a, b), server_id = processes()
    policy = stored_policy(a.core.store, sustained_for=timedelta(hours=1))
    all_poll([a, b], 2)
    with a.core.new_uow() as uow:
        uow.alert_policies.save(replace(policy, sustained_for=timedelta(0)))
        uow.commit()
    a.core.fleet.mark_stale()
    a.report(server_id, cpu=99.0)
    follow = FollowAlerts(b.core.new_uow, b.core.fleet, b.core.alerting)
    follow()
    b.core.fleet.poll()
    follow()
    assert b.core.alerting.states.firing() == [(server_id, "cpu")] == a.core.alerting.states.firing()


def outcome(core: Core) -> list[tuple[object, ...]]:
    found = core.store.queries.alerts.newest(ROOT, AlertFilter(limit=1000))
    return [(a.level, a.state, a.started_at, a.fired_at, a.resolved_at) for a in (shown.alert for shown in found)]


SAMPLE = st.tuples(
    st.sampled_from([50.0, 64.9, 65.0, 70.0, 85.0, 95.0]),
    st.integers(0, 2),
    st.sampled_from([15, 15, 15, 15, 46]),
    st.sampled_from([0, 0, 0, 0, -20]),
)
"""A value on one side or the other of a threshold or the margin, the process that it reaches, how many seconds after
the one before (a few are a gap), and how late."""


@given(st.lists(SAMPLE, max_size=40))
def test_alerts_come_as_if_all_samples_had_reached_one_process(samples):
    """Each exactly once and at the same time, however a load balancer distributes the samples."""
    outcomes = []
    for count in (1, 3):
        serving, server_id = processes(count)
        stored_policy(serving[0].core.store, sustained_for=timedelta(minutes=1), clear_for=timedelta(0))
        for each in serving:
            each.core.fleet.poll()
        all_poll(serving, 2)
        for cpu, process, pause, late in samples:
            serving[0].core.clock.advance(pause - 1)
            serving[process % count].report(server_id, after=late, cpu=cpu, interval=15.0)
            all_poll(serving, 2)
        outcomes.append(outcome(serving[0].core))
    assert outcomes[0] == outcomes[1]


def test_a_late_sample_at_a_process_that_has_not_heard_of_the_newer_one_is_not_judged_as_current():
    """An agent sends its newest sample first, and what it has kept may reach another process at once."""
    (a, b), server_id = processes()
    stored_policy(a.core.store, sustained_for=timedelta(0), clear_for=timedelta(0))
    for each in (a, b):
        each.core.fleet.poll()
    a.report(server_id, cpu=10.0)
    all_poll([a, b], 2)
    a.core.clock.advance(60)
    a.report(server_id, cpu=10.0)
    for late in (-30, -15):
        b.report(server_id, after=late, cpu=99.0)
    all_poll([a, b], 2)
    assert [] == outcome(a.core)
    assert [] == b.core.alerting.states.firing()


def test_a_late_sample_ends_no_alert_that_another_process_knows_to_fire():
    (a, b), server_id = processes()
    stored_policy(a.core.store, sustained_for=timedelta(0), clear_for=timedelta(0))
    for each in (a, b):
        each.core.fleet.poll()
    a.report(server_id, cpu=99.0)
    all_poll([a, b], 2)
    a.core.clock.advance(30)
    a.report(server_id, cpu=99.0)
    b.report(server_id, after=-15, cpu=10.0)
    all_poll([a, b], 2)
    assert [(server_id, "cpu")] == a.core.alerting.states.firing() == b.core.alerting.states.firing()


@given(st.lists(st.tuples(SAMPLE, st.lists(st.tuples(st.sampled_from([50.0, 95.0]), st.integers(0, 2)))), max_size=20))
def test_late_samples_that_reach_another_process_at_once_change_nothing(samples):
    """The newest sample is heard of after it, with the next exchange."""
    outcomes = []
    for count in (1, 3):
        serving, server_id = processes(count)
        stored_policy(serving[0].core.store, sustained_for=timedelta(minutes=1), clear_for=timedelta(0))
        for each in serving:
            each.core.fleet.poll()
        all_poll(serving, 2)
        for (cpu, process, pause, _), late_ones in samples:
            serving[0].core.clock.advance(pause - 1)
            serving[process % count].report(server_id, cpu=cpu, interval=15.0)
            for number, (late_cpu, other) in enumerate(late_ones, 1):
                serving[other % count].report(server_id, after=-number - 0.5, cpu=late_cpu, interval=15.0)
                serving[0].core.clock.advance(-1)
            all_poll(serving, 2)
        outcomes.append(outcome(serving[0].core))
    assert outcomes[0] == outcomes[1]


def test_a_sample_that_comes_at_once_costs_no_look_for_a_newer_one(monkeypatch):
    (a,), server_id = processes(1)
    stored_policy(a.core.store, sustained_for=timedelta(0), clear_for=timedelta(0))
    a.core.fleet.poll()
    a.report(server_id, cpu=10.0)
    later = Mock(return_value=set())
    monkeypatch.setattr(MemorySamples, "later", later)
    a.core.clock.advance(15)
    a.report(server_id, cpu=99.0)
    assert a.core.alerting.states.firing() == [(server_id, "cpu")]
    assert not later.called
    a.report(server_id, after=10, cpu=99.0)  # as of a clock that is ahead
    assert later.call_count == 1


@given(st.lists(st.booleans(), min_size=45, max_size=45), st.integers(0, 44), st.booleans())
def test_a_line_knows_samples_that_came_late_to_another_process(to_second, first_kept, polls_between):
    """An agent sends its newest sample first: what it has kept may come to another process."""
    (a, b), server_id = processes()
    stored_policy(
        a.core.store,
        metric="disk",
        kind=FORECAST,
        warning=100.0,
        critical=None,
        over=timedelta(hours=1),
        within=timedelta(hours=8),
        sustained_for=timedelta(0),
        clear_margin=5.0,
    )
    for each in (a, b):
        each.core.fleet.poll()
    all_poll([a, b], 2)
    begin, clock = a.core.clock.now(), a.core.clock

    def report(n: int) -> None:
        process = b if to_second[n] else a
        after = (begin + timedelta(minutes=n) - clock.now()).total_seconds() - 1
        process.report(server_id, after, disk=round(60 + n / 10, 2), interval=60.0)

    for n in range(first_kept):
        clock.advance((begin + timedelta(minutes=n) - clock.now()).total_seconds() - 1)
        report(n)
        all_poll([a, b])
    clock.advance((begin + timedelta(minutes=44) - clock.now()).total_seconds())
    to_second[44] = False
    report(44)
    for n in range(first_kept, 44):  # its samples were kept while it reached nobody
        to_second[n] = True
        report(n)
        if polls_between:
            all_poll([a, b])
    all_poll([a, b], 2)
    clock.advance((begin + timedelta(minutes=51) - clock.now()).total_seconds() - 1)
    a.report(server_id, 0, disk=65.1, interval=60.0)
    assert a.core.alerting.states.firing() == [(server_id, "disk@forecast")]
