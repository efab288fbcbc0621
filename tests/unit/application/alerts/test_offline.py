"""Hosts that stop reporting are offline, never too early, and never because of an outage of this server."""

import threading
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from monitor.application.alerts.holding import HoldBack
from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.application.alerts.offline import HOSTS_AT_ONCE, DetectOffline
from monitor.application.alerts.ports import AlertFilter
from monitor.application.fleet.ports import FleetChanges, FleetQueries, FleetSnapshot
from monitor.application.history.ports import SampleQueries
from monitor.application.operations.peers import FollowAlerts, FollowFleet
from monitor.application.policies.policies import UpdatePolicy
from monitor.domain.errors import StorageUnavailable
from monitor.domain.fleet.servers import Server, ServerId, Status
from monitor.domain.intake.samples import Process
from monitor.domain.policies.policies import OFFLINE, Policy, PolicyId, Scope
from tests.contracts.threads import until
from tests.unit.application.core import ROOT, Core

MICROSECOND = timedelta(microseconds=1)


class AwayFleetQueries(FleetQueries):
    def revision(self) -> int:
        raise StorageUnavailable

    def snapshot(self) -> FleetSnapshot:
        raise StorageUnavailable

    def changes(self, since: int, at_most: int) -> FleetChanges | None:
        raise StorageUnavailable


def maintenance(core: Core, holder: str) -> AlertMaintenance:
    queries = core.store.queries
    hold_back = HoldBack(queries, core.fleet, core.clock, core.offline_after, core.listening_since)
    return AlertMaintenance(core.new_uow, queries, core.fleet, core.alerting, core.clock, hold_back, holder)


def statuses(core: Core, server: Server) -> tuple[Status, Status]:
    """In the database and in memory."""
    return core.stored_server(server.id).status, core.fleet.live[server.id].status


@pytest.mark.parametrize(
    ("interval", "offline_after", "allowed"),
    [
        (None, 90, 3600),
        (15.0, 90, 90),
        (30.0, 90, 90),
        (30.1, 90, 90.3),
        (60.0, 90, 180),
        (60.0, 600, 600),
        (15.0, 1, 45),
        (5.0, 10, 45),
    ],
)
def test_the_longer_of_offline_after_and_three_intervals_is_allowed(
    core: Core, server, interval: float | None, offline_after: float, allowed: float
) -> None:
    core.offline_after = timedelta(seconds=offline_after)
    core.store_samples([core.sample(server, interval=interval)])
    core.clock.advance(timedelta(seconds=allowed))
    assert core.detect_offline() == set()
    assert statuses(core, server) == (Status.ONLINE, Status.ONLINE)
    core.clock.advance(MICROSECOND)
    assert core.detect_offline() == {server.id}
    assert statuses(core, server) == (Status.OFFLINE, Status.OFFLINE)


def test_an_offline_host_is_found_once(core: Core, server) -> None:
    core.store_samples([core.sample(server)])
    core.clock.advance(91)
    assert core.detect_offline() == {server.id}
    core.clock.advance(91)
    assert core.detect_offline() == set()


def test_the_alert_keeps_the_last_processes(core: Core, server) -> None:
    """The samples in the database have none, so a restarted server would not know them."""
    with core.new_uow() as uow:
        uow.alert_policies.add(Policy(metric=OFFLINE))
        uow.commit()
    last = (Process("mysqld", 98.5, 40.25), Process("sshd", 0.5, 0.25))
    core.store_samples([core.sample(server, processes=last)])
    core.clock.advance(91)
    core.detect_offline()
    (shown,) = core.store.queries.alerts.newest(ROOT, AlertFilter(limit=2))
    assert (OFFLINE, last) == (shown.alert.metric, shown.alert.processes)


def test_the_last_report_is_remembered(core: Core, server) -> None:
    core.store_samples([core.sample(server)])
    heard = core.clock.now()
    core.clock.advance(500)
    core.detect_offline()
    assert core.stored_server(server.id).last_report_at == heard
    assert core.fleet.live[server.id].last_report_at == heard


