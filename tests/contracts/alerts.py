from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.application.alerts.ports import Waiting
from monitor.domain.alerts.alert import Alert, AlertId, AlertState, EventKind, Verdict
from monitor.domain.errors import ConstraintViolated, NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Process
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import DeliveryState, Target
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.policies.policies import PolicyId
from tests.contracts.builders import (
    ADMIN,
    AT,
    HOSTILE,
    MICROSECOND,
    NOBODY,
    NewUow,
    a_notification,
    a_timeline_entry,
    actor_of,
    an_alert,
    stored_alert,
    stored_entry,
    stored_notifications,
    stored_policy,
    stored_server,
    stored_user,
)
from tests.contracts.threads import at_once, until_no_conflict

UNKNOWN = AlertId(1_000_000)
HOUR = timedelta(hours=1)


def whole_alert(new_uow: NewUow, server_id: ServerId) -> Alert:
    """An alert with every optional field filled."""
    user, policy = stored_user(new_uow), stored_policy(new_uow)
    return stored_alert(
        new_uow,
        server_id,
        policy_id=policy.id,
        metric="m" * 64,
        level=Level.CRITICAL,
        value=0.1 + 0.2,
        threshold=-1.5e308,
        started_at=AT + MICROSECOND,
        fired_at=AT + 123456 * MICROSECOND,
        state=AlertState.RESOLVED,
        resolved_at=AT + 999999 * MICROSECOND,
        acknowledged_by=user.id,
        acknowledged_at=AT + 2 * MICROSECOND,
        last_notified_at=AT + 3 * MICROSECOND,
        late=True,
        due_at=AT + 5 * MICROSECOND,
        peak_level=Level.CRITICAL,
        peak_value=1.5e308,
        peak_at=AT + 654321 * MICROSECOND,
        verdict=Verdict.NOISE,
        verdict_by="n" * 50,
        verdict_at=AT + 4 * MICROSECOND,
        verdict_note="服务器 🖥️",
        processes=tuple(Process(name=text, cpu=12.5, memory=1 / 3) for text in HOSTILE),
    )


