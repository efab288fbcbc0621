from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.application.alerts.ports import AlertFilter, FiredAlert, ShownAlert
from monitor.application.fleet.visibility import VisibleIds
from monitor.domain.alerts.alert import AlertId, AlertState, EventKind, Verdict
from monitor.domain.alerts.reasons import LeftOut, Reason
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.levels import Level
from monitor.domain.policies.check_policies import UP
from monitor.domain.policies.policies import OFFLINE
from tests.contracts.builders import (
    ADMIN,
    AT,
    HOSTILE,
    MICROSECOND,
    NOBODY,
    SECOND,
    actor_of,
    stored_alert,
    stored_entry,
    stored_policy,
    stored_server,
    stored_user,
)

MINUTE = timedelta(minutes=1)


def ids(shown: list[ShownAlert]) -> list[AlertId]:
    return [one.alert.id for one in shown]


class AlertQueriesContract:
    def test_outages_last_or_have_just_ended(self, new_uow, queries):
        host, check = stored_server(new_uow), stored_server(new_uow, "192.0.2.2")
        ended = {"state": AlertState.RESOLVED}
        for changes in ({"resolved_at": AT - MINUTE, **ended}, {"metric": "cpu"}):
            stored_alert(new_uow, host.id, **{"metric": OFFLINE} | changes)
        stored_alert(new_uow, stored_server(new_uow, "192.0.2.3").id, metric=OFFLINE)
        lasts = stored_alert(new_uow, host.id, metric=OFFLINE, fired_at=AT + MINUTE)
        over = stored_alert(new_uow, check.id, metric=UP, fired_at=AT, resolved_at=AT + MINUTE, **ended)
        expected = [(check.id, over.fired_at, AT + MINUTE), (host.id, lasts.fired_at, None)]
        assert queries.alerts.outages([host.id, check.id], AT) == expected
        assert queries.alerts.outages([], AT) == []

    @pytest.mark.parametrize("name", HOSTILE)
    def test_an_alert_is_shown_with_the_names_of_its_server_and_of_the_user_who_acknowledged_it(
        self, new_uow, queries, name
    ):
        user = stored_user(new_uow, name[:50])
        server = stored_server(new_uow, name=name)
        alert = stored_alert(new_uow, server.id, acknowledged_by=user.id, acknowledged_at=AT + SECOND)
        expected = ShownAlert(alert=alert, server_name=server.name, acknowledged_by=user.username)
        assert queries.alerts.newest(ADMIN, AlertFilter()) == [expected]
        assert queries.alerts.get(ADMIN, alert.id) == (expected, [])

    def test_an_unacknowledged_alert_has_no_user(self, new_uow, queries):
        alert = stored_alert(new_uow, stored_server(new_uow).id)
        expected = ShownAlert(alert=alert, server_name="web", acknowledged_by=None)
        assert queries.alerts.newest(ADMIN, AlertFilter()) == [expected]
        assert queries.alerts.get(ADMIN, alert.id)[0] == expected

    def test_the_name_shown_is_the_present_one(self, new_uow, queries):
        server = stored_server(new_uow)
        stored_alert(new_uow, server.id)
        with new_uow() as uow:
            uow.servers.save(replace(server, name="renamed"))
            uow.commit()
        assert [shown.server_name for shown in queries.alerts.newest(ADMIN, AlertFilter())] == ["renamed"]

    def test_those_of_a_server_are_also_those_of_its_checks(self, new_uow, queries):
        host = stored_server(new_uow, tags=frozenset({"web"}))
        check = stored_server(new_uow, "100::1", kind=Kind.CHECK, host_id=host.id)
        other = stored_server(new_uow, "100::2", kind=Kind.CHECK)
        own, of_check, foreign = (stored_alert(new_uow, each.id).id for each in (host, check, other))
        wanted = {
            AlertFilter(server_id=host.id): [of_check, own],
            AlertFilter(server_id=check.id): [of_check],
            AlertFilter(watched_id=host.id): [own],
            AlertFilter(watched_id=check.id): [of_check],
            AlertFilter(watched_id=other.id): [foreign],
            AlertFilter(tag="web"): [of_check, own],
            AlertFilter(tag="web", watched_id=check.id): [of_check],
            AlertFilter(tag="db"): [],
        }
        for chosen, expected in wanted.items():
            assert ids(queries.alerts.newest(ADMIN, chosen)) == expected, chosen
        with pytest.raises(NotFound):
            queries.alerts.newest(NOBODY, AlertFilter(watched_id=check.id))

    def test_each_filter_alone_and_all_together(self, new_uow, queries):
        one, two = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        resolved = {"state": AlertState.RESOLVED, "resolved_at": AT + timedelta(hours=1)}
        cancelled = {"state": AlertState.CANCELLED, "resolved_at": AT}
        rows = [
            stored_alert(new_uow, one.id),
            stored_alert(new_uow, two.id, level=Level.CRITICAL, fired_at=AT + SECOND),
            stored_alert(new_uow, one.id, level=Level.CRITICAL, fired_at=AT + 2 * SECOND, **resolved),
            stored_alert(new_uow, one.id, fired_at=AT + 3 * SECOND, **cancelled),
        ]
        a, b, c, d = (row.id for row in rows)
        for wanted, expected in [
            (AlertFilter(), [d, c, b, a]),
            (AlertFilter(state=AlertState.FIRING), [b, a]),
            (AlertFilter(state=AlertState.RESOLVED), [c]),
            (AlertFilter(state=AlertState.CANCELLED), [d]),
            (AlertFilter(server_id=one.id), [d, c, a]),
            (AlertFilter(level=Level.CRITICAL), [c, b]),
            (AlertFilter(level=Level.WARNING), [d, a]),
            (AlertFilter(start=AT + SECOND), [d, c, b]),
            (AlertFilter(start=AT + SECOND + MICROSECOND), [d, c]),
            (AlertFilter(end=AT + 2 * SECOND), [b, a]),
            (AlertFilter(end=AT + 2 * SECOND + MICROSECOND), [c, b, a]),
            (AlertFilter(start=AT + SECOND, end=AT + SECOND), []),
            (AlertFilter(before=c), [b, a]),
            (AlertFilter(before=a), []),
            (AlertFilter(limit=2), [d, c]),
            (
                AlertFilter(
                    state=AlertState.RESOLVED,
                    server_id=one.id,
                    level=Level.CRITICAL,
                    start=AT,
                    end=AT + timedelta(hours=1),
                    before=d,
                    limit=1,
                ),
                [c],
            ),
        ]:
            assert ids(queries.alerts.newest(ADMIN, wanted)) == expected

    def test_filter_by_the_highest_level_reached(self, new_uow, queries):
        server = stored_server(new_uow)
        calmed = stored_alert(new_uow, server.id, peak_level=Level.CRITICAL, peak_value=98.0, peak_at=AT)
        warned = stored_alert(new_uow, server.id)
        assert ids(queries.alerts.newest(ADMIN, AlertFilter(level=Level.CRITICAL))) == [calmed.id]
        assert ids(queries.alerts.newest(ADMIN, AlertFilter(level=Level.WARNING))) == [warned.id]

    def test_filter_by_metric_and_by_acknowledgement(self, new_uow, queries):
        """Also by a user who was deleted."""
        server = stored_server(new_uow)
        disk = stored_alert(new_uow, server.id, metric="disk:/var")
        cpu = stored_alert(new_uow, server.id, acknowledged_at=AT)
        for wanted, expected in [
            (AlertFilter(metric="cpu"), [cpu.id]),
            (AlertFilter(metric="disk:/var"), [disk.id]),
            (AlertFilter(metric="disk"), []),
            (AlertFilter(metric="CPU"), []),
            (AlertFilter(metric="cpu "), []),
            (AlertFilter(acknowledged=True), [cpu.id]),
            (AlertFilter(acknowledged=False), [disk.id]),
            (AlertFilter(acknowledged=False, metric="cpu"), []),
        ]:
            assert ids(queries.alerts.newest(ADMIN, wanted)) == expected

    def test_filter_by_name_address_or_tag_of_the_server(self, new_uow, queries):
        alice = stored_user(new_uow)
        web = stored_server(new_uow, "192.0.2.1", name="Web%", tags=frozenset({"Prod"}))
        ours = stored_server(new_uow, "2001:db8::a", name="Straße", user_ids=frozenset({alice.id}))
        a, b = stored_alert(new_uow, web.id).id, stored_alert(new_uow, ours.id).id
        for wanted, expected in [
            (AlertFilter(text="web%"), [a]),
            (AlertFilter(text="%"), [a]),
            (AlertFilter(text="STRASSE"), [b]),
            (AlertFilter(text="2001:DB8"), [b]),
            (AlertFilter(text="prod"), [a]),
            (AlertFilter(text="nothing"), []),
            (AlertFilter(text="e", limit=1), [b]),
            (AlertFilter(tag="Prod"), [a]),
            (AlertFilter(tag="prod"), []),
            (AlertFilter(tag="Prod "), []),
            (AlertFilter(tag="Prod", text="e", server_id=web.id), [a]),
        ]:
            assert ids(queries.alerts.newest(ADMIN, wanted)) == expected
        assert ids(queries.alerts.newest(actor_of(alice), AlertFilter(text="e"))) == [b]
        assert ids(queries.alerts.newest(actor_of(alice), AlertFilter(tag="Prod"))) == []

    def test_pages_have_no_gap_and_no_repeat(self, new_uow, queries):
        """Even if the actor may not see all alerts, and later ones fired earlier (a backlog)."""
        alice = stored_user(new_uow)
        hers = stored_server(new_uow, "192.0.2.1", user_ids=frozenset({alice.id}))
        other = stored_server(new_uow, "192.0.2.2")
        alerts = [
            stored_alert(new_uow, other.id if n % 3 == 1 else hers.id, fired_at=AT - n % 4 * SECOND) for n in range(11)
        ]
        for actor, seen in [(actor_of(alice), [a.id for a in alerts if a.server_id == hers.id]), (ADMIN, None)]:
            expected = [a.id for a in alerts] if seen is None else seen
            for limit in (1, 2, 3, 11, 50):
                found: list[AlertId] = []
                before = None
                while page := queries.alerts.newest(actor, AlertFilter(before=before, limit=limit)):
                    assert len(page) <= limit
                    assert not set(ids(page)) & set(found), "the pages go round in a circle"
                    found += ids(page)
                    before = found[-1]
                assert found == expected[::-1]

    def test_users_see_only_alerts_of_servers_linked_to_them(self, new_uow, queries):
        alice = stored_user(new_uow)
        hers = stored_server(new_uow, "192.0.2.1", user_ids=frozenset({alice.id}))
        other = stored_server(new_uow, "192.0.2.2")
        seen, hidden = stored_alert(new_uow, hers.id), stored_alert(new_uow, other.id, acknowledged_by=alice.id)
        assert ids(queries.alerts.newest(actor_of(alice), AlertFilter())) == [seen.id]
        assert ids(queries.alerts.newest(actor_of(alice), AlertFilter(server_id=hers.id))) == [seen.id]
        assert queries.alerts.newest(NOBODY, AlertFilter()) == []
        for actor, server_id in [(actor_of(alice), other.id), (NOBODY, hers.id), (ADMIN, ServerId(1_000_000))]:
            with pytest.raises(NotFound):
                queries.alerts.newest(actor, AlertFilter(server_id=server_id))
        assert queries.alerts.get(actor_of(alice), seen.id)[0].alert == seen
        for actor, alert_id in [(actor_of(alice), hidden.id), (NOBODY, seen.id), (ADMIN, AlertId(1_000_000))]:
            with pytest.raises(NotFound):
                queries.alerts.get(actor, alert_id)

    def test_a_server_without_alerts_has_none(self, new_uow, queries):
        server = stored_server(new_uow)
        assert queries.alerts.newest(ADMIN, AlertFilter(server_id=server.id)) == []

    def test_a_timeline_is_oldest_first(self, new_uow, queries):
        """Ordered by the time of the event, not of the writing; at one moment, in the order of the writing."""
        server = stored_server(new_uow)
        alert, other = stored_alert(new_uow, server.id), stored_alert(new_uow, server.id)
        notified = stored_entry(new_uow, alert, EventKind.NOTIFIED, at=AT + 2 * SECOND)
        stored_entry(new_uow, other)
        fired = stored_entry(new_uow, alert, EventKind.FIRED, at=AT)
        escalated = stored_entry(new_uow, alert, EventKind.ESCALATED, at=AT + SECOND)
        flapping = stored_entry(new_uow, alert, EventKind.FLAPPING, at=AT + SECOND)
        assert queries.alerts.get(ADMIN, alert.id)[1] == [fired, escalated, flapping, notified]

    def test_an_open_unit_of_work_is_not_seen(self, new_uow, queries):
        alert = stored_alert(new_uow, stored_server(new_uow).id)
        with new_uow() as uow:
            uow.alerts.save(alert.cancelled(AT))
            assert queries.alerts.get(ADMIN, alert.id)[0].alert == alert
            uow.commit()
        assert queries.alerts.get(ADMIN, alert.id)[0].alert == alert.cancelled(AT)

    def test_what_an_event_was_not_for_is_kept(self, new_uow, queries):
        """None is another thing than nobody."""
        alert = stored_alert(new_uow, stored_server(new_uow).id)
        some = (LeftOut(Reason.BELOW_LEVEL, user_id=7), LeftOut(Reason.NO_ADDRESS, channel_id=8))
        entries = [stored_entry(new_uow, alert, left_out=left_out) for left_out in (some, (), None)]
        assert queries.alerts.get(ADMIN, alert.id)[1] == entries

    def test_those_that_fire_at_a_moment_are_found(self, new_uow, queries):
        """In the order of their times, not of their ids: past alerts are stored later."""
        server, other = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        late = stored_alert(new_uow, server.id, metric="disk", fired_at=AT + SECOND)
        ended = {"state": AlertState.RESOLVED, "resolved_at": AT + MINUTE}
        early = stored_alert(new_uow, server.id, fired_at=AT, **ended)
        stored_alert(new_uow, other.id, fired_at=AT)
        for at, expected in (
            (AT - MICROSECOND, []),
            (AT, [early]),
            (AT + SECOND, [early, late]),
            (AT + MINUTE - MICROSECOND, [early, late]),
            (AT + MINUTE, [late]),
        ):
            assert expected == queries.alerts.firing_at(server.id, at)

    def test_alerts_that_fired_in_a_period_are_counted(self, new_uow, queries):
        one, two = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        policy = stored_policy(new_uow)
        whole = {"resolved_at": AT + SECOND, "state": AlertState.RESOLVED, "acknowledged_at": AT}
        a = stored_alert(new_uow, one.id, policy_id=policy.id, verdict=Verdict.USEFUL, **whole)
        b = stored_alert(new_uow, two.id, metric="disk", fired_at=AT + SECOND)
        found = [
            FiredAlert(a.id, one.id, policy.id, AT, AT + SECOND, True, Verdict.USEFUL, a.started_at),
            FiredAlert(b.id, two.id, None, AT + SECOND, None, False, None, b.started_at),
        ]
        later = AT + 2 * SECOND
        for server_ids, metric, start, end, expected in (
            (None, None, AT, later, found),
            ([one.id, two.id], None, AT, AT + SECOND, found[:1]),
            ([two.id], None, AT, later, found[1:]),
            (None, "disk", AT, later, found[1:]),
            ([], None, AT, later, []),
        ):
            assert queries.alerts.fired(VisibleIds(server_ids), metric, start, end) == expected
