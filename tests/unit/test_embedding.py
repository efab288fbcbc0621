import contextlib
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest

import monitor
from monitor.adapters.memory.fakes import InsecurePasswordHasher
from monitor.application.alerts.ports import AlertFilter
from monitor.application.incidents.ports import IncidentFilter
from monitor.application.intake.store_samples import Outcome
from monitor.assembly import in_memory as in_memory_container
from monitor.domain.checks.check_ins import CheckIn, CheckInState, Ping, PingKind
from monitor.domain.checks.checks import CheckState
from monitor.domain.errors import InvalidInput
from monitor.domain.fleet.servers import Kind, ServerId, Status
from monitor.embedding import Monitor, over
from monitor.settings import Settings
from tests.contracts.builders import SECOND
from tests.contracts.checks import a_check
from tests.documents import documented
from tests.unit.application.checks.test_runs import Probing


@pytest.fixture
def clock() -> monitor.FixedClock:
    return monitor.FixedClock()


@pytest.fixture
def core(clock: monitor.FixedClock) -> Monitor:
    return monitor.in_memory(clock=clock, hasher=InsecurePasswordHasher())


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md", "docs/library.md", "docs/zh/library.md"])
def test_the_example_of_a_document(page: str):
    """It prints what its comments say."""
    example = documented(page, "python", "import monitor")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(example, {})  # noqa: S102 (our own)
    assert re.findall(r"^print\(.*\)  # (.*)$", example, re.MULTILINE) == printed.getvalue().splitlines() != []


def test_checks_run_in_it(clock: monitor.FixedClock):
    prober = Probing()
    core = monitor.in_memory(clock=clock, hasher=InsecurePasswordHasher(), prober=prober)
    check = core.create_check(core.admin, a_check()).check
    assert core.check(check.id).status.state is CheckState.UP
    clock.advance(60)
    prober.failing = {check.name}
    assert core.check(check.id).status.failures == 1
    series = core.read_series(core.admin, check.id, metrics=["up"], end=clock.now() + SECOND, kind=Kind.CHECK)
    assert [1.0, 0.0] == series.columns["up"].avg


def test_a_configuration_is_planned_and_applied_in_it(core: Monitor):
    file = core.read_configuration(core.admin).text.replace("warning: 70", "warning: 75")
    file = file.replace("policies: []", "policies: [{metric: cpu, warning: 75}]")
    plan = core.plans.start(core.admin, file, days=1)
    assert [change.kind for change in plan.changes] == ["policy"]
    assert core.apply_configuration(core.admin, file, plan.revision) == plan.changes
    assert core.plans.start(core.admin, file, days=0).changes == []


def test_a_host_with_a_sample_is_online(core: Monitor, clock: monitor.FixedClock):
    """Until its report timeout."""
    server = core.create_server(core.admin, name="web-1", ip_address="192.0.2.10")
    assert Status.OFFLINE is core.live(server.id).status
    assert Outcome.STORED is core.record(server.id, cpu=1.005, memory=2, disk=3)
    assert Outcome.DUPLICATE is core.record(server.id, cpu=1.005, memory=2, disk=3)
    live = core.live(server.id)
    assert Status.ONLINE is live.status
    assert live.sample is not None
    assert clock.now() == live.sample.recorded_at
    clock.advance(3601)  # an hour, since nobody said how often it records
    assert {server.id} == core.detect_offline()
    assert Status.OFFLINE is core.live(server.id).status


def test_alerts_are_put_into_incidents(core: Monitor, clock: monitor.FixedClock):
    revision = core.read_configuration(core.admin).revision
    core.apply_configuration(core.admin, "policies: [{metric: cpu, warning: 70, sustained_for: 0}]", revision)
    server = core.create_server(core.admin, name="web-1", ip_address="192.0.2.10")
    core.record(server.id, cpu=90, memory=2, disk=3)
    clock.advance(10)
    core.group_alerts()
    [found] = core.queries.incidents.newest(core.admin, IncidentFilter())
    assert [server.id] == [each.server_id for each in found.members]
    assert len(core.acknowledge_incident(core.admin, found.incident.id)) == 1
    assert len(core.silence_incident(core.admin, found.incident.id, timedelta(hours=1), "")) == 1


def test_values_are_checked(core: Monitor):
    server = core.create_server(core.admin, name="web-1", ip_address="192.0.2.10")
    with pytest.raises(InvalidInput):
        core.record(server.id, cpu=101, memory=2, disk=3)


def test_an_unknown_server(core: Monitor):
    assert Outcome.UNKNOWN_SERVER is core.record(ServerId(99), cpu=1, memory=2, disk=3)
    assert Status.OFFLINE is core.live(ServerId(99)).status


def test_cores_share_nothing(core: Monitor):
    other = monitor.in_memory(hasher=InsecurePasswordHasher())
    for each in (core, other):
        server = each.create_server(each.admin, name="web-1", ip_address="192.0.2.10")
        each.fleet.refresh()
        assert {server.id} == set(each.fleet.directory.servers)


def test_a_container_without_an_administrator():
    container = in_memory_container(Settings(database_url="", data_dir=Path()), hasher=InsecurePasswordHasher())
    with pytest.raises(LookupError):
        over(container)


def test_unknown_names():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = monitor.nothing


def test_check_ins_need_no_database(core: Monitor, clock: monitor.FixedClock):
    check_in = core.create_check_in(core.admin, CheckIn(name="dump", period=60.0, grace=5.0, created_at=clock.now()))
    ping = Ping(at=clock.now(), kind=PingKind.SUCCESS, address="")
    assert core.record_pings([(check_in.ping_key, ping)]) == [None]
    clock.advance(65)
    core.detect_missed()
    assert core.read_check_ins.get(core.admin, check_in.id).state is CheckInState.DOWN
    [found] = core.queries.alerts.newest(core.admin, AlertFilter())
    assert (found.alert.server_id, found.server_name) == (check_in.id, "dump")
