"""Alerts and notifications changed by several transactions at once, or whose users and policies are deleted."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, text

from monitor.adapters.persistence.engine.engine import create_engine
from monitor.application.notifications.ports import NotificationFilter
from monitor.application.operations.ports import UnitOfWork
from monitor.domain.alerts.alert import Alert, AlertId, EventKind
from monitor.domain.errors import TransactionConflict
from monitor.domain.notifications.outbox import LEASE, DeliveryState, Notification, Target
from tests.contracts.builders import (
    ADMIN,
    AT,
    MICROSECOND,
    NewUow,
    a_notification,
    a_state,
    a_timeline_entry,
    an_alert,
    stored_alert,
    stored_notifications,
    stored_policy,
    stored_server,
    stored_user,
    timeline_entries,
)
from tests.contracts.threads import DEADLINE, at_once, until_no_conflict
from tests.integration.persistence.conftest import uow_factory

READS: dict[str, Callable[[UnitOfWork, Alert], object]] = {
    "get": lambda uow, alert: uow.alerts.get(alert.id, changed_by=None),
    "get_many": lambda uow, alert: uow.alerts.get_many([alert.id], changed_by=None),
    "open": lambda uow, alert: uow.alerts.open(),
    "open of servers": lambda uow, alert: uow.alerts.open(server_ids=[alert.server_id]),
}
NOTIFICATION_READS: dict[str, Callable[[UnitOfWork, Notification], object]] = {
    "held": lambda uow, held: uow.notifications.held([held.id]),
    "of_alerts": lambda uow, held: uow.notifications.of_alerts([held.alert_id or AlertId(0)]),
    "get": lambda uow, held: uow.notifications.get(held.id),
}


class TestLocks:
    """Both are saved whole: what was read to be changed must not undo a change of another transaction."""

    @pytest.mark.parametrize("read", READS.values(), ids=READS)
    def test_an_alert_that_was_read_is_locked(self, mariadb_engine, read):
        new_uow = uow_factory(mariadb_engine)
        policy = stored_policy(new_uow)
        alert = stored_alert(new_uow, stored_server(new_uow).id, policy_id=policy.id)
        with new_uow() as uow:
            read(uow, alert)
            assert is_locked(mariadb_engine, "alerts", alert.id)
        assert not is_locked(mariadb_engine, "alerts", alert.id)

    @pytest.mark.parametrize("read", NOTIFICATION_READS.values(), ids=NOTIFICATION_READS)
    def test_a_notification_that_was_read_is_locked(self, mariadb_engine, read):
        new_uow = uow_factory(mariadb_engine)
        alert, target = stored_alert(new_uow, stored_server(new_uow).id), Target(user_id=stored_user(new_uow).id)
        (entry,) = timeline_entries(new_uow, alert, 1)
        held = a_notification(entry, target, delivery=DeliveryState.HELD)
        (stored,) = stored_notifications(new_uow, held)
        with new_uow() as uow:
            read(uow, stored)
            assert is_locked(mariadb_engine, "notifications", stored.id)
        assert not is_locked(mariadb_engine, "notifications", stored.id)

    def test_an_acknowledgement_and_a_reminder_at_once_are_both_kept(self, new_uow, other_process):
        alert = stored_alert(new_uow, stored_server(new_uow).id)
        user = stored_user(new_uow)
        has_begun = threading.Event()

        def remind() -> None:
            with new_uow() as uow:
                (found,) = uow.alerts.open()
                has_begun.set()
                uow.alerts.add_to_timeline([a_timeline_entry(found, EventKind.REMINDED)] * 20)
                uow.alerts.save(replace(found, last_notified_at=AT))
                uow.commit()

        def acknowledge() -> None:
            assert has_begun.wait(DEADLINE)
            with other_process() as uow:
                uow.alerts.save(uow.alerts.get(alert.id, changed_by=None).acknowledged(user.id, AT))
                uow.commit()

        at_once(remind, partial(until_no_conflict, acknowledge))
        with new_uow() as uow:
            found = uow.alerts.get(alert.id, changed_by=None)
        assert (found.last_notified_at, found.acknowledged_by) == (AT, user.id)

    def test_a_link_that_is_used_twice_at_once_acknowledges_once(self, new_uow, other_process):
        alert, user = stored_alert(new_uow, stored_server(new_uow).id), stored_user(new_uow)
        (entry,) = timeline_entries(new_uow, alert, 1)
        (stored,) = stored_notifications(new_uow, a_notification(entry, Target(user_id=user.id)))
        used: list[AlertId] = []

        def use(process: NewUow) -> None:
            with process() as uow:
                uow.notifications.get(stored.id)
                found = uow.alerts.get(alert.id, changed_by=None)
                if found.acknowledged_at is not None:
                    return
                uow.alerts.save(found.acknowledged(user.id, AT))
                uow.commit()
            used.append(found.id)

        at_once(*(partial(until_no_conflict, partial(use, process)) for process in [new_uow, other_process] * 2))
        assert len(used) == 1


class TestDeletions:
    """An evaluation may not know the deletion yet, and must not lose samples because of it."""

    def test_an_alert_of_a_policy_that_is_gone_is_stored_without_it(self, new_uow):
        policy, server = stored_policy(new_uow), stored_server(new_uow)
        with new_uow() as uow:
            uow.alert_policies.delete(policy.id)
            uow.commit()
        with new_uow() as uow:
            alert = uow.alerts.add(an_alert(server.id, policy_id=policy.id))
            uow.alert_states.save([a_state(server.id, policy.id, alert_id=alert.id)])
            uow.commit()
        with new_uow() as uow:
            assert uow.alerts.open() == [an_alert(server.id, id=alert.id)]
            assert [stored.alert_id for stored in uow.alert_states.all()] == [alert.id]

    def test_users_deleted_while_alerts_fire_leave_no_notifications(self, new_uow, other_process, queries):
        """Every alert is stored, every event goes to the remaining users, and nothing waits for deleted ones."""
        stays = Target(user_id=stored_user(new_uow, "stays").id)
        leaving = [stored_user(new_uow, f"leaves{n}") for n in range(10)]
        server = stored_server(new_uow)

        def fire() -> None:
            with new_uow() as uow:
                alert = uow.alerts.add(an_alert(server.id))
                (entry,) = uow.alerts.add_to_timeline([a_timeline_entry(alert)])
                targets = [stays, *(Target(user_id=user.id) for user in leaving)]
                uow.notifications.add([a_notification(entry, target) for target in targets])
                uow.commit()

        def leave() -> None:
            for user in leaving:
                until_no_conflict(partial(delete_user, user.id))

        def delete_user(user_id) -> None:
            with other_process() as uow:
                uow.users.delete(user_id)
                uow.commit()

        def fire_on() -> None:
            for _ in range(15):
                until_no_conflict(fire)

        at_once(fire_on, fire_on, leave)
        stored = queries.notifications.newest(ADMIN, NotificationFilter(limit=1000))
        assert [n.target for n in stored] == [stays] * 30


def is_locked(engine: Engine, table: str, row_id: int) -> bool:
    """Asked as none but MariaDB and MySQL 8 answer, therefore on an engine of its own."""
    other = create_engine(engine.url)
    try:
        with other.connect() as connection:
            connection.execute(text(f"SELECT id FROM {table} WHERE id = {row_id:d} FOR UPDATE NOWAIT"))  # noqa: S608 (ours)
        return False
    except TransactionConflict:
        return True
    finally:
        other.dispose()


def test_microseconds_of_every_time_are_kept(new_uow) -> None:
    """The ends of a lease, a silence and a pause."""
    at = AT + timedelta(microseconds=123_457)
    (entry,) = timeline_entries(new_uow, stored_alert(new_uow, stored_server(new_uow).id), 1)
    target = Target(user_id=stored_user(new_uow).id)
    with new_uow() as uow:
        uow.notifications.add([a_notification(entry, target, not_before=at)])
        assert uow.notifications.claim(at - MICROSECOND, leased_until=at, limit=1) == []
        assert len(uow.notifications.claim(at, leased_until=at + MICROSECOND, limit=1)) == 1
        assert uow.notifications.claim(at, leased_until=at + MICROSECOND, limit=1) == []
        assert len(uow.notifications.claim(at + MICROSECOND, leased_until=AT + LEASE, limit=1)) == 1