def test_a_host_that_never_reported_is_not_offline(core: Core, server) -> None:
    core.clock.advance(timedelta(days=1))
    assert core.detect_offline() == set()


def test_a_host_that_declares_no_interval_is_not_offline_between_its_first_reports(core: Core, server) -> None:
    """Three gaps show how often it reports; until then three times the longest one count."""
    for minutes in (20, 20, 20, 59):
        core.store_samples([core.sample(server, interval=None)])
        core.clock.advance(timedelta(minutes=minutes))
        assert core.detect_offline() == set()
    core.clock.advance(timedelta(minutes=1, microseconds=1))
    assert core.detect_offline() == {server.id}


def test_an_interval_that_no_agent_declares_is_learned_from_its_gaps(core: Core, server) -> None:
    for _ in range(4):
        core.store_samples([core.sample(server, interval=None)])
        core.clock.advance(60)
    core.clock.advance(120)
    assert core.detect_offline() == set()
    core.clock.advance(MICROSECOND)
    assert core.detect_offline() == {server.id}


def test_a_host_is_online_again_with_its_next_report(core: Core, server) -> None:
    core.store_samples([core.sample(server)])
    core.clock.advance(91)
    core.detect_offline()
    core.store_samples([core.sample(server)])
    assert statuses(core, server) == (Status.ONLINE, Status.ONLINE)
    core.clock.advance(91)
    assert core.detect_offline() == {server.id}


def test_receipt_counts_not_the_hosts_own_clock(core: Core, server) -> None:
    core.store_samples([core.sample(server, after=-3600)])
    core.clock.advance(90)
    assert core.detect_offline() == set()
    core.store_samples([core.sample(server, after=59)])
    core.clock.advance(90.1)
    assert core.detect_offline() == {server.id}


def test_an_outage_of_the_server_makes_no_host_offline(core: Core, server) -> None:
    core.store_samples([core.sample(server)])
    core.clock.advance(timedelta(hours=8))
    restarted = core.other_process()
    restarted.fleet.refresh()
    assert restarted.detect_offline() == set()
    restarted.clock.advance(90)
    assert restarted.detect_offline() == set()
    assert statuses(restarted, server) == (Status.ONLINE, Status.ONLINE)
    restarted.clock.advance(MICROSECOND)
    assert restarted.detect_offline() == {server.id}


def test_an_online_host_without_samples_gets_the_same_time(core: Core, server) -> None:
    """Its samples have expired, or were never ours."""
    with core.new_uow() as uow:
        uow.servers.mark_online([server.id])
        uow.commit()
    restarted = core.other_process()
    restarted.fleet.refresh()
    restarted.clock.advance(90)
    assert restarted.detect_offline() == set()
    restarted.clock.advance(1)
    assert restarted.detect_offline() == {server.id}


def test_a_report_to_another_process_counts(core: Core, server) -> None:
    core.store_samples([core.sample(server)])
    elsewhere = core.other_process()
    elsewhere.fleet.refresh()
    core.clock.advance(60)
    elsewhere.store_samples([core.sample(server)])
    core.clock.advance(60)
    assert core.detect_offline() == set()
    assert statuses(core, server) == (Status.ONLINE, Status.ONLINE)
    assert core.fleet.live[server.id].last_report_at == core.clock.now() - timedelta(seconds=60)
    core.clock.advance(30)
    assert core.detect_offline() == set()
    core.clock.advance(1)
    assert core.detect_offline() == {server.id}
    assert core.stored_server(server.id).last_report_at == core.clock.now() - timedelta(seconds=91)


def test_two_searching_processes_agree(core: Core, server) -> None:
    core.store_samples([core.sample(server)])
    elsewhere = core.other_process()
    elsewhere.fleet.refresh()
    core.clock.advance(91)
    assert core.detect_offline() == elsewhere.detect_offline() == {server.id}
    assert core.stored_server(server.id).status is Status.OFFLINE


