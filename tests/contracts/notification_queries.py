from dataclasses import replace

import pytest

from monitor.application.fleet.visibility import VisibleIds
from monitor.application.notifications.ports import NotificationFilter
from monitor.domain.alerts.alert import AlertId
from monitor.domain.alerts.reasons import Reason
from monitor.domain.errors import Forbidden, NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.notifications.outbox import DeliveryState, NotificationId, Sending, Target
from tests.contracts.builders import (
    ADMIN,
    AT,
    NOBODY,
    SECOND,
    NewUow,
    a_notification,
    a_timeline_entry,
    a_way,
    stored_alert,
    stored_channel,
    stored_notifications,
    stored_server,
    stored_user,
    stored_ways,
)


def some_entries(new_uow: NewUow, count: int):
    alert = stored_alert(new_uow, stored_server(new_uow).id)
    with new_uow() as uow:
        entries = uow.alerts.add_to_timeline([a_timeline_entry(alert)] * count)
        uow.commit()
    return entries


class NotificationQueriesContract:
    def test_newest_returns_complete_notifications(self, new_uow, queries):
        (entry,) = some_entries(new_uow, 1)
        target = Target(user_id=stored_user(new_uow).id)
        sent = a_notification(entry, target).sent(AT + SECOND)
        stored = stored_notifications(new_uow, replace(sent, note="服务器 🖥️", address="a@example.com", message_id="m"))
        assert queries.notifications.newest(ADMIN, NotificationFilter()) == stored

    def test_those_of_a_person_or_a_period_are_found(self, new_uow, queries):
        """By whatever way they went; from the start, and before the end."""
        (entry,) = some_entries(new_uow, 1)
        ann, ben = (stored_user(new_uow, name) for name in ("ann", "ben"))
        (way,) = stored_ways(new_uow, ann.id, a_way(ann.id))
        targets = Target(user_id=ann.id), Target(user_id=ann.id, way_id=way.id), Target(user_id=ben.id)
        made = [a_notification(entry, each, created_at=AT + n * SECOND) for n, each in enumerate(targets)]
        one, two, three = (each.id for each in stored_notifications(new_uow, *made))
        for wanted, expected in (
            ({"user_id": ann.id}, [two, one]),
            ({"user_id": ben.id, "end": AT + 2 * SECOND}, []),
            ({"start": AT + SECOND}, [three, two]),
            ({"start": AT, "end": AT + SECOND}, [one]),
            ({"start": AT + SECOND, "end": AT + 9 * SECOND, "user_id": ann.id, "before": three}, [two]),
        ):
            assert expected == [n.id for n in queries.notifications.newest(ADMIN, NotificationFilter(**wanted))]

    def test_one_is_found_by_its_id_unlocked(self, new_uow, queries):
        (entry,) = some_entries(new_uow, 1)
        (stored,) = stored_notifications(new_uow, a_notification(entry, Target(user_id=stored_user(new_uow).id)))
        with new_uow() as uow:
            uow.notifications.get(stored.id)  # locks it
            assert stored == queries.notifications.get(stored.id)
        with pytest.raises(NotFound):
            queries.notifications.get(NotificationId(1_000_000))

    def test_those_of_an_alert_have_their_reasons(self, new_uow, queries):
        entries, target = some_entries(new_uow, 3), Target(user_id=stored_user(new_uow).id)
        a, b, c = (a_notification(entry, target) for entry in entries)
        stored = stored_notifications(new_uow, a.held(), b.dropped(Reason.ACKNOWLEDGED), c)
        assert queries.notifications.of_alert(entries[0].alert_id) == stored
        assert [Reason.SILENCED, Reason.ACKNOWLEDGED, None] == [each.reason for each in stored]
        assert queries.notifications.of_alert(AlertId(1_000_000)) == []

    def test_the_one_that_waits_longest_says_since_when(self, new_uow, queries):
        """Of those that are due, PENDING and not claimed."""
        entries, target = some_entries(new_uow, 5), Target(user_id=stored_user(new_uow).id)
        assert queries.notifications.due_since(AT) is None
        made = [a_notification(entry, target, not_before=AT + n * SECOND) for n, entry in enumerate(entries)]
        stored = stored_notifications(new_uow, made[0].sent(AT), made[1].held(), *made[2:])
        assert queries.notifications.due_since(AT + SECOND) is None
        assert queries.notifications.due_since(AT + 9 * SECOND) == stored[2].not_before
        with new_uow() as uow:
            uow.notifications.claim(AT + 2 * SECOND, leased_until=AT + 8 * SECOND, limit=1, each=1, holder="a")
            uow.commit()
        assert queries.notifications.due_since(AT + 5 * SECOND) == stored[3].not_before
        assert queries.notifications.due_since(AT + 9 * SECOND) == stored[2].not_before

    def test_those_of_a_period_are_counted(self, new_uow, queries):
        entries, target = some_entries(new_uow, 2), Target(user_id=stored_user(new_uow).id)
        one, two = (
            a_notification(entry, target, server_id=ServerId(n + 1), created_at=AT + n * SECOND)
            for n, entry in enumerate(entries)
        )
        stored = stored_notifications(new_uow, one.sent(AT + 5 * SECOND), two.held())
        found = [
            Sending(n.alert_id, n.server_id, target, n.event_kind, n.delivery, n.reason, n.created_at, at, n.level)
            for n, at in zip(stored, (AT + 5 * SECOND, AT + SECOND), strict=True)
        ]
        later = AT + 2 * SECOND
        for server_ids, metric, start, end, expected in (
            (None, None, AT, later, found),
            ([ServerId(1)], "cpu", AT, later, found[:1]),
            (None, None, AT + SECOND, later, found[1:]),
            (None, "disk", AT, later, []),
            ([], None, AT, later, []),
        ):
            assert queries.notifications.sendings(VisibleIds(server_ids), metric, start, end) == expected

    def test_each_filter_alone_and_all_together(self, new_uow, queries):
        target = Target(user_id=stored_user(new_uow).id)
        deliveries = [DeliveryState.SENT, DeliveryState.PARKED, DeliveryState.SENT, DeliveryState.HELD]
        stored = stored_notifications(
            new_uow,
            *(
                a_notification(entry, target, delivery=delivery, server_id=ServerId(n % 2 + 1))
                for n, (entry, delivery) in enumerate(zip(some_entries(new_uow, 4), deliveries, strict=True))
            ),
        )
        a, b, c, d = stored
        for wanted, expected in [
            (NotificationFilter(), [d, c, b, a]),
            (NotificationFilter(delivery=DeliveryState.SENT), [c, a]),
            (NotificationFilter(delivery=DeliveryState.DROPPED), []),
            (NotificationFilter(server_id=ServerId(2)), [d, b]),
            (NotificationFilter(before=c.id), [b, a]),
            (NotificationFilter(limit=3), [d, c, b]),
            (NotificationFilter(delivery=DeliveryState.SENT, server_id=ServerId(1), before=d.id, limit=1), [c]),
        ]:
            assert queries.notifications.newest(ADMIN, wanted) == expected

    def test_pages_have_no_gap_and_no_repeat(self, new_uow, queries):
        target = Target(user_id=stored_user(new_uow).id)
        entries = some_entries(new_uow, 11)
        stored = stored_notifications(new_uow, *(a_notification(entry, target) for entry in entries))
        for limit in (1, 2, 3, 11, 50):
            seen: list[NotificationId] = []
            before = None
            while page := queries.notifications.newest(ADMIN, NotificationFilter(before=before, limit=limit)):
                assert len(page) <= limit
                assert not {n.id for n in page} & set(seen), "the pages go round in a circle"
                seen += [n.id for n in page]
                before = seen[-1]
            assert seen == [n.id for n in reversed(stored)]

    def test_only_admins_read_them(self, queries):
        with pytest.raises(Forbidden):
            queries.notifications.newest(NOBODY, NotificationFilter())
        assert queries.notifications.newest(ADMIN, NotificationFilter()) == []

    def test_last_by_channel_is_the_one_tried_last(self, new_uow, queries):
        """With any result. Notifications that were not tried do not count."""
        channels = [stored_channel(new_uow, str(n)) for n in range(4)]
        one, two, three, untried = (Target(channel_id=channel.id) for channel in channels)
        person = Target(user_id=stored_user(new_uow).id)
        entries = some_entries(new_uow, 6)

        def plain(n: int, target: Target, **changes):
            return a_notification(entries[n], target, created_at=AT + n * SECOND, **changes)

        rows = [
            plain(0, one).failed(AT + SECOND, "410 gone", for_good=True),
            plain(1, one).sent(AT + 2 * SECOND),
            plain(0, two).sent(AT + SECOND),
            plain(1, two).failed(AT + 2 * SECOND, "503 later", for_good=False),
            plain(0, three).sent(AT + SECOND),
            plain(1, three).failed(AT + 2 * SECOND, "410 gone", for_good=True),
            *(
                plain(n, one, delivery=d)
                for n, d in ((2, DeliveryState.PENDING), (3, DeliveryState.HELD), (4, DeliveryState.DROPPED))
            ),
            *(plain(n, untried, delivery=d) for n, d in ((2, DeliveryState.PENDING), (3, DeliveryState.HELD))),
            plain(5, person).sent(AT + 9 * SECOND),
        ]
        stored = stored_notifications(new_uow, *rows)
        expected = {channels[0].id: stored[1], channels[1].id: stored[3], channels[2].id: stored[5]}
        assert queries.notifications.last_by_channel() == expected

    def test_without_channels_none_was_tried(self, queries):
        assert queries.notifications.last_by_channel() == {}
