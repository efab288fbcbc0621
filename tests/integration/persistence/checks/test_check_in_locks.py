"""Pings and the intake lock rows that hang together: neither waits for the other, nor do alerts for pings."""

from functools import partial

from sqlalchemy import Engine

from monitor.adapters.memory.fakes import FixedClock
from monitor.adapters.persistence.store import SqlUnitOfWork
from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.checks.missed import DetectMissed
from monitor.domain.checks.check_ins import CheckInState
from monitor.domain.fleet.servers import ServerId
from monitor.domain.policies.check_policies import CHECK_IN
from tests.contracts.builders import NewUow, a_sample, stored_server
from tests.contracts.check_ins import stored_check_in
from tests.integration.alerts.cores import core


def opener(engine: Engine) -> NewUow:
    return partial(SqlUnitOfWork, engine, lambda: None)


def lock_all(new_uow: NewUow, check_in_id: ServerId) -> None:
    with new_uow() as uow:
        uow.check_ins.get(check_in_id)
        uow.check_ins.get_many([check_in_id])
        uow.check_ins.by_keys({"a"})
        uow.commit()


def test_a_ping_does_not_wait_for_rows_of_servers(mariadb_engine: Engine) -> None:
    """A wait would end after five seconds with an error."""
    new_uow = opener(mariadb_engine)
    host = stored_server(new_uow)
    check_in = stored_check_in(new_uow, "a", host)
    with new_uow() as uow:
        uow.servers.mark_offline({host.id: host.created_at, check_in.id: host.created_at})
        lock_all(new_uow, check_in.id)
        uow.commit()


def test_the_intake_does_not_wait_for_an_open_transaction_of_pings(
    mariadb_engine: Engine, pipelining_engine: Engine
) -> None:
    new_uow, new_intake_uow = opener(mariadb_engine), opener(pipelining_engine)
    host = stored_server(new_uow)
    check_in = stored_check_in(new_uow, "a", host)
    with new_uow() as uow:
        uow.check_ins.by_keys({"a"})
        with new_intake_uow() as intake:
            intake.samples.add([a_sample(host.id)])
            intake.servers.mark_offline({host.id: host.created_at, check_in.id: host.created_at})
            intake.commit()
        uow.commit()


def test_an_alert_does_not_wait_for_a_ping_that_hangs(ready_mariadb_url: str) -> None:
    """It holds a lock that the intake waits for."""
    with core(ready_mariadb_url, FixedClock()) as running:
        check_in = stored_check_in(running.container.uow, "a", state=CheckInState.DOWN)
        running.container.fleet.mark_stale()
        with running.container.uow() as uow:
            uow.check_ins.by_keys({"a"})
            running.container.get(DetectMissed)()
        assert (check_in.id, CHECK_IN) in running.container.get(Alerting).states.firing()
