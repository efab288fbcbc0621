"""Several processes evaluate, send, acknowledge and delete at the same time. An engine here acts as a process."""

import time
from functools import partial

from monitor.application.notifications.ports import NotificationFilter
from monitor.domain.alerts.alert import AlertId, TimelineEntry
from monitor.domain.errors import TransactionConflict
from monitor.domain.notifications.outbox import LEASE, DeliveryState, NotificationId, Target
from monitor.domain.policies.policies import PolicyId
from tests.contracts.builders import (
    ADMIN,
    AT,
    NewUow,
    a_notification,
    a_state,
    a_timeline_entry,
    an_alert,
    stored_alert,
    stored_policy,
    stored_server,
    stored_state,
    stored_user,
    timeline_entries,
)
from tests.contracts.threads import DEADLINE, at_once, until_no_conflict


def notified(new_uow: NewUow, entry: TimelineEntry, *targets: Target) -> None:
    with new_uow() as uow:
        uow.notifications.add([a_notification(entry, target) for target in targets])
        uow.commit()


class TestClaims:
    def test_four_senders_in_two_processes_share_no_row_and_lose_none(self, new_uow, other_process, queries):
        """Two more keep adding. Each target has one sender at a time."""
        alert = stored_alert(new_uow, stored_server(new_uow).id)
        targets = [Target(user_id=stored_user(new_uow, f"user{n}").id) for n in range(10)]
        entries = timeline_entries(new_uow, alert, 12)
        notified(new_uow, entries[0], *targets)
        sent: list[NotificationId] = []
        busy: list[Target] = []
        collisions: list[Target] = []

        def claim_and_send(process: NewUow) -> None:
            with process() as uow:
                claimed = uow.notifications.claim(AT, leased_until=AT + LEASE, limit=3)
                uow.commit()
            mine = list({n.target for n in claimed})
            collisions.extend(target for target in mine if target in busy)
            busy.extend(mine)
            for target in mine:
                busy.remove(target)
            until_no_conflict(partial(mark_sent, process, claimed))
            sent.extend(n.id for n in claimed)

        def mark_sent(process: NewUow, claimed) -> None:
            with process() as uow:
                uow.notifications.save([n.sent(AT) for n in claimed])
                uow.commit()

        def send(process: NewUow) -> None:
            give_up = time.monotonic() + DEADLINE
            while len(sent) < len(entries) * len(targets) and time.monotonic() < give_up:
                until_no_conflict(partial(claim_and_send, process))

        def add(process: NewUow, mine: list[TimelineEntry]) -> None:
            for entry in mine:
                until_no_conflict(partial(notified, process, entry, *targets))

        processes = [new_uow, other_process]
        senders = [partial(send, process) for process in processes * 2]
        adders = [partial(add, process, entries[1 + n :: 2]) for n, process in enumerate(processes)]
        at_once(*senders, *adders)

        stored = queries.notifications.newest(ADMIN, NotificationFilter(limit=1000))
        assert sorted(sent) == sorted(n.id for n in stored)
        assert len(sent) == len(set(sent)) == 120
        assert {n.delivery for n in stored} == {DeliveryState.SENT}
        assert collisions == []

    def test_one_of_two_that_wait_for_an_expired_lease_gets_it(self, new_uow, other_process):
        alert = stored_alert(new_uow, stored_server(new_uow).id)
        target = Target(user_id=stored_user(new_uow).id)
        for entry in timeline_entries(new_uow, alert, 5):
            notified(new_uow, entry, target)
        with new_uow() as uow:
            uow.notifications.claim(AT, leased_until=AT + LEASE, limit=9)
            uow.commit()
        claims: list[int] = []

        def claim(process: NewUow) -> None:
            with process() as uow:
                found = uow.notifications.claim(AT + LEASE, leased_until=AT + 2 * LEASE, limit=9)
                uow.commit()
            claims.append(len(found))

        at_once(*(partial(until_no_conflict, partial(claim, process)) for process in [new_uow, other_process] * 2))
        assert sorted(claims) == [0, 0, 0, 5]


class TestVersions:
    def test_four_processes_that_change_one_state_lose_nothing(self, new_uow, other_process):
        """Each reads, adds one and saves; those overtaken try again."""
        server = stored_server(new_uow)
        first = stored_state(new_uow, server.id, PolicyId(1))
        conflicts: list[TransactionConflict] = []

        def count(process: NewUow) -> None:
            with process() as uow:
                (stored,) = uow.alert_states.of_servers([server.id])
                state = stored.state._replace(seen=(stored.state.seen or 0) + 1)
                try:
                    uow.alert_states.save([stored._replace(state=state)])
                except TransactionConflict as conflict:
                    conflicts.append(conflict)
                    raise
                uow.commit()

        def work(process: NewUow) -> None:
            for _ in range(25):
                until_no_conflict(partial(count, process))

        at_once(*(partial(work, process) for process in [new_uow, other_process] * 2))
        with new_uow() as uow:
            (last,) = uow.alert_states.all()
        assert (last.state.seen or 0) - (first.state.seen or 0) == 100
        assert last.version == first.version + 100

    def test_a_breach_that_four_see_at_once_fires_once(self, new_uow, other_process, queries):
        """State, alert, event and outbox row commit together or not at all."""
        target = Target(user_id=stored_user(new_uow).id)
        policy = stored_policy(new_uow)
        for n in range(25):
            server = stored_server(new_uow, f"192.0.2.{n + 1}")
            fired: list[AlertId] = []

            def fire(process: NewUow, server_id=server.id, fired=fired) -> None:
                with process() as uow:
                    if uow.alert_states.of_servers([server_id]):
                        return
                    alert = uow.alerts.add(an_alert(server_id, policy_id=policy.id))
                    (entry,) = uow.alerts.add_to_timeline([a_timeline_entry(alert)])
                    uow.notifications.add([a_notification(entry, target, server_id=server_id)])
                    uow.alert_states.save([a_state(server_id, policy.id, alert_id=alert.id)])
                    uow.commit()
                fired.append(alert.id)

            at_once(*(partial(until_no_conflict, partial(fire, process)) for process in [new_uow, other_process] * 2))
            assert len(fired) == 1
        with new_uow() as uow:
            assert len(uow.alert_states.all()) == len(uow.alerts.open()) == 25
        assert len(queries.notifications.newest(ADMIN, NotificationFilter(limit=100))) == 25
