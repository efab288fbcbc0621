"""The fleet in memory follows the database."""

import threading
from collections.abc import Callable

import pytest

from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.ports import FleetChanges, FleetQueries, FleetSnapshot
from monitor.application.operations.ports import Queries
from monitor.domain.errors import StorageUnavailable
from monitor.domain.fleet.servers import ServerId, Status
from tests.unit.application.core import ROOT, Core

DEADLINE = 30.0


class HeldFleetQueries(FleetQueries):
    """Real ones; `before_answer` is called once a snapshot was read and before it is handed out."""

    def __init__(self, inner: FleetQueries, before_answer: Callable[[], None]) -> None:
        self._inner = inner
        self._before_answer = before_answer

    def revision(self) -> int:
        return self._inner.revision()

    def snapshot(self) -> FleetSnapshot:
        snapshot = self._inner.snapshot()
        self._before_answer()
        return snapshot

    def changes(self, since: int, at_most: int) -> FleetChanges | None:
        changes = self._inner.changes(since, at_most)
        self._before_answer()
        return changes


class HeldQueries(Queries):
    def __init__(self, inner: Queries, before_answer: Callable[[], None]) -> None:
        self.api_keys, self.audit, self.samples = inner.api_keys, inner.audit, inner.samples
        self.servers, self.users = inner.servers, inner.users
        self.alerts, self.notifications = inner.alerts, inner.notifications
        self.fleet = HeldFleetQueries(inner.fleet, before_answer)


def names(fleet: Fleet) -> list[str]:
    return [server.name for server in fleet.directory.servers.values()]


def test_it_begins_stale_and_empty(core: Core, root) -> None:
    core.create_server(root, name="web", ip_address="10.0.0.1")
    assert (core.fleet.is_stale, names(core.fleet)) == (True, [])
    core.fleet.refresh()
    assert (core.fleet.is_stale, names(core.fleet)) == (False, ["web"])
    assert core.fleet.directory.users == {root.user_id: core.stored_user(root.user_id)}


def test_a_commit_of_this_process_is_seen_by_the_next_reader(core: Core, root) -> None:
    server = core.server(name="web")
    core.update_server(root, server.id, name="api")
    assert core.fleet.is_stale
    core.fleet.refresh()
    assert names(core.fleet) == ["api"]


def test_without_a_change_a_refresh_reads_nothing(core: Core) -> None:
    core.fleet.refresh()
    before = core.fleet.directory
    core.fleet.refresh()
    core.fleet.poll()
    assert core.fleet.directory is before


def test_a_rollback_makes_nothing_stale(core: Core, root) -> None:
    core.fleet.refresh()
    core.faults.append(StorageUnavailable())
    with pytest.raises(StorageUnavailable):
        core.create_server(root, name="web", ip_address="10.0.0.1")
    assert not core.fleet.is_stale


def test_a_poll_sees_commits_of_another_process(core: Core, root) -> None:
    core.fleet.refresh()
    elsewhere = core.other_process()
    web = elsewhere.create_server(root, name="web", ip_address="10.0.0.1")
    core.fleet.refresh()
    assert names(core.fleet) == []
    core.fleet.poll()
    assert names(core.fleet) == ["web"]
    assert core.fleet.directory.revision == core.store.queries.fleet.revision()
    elsewhere.delete_server(root, web.id)
    core.fleet.poll()
    assert (names(core.fleet), core.fleet.live) == ([], {})


def test_a_reload_keeps_live_values_and_drops_deleted_servers(core: Core, root) -> None:
    kept, deleted = core.server("10.0.0.1"), core.server("10.0.0.2")
    core.store_samples([core.sample(kept, interval=20.0), core.sample(deleted)])
    before = core.fleet.live[kept.id]
    core.delete_server(root, deleted.id)
    added = core.server("10.0.0.3")
    assert core.fleet.live[kept.id] == before
    assert set(core.fleet.live) == {kept.id, added.id}
    assert core.fleet.live[added.id].status is Status.OFFLINE


def test_a_report_for_a_deleted_server_is_ignored(core: Core) -> None:
    core.fleet.record([core.sample(ServerId(4711))])
    assert core.fleet.live == {}