def test_only_hosts_without_reports_are_offline(core: Core, server) -> None:
    talking = core.server("10.0.0.2")
    core.store_samples([core.sample(server), core.sample(talking)])
    core.clock.advance(60)
    core.store_samples([core.sample(talking)])
    core.clock.advance(60)
    assert core.detect_offline() == {server.id}


def test_many_that_go_offline_together_let_reports_in_between(core: Core, server) -> None:
    """A network that fails must not hold up the hosts of another."""
    with core.new_uow() as uow:
        uow.alert_policies.add(Policy(metric=OFFLINE))
        uow.commit()
    many = [core.server(f"10.0.1.{n}").id for n in range(2 * HOSTS_AT_ONCE + 5)]
    core.store_samples([core.sample(core.stored_server(id_)) for id_ in many])
    detect = core.detect_offline
    detect()
    core.clock.advance(91)
    lock, found, seen = core.fleet.writing, list[set[ServerId]](), list[int]()

    def take_the_lock() -> None:
        with lock:
            seen.append(sum(core.fleet.live[id_].status is Status.OFFLINE for id_ in many))

    looking = threading.Thread(target=lambda: found.append(detect()))
    intake = threading.Thread(target=take_the_lock)
    with lock:
        looking.start()
        until(lambda: lock.waiting == 1)
        intake.start()
        until(lambda: lock.waiting == 2)
    looking.join()
    intake.join()

    assert (found, seen) == ([set(many)], [HOSTS_AT_ONCE])
    assert sorted(core.alerting.states.firing()) == [(id_, OFFLINE) for id_ in many]


def test_a_new_policy_fires_for_no_host_that_reports_to_another_process(core: Core, server) -> None:
    """This process has not heard of it yet: the database is asked, as about each suspect."""
    core.store_samples([core.sample(server)])
    elsewhere = core.other_process()
    elsewhere.fleet.refresh()
    core.clock.advance(91)
    assert {server.id} == elsewhere.detect_offline() == core.detect_offline()
    core.clock.advance(60)
    core.store_samples([core.sample(server)])
    with elsewhere.new_uow() as uow:
        uow.alert_policies.add(Policy(metric=OFFLINE))
        uow.commit()
    elsewhere.fleet.refresh()
    elsewhere.detect_offline()
    assert [] == elsewhere.alerting.states.firing()
    assert Status.ONLINE is elsewhere.fleet.live[server.id].status
    core.clock.advance(91)
    elsewhere.detect_offline()
    assert [(server.id, OFFLINE)] == elsewhere.alerting.states.firing()


def test_a_host_that_was_deleted_meanwhile_is_ignored(core: Core, root, server) -> None:
    core.store_samples([core.sample(server)])
    core.clock.advance(91)
    core.delete_server(root, server.id)
    core.detect_offline()
    core.fleet.refresh()
    assert core.detect_offline() == set()
    assert core.fleet.live == {}


def test_a_search_that_failed_runs_again(core: Core, server) -> None:
    core.store_samples([core.sample(server)])
    core.clock.advance(91)
    core.faults.append(StorageUnavailable())
    with pytest.raises(StorageUnavailable):
        core.detect_offline()
    assert statuses(core, server) == (Status.ONLINE, Status.ONLINE)
    assert core.detect_offline() == {server.id}


def test_an_unavailable_database_makes_no_host_offline(core: Core, server) -> None:
    """During an outage of the server no host can report; each has the usual time after its end."""
    follow = FollowFleet(core.fleet, core.clock)
    core.store_samples([core.sample(server)])
    follow()
    queries, core.store.queries.fleet = core.store.queries.fleet, AwayFleetQueries()
    for _ in range(10):
        core.clock.advance(30)
        with pytest.raises(StorageUnavailable):
            follow()
        assert core.detect_offline() == set()
    core.store.queries.fleet = queries
    core.clock.advance(30)
    follow()
    core.clock.advance(90)
    assert core.detect_offline() == set()
    core.clock.advance(MICROSECOND)
    assert core.detect_offline() == {server.id}


