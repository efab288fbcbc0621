"""A simulated fleet in the database: repeated runs add nothing twice."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.application.notifications.ports import NotificationFilter
from monitor.application.transactions import CHUNK
from monitor.demo.courses import outages
from monitor.demo.fleet import Simulated
from monitor.demo.hosts import PEOPLE, Trouble, host, is_made_by
from monitor.demo.samples import samples
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.errors import InvalidCredentials
from monitor.domain.errors import Forbidden, StorageUnavailable
from monitor.domain.fleet.errors import AddressTaken
from monitor.domain.fleet.servers import Status
from monitor.domain.intake.samples import Sample
from monitor.domain.policies.check_policies import applicable
from monitor.domain.policies.policies import OFFLINE
from tests.unit.application.core import ORIGIN, PASSWORD, ROOT, Core

INTERVAL = 60.0
PAST = timedelta(hours=2)


def set_up(core: Core, actor: Actor, count: int = 4, password: str | None = None) -> Simulated:
    found = core.set_up_simulation(actor, seed=1, count=count, created_at=core.clock.now() - PAST, password=password)
    core.fleet.refresh()
    return found


def write(core: Core, simulated: Simulated) -> int:
    now = core.clock.now()
    return core.write_simulated_history(
        simulated, start=now - PAST, end=now, interval=INTERVAL, on_progress=lambda share, stored: None
    )


def generated(core: Core, simulated: Simulated) -> list[Sample]:
    now = core.clock.now()
    return [sample for of, server in simulated for sample in samples(of, server.id, now - PAST, now, INTERVAL)]


def by_host(found: list[Sample]) -> list[Sample]:
    return sorted(found, key=lambda sample: (sample.server_id, sample.recorded_at))


def test_servers_and_users_are_set_up_once(core: Core, root: Actor):
    first, again, more = set_up(core, root), set_up(core, root), set_up(core, root, count=25)
    assert first == again == more[:4]
    servers = core.fleet.directory.servers.values()
    assert [host(1, index).name for index in range(25)] == [server.name for server in servers]
    assert all(is_made_by(1, server) for server in servers)
    assert {"root", *(person.username for person in PEOPLE)} == {
        user.username for user in core.fleet.directory.users.values()
    }
    assert ["server.simulate"] * 2 == [each.action for each in core.audit() if each.target.endswith("servers")]


def test_known_servers_are_not_looked_up_again(core: Core, root: Actor):
    """Nor created, wherever they stand among new ones."""
    first = set_up(core, root, count=3)
    known = {server.ip_address: server for _, server in (first[0], first[2])}
    found = core.set_up_simulation(root, seed=1, count=5, created_at=core.clock.now(), known=known)
    assert first == found[:3]
    assert found[0][1] is first[0][1]
    core.fleet.refresh()
    assert [server.id for _, server in found] == list(core.fleet.directory.servers)


def test_users_are_linked_to_their_servers(core: Core, root: Actor):
    simulated = set_up(core, root, count=40)
    users = {user.username: user.id for user in core.fleet.directory.users.values()}
    for of, server in simulated:
        assert {users[p.username] for p in PEOPLE if p.looks_after(of)} == server.user_ids
    assert all(any(users[person.username] in server.user_ids for _, server in simulated) for person in PEOPLE[:2])


def test_no_one_can_log_in_as_a_simulated_user(core: Core, root: Actor):
    set_up(core, root)
    for password in ("", "None", PASSWORD):
        with pytest.raises(InvalidCredentials):
            core.log_in(username=PEOPLE[0].username, password=password, origin=ORIGIN)


def test_with_a_password_simulated_users_can_log_in(core: Core, root: Actor):
    set_up(core, root, password=PASSWORD)
    for person in PEOPLE:
        core.log_in(username=person.username, password=PASSWORD, origin=ORIGIN)


def test_only_administrators_simulate(core: Core, ann: Actor):
    with pytest.raises(Forbidden):
        set_up(core, ann)


def test_an_address_of_another_server_is_refused(core: Core, root: Actor):
    server = core.server(host(1, 2).ip_address)
    with pytest.raises(AddressTaken):
        set_up(core, root)
    assert [server] == [*core.fleet.directory.servers.values()]


def test_history_is_what_the_hosts_would_have_reported(core: Core, root: Actor):
    simulated = set_up(core, root)
    assert len(generated(core, simulated)) == write(core, simulated) > 400
    assert generated(core, simulated) == by_host(core.stored_samples())


def test_history_is_written_once(core: Core, root: Actor):
    simulated = set_up(core, root)
    write(core, simulated)
    before = core.stored_samples()
    process = core.other_process()
    process.fleet.refresh()
    assert 0 == write(process, simulated)
    assert before == core.stored_samples()


def test_history_continues_where_it_ended(core: Core, root: Actor):
    simulated = set_up(core, root)
    now = core.clock.now()
    for hours in (2, 1, 0):
        process = core.other_process()
        process.fleet.refresh()
        process.write_simulated_history(
            simulated,
            start=now - PAST,
            end=now - timedelta(hours=hours),
            interval=INTERVAL,
            on_progress=lambda *_: None,
        )
    assert generated(core, simulated) == by_host(core.stored_samples())


def test_history_continues_after_a_failure(core: Core, root: Actor):
    simulated = set_up(core, root)

    def fail(share: float, stored: int) -> None:
        core.faults.append(StorageUnavailable("gone"))

    with pytest.raises(StorageUnavailable):
        core.write_simulated_history(
            simulated, start=core.clock.now() - PAST, end=core.clock.now(), interval=1, on_progress=fail
        )
    stored = len(core.stored_samples())
    assert stored > 0
    core.faults.clear()
    process = core.other_process()
    process.fleet.refresh()
    process.write_simulated_history(
        simulated, start=core.clock.now() - PAST, end=core.clock.now(), interval=1, on_progress=lambda *_: None
    )
    now = core.clock.now()
    expected = sum(1 for of, s in simulated for _ in samples(of, s.id, now - PAST, now, 1))
    assert expected == len(core.stored_samples())


def test_progress_is_reported(core: Core, root: Actor):
    progress: list[tuple[float, int]] = []
    now, simulated = core.clock.now(), set_up(core, root)
    stored = core.write_simulated_history(
        simulated, start=now - PAST, end=now, interval=1, on_progress=lambda share, done: progress.append((share, done))
    )
    assert progress == sorted(progress)
    assert (1.0, stored) == progress[-1]
    assert len(progress) > 3


def test_progress_of_the_registration_is_reported(core: Core, root: Actor):
    progress: list[tuple[float, int]] = []
    core.set_up_simulation(
        root,
        seed=1,
        count=CHUNK + 50,
        created_at=core.clock.now(),
        on_progress=lambda share, done: progress.append((share, done)),
    )
    assert [(CHUNK / (CHUNK + 50), CHUNK), (1.0, CHUNK + 50)] == progress


def test_hosts_that_are_down_at_the_end_are_offline(core: Core, root: Actor):
    simulated = set_up(core, root, count=20)
    crashing, knot = next(
        (server, first + 1)
        for of, server in simulated
        if of.trouble is Trouble.CRASHES
        for day in range(20_000, 20_100)
        for first, after in outages(of, day)
        if after - first > 2
    )
    end = datetime.fromtimestamp(knot * 300, UTC)
    core.write_simulated_history(simulated, start=end - PAST, end=end, interval=INTERVAL, on_progress=lambda *_: None)
    offline = [server.id for _, server in simulated if core.stored_server(server.id).status is Status.OFFLINE]
    assert [crashing.id] == offline
    assert INTERVAL == core.stored_server(crashing.id).report_interval


def test_offline_hosts_raise_no_alert_until_the_policy_is_enabled(core: Core, root: Actor):
    (_, server), *_ = set_up(core, root)
    core.server("192.0.2.1")
    for enabled in (False, True, True, False):
        core.set_up_simulation.set_offline_alerts(1, enabled=enabled)
        core.fleet.refresh()
        assert enabled is (OFFLINE in applicable(core.fleet.directory.rules.policies.all, server))
    assert 1 == len(core.fleet.directory.rules.policies.all)


def test_no_recipient_is_notified_of_a_history(core: Core, root: Actor):
    write(core, set_up(core, root, count=20))
    assert [] == core.store.queries.notifications.newest(ROOT, NotificationFilter(limit=10))
