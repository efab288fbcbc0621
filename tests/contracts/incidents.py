from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.application.incidents.ports import IncidentFilter
from monitor.domain.alerts.alert import Alert, AlertState, EventKind, IncidentId
from monitor.domain.alerts.reasons import Reason
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.incidents.causes import Cause, CauseKind, Group
from monitor.domain.incidents.incidents import Ill, Incident, IncidentState
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import DeliveryState, Notification, Target
from monitor.domain.policies.policies import DRILL
from tests.contracts.builders import (
    ADMIN,
    AT,
    MICROSECOND,
    NOBODY,
    NewUow,
    a_notification,
    actor_of,
    stored_alert,
    stored_entry,
    stored_notifications,
    stored_server,
    stored_user,
)

MINUTE = timedelta(minutes=1)
RACK = Cause(Group(CauseKind.TAG, "rack-7"), (ServerId(1), ServerId(2)), (ServerId(3),))


def saved(new_uow: NewUow, *joined: Alert, **changes: Any) -> IncidentId:
    with new_uow() as uow:
        incident = replace(Incident(started_at=AT + MICROSECOND, hosts=frozenset()), **changes)
        [incident_id] = uow.incidents.save([(incident, [alert.id for alert in joined])])
        uow.commit()
    return incident_id


class IncidentsContract:
    def test_an_incident_is_read_back_with_the_hosts_of_its_alerts(self, new_uow):
        host = stored_server(new_uow)
        check = stored_server(new_uow, "192.0.2.2", kind=Kind.CHECK, host_id=host.id)
        firing = stored_alert(new_uow, check.id, metric="up")
        ended = stored_alert(new_uow, host.id, state=AlertState.RESOLVED)
        drill = stored_alert(new_uow, host.id, metric=DRILL)
        id_ = saved(new_uow, firing, ended, drill, cause=RACK)
        with new_uow() as uow:
            [found] = uow.incidents.opened()  # without its drill, which is no trouble of the host
            assert (found.hosts, found.watched, found.down) == ({host.id}, {check.id}, {check.id})
            assert (found.id, found.started_at, found.cause) == (id_, AT + MICROSECOND, RACK)
            assert uow.alerts.get(firing.id, changed_by=None).incident_id == id_

    def test_a_changed_one_is_replaced_and_more_alerts_join_it(self, new_uow):
        first = stored_alert(new_uow, stored_server(new_uow).id)
        second = stored_alert(new_uow, stored_server(new_uow, "192.0.2.2").id)
        id_ = saved(new_uow, first)
        assert saved(new_uow, second, id=id_, cause=RACK, started_at=AT) == id_
        with new_uow() as uow:
            [found] = uow.incidents.opened()
        assert (found.cause, found.started_at) == (RACK, AT)
        assert found.hosts == {first.server_id, second.server_id}

    def test_notifications_go_with_their_alerts(self, new_uow):
        alert, user = stored_alert(new_uow, stored_server(new_uow).id), stored_user(new_uow)
        entry = stored_entry(new_uow, alert)
        stored_notifications(new_uow, a_notification(entry, Target(user_id=user.id)))
        id_ = saved(new_uow, alert)
        with new_uow() as uow:
            assert [n.incident_id for n in uow.notifications.of_alerts([alert.id])] == [id_]

    def test_a_sender_does_not_change_the_incident_of_a_notification(self, new_uow):
        """It has read it before the alert was grouped."""
        alert, user = stored_alert(new_uow, stored_server(new_uow).id), stored_user(new_uow)
        entry = stored_entry(new_uow, alert)
        [read] = stored_notifications(new_uow, a_notification(entry, Target(user_id=user.id)))
        id_ = saved(new_uow, alert)
        with new_uow() as uow:
            uow.notifications.save([read.sent(AT)])
            assert [(n.incident_id, n.sent_at) for n in uow.notifications.of_alerts([alert.id])] == [(id_, AT)]

    def test_what_a_target_may_have_got_of_an_incident(self, new_uow):
        alert, user, other = stored_alert(new_uow, stored_server(new_uow).id), *(stored_user(new_uow, n) for n in "ab")
        id_ = saved(new_uow, alert)
        mine, sent = Target(user_id=user.id), DeliveryState.SENT
        given: list[tuple[Target, dict[str, Any]]] = [
            (mine, {"delivery": sent, "message_id": "n"}),
            (mine, {"message_id": "m"}),
            (mine, {}),
            (mine, {"delivery": DeliveryState.DROPPED, "message_id": "m"}),
            (mine, {"delivery": sent, "event_kind": EventKind.RESOLVED}),
            (Target(user_id=other.id), {"delivery": sent}),
        ]
        stored = stored_notifications(
            new_uow,
            *(a_notification(stored_entry(new_uow, alert), to, incident_id=id_, **changes) for to, changes in given),
        )
        with new_uow() as uow:
            assert uow.notifications.of_incidents([id_, IncidentId(1_000_000)], mine, "") == stored[:2]
            assert uow.notifications.of_incidents([id_], mine, "m") == stored[:1]
            assert uow.notifications.of_incidents([id_], mine, "n") == stored[:2]
            assert uow.notifications.of_incidents([], mine, "") == []

    def test_alerts_about_which_a_target_may_have_got_a_message(self, new_uow):
        server, mine = stored_server(new_uow), Target(user_id=stored_user(new_uow).id)
        alerts = [stored_alert(new_uow, server.id) for _ in range(3)]
        states: list[dict[str, Any]] = [{"delivery": DeliveryState.SENT, "message_id": "n"}, {"message_id": "m"}, {}]
        stored_notifications(
            new_uow,
            *(a_notification(stored_entry(new_uow, a), mine, **each) for a, each in zip(alerts, states, strict=True)),
        )
        sent, under_way, waiting = (alert.id for alert in alerts)
        with new_uow() as uow:
            found = uow.notifications.notified_alerts
            assert found([sent, under_way, waiting], mine, "") == {sent, under_way}
            assert found([sent, under_way, waiting], mine, "m") == {sent}
            assert found([under_way, waiting], mine, "n") == {under_way}

    def test_an_incident_lasts_for_whom_knows_of_an_alert_that_fires(self, new_uow, queries):
        server = stored_server(new_uow)
        bob, eve, dan, sue = (Target(user_id=stored_user(new_uow, n).id) for n in ("bob", "eve", "dan", "sue"))
        ended = [stored_alert(new_uow, server.id, state=AlertState.RESOLVED, resolved_at=AT) for _ in range(2)]
        fires = stored_alert(new_uow, server.id)
        firing, over = saved(new_uow, ended[0], fires), saved(new_uow, ended[1])

        def about(alert: Alert, who: Target, id_: IncidentId | None, **more: Any) -> Notification:
            return a_notification(stored_entry(new_uow, alert), who, incident_id=id_, **more)

        stored_notifications(
            new_uow,
            about(fires, bob, firing, delivery=DeliveryState.SENT),
            about(fires, eve, firing, delivery=DeliveryState.DROPPED, reason=Reason.AMENDED),
            about(fires, dan, firing, delivery=DeliveryState.HELD, reason=Reason.SILENCED),
            about(fires, sue, firing, delivery=DeliveryState.HELD, reason=Reason.SUPPRESSED_BY),
            about(fires, dan, firing, delivery=DeliveryState.PARKED, reason=Reason.SUPPRESSED_BY),
            about(ended[1], bob, over, delivery=DeliveryState.SENT),
        )
        held = {"event_kind": EventKind.RESOLVED, "delivery": DeliveryState.HELD, "reason": Reason.AMENDED}
        stored_notifications(
            new_uow,
            *(about(ended[0], who, firing, **held) for who in (bob, eve, dan, sue)),
            about(ended[0], bob, firing, **(held | {"reason": Reason.SILENCED})),
            about(ended[1], bob, over, **held),
            about(ended[1], bob, None, **held),
        )
        ends = [each.lasts for each in queries.notifications.held() if each.event_kind is EventKind.RESOLVED]
        assert [True, True, False, True, False, False, False] == ends
        with new_uow() as uow:
            for who, lasting in ((bob, {firing}), (eve, {firing}), (dan, set()), (sue, {firing})):
                assert lasting == uow.notifications.lasting_incidents([firing, over], who)
            assert set() == uow.notifications.lasting_incidents([], bob)

    def test_messages_name_it_and_what_was_merged_into_it(self, new_uow, queries):
        gone, own, _ = (saved(new_uow, started_at=AT + n * MINUTE) for n in range(3))
        with new_uow() as uow:
            uow.incidents.merge({gone: own}, AT)
            uow.commit()
        found = queries.incidents.for_message(own)
        assert [(each.id, each.started_at) for each in found] == [(own, AT + MINUTE), (gone, AT)]
        assert queries.incidents.for_message(IncidentId(1_000_000)) == []

    def test_the_alerts_of_a_merged_one_are_those_of_the_other(self, new_uow, queries):
        first = stored_alert(new_uow, stored_server(new_uow).id)
        second = stored_alert(new_uow, stored_server(new_uow, "192.0.2.2").id)
        older, younger = saved(new_uow, first), saved(new_uow, second)
        with new_uow() as uow:
            uow.incidents.merge({younger: older}, AT)
            uow.commit()
        with new_uow() as uow:
            [found] = uow.incidents.opened()
        assert (found.id, found.hosts) == (older, {first.server_id, second.server_id})
        for asked in (older, younger):
            shown = queries.incidents.get(ADMIN, asked)
            assert [each.alert.id for each in shown.alerts] == [each.id for each in shown.members]
            assert ([each.id for each in shown.members], shown.merged_from) == ([first.id, second.id], [younger])

    def test_what_was_merged_into_a_merged_one_is_part_of_the_other_too(self, new_uow, queries):
        alert = stored_alert(new_uow, stored_server(new_uow).id)
        first, second, third = saved(new_uow), saved(new_uow), saved(new_uow, alert)
        for gone, into in ((third, second), (second, first)):
            with new_uow() as uow:
                uow.incidents.merge({gone: into}, AT)
                uow.commit()
        for asked in (first, second, third):
            shown = queries.incidents.get(ADMIN, asked)
            assert (shown.incident.id, shown.merged_from) == (first, [second, third])
        assert [each.id for each in queries.incidents.for_message(first)] == [first, second, third]

    def test_several_are_merged_into_one_at_once(self, new_uow, queries):
        alert = stored_alert(new_uow, stored_server(new_uow).id)
        first, second, third = saved(new_uow), saved(new_uow), saved(new_uow, alert)
        with new_uow() as uow:
            uow.incidents.merge({second: first, third: second}, AT)
            uow.commit()
        assert queries.incidents.get(ADMIN, third).incident.id == first

    def test_one_without_firing_alerts_is_over(self, new_uow, queries):
        server = stored_server(new_uow)
        lasts = saved(new_uow, stored_alert(new_uow, server.id, metric="a"))
        ended = {"state": AlertState.RESOLVED}
        ends = [stored_alert(new_uow, server.id, **ended, resolved_at=AT + n * MINUTE) for n in (2, 1)]
        over = saved(new_uow, *ends)
        empty = saved(new_uow, started_at=AT)
        found = queries.incidents.over()
        assert found == {over: AT + 2 * MINUTE, empty: AT}
        with new_uow() as uow:
            uow.incidents.end(found | {lasts: AT})
            uow.commit()
        assert queries.incidents.over() == {}
        with new_uow() as uow:
            assert [each.id for each in uow.incidents.opened()] == [lasts]

    def test_one_whose_alerts_went_with_their_server_is_shown_nowhere(self, new_uow, queries):
        alert = stored_alert(new_uow, stored_server(new_uow).id)
        id_ = saved(new_uow, alert)
        with new_uow() as uow:
            uow.servers.delete([alert.server_id])
            uow.commit()
        assert queries.incidents.newest(ADMIN, IncidentFilter()) == []
        with pytest.raises(NotFound):
            queries.incidents.get(ADMIN, id_)

    def test_alerts_without_an_incident_are_found(self, new_uow, queries):
        host = stored_server(new_uow)
        check = stored_server(new_uow, "192.0.2.2", kind=Kind.CHECK, host_id=host.id)
        new = stored_alert(new_uow, check.id, metric="up", fired_at=AT)
        short = stored_alert(new_uow, host.id, fired_at=AT, state=AlertState.RESOLVED, resolved_at=AT)
        drill = stored_alert(new_uow, host.id, metric=DRILL, fired_at=AT)
        ended = {"state": AlertState.RESOLVED, "resolved_at": AT}
        stored_alert(new_uow, host.id, fired_at=AT - MINUTE, **ended)
        late = stored_alert(new_uow, host.id, fired_at=AT - 9 * MINUTE, **ended, late=True)
        saved(new_uow, stored_alert(new_uow, host.id, fired_at=AT - 9 * MINUTE, **ended, late=True))
        saved(new_uow, stored_alert(new_uow, host.id, metric="grouped"))
        assert queries.incidents.ungrouped(AT) == [
            Ill(new.id, host.id, AT, check.id, is_down=True),
            Ill(short.id, host.id, AT, host.id),
            Ill(drill.id, host.id, AT, host.id, is_drill=True),
            Ill(late.id, host.id, AT - 9 * MINUTE, host.id),
        ]

    def test_a_person_sees_their_own_alerts_of_it_and_no_other_incident(self, new_uow, queries):
        alice = stored_user(new_uow)
        hers = stored_alert(new_uow, stored_server(new_uow, user_ids=frozenset({alice.id})).id)
        other = stored_alert(new_uow, stored_server(new_uow, "192.0.2.2").id)
        id_, hidden = saved(new_uow, hers, other), saved(new_uow, stored_alert(new_uow, other.server_id, metric="x"))
        assert [each.incident.id for each in queries.incidents.newest(ADMIN, IncidentFilter())] == [hidden, id_]
        [seen] = queries.incidents.newest(actor_of(alice), IncidentFilter())
        assert [each.id for each in seen.members] == [each.alert.id for each in seen.alerts] == [hers.id]
        assert [len(each.alerts) for each in queries.incidents.newest(ADMIN, IncidentFilter())] == [1, 0]
        alone = queries.incidents.get(actor_of(alice), id_)
        assert (alone.members, [each.alert.id for each in alone.alerts]) == (seen.members, [hers.id])
        for asked in (hidden, IncidentId(1_000_000)):
            with pytest.raises(NotFound):
                queries.incidents.get(actor_of(alice), asked)
        assert queries.incidents.newest(NOBODY, IncidentFilter()) == []

    def test_what_began_first_comes_first(self, new_uow, queries):
        """Not what was found first: a host that reports seldom is found offline late."""
        server = stored_server(new_uow)
        begun = [AT - 2 * MINUTE, AT - 3 * MINUTE, AT - 2 * MINUTE]
        first, second, third = (
            stored_alert(new_uow, server.id, metric=f"m{n}", started_at=at) for n, at in enumerate(begun)
        )
        id_ = saved(new_uow, first, second, third)
        [listed], shown = queries.incidents.newest(ADMIN, IncidentFilter()), queries.incidents.get(ADMIN, id_)
        in_order = [second.id, first.id, third.id]
        assert [each.id for each in listed.members] == [each.id for each in shown.members] == in_order
        assert [each.alert.id for each in shown.alerts] == in_order

    def test_a_page_ends_early_where_it_would_have_too_many_alerts(self, new_uow, queries):
        server = stored_server(new_uow)
        of_two, of_one, of_three = (
            saved(new_uow, *(stored_alert(new_uow, server.id, metric=f"{size}.{n}") for n in range(size)))
            for size in (2, 1, 3)
        )

        def page(most: int, **wanted: Any) -> list[tuple[IncidentId, int, bool]]:
            found = queries.incidents.newest(ADMIN, IncidentFilter(most_members=most, **wanted))
            return [(each.incident.id, len(each.members), each.ends_page) for each in found]

        assert page(6) == [(of_three, 3, False), (of_one, 1, False), (of_two, 2, False)]
        assert page(5) == [(of_three, 3, False), (of_one, 1, True)]
        assert page(4) == [(of_three, 3, False), (of_one, 1, True)]
        assert page(3) == [(of_three, 3, True)]
        assert page(2) == [(of_three, 3, True)]
        assert page(1, before=of_three) == [(of_one, 1, True)]
        assert page(1, before=of_one) == [(of_two, 2, False)]
        assert page(4, limit=2) == [(of_three, 3, False), (of_one, 1, False)]
        assert page(2, limit=1) == [(of_three, 3, False)]

    def test_they_are_chosen_by_what_their_alerts_are(self, new_uow, queries):
        web = stored_server(new_uow, tags=frozenset({"web"}), name="web-1")
        db = stored_server(new_uow, "192.0.2.2", name="db-1")
        warned = saved(new_uow, stored_alert(new_uow, web.id, level=Level.WARNING, peak_level=Level.WARNING))
        alert = stored_alert(
            new_uow, db.id, level=Level.CRITICAL, peak_level=Level.CRITICAL, acknowledged_at=AT, started_at=AT
        )
        critical = saved(new_uow, alert, started_at=AT + MINUTE)
        over = stored_alert(new_uow, db.id, metric="x", state=AlertState.RESOLVED, resolved_at=AT)
        ended = saved(new_uow, over, ended_at=AT)

        def ids(**wanted: Any) -> list[IncidentId]:
            return [each.incident.id for each in queries.incidents.newest(ADMIN, IncidentFilter(**wanted))]

        assert ids() == [ended, critical, warned]
        assert ids(states=[IncidentState.FIRING, IncidentState.ACKNOWLEDGED]) == [critical, warned]
        assert ids(states=[IncidentState.ENDED]) == [ended]
        assert ids(tag="web") == [warned]
        assert ids(text="WEB-") == [warned]
        assert ids(server_id=db.id) == [ended, critical]
        assert ids(level=Level.CRITICAL) == [critical]
        assert ids(level=Level.WARNING) == [ended, warned]
        assert ids(states=[IncidentState.ACKNOWLEDGED]) == [critical]
        assert ids(states=[IncidentState.FIRING]) == [warned]
        assert ids(start=AT + MINUTE) == [critical]
        assert ids(end=AT + MINUTE) == [ended, warned]
        assert ids(limit=1) == [ended]
        assert ids(before=critical) == [warned]