def test_a_report_that_could_not_be_stored_counts_as_an_outage_of_the_server(core: Core, server) -> None:
    """Too short for the search for offline hosts to notice. Agents wait longer and longer between attempts."""
    core.store_samples([core.sample(server)])
    core.clock.advance(45)
    core.faults.append(StorageUnavailable())
    with pytest.raises(StorageUnavailable):
        core.store_samples([core.sample(server)])
    core.clock.advance(90)
    assert core.detect_offline() == set()
    core.clock.advance(MICROSECOND)
    assert core.detect_offline() == {server.id}


def test_a_process_that_was_stopped_makes_no_host_offline(core: Core, server) -> None:
    """Suspended, with its machine or alone, and woken again."""
    follow = FollowFleet(core.fleet, core.clock)
    core.store_samples([core.sample(server)])
    follow()
    core.clock.advance(timedelta(hours=8))
    follow()
    assert core.detect_offline() == set()
    for _ in range(9):
        core.clock.advance(10)
        follow()
        assert core.detect_offline() == set()
    core.clock.advance(1)
    follow()
    assert core.detect_offline() == {server.id}


def test_slow_rounds_are_no_interruption(core: Core, server) -> None:
    follow = FollowFleet(core.fleet, core.clock)
    core.store_samples([core.sample(server)])
    for _ in range(5):
        follow()
        assert core.detect_offline() == set()
        core.clock.advance(20)
    follow()
    assert core.detect_offline() == {server.id}


def test_an_interval_declared_to_another_process_counts(core: Core, server) -> None:
    core.store_samples([core.sample(server, interval=15.0)])
    elsewhere = core.other_process()
    elsewhere.fleet.refresh()
    core.store_samples([core.sample(server, after=1, interval=120.0)])
    core.clock.advance(360)
    assert elsewhere.detect_offline() == set()
    core.clock.advance(MICROSECOND)
    assert elsewhere.detect_offline() == {server.id}


def test_an_unknown_server_in_the_past_is_ignored(core: Core) -> None:
    core.fleet.record_offline([ServerId(4711)])
    core.fleet.record_elsewhere({ServerId(4711): core.clock.now()}, {ServerId(4711): 15.0})
    assert core.detect_offline() == set()


class AwaySamples(SampleQueries):
    """Reading samples raises an error that says that the database is unavailable."""

    def _away(self, *_: Any, **__: Any) -> Any:
        raise StorageUnavailable

    newest = between = frame = frames = minutes = latest = _away


def test_the_state_of_an_offline_host_is_known_without_its_history(core: Core, server) -> None:
    """A thousand hosts may be offline when the fleet changes, and nothing can be written during that time."""
    with core.new_uow() as uow:
        uow.alert_policies.add(Policy(metric=OFFLINE))
        uow.commit()
    core.store_samples([core.sample(server)])
    core.clock.advance(91)
    assert core.detect_offline() == {server.id}
    other = core.server("10.0.0.2")  # the fleet has changed
    core.store.queries.samples = AwaySamples()
    core.store_samples([core.sample(other)])
    with core.new_uow() as uow:
        assert [(state.server_id, state.metric) for state in uow.alert_states.all()] == [(server.id, OFFLINE)]


def test_a_host_that_another_process_deleted_is_passed_over(core: Core, root, server) -> None:
    with core.new_uow() as uow:
        uow.alert_policies.add(Policy(metric=OFFLINE))
        uow.commit()
    other = core.server("10.0.0.2")
    core.store_samples([core.sample(server), core.sample(other)])
    elsewhere = core.other_process()
    elsewhere.fleet.refresh()
    core.clock.advance(91)
    core.delete_server(root, server.id)
    assert other.id in elsewhere.detect_offline()
    assert [(other.id, OFFLINE)] == elsewhere.alerting.states.firing()


