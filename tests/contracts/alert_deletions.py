"""Deletions of servers, policies, channels and users, and the rows that are deleted or unlinked with them."""

from dataclasses import replace

import pytest

from monitor.application.alerts.ports import AlertFilter
from monitor.application.notifications.ports import NotificationFilter
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import Server
from monitor.domain.notifications.outbox import UNSENT, DeliveryState, Notification, Target
from monitor.domain.policies.policies import Scope
from tests.contracts.builders import (
    ADMIN,
    AT,
    SECOND,
    NewUow,
    a_notification,
    stored_alert,
    stored_channel,
    stored_entry,
    stored_notifications,
    stored_policy,
    stored_server,
    stored_silence,
    stored_state,
    stored_user,
)


def one_of_each_delivery(new_uow: NewUow, server: Server, target: Target) -> list[Notification]:
    entries = [stored_entry(new_uow, stored_alert(new_uow, server.id)) for _ in DeliveryState]
    rows = [a_notification(entry, target, delivery=d) for entry, d in zip(entries, DeliveryState, strict=True)]
    return list(stored_notifications(new_uow, *rows))


def no_longer_to_be_sent(stored: list[Notification]) -> list[Notification]:
    return [n for n in stored if n.delivery not in UNSENT]


class AlertDeletionsContract:
    def test_a_server_goes_with_its_alerts_states_policies_and_silences(self, new_uow, queries):
        """And nothing of another one does."""
        servers = [stored_server(new_uow, f"192.0.2.{n}", tags=frozenset({"web"})) for n in (1, 2)]
        everywhere, tagged = stored_policy(new_uow), stored_policy(new_uow, scope=Scope(tag="web"))
        policies = [stored_policy(new_uow, scope=Scope(server_id=server.id)) for server in servers]
        alerts = [stored_alert(new_uow, s.id, policy_id=p.id) for s, p in zip(servers, policies, strict=True)]
        entries = [stored_entry(new_uow, alert) for alert in alerts]
        states = [stored_state(new_uow, alert.server_id, everywhere.id, alert_id=alert.id) for alert in alerts]
        silences = [
            stored_silence(new_uow, scope=scope) for scope in (Scope(), *(Scope(server_id=s.id) for s in servers))
        ]
        with new_uow() as uow:
            uow.servers.delete([servers[0].id])
            uow.commit()
        with new_uow() as uow:
            assert uow.alerts.open() == alerts[1:]
            assert uow.alerts.get_many([alert.id for alert in alerts], changed_by=None) == {alerts[1].id: alerts[1]}
            assert uow.alert_states.all() == states[1:]
            assert uow.alert_policies.all() == [everywhere, tagged, policies[1]]
            assert uow.silences.all() == [silences[0], silences[2]]
            with pytest.raises(NotFound):
                uow.alerts.get(alerts[0].id, changed_by=ADMIN)
        assert [shown.alert for shown in queries.alerts.newest(ADMIN, AlertFilter())] == alerts[1:]
        assert queries.alerts.get(ADMIN, alerts[1].id)[1] == entries[1:]
        with pytest.raises(NotFound):
            queries.alerts.get(ADMIN, alerts[0].id)

    def test_notifications_of_a_deleted_server_stay_and_pending_ones_are_still_sent(self, new_uow, queries):
        """Without alert and event, and otherwise as it was."""
        target = Target(user_id=stored_user(new_uow).id)
        server = stored_server(new_uow)
        stored = one_of_each_delivery(new_uow, server, target)
        kept = stored_entry(new_uow, stored_alert(new_uow, stored_server(new_uow, "192.0.2.2").id))
        (other,) = stored_notifications(new_uow, a_notification(kept, target))
        with new_uow() as uow:
            uow.servers.delete([server.id])
            uow.commit()
        orphans = [replace(n, alert_id=None, event_id=None) for n in stored]
        assert queries.notifications.newest(ADMIN, NotificationFilter()) == [other, *reversed(orphans)]
        with new_uow() as uow:
            assert uow.notifications.of_alerts({n.alert_id for n in stored if n.alert_id is not None}) == []
            assert uow.notifications.held([n.id for n in orphans]) == [
                n for n in orphans if n.delivery is DeliveryState.HELD
            ]
            claimed = uow.notifications.claim(AT, leased_until=AT + SECOND, limit=9)
            assert claimed == [n for n in [*orphans, other] if n.delivery is DeliveryState.PENDING]

    def test_notifications_of_the_deletion_itself_are_sent(self, new_uow, queries):
        """They say that the alert was cancelled, and are written in the same unit of work."""
        server, target = stored_server(new_uow), Target(user_id=stored_user(new_uow).id)
        alert = stored_alert(new_uow, server.id)
        entry = stored_entry(new_uow, alert)
        with new_uow() as uow:
            uow.notifications.add([a_notification(entry, target, server_id=server.id)])
            uow.servers.delete([server.id])
            uow.commit()
        (found,) = queries.notifications.newest(ADMIN, NotificationFilter(server_id=server.id))
        assert (found.delivery, found.alert_id, found.event_id) == (DeliveryState.PENDING, None, None)

    def test_several_servers_go_at_once(self, new_uow, queries):
        """One target was notified of all its alerts: their events can no longer be distinguished, and need not be."""
        target = Target(user_id=stored_user(new_uow).id)
        servers = [stored_server(new_uow, f"192.0.2.{n}") for n in range(1, 6)]
        entries = [stored_entry(new_uow, stored_alert(new_uow, server.id)) for server in servers for _ in range(3)]
        stored_notifications(new_uow, *(a_notification(entry, target) for entry in entries))
        with new_uow() as uow:
            uow.servers.delete([server.id for server in servers])
            uow.commit()
        assert len(queries.notifications.newest(ADMIN, NotificationFilter())) == len(entries)
        assert queries.alerts.newest(ADMIN, AlertFilter()) == []

    def test_the_alerts_and_states_of_a_policy_outlive_it(self, new_uow):
        """An alert loses it; a state keeps the number, which shows that its policy was deleted."""
        server, policy = stored_server(new_uow), stored_policy(new_uow)
        other = stored_policy(new_uow, metric="memory")
        alerts = [
            stored_alert(new_uow, server.id, policy_id=policy.id),
            stored_alert(new_uow, server.id, policy_id=other.id, metric="memory"),
        ]
        state = stored_state(new_uow, server.id, policy.id, alert_id=alerts[0].id)
        with new_uow() as uow:
            uow.alert_policies.delete(policy.id)
            uow.commit()
        with new_uow() as uow:
            assert uow.alerts.open() == [replace(alerts[0], policy_id=None), alerts[1]]
            assert uow.alert_states.all() == [state]

    def test_a_channel_is_deleted_with_its_pending_notifications(self, new_uow, queries):
        """Sent notifications stay with its name, and those for other targets stay too."""
        channel, other = stored_channel(new_uow, "one"), stored_channel(new_uow, "two")
        stored = one_of_each_delivery(new_uow, stored_server(new_uow), Target(channel_id=channel.id))
        entry = stored_entry(new_uow, stored_alert(new_uow, stored_server(new_uow, "192.0.2.2").id))
        targets = [Target(channel_id=other.id), Target(user_id=stored_user(new_uow).id)]
        others = stored_notifications(new_uow, *(a_notification(entry, target) for target in targets))
        with new_uow() as uow:
            uow.channels.delete(channel.id)
            uow.commit()
        expected = [*no_longer_to_be_sent(stored), *others]
        assert queries.notifications.newest(ADMIN, NotificationFilter()) == expected[::-1]

    def test_a_user_is_deleted_with_their_pending_notifications(self, new_uow, queries):
        """Sent notifications and the timeline stay."""
        user, other = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        stored = one_of_each_delivery(new_uow, stored_server(new_uow), Target(user_id=user.id))
        server = stored_server(new_uow, "192.0.2.2")
        alert = stored_alert(new_uow, server.id, acknowledged_by=user.id, acknowledged_at=AT)
        stored_alert(new_uow, server.id, acknowledged_by=other.id, acknowledged_at=AT)
        entry = stored_entry(new_uow, alert, username="alice")
        channel = stored_channel(new_uow)
        targets = [Target(user_id=other.id), Target(channel_id=channel.id)]
        others = stored_notifications(new_uow, *(a_notification(entry, target) for target in targets))
        silence = stored_silence(new_uow, created_by=user.id)
        with new_uow() as uow:
            uow.users.delete(user.id)
            uow.commit()
        expected = [*no_longer_to_be_sent(stored), *others]
        assert queries.notifications.newest(ADMIN, NotificationFilter()) == expected[::-1]
        shown, timeline = queries.alerts.get(ADMIN, alert.id)
        assert (shown.acknowledged_by, shown.alert.acknowledged_at) == (None, AT)
        assert timeline == [entry]
        names = [shown.acknowledged_by for shown in queries.alerts.newest(ADMIN, AlertFilter(server_id=server.id))]
        assert names == ["bob", None]
        with new_uow() as uow:
            assert [one.reason for one in uow.silences.all()] == [silence.reason]

    def test_a_rollback_restores_deleted_rows(self, new_uow, queries):
        server, policy, channel, user = (
            stored_server(new_uow, "192.0.2.2"),
            stored_policy(new_uow),
            stored_channel(new_uow),
            stored_user(new_uow),
        )
        alert = stored_alert(new_uow, server.id, policy_id=policy.id)
        entry = stored_entry(new_uow, alert)
        state = stored_state(new_uow, server.id, policy.id, alert_id=alert.id)
        targets = [Target(user_id=user.id), Target(channel_id=channel.id)]
        sent = stored_notifications(new_uow, *(a_notification(entry, target) for target in targets))
        silence = stored_silence(new_uow, scope=Scope(server_id=server.id))
        with new_uow() as uow:
            uow.alert_policies.delete(policy.id)
            uow.channels.delete(channel.id)
            uow.users.delete(user.id)
            uow.servers.delete([server.id])
            assert uow.alerts.open() == []
            assert uow.alert_states.all() == []
        with new_uow() as uow:
            assert uow.alerts.open() == [alert]
            assert uow.alert_states.all() == [state]
            assert uow.alert_policies.all() == [policy]
            assert uow.silences.all() == [silence]
            assert uow.channels.all() == [channel]
        assert queries.alerts.get(ADMIN, alert.id)[1] == [entry]
        assert queries.notifications.newest(ADMIN, NotificationFilter()) == list(reversed(sent))