class DependenciesContract:
    def test_what_a_server_depends_on_is_read_back(self, new_uow):
        parent, other = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.3")
        child = stored_server(new_uow, "192.0.2.2", depends_on=frozenset({parent.id}))
        with new_uow() as uow:
            assert uow.servers.get(child.id, changed_by=ADMIN).depends_on == {parent.id}
            uow.servers.depend({child.id: [other.id]})
            uow.commit()
        with new_uow() as uow:
            found = uow.servers.get(child.id, changed_by=ADMIN)
            assert found.depends_on == {other.id}
            uow.servers.save(found)
            uow.commit()
        with new_uow() as uow:
            assert uow.servers.get(child.id, changed_by=ADMIN).depends_on == {other.id}

    def test_a_deleted_parent_is_no_parent_any_more(self, new_uow, queries):
        parent = stored_server(new_uow, "192.0.2.1")
        child = stored_server(new_uow, "192.0.2.2", depends_on=frozenset({parent.id}))
        since = queries.fleet.revision()
        with new_uow() as uow:
            uow.servers.delete([parent.id])
            uow.commit()
        with new_uow() as uow:
            assert uow.servers.get(child.id, changed_by=ADMIN).depends_on == frozenset()
        changes = queries.fleet.changes(since, 10)
        assert changes is not None
        assert changes.servers[parent.id] is None
        assert changes.servers[child.id].depends_on == frozenset()

    def test_who_sees_which_parents(self, new_uow):
        alice = stored_user(new_uow)
        parent, other = stored_server(new_uow), stored_server(new_uow, "192.0.2.3")
        check = stored_server(new_uow, "192.0.2.4", kind=Kind.CHECK, host_id=parent.id)
        own = {"user_ids": frozenset({alice.id}), "depends_on": frozenset({parent.id, check.id})}
        child = stored_server(new_uow, "192.0.2.2", **own)
        ids = [parent.id, other.id, check.id, child.id, ServerId(1_000_000)]
        with new_uow() as uow:
            assert uow.servers.parents(ids) == {child.id: {parent.id, check.id}}
            assert uow.servers.seen(ids, actor_of(alice)) == {child.id: Kind.HOST}
            hosts = dict.fromkeys([parent.id, other.id, child.id], Kind.HOST)
            assert uow.servers.seen(ids, ADMIN) == hosts | {check.id: Kind.CHECK}
