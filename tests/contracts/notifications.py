from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.application.notifications.ports import NotificationFilter
from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.alert import MAX_NOTE, AlertId, EventKind
from monitor.domain.alerts.reasons import Reason
from monitor.domain.errors import NotFound
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import ChannelId
from monitor.domain.notifications.outbox import (
    NOTIFIED,
    UNSENT,
    Decided,
    Decision,
    DeliveryState,
    Notification,
    NotificationId,
    Target,
)
from tests.contracts.builders import (
    ADMIN,
    AT,
    HOSTILE,
    MICROSECOND,
    SECOND,
    NewUow,
    a_notification,
    a_timeline_entry,
    stored_alert,
    stored_channel,
    stored_entry,
    stored_notifications,
    stored_server,
    stored_user,
)

UNKNOWN = NotificationId(1_000_000)


def an_entry(new_uow: NewUow):
    """Store the first event of an alert on a server of its own."""
    return stored_entry(new_uow, stored_alert(new_uow, stored_server(new_uow).id))


def a_person(new_uow: NewUow, name: str = "alice") -> Target:
    return Target(user_id=stored_user(new_uow, name).id)


def some_entries(new_uow: NewUow, count: int):
    """All of one alert."""
    alert = stored_alert(new_uow, stored_server(new_uow).id)
    with new_uow() as uow:
        entries = uow.alerts.add_to_timeline([a_timeline_entry(alert)] * count)
        uow.commit()
    return entries