def test_the_latest_samples_are_loaded_at_the_start(core: Core) -> None:
    web, db, silent = core.server("10.0.0.1"), core.server("10.0.0.2"), core.server("10.0.0.3")
    core.store_samples([core.sample(web, -60), core.sample(web, -15, interval=30.0), core.sample(db, -15)])
    reported = core.clock.now()
    core.clock.advance(200)
    assert core.detect_offline() == {web.id, db.id}
    core.store_samples([core.sample(web, -90, interval=None)])

    restarted = core.other_process().fleet
    restarted.refresh()
    held = restarted.live
    newest = {server.id: core.stored_samples(server.id)[-1] for server in (web, db)}
    assert {server_id: held[server_id].sample for server_id in newest} == newest
    assert held[web.id].last_report_at == newest[web.id].received_at
    assert (held[web.id].status, held[web.id].interval) == (Status.ONLINE, 30.0)
    assert (held[db.id].status, held[db.id].last_report_at) == (Status.OFFLINE, reported)
    assert (held[silent.id].status, held[silent.id].sample) == (Status.OFFLINE, None)


def test_a_database_that_fails_leaves_it_stale(core: Core, root) -> None:
    def fail() -> None:
        if failing:
            raise StorageUnavailable

    failing = True
    fleet = Fleet(HeldQueries(core.store.queries, fail))
    core.server(name="web")
    for load in (fleet.refresh, fleet.poll):
        with pytest.raises(StorageUnavailable):
            load()
        assert fleet.is_stale
    failing = False
    fleet.refresh()
    assert names(fleet) == ["web"]


def test_a_commit_during_a_load_is_not_overlooked(core: Core, root) -> None:
    def change_once() -> None:
        if not changed:
            changed.append(core.create_server(root, name="new", ip_address="10.0.0.2").id)

    changed: list[ServerId] = []
    core.fleet = Fleet(HeldQueries(core.store.queries, change_once))
    core.fleet.refresh()
    assert names(core.fleet) == []
    assert core.fleet.is_stale
    core.fleet.refresh()
    assert names(core.fleet) == ["new"]


def test_a_reader_during_a_load_waits_for_what_was_committed_before_it_asked(core: Core, root) -> None:
    """The change was answered, and the same client asks again: another reader's load is still under way."""

    def hold() -> None:
        reading.set()
        assert go_on.wait(DEADLINE)

    reading, go_on, seen = threading.Event(), threading.Event(), list[list[str]]()
    core.fleet = Fleet(HeldQueries(core.store.queries, hold))
    core.create_server(root, name="web", ip_address="10.0.0.1")
    first = threading.Thread(target=core.fleet.refresh)
    first.start()
    assert reading.wait(DEADLINE)

    def read() -> None:
        core.fleet.refresh()
        seen.append(names(core.fleet))

    second = threading.Thread(target=read)
    second.start()
    assert core.fleet.is_stale
    go_on.set()
    first.join(DEADLINE)
    second.join(DEADLINE)
    assert seen == [["web"]]


def test_a_change_is_announced_once(core: Core) -> None:
    web, db = core.server("10.0.0.1"), core.server("10.0.0.2")
    core.store_samples([core.sample(web), core.sample(web, -1)])
    assert core.fleet.take_changed() == {web.id}
    assert core.fleet.take_changed() == set()
    core.store_samples([core.sample(db)])
    core.clock.advance(91)
    core.detect_offline()
    assert core.fleet.take_changed() == {web.id, db.id}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            lambda core, id_: core.fleet.record([core.sample(core.fleet.directory.servers[id_])]), id="sample"
        ),
        pytest.param(lambda core, id_: core.fleet.record_refused({id_: core.clock.now()}), id="refused"),
        pytest.param(lambda core, id_: core.fleet.record_elsewhere({id_: core.clock.now()}, {}), id="elsewhere"),
        pytest.param(lambda core, id_: core.fleet.record_set_back({id_: core.clock.now()}), id="set back"),
        pytest.param(lambda core, id_: core.fleet.record_offline([id_]), id="offline"),
        pytest.param(lambda core, id_: core.fleet.note_clock(id_, 90), id="clock"),
        pytest.param(lambda core, id_: core.update_server(ROOT, id_, name="renamed"), id="name"),
        pytest.param(lambda core, id_: core.delete_server(ROOT, id_), id="deleted"),
    ],
)
def test_each_change_raises_the_version(core: Core, change: Callable[[Core, ServerId], object]) -> None:
    """What is kept for a version would be shown after the change otherwise."""
    server = core.server()
    core.store_samples([core.sample(server)])
    core.fleet.refresh()
    core.clock.advance(10)
    before, shown = core.fleet.version, (core.fleet.directory, dict(core.fleet.live), dict(core.fleet.clock_skew))
    core.fleet.refresh()
    assert before == core.fleet.version
    change(core, server.id)
    core.fleet.refresh()
    assert before < core.fleet.version
    assert shown != (core.fleet.directory, core.fleet.live, core.fleet.clock_skew)
