"""Alerts of a history: those that the live engine would have caused, without notifications."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.application.alerts.ports import AlertFilter, StoredState
from monitor.application.notifications.ports import NotificationFilter
from monitor.domain.alerts.alert import Alert, AlertId, EventId, EventKind, TimelineEntry
from monitor.domain.fleet.servers import Server
from monitor.domain.history.frames import frame_of
from monitor.domain.intake.intervals import longest_gap
from monitor.domain.intake.samples import Sample
from monitor.domain.policies.policies import OFFLINE, Policy, Scope
from monitor.domain.times import microseconds
from tests.unit.application.core import ROOT, Core

INTERVAL = 15.0
POLICIES = [
    Policy(metric="cpu", warning=70, critical=85, sustained_for=timedelta(seconds=30), clear_for=timedelta(seconds=15)),
    Policy(metric="memory", critical=90, sustained_for=timedelta(0), clear_margin=0, clear_for=timedelta(0)),
    Policy(metric=OFFLINE),
]
# (intervals since the sample before, cpu, memory, what the agent declares)
reports = st.lists(
    st.tuples(
        st.sampled_from([1, 1, 1, 1, 2, 3, 3.1, 6, 20]),
        st.sampled_from([10.0, 64.99, 65.0, 70.0, 84.99, 85.0, 99.0]),
        st.sampled_from([50.0, 89.99, 90.0]),
        st.sampled_from([15.0, 15.0, 15.0, 40.0]),
    ),
    max_size=40,
)


def watched(core: Core) -> Server:
    core.user("ann", email="ann@example.com")
    with core.new_uow() as uow:
        for policy in POLICIES:
            uow.alert_policies.add(policy)
        uow.commit()
    return core.server("10.0.0.1")


def history(server: Server, start: datetime, drawn: list[Any]) -> list[Sample]:
    samples, at = [], start
    for steps, cpu, memory, *declared in drawn:
        at += timedelta(seconds=steps * INTERVAL)
        samples.append(Sample(server.id, at, at, cpu, memory, 1.0, interval=declared[0] if declared else INTERVAL))
    return samples


def live(core: Core, samples: list[Sample]) -> None:
    """Live, one by one with the clock. An offline host is found at the first possible moment."""
    for place, sample in enumerate(samples):
        held = core.fleet.live[sample.server_id]
        if held.last_report_at is not None:
            times = [microseconds(before.recorded_at) for before in samples[:place]]
            allowed = max(timedelta(seconds=90), timedelta(microseconds=longest_gap(held.interval, times)))
            core.clock.advance(held.last_report_at + allowed + timedelta(microseconds=1) - core.clock.now())
            if core.clock.now() < sample.received_at:
                core.detect_offline()
        core.clock.advance(sample.received_at - core.clock.now())
        core.store_samples([sample])


def past(core: Core, server: Server, samples: list[Sample], together: int = 1) -> None:
    """*together*: how many are evaluated at once; one by one by default."""
    watcher = core.past_alerts.watch([server], core.fleet.directory.rules.policies.all)[0]
    for first in range(0, len(samples), together):
        watcher.see(frame_of(samples[first : first + together]), timedelta(0))
    with core.new_uow() as uow:
        uow.samples.add(samples)
        uow.commit()
    core.past_alerts.keep([watcher])


def alerts(core: Core) -> list[tuple[Alert, list[TimelineEntry]]]:
    """All but their ids, and what only notifications cause."""
    shown = core.store.queries.alerts.newest(ROOT, AlertFilter(limit=1000))
    found = []
    for each in shown:
        alert, timeline = core.store.queries.alerts.get(ROOT, each.alert.id)
        entries = [
            replace(e, id=EventId(0), alert_id=AlertId(0), left_out=None, notice=None)
            for e in timeline
            if e.event_kind not in (EventKind.NOTIFIED, EventKind.DUE)
        ]
        found.append((replace(alert.alert, id=AlertId(0), due_at=None), entries))
    return sorted(found, key=lambda pair: (pair[0].metric, pair[0].fired_at))


def states(core: Core) -> list[StoredState]:
    with core.new_uow() as uow:
        found = [each._replace(version=0, alert_id=None) for each in uow.alert_states.all()]
    return sorted(found, key=lambda stored: (stored.server_id, stored.metric))


@given(reports, st.integers(0, 40), st.sampled_from([1, 3, 20]))
@example([(1, 10.0, 50.0), (1, 10.0, 90.0), (1, 10.0, 50.0), (1, 70.0, 90.0)], 2, 1)
@example([(1, 10.0, 50.0), (1, 10.0, 50.0), (20, 10.0, 50.0), (1, 10.0, 50.0)], 0, 3)
def test_they_are_those_of_the_live_engine(drawn: list[Any], cut: int, together: int):
    """Whether the history comes at once or in two parts, and sample by sample or in frames."""
    lively, late = Core(), Core()
    server = watched(lively)
    assert server == watched(late)
    samples = history(server, lively.clock.now(), drawn)
    live(lively, samples)
    for part in (samples[:cut], samples[cut:]):
        late = late.other_process()
        late.fleet.refresh()
        past(late, server, part, together)
    assert [but_for_silence(each) for each in alerts(lively)] == [but_for_silence(each) for each in alerts(late)]
    assert [firing(state) for state in states(lively)] == [firing(state) for state in states(late)]


def but_for_silence(pair: tuple[Alert, list[TimelineEntry]]) -> object:
    """Without the time at which a live server noticed that a host is offline, and whom its alerts were not for."""
    alert, entries = pair
    if alert.metric == OFFLINE:
        noticed_after = int((alert.fired_at - alert.started_at).total_seconds())
        return alert.started_at, noticed_after, alert.resolved_at, [entry.event_kind for entry in entries]
    return alert, [replace(entry, left_out=None) for entry in entries]


def firing(stored: StoredState) -> StoredState:
    """Without the watermark, which is not written for each sample."""
    return stored._replace(state=stored.state._replace(seen=None))


def test_no_recipient_is_notified(core: Core):
    server = watched(core)
    past(core, server, history(server, core.clock.now(), [(1, 99.0, 99.0)] * 10))
    assert [("cpu", True), ("memory", True)] == [(alert.metric, alert.is_open) for alert, _ in alerts(core)]
    assert [] == core.store.queries.notifications.newest(ROOT, NotificationFilter(limit=10))


def test_a_live_server_continues_with_them(core: Core):
    """It resolves what still fired when the history ended."""
    server = watched(core)
    start = core.clock.now()
    past(core, server, history(server, start, [(1, 99.0, 50.0)] * 10))
    core = core.other_process()
    core.fleet.refresh()
    core.clock.advance(timedelta(seconds=10 * INTERVAL))
    live(core, history(server, core.clock.now(), [(1, 10.0, 50.0)] * 3))
    assert [False] == [alert.is_open for alert, _ in alerts(core)]
    assert [] == states(core)


@pytest.mark.parametrize("change", ["replaced", "switched off"])
def test_alerts_of_another_policy_are_not_ended(core: Core, change: str):
    server = watched(core)
    past(core, server, history(server, core.clock.now(), [(1, 99.0, 50.0)] * 10))
    with core.new_uow() as uow:
        uow.alert_policies.add(
            Policy(metric="cpu", critical=50, scope=Scope(server_id=server.id), enabled=change == "replaced")
        )
        uow.commit()
    core = core.other_process()
    core.fleet.refresh()
    before = alerts(core), states(core)
    past(core, server, history(server, core.clock.now() + timedelta(minutes=3), [(1, 10.0, 50.0)] * 10))
    assert before == (alerts(core), states(core))


@pytest.mark.parametrize(("offline_after", "times"), [(None, 1), (250, 1), (290, 1), (300, 0), (600, 0)])
def test_the_offline_after_that_an_administrator_chose_counts(core: Core, offline_after: float | None, times: int):
    server = watched(core)
    if offline_after is not None:
        with core.new_uow() as uow:
            uow.preferences.save({"offline_after": offline_after})
            uow.commit()
        core = core.other_process()
        core.fleet.refresh()
    past(core, server, history(server, core.clock.now(), [(1, 10.0, 50.0)] * 5 + [(20, 10.0, 50.0)]))
    assert times == len(alerts(core))


def test_the_value_of_an_offline_alert_is_the_time_without_a_report(core: Core):
    server = watched(core)
    past(core, server, history(server, core.clock.now(), [(1, 10.0, 50.0), (20, 10.0, 50.0)]))
    ((alert, entries),) = alerts(core)
    assert alert.value == 300.0
    assert [90.0, 300.0] == [entry.value for entry in entries]
