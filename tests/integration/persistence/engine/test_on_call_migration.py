"""The way back from rotas, escalations and ways leaves what the version before can read."""

from typing import Any

import pytest
from sqlalchemy import text

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.store import SqlQueries
from monitor.domain.alerts.alert import EventKind
from monitor.domain.alerts.reasons import LeftOut, Reason
from monitor.domain.notifications.channels import ChannelScope
from monitor.domain.notifications.outbox import DeliveryState, Target
from tests.contracts.builders import (
    a_notification,
    a_way,
    stored_alert,
    stored_channel,
    stored_entry,
    stored_escalation,
    stored_notifications,
    stored_policy,
    stored_server,
    stored_team,
    stored_user,
    stored_ways,
)
from tests.integration.persistence.conftest import CIPHER, engine_at, uow_factory

pytestmark = pytest.mark.nightly


def test_older_code_can_read_what_is_left(database_url: str) -> None:
    engine = engine_at(database_url, "head")
    new_uow = uow_factory(engine)
    user, channel = stored_user(new_uow), stored_channel(new_uow, scope=ChannelScope(tag="web"))
    escalation = stored_escalation(new_uow)
    team, policy = (stored(new_uow, escalation_id=escalation.id) for stored in (stored_team, stored_policy))
    (way,) = stored_ways(new_uow, user.id, a_way(user.id))
    alert = stored_alert(new_uow, stored_server(new_uow).id)
    fired = stored_entry(new_uow, alert, left_out=(LeftOut(Reason.AWAY, user_id=user.id),))
    step = stored_entry(new_uow, alert, EventKind.STEP, left_out=(LeftOut(Reason.BELOW_LEVEL, user_id=user.id),))
    targets = [Target(user_id=user.id), Target(user_id=user.id, way_id=way.id), Target(channel_id=channel.id)]
    sent = {"delivery": DeliveryState.SENT, "reason": Reason.QUIET_HOURS}
    stored_notifications(new_uow, *(a_notification(step, target, **sent) for target in targets))

    migrations.downgrade(database_url, "0033", CIPHER)

    def asked(question: str) -> list[Any]:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(question))]

    expected = [(f"user:{user.id}", "reminded", None), (f"channel:{channel.id}", "reminded", None)]
    assert expected == asked("SELECT target, event_kind, reason FROM notifications ORDER BY id")
    found = asked("SELECT id, event_kind, left_out FROM alert_timeline ORDER BY id")
    assert [(fired.id, "fired", None), (step.id, "reminded", f'[["below_level",{user.id},null]]')] == found
    assert [(team.id,), (policy.id,)] == asked("SELECT id FROM teams UNION ALL SELECT id FROM alert_policies")
    migrations.upgrade(database_url)
    migrations.check(database_url)
    snapshot = SqlQueries(engine).fleet.snapshot()
    assert [None, None] == [snapshot.teams[0].escalation_id, snapshot.policies[0].escalation_id]
    engine.dispose()


def test_ids_of_deleted_teams_do_not_come_again_on_sqlite(sqlite_url: str) -> None:
    """Its tables are copied on both ways."""
    engine = engine_at(sqlite_url, "head")
    new_uow = uow_factory(engine)
    kept, gone = stored_team(new_uow, "kept"), stored_team(new_uow, "gone")
    with new_uow() as uow:
        uow.teams.delete(gone.id)
        uow.commit()
    migrations.downgrade(sqlite_url, "0033")
    migrations.upgrade(sqlite_url)
    assert stored_team(new_uow, "new").id > gone.id
    with new_uow() as uow:
        assert kept == uow.teams.get(kept.id)
    engine.dispose()