def test_an_alert_that_was_deleted_with_its_host_needs_no_cancelling(core: Core, root) -> None:
    """Another process deletes the host just after it lost the tag of its policy."""
    server = core.server("10.0.0.7", tags={"web"})
    with core.new_uow() as uow:
        uow.alert_policies.add(Policy(metric=OFFLINE, scope=Scope(tag="web")))
        uow.commit()
    core.store_samples([core.sample(server)])
    elsewhere = core.other_process()
    elsewhere.fleet.refresh()
    core.clock.advance(91)
    elsewhere.detect_offline()
    assert [(server.id, OFFLINE)] == elsewhere.alerting.states.firing()
    core.update_server(root, server.id, tags=[])
    elsewhere.fleet.poll()
    core.delete_server(root, server.id)
    maintenance(elsewhere, "elsewhere")()
    assert [] == elsewhere.alerting.states.firing()


def a_policy_of(core: Core, policy: Policy) -> Policy:
    with core.new_uow() as uow:
        policy = uow.alert_policies.add(policy)
        uow.commit()
    core.fleet.refresh()
    return policy


def open_alerts(core: Core) -> list[tuple[ServerId, PolicyId | None]]:
    with core.new_uow() as uow:
        return [(alert.server_id, alert.policy_id) for alert in uow.alerts.open()]


def work_on(core: Core, detect: DetectOffline) -> None:
    """Do for some seconds what a process does each second."""
    follow = FollowAlerts(core.new_uow, core.fleet, core.alerting)
    maintain = maintenance(core, "this")
    for _ in range(3):
        core.clock.advance(1)
        detect()
        follow()
        maintain()


def test_a_policy_that_takes_over_fires_for_a_host_that_is_offline_already(core: Core, server) -> None:
    core.store_samples([core.sample(server)])
    core.clock.advance(91)
    general, detect = a_policy_of(core, Policy(metric=OFFLINE)), core.detect_offline
    detect()
    assert [(server.id, general.id)] == open_alerts(core)
    special = a_policy_of(core, Policy(metric=OFFLINE, scope=Scope(server_id=server.id)))
    work_on(core, detect)
    assert [(server.id, special.id)] == open_alerts(core)


def test_a_policy_that_another_process_switched_off_and_on_fires_again(core: Core, server) -> None:
    core.store_samples([core.sample(server)])
    core.clock.advance(91)
    policy, detect = a_policy_of(core, Policy(metric=OFFLINE)), core.detect_offline
    detect()
    elsewhere = core.other_process()
    elsewhere.fleet.refresh()
    update = UpdatePolicy(elsewhere.new_uow, elsewhere.clock, elsewhere.fleet)
    for enabled in (False, True):
        update(ROOT, policy.id, enabled=enabled)
    assert [] == open_alerts(core)
    core.fleet.poll()
    work_on(core, detect)
    assert [(server.id, policy.id)] == open_alerts(core)


def test_a_policy_that_changes_during_the_search_fires_again(core: Core, server, monkeypatch) -> None:
    core.store_samples([core.sample(server)])
    core.clock.advance(91)
    policy, detect = a_policy_of(core, Policy(metric=OFFLINE)), core.detect_offline
    detect()
    core.server("10.0.0.77")  # so that all hosts are searched once more
    update = UpdatePolicy(core.new_uow, core.clock, core.fleet)
    search, searched = core.alerting.states.without_offline_alert, list[bool]()

    def search_after_a_change(server_ids: Iterable[ServerId]) -> list[ServerId]:
        if not searched:
            searched.append(True)
            update(ROOT, policy.id, clear_for=timedelta(seconds=33))
            core.fleet.refresh()
        return search(server_ids)

    monkeypatch.setattr(core.alerting.states, "without_offline_alert", search_after_a_change)
    work_on(core, detect)
    assert [(server.id, policy.id)] == open_alerts(core)