class NotificationsContract:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_an_added_notification_is_read_back_equal(self, new_uow, text):
        """Every field, the optional ones too."""
        entry, user, channel = an_entry(new_uow), stored_user(new_uow), stored_channel(new_uow)
        plain = a_notification(entry, Target(user_id=user.id), value=None)
        whole = a_notification(
            entry,
            Target(channel_id=channel.id),
            event_kind=EventKind.ESCALATED,
            server_name=(text * 10)[:100],
            ip_address="2001:db8:1111:2222:3333:4444:5555:6666",
            metric="m" * 64,
            level=Level.CRITICAL,
            value=0.1 + 0.2,
            created_at=AT + 123456 * MICROSECOND,
            not_before=AT + 999999 * MICROSECOND,
            note=(text + "\n" + text * 50)[:MAX_NOTE],
            delivery=DeliveryState.SENT,
            attempts=48,
            last_error=(text * 20)[:200],
            address="a" * 64 + "@" + "b" * 189,
            message_id="f" * 32,
            sent_at=AT + MICROSECOND,
        )
        for notification in (plain, whole):
            (stored,) = stored_notifications(new_uow, notification)
            assert stored.id > 0
            assert stored == replace(notification, id=stored.id)
            assert isinstance(stored.level, Level)

    def test_get_finds_one(self, new_uow):
        first, second = stored_notifications(
            new_uow, *(a_notification(entry, a_person(new_uow, f"p{entry.id}")) for entry in some_entries(new_uow, 2))
        )
        with new_uow() as uow:
            assert uow.notifications.get(second.id) == second
            assert uow.notifications.get(first.id) == first
            with pytest.raises(NotFound):
                uow.notifications.get(UNKNOWN)

    def test_each_event_is_stored_once_for_each_target(self, new_uow):
        """Whatever became of the first."""
        entry, other = some_entries(new_uow, 2)
        # In a new store they have the same number, but are two.
        target, channel = a_person(new_uow), Target(channel_id=stored_channel(new_uow).id)
        first, *_ = stored_notifications(new_uow, a_notification(entry, target), a_notification(entry, channel))
        for delivery in DeliveryState:
            with new_uow() as uow:
                uow.notifications.save([replace(first, delivery=delivery)])
                uow.notifications.add([a_notification(entry, target, note="again"), a_notification(other, target)])
                uow.notifications.add([a_notification(entry, target, note="and again")])
                uow.commit()
        with new_uow() as uow:
            found = uow.notifications.of_alerts([entry.alert_id])
        expected = [(entry.id, target), (entry.id, channel), (other.id, target)]
        assert [(n.event_id, n.target) for n in found] == expected
        assert [n.note for n in found] == ["", "", ""]

    def test_one_that_comes_twice_in_one_call_is_stored_once(self, new_uow):
        entry, target = an_entry(new_uow), a_person(new_uow)
        with new_uow() as uow:
            uow.notifications.add([a_notification(entry, target), a_notification(entry, target, note="again")])
            uow.notifications.add([])
            assert [n.note for n in uow.notifications.of_alerts([entry.alert_id])] == [""]

    @pytest.mark.parametrize("later", [timedelta(0), SECOND], ids=["alike", "of different times"])
    def test_targets_get_each_of_several_events_once(self, new_uow, later):
        """As in an outage, where a database may write many rows by itself; also if one of them is known already."""
        entries = some_entries(new_uow, 3)
        targets = [a_person(new_uow), Target(channel_id=stored_channel(new_uow).id), a_person(new_uow, "other")]
        added = [
            a_notification(entry, target, server_id=n, server_name=f"host {n}", not_before=AT + place * later)
            for n, entry in enumerate(entries, 1)
            for place, target in enumerate(targets)
        ]
        stored_notifications(new_uow, replace(added[3], attempts=3, message_id="known"))
        with new_uow() as uow:
            uow.notifications.add(added)
            uow.commit()
        with new_uow() as uow:
            found = uow.notifications.of_alerts([entries[0].alert_id])
        assert {(n.event_id, n.target): n.attempts for n in found} == {
            (n.event_id, n.target): 3 if n is added[3] else 0 for n in added
        }
        plain = {replace(n, id=added[0].id, attempts=0, message_id="") for n in found}
        assert len(found) == len(added)
        assert plain == {*added}

    def test_a_deleted_target_is_skipped(self, new_uow):
        """A user is deleted while an alert fires: the others are notified, and the alert is stored."""
        entry, target = an_entry(new_uow), a_person(new_uow)
        gone = [Target(user_id=UserId(1_000_000)), Target(channel_id=ChannelId(1_000_000))]
        with new_uow() as uow:
            uow.notifications.add([a_notification(entry, who) for who in (gone[0], target, gone[1])])
            uow.commit()
        with new_uow() as uow:
            assert uow.notifications.notified_targets([entry.alert_id])[entry.alert_id].keys() == {target}

    def test_many_are_added_found_and_saved_at_once(self, new_uow):
        """More than any limit on a statement's variables."""
        target, entries = a_person(new_uow), some_entries(new_uow, 1_200)
        with new_uow() as uow:
            uow.notifications.add([a_notification(entry, target) for entry in entries])
            found = uow.notifications.of_alerts([entries[0].alert_id])
            assert [n.event_id for n in found] == [entry.id for entry in entries]
            uow.notifications.stamp([replace(n, message_id=str(n.id)) for n in found])
            uow.notifications.save([replace(n, attempts=n.id) for n in found[::2]])
            found = uow.notifications.of_alerts([entries[0].alert_id])
            assert [n.attempts for n in found] == [0 if i % 2 else n.id for i, n in enumerate(found)]
            assert [n.message_id for n in found] == [str(n.id) if i % 2 else "" for i, n in enumerate(found)]
            assert len(uow.notifications.claim(AT, leased_until=AT + SECOND, limit=10, each=1_200)) == 1_200

    def test_save_replaces_and_skips_deleted_ones(self, new_uow):
        entry, target = an_entry(new_uow), a_person(new_uow)
        (stored,) = stored_notifications(new_uow, a_notification(entry, target))
        changed = replace(
            stored,
            delivery=DeliveryState.PARKED,
            attempts=3,
            last_error="550 no such user",
            address="a@example.com",
            message_id="m",
            sent_at=AT + SECOND,
        )
        with new_uow() as uow:
            uow.notifications.save([replace(changed, id=UNKNOWN), changed])
            uow.notifications.save([])
            uow.commit()
        again = replace(changed, not_before=AT + 7 * SECOND, delivery=DeliveryState.PENDING)
        with new_uow() as uow:
            assert uow.notifications.of_alerts([entry.alert_id]) == [changed]
            uow.notifications.save([again])
            uow.commit()
        with new_uow() as uow:
            assert uow.notifications.of_alerts([entry.alert_id]) == [again]

    def test_stamp_stores_only_the_message(self, new_uow):
        entry, target = an_entry(new_uow), a_person(new_uow)
        (stored,) = stored_notifications(new_uow, a_notification(entry, target))
        asked = replace(stored, message_id="m" * 32, attempts=9, delivery=DeliveryState.SENT, note="x")
        with new_uow() as uow:
            uow.notifications.stamp([replace(asked, id=UNKNOWN), asked])
            uow.notifications.stamp([])
            uow.commit()
        with new_uow() as uow:
            expected = replace(stored, message_id=asked.message_id)
            assert uow.notifications.of_alerts([entry.alert_id]) == [expected]
            uow.notifications.stamp([stored])
            assert uow.notifications.of_alerts([entry.alert_id]) == [stored]

    def test_held_gives_those_oldest_first(self, new_uow, queries):
        entries, target = some_entries(new_uow, 6), a_person(new_uow)
        held = [
            a_notification(entry, target, delivery=DeliveryState.HELD, created_at=AT + n * SECOND)
            for n, entry in enumerate(entries[:2])
        ]
        others = [d for d in DeliveryState if d is not DeliveryState.HELD]
        rest = [a_notification(entry, target, delivery=d) for entry, d in zip(entries[2:], others, strict=True)]
        stored = stored_notifications(new_uow, *held, *rest)
        with new_uow() as uow:
            ids = [n.id for n in stored]
            assert uow.notifications.held(ids) == stored[:2]
            assert uow.notifications.held([*ids[1:], UNKNOWN]) == stored[1:2]
            assert uow.notifications.held([]) == []
            uow.notifications.save([stored[0].released(AT), stored[5].held()])
            assert [n.id for n in uow.notifications.held(ids)] == [stored[5].id, stored[1].id]
            uow.commit()
        found = queries.notifications.held()
        assert [
            (n.id, n.alert_id, n.target, n.server_id, n.metric, n.created_at, n.event_kind, reason, False)
            for n, reason in ((stored[5], Reason.SILENCED), (stored[1], None))
        ] == found

    def test_of_alerts_gives_all_of_theirs_in_id_order(self, new_uow):
        target, other = a_person(new_uow, "alice"), a_person(new_uow, "bob")
        server = stored_server(new_uow)
        entries = [stored_entry(new_uow, stored_alert(new_uow, server.id)) for _ in range(3)]
        stored = stored_notifications(
            new_uow,
            *(
                a_notification(entry, who, delivery=delivery)
                for entry, delivery in zip(
                    entries, (DeliveryState.SENT, DeliveryState.DROPPED, DeliveryState.HELD), strict=True
                )
                for who in (target, other)
            ),
        )
        with new_uow() as uow:
            wanted = [entries[2].alert_id, entries[0].alert_id, entries[0].alert_id, AlertId(1_000_000)]
            assert uow.notifications.of_alerts(wanted) == [*stored[:2], *stored[4:]]
            assert uow.notifications.of_alerts([]) == []

    def test_notified_targets_have_a_sent_or_waiting_notification(self, new_uow):
        entry, another = some_entries(new_uow, 2)
        targets = {delivery: a_person(new_uow, f"user {delivery.value}") for delivery in DeliveryState}
        stored_notifications(new_uow, *(a_notification(entry, who, delivery=d) for d, who in targets.items()))
        elsewhere = stored_entry(new_uow, stored_alert(new_uow, stored_server(new_uow, "192.0.2.2").id))
        stored_notifications(new_uow, a_notification(elsewhere, a_person(new_uow, "bob")))
        notified = {targets[d] for d in NOTIFIED}
        with new_uow() as uow:
            assert uow.notifications.notified_targets([entry.alert_id])[entry.alert_id].keys() == notified
            assert uow.notifications.notified_targets([AlertId(1_000_000)]) == {}
            # One notification of several is enough.
            uow.notifications.add(
                [
                    a_notification(another, targets[DeliveryState.PARKED], delivery=DeliveryState.SENT),
                    a_notification(another, targets[DeliveryState.SENT], delivery=DeliveryState.DROPPED),
                ]
            )
            assert uow.notifications.notified_targets([entry.alert_id])[entry.alert_id].keys() == notified | {
                targets[DeliveryState.PARKED]
            }

    def test_notified_targets_come_with_the_escalations_that_called_them(self, new_uow):
        entries = some_entries(new_uow, 3)
        bob, eve = a_person(new_uow, "bob"), a_person(new_uow, "eve")
        called_by = (EscalationId(1), EscalationId(2), None)
        by_bob = [a_notification(each, bob, called_by=by) for each, by in zip(entries, called_by, strict=True)]
        [first, *_] = stored = stored_notifications(new_uow, *by_bob, a_notification(entries[0], eve))
        elsewhere = stored_entry(new_uow, stored_alert(new_uow, stored_server(new_uow, "192.0.2.2").id))
        stored_notifications(new_uow, a_notification(elsewhere, eve, called_by=EscalationId(1)))
        with new_uow() as uow:
            expected = {first.alert_id: {bob: {1, 2}, eve: set()}, elsewhere.alert_id: {eve: {1}}}
            assert expected == uow.notifications.notified_targets([first.alert_id, elsewhere.alert_id, AlertId(9)])
            assert stored == uow.notifications.of_alerts([first.alert_id])

    def test_whom_another_message_stands_for_is_notified(self, new_uow):
        (entry,), target = some_entries(new_uow, 1), a_person(new_uow)
        [stored] = stored_notifications(new_uow, a_notification(entry, target))
        amended = stored.settled(Decided(Decision.DROP, Reason.AMENDED, AT, "m"))
        with new_uow() as uow:
            uow.notifications.save([amended])
            assert uow.notifications.notified_targets([entry.alert_id])[entry.alert_id].keys() == {target}
            assert uow.notifications.of_alerts([entry.alert_id]) == [amended]

    def test_delete_before_removes_old_ones_that_are_not_pending(self, new_uow, queries):
        target = a_person(new_uow)
        entries = some_entries(new_uow, 2 * len(DeliveryState))
        old = [
            a_notification(entry, target, delivery=d, created_at=AT - MICROSECOND)
            for d, entry in zip(DeliveryState, entries, strict=False)
        ]
        young = [
            a_notification(entry, target, delivery=d)
            for d, entry in zip(DeliveryState, entries[len(old) :], strict=True)
        ]
        stored = stored_notifications(new_uow, *old, *young)
        with new_uow() as uow:
            uow.notifications.delete_before(AT, 1)
            uow.commit()
        assert len(stored) - 1 == len(queries.notifications.newest(ADMIN, NotificationFilter()))
        with new_uow() as uow:
            uow.notifications.delete_before(AT, 100)
            uow.commit()
        kept = [n for n in stored if n.created_at >= AT or n.delivery in UNSENT]
        assert queries.notifications.newest(ADMIN, NotificationFilter()) == kept[::-1]

    def test_notifications_need_no_alert(self, new_uow, queries):
        """They outlive alerts: there may be any number without one."""
        target, entry = a_person(new_uow), an_entry(new_uow)
        with new_uow() as uow:
            for n in range(3):
                orphan = replace(a_notification(entry, target, note=str(n)), alert_id=None, event_id=None)
                uow.notifications.add([orphan])
            uow.commit()
        found: list[Notification] = queries.notifications.newest(ADMIN, NotificationFilter())
        assert [(n.note, n.alert_id, n.event_id) for n in found] == [(text, None, None) for text in "210"]

    def test_pauses_and_deliveries_survive_their_round_trip(self, new_uow):
        """The results of failed() are stored unchanged."""
        entry, target = an_entry(new_uow), a_person(new_uow)
        (notification,) = stored_notifications(new_uow, a_notification(entry, target))
        for n in range(3):
            notification = notification.failed(AT + timedelta(minutes=n), "421 later", for_good=n == 2)
            with new_uow() as uow:
                uow.notifications.save([notification])
                uow.commit()
            with new_uow() as uow:
                assert uow.notifications.of_alerts([entry.alert_id]) == [notification]
        assert notification.delivery is DeliveryState.PARKED