class AlertsContract:
    def test_an_added_alert_is_read_back_equal(self, new_uow):
        """Every field, the optional ones too."""
        server = stored_server(new_uow)
        for alert in (whole_alert(new_uow, server.id), stored_alert(new_uow, server.id, threshold=None)):
            assert alert.id > 0
            with new_uow() as uow:
                found = uow.alerts.get(alert.id, changed_by=None)
                assert found == alert
                assert isinstance(found.level, Level)
                assert all(isinstance(process, Process) for process in found.processes)

    @pytest.mark.parametrize("value", [0.0, 85.01, 5e-324, -1.7976931348623157e308, 1e15 + 0.3])
    def test_no_digit_of_a_value_is_lost(self, new_uow, value):
        alert = stored_alert(new_uow, stored_server(new_uow).id, value=value, threshold=value)
        with new_uow() as uow:
            found = uow.alerts.get(alert.id, changed_by=None)
            assert (found.value, found.threshold) == (value, value)

    def test_an_alert_of_a_server_that_is_gone_violates_a_constraint(self, new_uow):
        with pytest.raises(ConstraintViolated):
            stored_alert(new_uow, ServerId(1_000_000))
        alert = stored_alert(new_uow, stored_server(new_uow).id)
        with new_uow() as uow, pytest.raises(ConstraintViolated):
            uow.alerts.add_to_timeline([a_timeline_entry(alert), a_timeline_entry(replace(alert, id=UNKNOWN))])

    def test_an_alert_of_a_policy_that_is_gone_is_stored_without_it(self, new_uow):
        """Another process deleted it a moment ago: that is no reason to lose the samples that made it fire."""
        server = stored_server(new_uow)
        alert = stored_alert(new_uow, server.id, policy_id=PolicyId(1_000_000))
        assert alert == an_alert(server.id, id=alert.id)
        with new_uow() as uow:
            assert uow.alerts.open() == [alert]

    def test_many_are_stored_in_the_order_given(self, new_uow):
        one, two = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        policy = stored_policy(new_uow)
        asked = [an_alert(one.id, policy_id=PolicyId(1_000_000)), an_alert(two.id), an_alert(one.id, value=3.5)]
        asked += [an_alert(two.id, policy_id=policy.id, value=float(n)) for n in range(1_200)]
        with new_uow() as uow:
            assert uow.alerts.add_all([]) == []
            alerts = uow.alerts.add_all(asked)
            uow.commit()
        ids = [alert.id for alert in alerts]
        assert ids == sorted(set(ids))
        assert alerts == [replace(asked[0], id=ids[0], policy_id=None)] + [
            replace(alert, id=id_) for alert, id_ in zip(asked[1:], ids[1:], strict=True)
        ]
        with new_uow() as uow:
            assert alerts == uow.alerts.open()
        with new_uow() as uow, pytest.raises(ConstraintViolated):
            uow.alerts.add_all([an_alert(one.id), an_alert(ServerId(1_000_000))])

    def test_get_shows_a_user_the_alerts_of_servers_linked_to_them(self, new_uow):
        alice = stored_user(new_uow)
        server = stored_server(new_uow, "192.0.2.1", user_ids=frozenset({alice.id}))
        seen = stored_alert(new_uow, server.id)
        # Acknowledged by her while she was linked to its server: no reason to show it now.
        hidden = stored_alert(new_uow, stored_server(new_uow, "192.0.2.2").id, acknowledged_by=alice.id)
        with new_uow() as uow:
            for actor, alert in [(actor_of(alice), seen), (ADMIN, seen), (ADMIN, hidden), (None, hidden)]:
                assert uow.alerts.get(alert.id, changed_by=actor) == alert
            for actor, alert_id in [(actor_of(alice), hidden.id), (NOBODY, seen.id), (ADMIN, UNKNOWN), (None, UNKNOWN)]:
                with pytest.raises(NotFound):
                    uow.alerts.get(alert_id, changed_by=actor)

    def test_get_many_returns_existing_alerts(self, new_uow):
        server = stored_server(new_uow)
        with new_uow() as uow:
            alerts = [uow.alerts.add(an_alert(server.id, value=float(n))) for n in range(1_200)]
            uow.commit()
        by_id = {alert.id: alert for alert in alerts}
        with new_uow() as uow:
            some = uow.alerts.get_many([alerts[3].id, UNKNOWN, alerts[1].id, alerts[3].id], changed_by=None)
            assert list(some.values()) == [alerts[1], alerts[3]]
            assert uow.alerts.get_many({*by_id, UNKNOWN}, changed_by=None) == by_id
            assert uow.alerts.get_many([], changed_by=None) == {}

    def test_get_many_is_all_or_nothing_for_an_actor(self, new_uow):
        alice = stored_user(new_uow)
        seen = stored_alert(new_uow, stored_server(new_uow, "192.0.2.1", user_ids=frozenset({alice.id})).id)
        hidden = stored_alert(new_uow, stored_server(new_uow, "192.0.2.2").id)
        ids = [seen.id, hidden.id]
        with new_uow() as uow:
            for actor, wanted in [(actor_of(alice), ids[:1]), (NOBODY, []), (ADMIN, ids), (None, ids)]:
                assert list(uow.alerts.get_many(wanted, changed_by=actor)) == wanted
            for actor, wanted in [(actor_of(alice), ids), (NOBODY, ids[:1]), (ADMIN, [*ids, UNKNOWN])]:
                with pytest.raises(NotFound):
                    uow.alerts.get_many(wanted, changed_by=actor)

    def test_save_replaces_the_stored_one(self, new_uow):
        server = stored_server(new_uow)
        whole, plain = whole_alert(new_uow, server.id), stored_alert(new_uow, server.id)
        with new_uow() as uow:
            uow.alerts.save(replace(plain, id=whole.id))
            uow.alerts.save(replace(whole, id=plain.id))
            uow.commit()
        with new_uow() as uow:
            assert uow.alerts.get(whole.id, changed_by=None) == replace(plain, id=whole.id)
            assert uow.alerts.get(plain.id, changed_by=None) == replace(whole, id=plain.id)

    def test_saving_an_unchanged_alert_is_no_error(self, new_uow):
        alert = stored_alert(new_uow, stored_server(new_uow).id)
        with new_uow() as uow:
            uow.alerts.save(alert)
            uow.commit()
        with new_uow() as uow:
            assert uow.alerts.get(alert.id, changed_by=None) == alert

    def test_save_refuses_an_unknown_one(self, new_uow):
        server = stored_server(new_uow)
        with new_uow() as uow, pytest.raises(NotFound):
            uow.alerts.save(an_alert(server.id, id=UNKNOWN))

    def test_open_returns_firing_alerts_in_id_order(self, new_uow):
        one, two = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        policy, other = stored_policy(new_uow), stored_policy(new_uow, metric="memory")
        alerts = [
            stored_alert(new_uow, one.id, policy_id=policy.id),
            stored_alert(new_uow, two.id, policy_id=policy.id),
            stored_alert(new_uow, two.id, policy_id=other.id, metric="memory"),
            stored_alert(new_uow, one.id, metric="disk"),
        ]
        for state in (AlertState.RESOLVED, AlertState.CANCELLED):
            stored_alert(new_uow, one.id, policy_id=policy.id, state=state, resolved_at=AT)
        with new_uow() as uow:
            assert uow.alerts.open() == alerts
            assert uow.alerts.open(server_ids=[two.id]) == alerts[1:3]
            assert uow.alerts.open(server_ids=[two.id, one.id, one.id, ServerId(1_000_000)]) == alerts
            assert uow.alerts.open(server_ids=range(two.id - 2_500, two.id + 2_500)) == alerts
            assert uow.alerts.open(server_ids=[]) == []
            uow.alerts.save(alerts[0].cancelled(AT))
            assert uow.alerts.open() == alerts[1:]

    @pytest.mark.parametrize("text", HOSTILE)
    def test_a_timeline_entry_is_read_back_equal(self, new_uow, queries, text):
        alert = stored_alert(new_uow, stored_server(new_uow).id)
        entry = stored_entry(
            new_uow,
            alert,
            EventKind.NOTIFIED,
            at=AT + 123456 * MICROSECOND,
            level=Level.CRITICAL,
            value=0.1 + 0.2,
            username=text[:50],
            recipient="a" * 64 + "@" + "b" * 189,
            channel=(text * 10)[:100],
            note=(text + "\n") * 10,
        )
        assert entry.id > 0
        assert queries.alerts.get(ADMIN, alert.id)[1] == [entry]

    def test_each_event_kind_is_kept_and_needs_no_more_than_its_time(self, new_uow, queries):
        alert = stored_alert(new_uow, stored_server(new_uow).id)
        entries = [stored_entry(new_uow, alert, event_kind) for event_kind in EventKind]
        assert queries.alerts.get(ADMIN, alert.id)[1] == entries

    def test_a_timeline_is_stored_in_the_order_given(self, new_uow, queries):
        """Even if all entries have the same time, and belong to several alerts."""
        server = stored_server(new_uow)
        alerts = [stored_alert(new_uow, server.id) for _ in range(3)]
        asked = [a_timeline_entry(alerts[n % 3], note=str(n)) for n in range(1_200)]
        with new_uow() as uow:
            assert uow.alerts.add_to_timeline([]) == []
            entries = uow.alerts.add_to_timeline(asked)
            uow.commit()
        ids = [entry.id for entry in entries]
        assert ids == sorted(set(ids))
        assert entries == [replace(entry, id=stored.id) for entry, stored in zip(asked, entries, strict=True)]
        for n, alert in enumerate(alerts):
            assert queries.alerts.get(ADMIN, alert.id)[1] == entries[n::3]

    def test_those_await_a_reminder_that_nobody_was_notified_of_lately(self, new_uow, queries):
        """Dropped ones have no recipient any more; those refused for good wait as long as others for a reminder."""
        server, target = stored_server(new_uow), Target(user_id=stored_user(new_uow).id)
        without_any, *alerts = (stored_alert(new_uow, server.id) for _ in range(1 + len(DeliveryState)))
        notified = stored_alert(new_uow, server.id, last_notified_at=AT)  # a row of long ago is deleted
        stored_alert(new_uow, server.id, due_at=AT)
        stored_alert(new_uow, server.id, due_at=AT, last_notified_at=AT)
        stored_alert(new_uow, server.id, state=AlertState.RESOLVED, resolved_at=AT)
        stored_alert(new_uow, server.id, last_notified_at=AT, acknowledged_at=AT)
        dropped, parked = {without_any.id}, set()
        for alert, delivery in zip(alerts, DeliveryState, strict=True):
            entry = stored_entry(new_uow, alert)
            stored_notifications(new_uow, a_notification(entry, target, delivery=delivery))
            dropped |= {alert.id} if delivery is DeliveryState.DROPPED else set()
            parked |= {alert.id} if delivery is DeliveryState.PARKED else set()
        assert len(dropped) == 2
        for before, more in ((AT, {notified.id}), (AT - timedelta(seconds=1), set())):
            found = queries.alerts.awaiting_reminder(before)
            assert [alert.id for alert in found] == sorted(more)
            assert [queries.alerts.get(ADMIN, alert.id)[0].alert for alert in found] == found
        for before, more in ((AT, parked), (AT - MICROSECOND, set())):
            assert queries.alerts.never_notified(before) == [
                Waiting(id_, server.id, without_any.metric, without_any.level, without_any.fired_at)
                for id_ in sorted(dropped | more)
            ]

    def test_acknowledgements_are_found_by_their_age(self, new_uow, queries):
        server, by = stored_server(new_uow), stored_user(new_uow).id
        stored_alert(new_uow, server.id)
        old, new = (
            stored_alert(new_uow, server.id, acknowledged_by=by, acknowledged_at=AT + age)
            for age in (-MICROSECOND, MICROSECOND)
        )
        stored_alert(new_uow, server.id, acknowledged_at=AT, state=AlertState.RESOLVED, resolved_at=AT)
        at_once = stored_alert(new_uow, server.id, acknowledged_by=by, acknowledged_at=AT)
        found = queries.alerts.acknowledged(AT)
        assert [each.id for each in found] == [old.id, at_once.id]
        assert found[0] == Waiting(old.id, server.id, old.metric, old.level, old.fired_at)
        assert len(queries.alerts.acknowledged(AT + MICROSECOND)) == 3
        assert new.id in {each.id for each in queries.alerts.acknowledged(AT + HOUR)}
        assert queries.alerts.acknowledged(None) == []
        with new_uow() as uow:
            uow.users.delete(by)
            uow.commit()
        assert [each.id for each in queries.alerts.acknowledged(None)] == [old.id, new.id, at_once.id]

    def test_a_change_is_seen_by_the_unit_of_work_that_made_it(self, new_uow):
        server = stored_server(new_uow)
        with new_uow() as uow:
            alert = uow.alerts.add(an_alert(server.id))
            assert uow.alerts.get(alert.id, changed_by=None) == alert
            assert uow.alerts.open() == [alert]
            uow.alerts.save(held := replace(alert, due_at=AT))
            assert uow.alerts.open() == [held]

    def test_a_peak_is_saved_and_nothing_else(self, new_uow):
        server = stored_server(new_uow)
        first, second, third = (stored_alert(new_uow, server.id) for _ in range(3))
        with new_uow() as uow:
            uow.alerts.save_peaks(
                {third.id: (99.5, AT + HOUR), first.id: (0.1 + 0.2, AT + MICROSECOND), UNKNOWN: (1.0, AT)}
            )
            uow.alerts.save_peaks({})
            uow.commit()
        with new_uow() as uow:
            found = uow.alerts.get_many([first.id, second.id, third.id], changed_by=None)
        assert list(found.values()) == [
            replace(first, peak_value=0.1 + 0.2, peak_at=AT + MICROSECOND),
            second,
            replace(third, peak_value=99.5, peak_at=AT + HOUR),
        ]

    def test_that_people_were_notified_is_saved_and_nothing_else(self, new_uow):
        server = stored_server(new_uow)
        first, second, third = (stored_alert(new_uow, server.id) for _ in range(3))
        with new_uow() as uow:
            assert uow.alerts.save_notified([third.id, UNKNOWN, first.id], AT + MICROSECOND) == [first.id, third.id]
            assert uow.alerts.save_notified([], AT) == []
            uow.commit()
        with new_uow() as uow:
            found = uow.alerts.get_many([first.id, second.id, third.id], changed_by=None)
        at = AT + MICROSECOND
        assert list(found.values()) == [
            replace(first, last_notified_at=at),
            second,
            replace(third, last_notified_at=at),
        ]

    def test_what_is_expected_is_replaced_alone(self, new_uow):
        server = stored_server(new_uow)
        first, second = (stored_alert(new_uow, server.id, kind=FORECAST, expected_at=AT) for _ in range(2))
        with new_uow() as uow:
            uow.alerts.save_expected({second.id: None, first.id: AT + MICROSECOND, UNKNOWN: AT})
            uow.alerts.save_expected({})
            uow.commit()
        with new_uow() as uow:
            found = uow.alerts.get_many([first.id, second.id], changed_by=None)
        expected = [replace(first, expected_at=AT + MICROSECOND), replace(second, expected_at=None)]
        assert list(found.values()) == expected

    def test_two_simultaneous_changes_of_an_alert_lose_nothing(self, new_uow):
        """get() locks: a second transaction waits, or conflicts, until the first has ended."""
        alert, rounds = stored_alert(new_uow, stored_server(new_uow).id, value=0.0), 8

        def add_one() -> None:
            with new_uow() as uow:
                present = uow.alerts.get(alert.id, changed_by=None)
                uow.alerts.save(replace(present, value=present.value + 1.0))
                uow.commit()

        def work() -> None:
            for _ in range(rounds):
                until_no_conflict(add_one)

        at_once(work, work)
        with new_uow() as uow:
            assert uow.alerts.get(alert.id, changed_by=None).value == 2.0 * rounds
