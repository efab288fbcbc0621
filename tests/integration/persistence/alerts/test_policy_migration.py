"""Policies from before margins had to suit their metric."""

from dataclasses import replace

import pytest

from monitor.adapters.persistence.engine import migrations
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.policies.policies import OFFLINE, Direction, Policy, Scope
from tests.integration.persistence.conftest import engine_at, insert_policy_of_old, uow_factory

pytestmark = pytest.mark.nightly

LOAD = Policy(metric="load1", warning=2.0, critical=4.0, clear_margin=5.0)
KEPT = [
    Policy(metric="cpu", warning=70.0, critical=101.0, clear_margin=5.0),
    Policy(metric="load1", warning=20.0, critical=40.0, clear_margin=5.0),
    Policy(metric="temperature", warning=60.0, clear_margin=5.0),
    Policy(metric="free", critical=3.0, direction=Direction.BELOW, clear_margin=5.0),
    Policy(metric=OFFLINE, clear_margin=5.0),
]
HEALED = [
    (replace(LOAD, scope=Scope(tag="web")), 0.2),
    (Policy(metric="queue", critical=3.0, clear_margin=5.0), 0.3),
    (Policy(metric="memory", warning=97.0, critical=90.0, direction=Direction.BELOW, clear_margin=4.0), 1.5),
]


def test_only_margins_that_nothing_could_clear_are_changed(database_url: str) -> None:
    engine = engine_at(database_url, "0007")
    kept = [insert_policy_of_old(engine, policy) for policy in KEPT]
    healed = [replace(insert_policy_of_old(engine, policy), clear_margin=margin) for policy, margin in HEALED]

    migrations.upgrade(database_url)

    with uow_factory(engine)() as uow:
        assert uow.alert_policies.all() == kept + healed
    migrations.downgrade(database_url, "0007")
    migrations.upgrade(database_url)
    with uow_factory(engine)() as uow:
        assert uow.alert_policies.all() == kept + healed
    engine.dispose()


def test_forecasts_go_with_a_downgrade_and_notes_too(database_url: str) -> None:
    """Older code would take a forecast for a second threshold."""
    engine = engine_at(database_url, "head")
    with uow_factory(engine)() as uow:
        threshold = uow.alert_policies.add(replace(LOAD, clear_margin=0.2, note="call Ann"))
        uow.alert_policies.add(replace(threshold, kind=FORECAST))
        uow.commit()
    migrations.downgrade(database_url, "0028")
    migrations.upgrade(database_url)
    with uow_factory(engine)() as uow:
        assert uow.alert_policies.all() == [replace(threshold, note="")]
    engine.dispose()
    migrations.check(database_url)
