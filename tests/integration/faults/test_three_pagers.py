"""Three processes on one MariaDB run escalations and hand rotas over at the same moment: each step happens once."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import partial

import pytest

from monitor.adapters.memory.fakes import FixedClock
from monitor.application.accounts.users import EnsureFirstAdmin
from monitor.application.alerts.handing_over import HandOverRotas
from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.application.alerts.ports import AlertFilter
from monitor.application.fleet.servers import CreateServer
from monitor.application.intake.store_samples import StoreSamples
from monitor.application.notifications.ports import NotificationFilter
from monitor.application.policies.policies import CreatePolicy
from monitor.container import Container
from monitor.domain.alerts.alert import EventKind
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import Team, TeamAccess
from monitor.domain.intake.samples import Sample
from monitor.domain.oncall.escalations import Escalation, Step, Target, TargetKind
from monitor.domain.oncall.rotas import Rota
from monitor.domain.policies.policies import Policy
from tests.contracts.builders import a_user
from tests.contracts.threads import at_once
from tests.integration.faults.test_two_processes import ROOT, serving

MINUTE = timedelta(minutes=1)
HOSTS = 12


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def processes(ready_mariadb_url: str, clock: FixedClock) -> Iterator[list[Container]]:
    with ExitStack() as stack:
        found = [stack.enter_context(serving(ready_mariadb_url, clock)) for _ in range(3)]
        found[0].get(EnsureFirstAdmin)("correct horse battery")
        yield found


def called(process: Container) -> list[ServerId]:
    """Hosts whose alerts go to who is on call, two minutes later to eve, and to both again. Soon eve comes on call."""
    now = process.clock.now()
    with process.uow() as uow:
        bob, eve = (uow.users.add(a_user(name, email=f"{name}@example.com")).id for name in ("bob", "eve"))
        uow.commit()
    servers = [process.get(CreateServer)(ROOT, name=f"web-{n}", ip_address=f"10.0.0.{n + 1}").id for n in range(HOSTS)]
    process.get(CreatePolicy)(
        ROOT, Policy(metric="cpu", warning=70.0, sustained_for=timedelta(0), clear_for=timedelta(0))
    )
    with process.uow() as uow:
        starts_at = now - timedelta(days=1) + 4.5 * MINUTE
        rota = uow.rotas.add(Rota(name="nights", timezone="UTC", starts_at=starts_at, turn_days=1, user_ids=(bob, eve)))
        steps = (
            Step(timedelta(0), (Target(TargetKind.ROTA, rota.id),)),
            Step(2 * MINUTE, (Target(TargetKind.USER, eve),)),
        )
        made = uow.escalations.add(Escalation(name="ops", steps=steps, repeat_after=5 * MINUTE, repeats=1))
        uow.teams.add(
            Team(
                name="ops",
                access=TeamAccess.WRITE,
                created_at=now,
                server_ids=frozenset(servers),
                escalation_id=made.id,
            )
        )
        uow.commit()
    process.fleet.refresh()
    return servers


def test_each_step_and_hand_over_happens_once(processes: list[Container], clock: FixedClock) -> None:
    one = processes[0]
    servers = called(one)
    jobs: list[Callable[[], object]] = []
    for process in processes:
        jobs += [process.get(AlertMaintenance), process.get(HandOverRotas)]
    for _ in range(24):
        now = clock.now()
        samples = [Sample(server_id, now, now, 75.0, 2.0, 3.0, None, 30.0) for server_id in servers]
        one.get(StoreSamples)(samples)
        _as_if_sent(one)
        at_once(*(partial(_run, job) for job in jobs))
        clock.advance(30)
    alerts = one.queries.alerts.newest(ROOT, AlertFilter())
    assert HOSTS == len(alerts)
    for shown in alerts:
        entries = one.queries.alerts.get(ROOT, shown.alert.id)[1]
        happened = [(entry.event_kind, entry.note) for entry in entries]
        steps = [note for kind, note in happened if kind is EventKind.STEP]
        assert ["step 2 of ops", "step 1 of ops (again)", "step 2 of ops (again)"] == steps
        assert [(EventKind.HANDED_OVER, "nights")] == [each for each in happened if each[0] is EventKind.HANDED_OVER]
    rows = one.queries.notifications.newest(ROOT, NotificationFilter(limit=1000))
    assert {1} == {*Counter((row.event_id, row.target) for row in rows).values()}
    assert HOSTS * 5 == len(rows)


def _run(job: Callable[[], object]) -> None:
    job()


def _as_if_sent(process: Container) -> None:
    """A hand-over pages for what somebody was notified of."""
    with process.uow() as uow:
        uow.alerts.save_notified([alert.id for alert in uow.alerts.open()], process.clock.now())
        uow.commit()
