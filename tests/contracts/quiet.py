"""What the quiet rule keeps of each server and what is watched there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.application.alerts.ports import Waiting
from monitor.domain.alerts.alert import AlertState
from monitor.domain.alerts.quiet import Ended, Notice, Open, Quiet, Why
from monitor.domain.errors import ConstraintViolated
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import Target
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.times import microseconds
from tests.contracts.builders import (
    AT,
    MICROSECOND,
    SECOND,
    a_notification,
    stored_alert,
    stored_entry,
    stored_notifications,
    stored_server,
    stored_user,
)

NOW = microseconds(AT)
HELD = Quiet(
    stretch_from=NOW,
    ended_at=NOW + 1,
    counts=(2, 1),
    last=(NOW + 2, None),
    held_time=3,
    held=17,
    held_from=NOW + 4,
    held_longest=5,
    recent=(Ended(NOW, 7), Ended(NOW + 1, 6)),
    open=Open(NOW, Level.CRITICAL, Level.WARNING, Level.CRITICAL, NOW + 8, NOW + 9, Why.ADDED_UP, (None, NOW - 1)),
)
ENDED = Quiet(ended_at=NOW)


class QuietContract:
    def test_it_is_kept_of_each_server_and_watch(self, new_uow):
        one, two = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        forecast = FORECAST.key_of("disk")
        with new_uow() as uow:
            assert uow.alerts.quiet(one.id, "disk") == Quiet()
            uow.alerts.save_quiet(one.id, "disk", Quiet())
            uow.alerts.save_quiet(one.id, "disk", HELD)
            uow.alerts.save_quiet(one.id, forecast, ENDED)
            assert uow.alerts.quiet(one.id, "disk") == HELD
            uow.commit()
        with new_uow() as uow:
            uow.alerts.save_quiet(one.id, forecast, Quiet())  # not committed
        with new_uow() as uow:
            found = [uow.alerts.quiet(*of) for of in ((one.id, "disk"), (one.id, forecast), (two.id, "disk"))]
        assert found == [HELD, ENDED, Quiet()]

    def test_many_are_kept_at_once(self, new_uow):
        one, two = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        kept = {(server.id, f"metric{n}"): replace(ENDED, ended_at=n) for server in (two, one) for n in range(120)}
        others = {(one.id, "metric120"): Quiet(), (two.id, "disk"): Quiet()}
        with new_uow() as uow:
            uow.alerts.save_quiet(one.id, "metric7", HELD)
            uow.alerts.save_quiets(kept)
            uow.alerts.save_quiets({})
            assert uow.alerts.quiets([*kept, *others]) == kept | others
            assert uow.alerts.quiets([]) == {}
            uow.commit()
        with new_uow() as uow, pytest.raises(ConstraintViolated):
            uow.alerts.save_quiets({(one.id, "cpu"): HELD, (ServerId(1_000_000), "cpu"): HELD})

    def test_what_no_longer_counts_is_forgotten(self, new_uow):
        server = stored_server(new_uow)
        kept = {"open": replace(HELD, ended_at=NOW - 2), "older": replace(ENDED, ended_at=NOW - 1), "ended": ENDED}
        kept["dropped"] = Quiet(stretch_from=NOW)
        with new_uow() as uow:
            for metric, quiet in kept.items():
                uow.alerts.save_quiet(server.id, metric, quiet)
            uow.commit()
        ages = ((AT - 2 * MICROSECOND, {"dropped"}), (AT - MICROSECOND, {"dropped", "older"}), (AT, {*kept} - {"open"}))
        for before, gone in ages:
            with new_uow() as uow:
                uow.alerts.forget_quiet(before, 1)  # each time one more is old enough
                found = {metric: uow.alerts.quiet(server.id, metric) for metric in kept}
                uow.commit()
            assert found == {metric: Quiet() if metric in gone else quiet for metric, quiet in kept.items()}

    def test_it_goes_with_its_server(self, new_uow):
        server = stored_server(new_uow)
        with new_uow() as uow:
            uow.alerts.save_quiet(server.id, "cpu", HELD)
            uow.servers.delete([server.id])
            assert uow.alerts.quiet(server.id, "cpu") == Quiet()
            uow.commit()
        with new_uow() as uow, pytest.raises(ConstraintViolated):
            uow.alerts.save_quiet(ServerId(1_000_000), "cpu", HELD)

    def test_held_alerts_fall_due(self, new_uow, queries):
        server = stored_server(new_uow)
        due = AT + timedelta(hours=1)
        late = stored_alert(new_uow, server.id, due_at=due + SECOND)
        alert = stored_alert(new_uow, server.id, metric="disk", level=Level.CRITICAL, due_at=due)
        stored_alert(new_uow, server.id)
        stored_alert(new_uow, server.id, state=AlertState.RESOLVED, resolved_at=AT)
        first = Waiting(alert.id, server.id, "disk", Level.CRITICAL, alert.fired_at)
        second = Waiting(late.id, server.id, late.metric, late.level, late.fired_at)
        assert queries.alerts.due(due - MICROSECOND) == []
        assert queries.alerts.due(due) == [first]
        assert queries.alerts.due(due + SECOND) == [second, first]

    def test_notices_are_kept_with_events_and_notifications(self, new_uow, queries):
        alert, target = stored_alert(new_uow, stored_server(new_uow).id), Target(user_id=stored_user(new_uow).id)
        notice = Notice(NOW, Level.CRITICAL, Why.LASTED, 17, NOW - 1, 12)
        entry = stored_entry(new_uow, alert, notice=notice)
        (stored,) = stored_notifications(new_uow, a_notification(entry, target, notice=notice))
        assert stored.notice == entry.notice == notice
        with new_uow() as uow:
            assert uow.notifications.of_alerts([alert.id]) == [stored]
