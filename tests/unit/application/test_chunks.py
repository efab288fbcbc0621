"""Much work on servers is done in small transactions, and is all or nothing but for a crash."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import pytest

from monitor.application.fleet.batches import DELETED_AT_ONCE, ChangeServers, DeleteServers
from monitor.application.fleet.ports import ServerFilter
from monitor.application.fleet.server_csv import ImportServers
from monitor.application.operations.ports import UnitOfWork
from monitor.application.policies.silences import SilenceServers
from monitor.application.transactions import CHUNK, in_chunks
from monitor.domain.errors import InvalidInput, NotFound, StorageUnavailable, TransactionConflict
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.policies.policies import Scope
from monitor.domain.policies.silences import Silence
from tests.contracts.builders import a_server
from tests.unit.application.core import ROOT, Core

STEPS = 3
COUNT = STEPS * CHUNK - 10
HEADER = "server_name,ip_address,tags\n"


class Crash(BaseException):
    """The process ends here."""


def crash() -> None:
    raise Crash


def conflict() -> None:
    raise TransactionConflict


class Watched:
    """Opens units of work, and calls a function before the one with a given number."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.opened = 0
        self.then: dict[int, Callable[[], object]] = {}

    def __call__(self) -> UnitOfWork:
        self.opened += 1
        self.then.pop(self.opened, lambda: None)()
        return self._core.store()


@pytest.fixture
def new_uow(core: Core) -> Watched:
    return Watched(core)


def stored(core: Core) -> list[Server]:
    return core.store.queries.servers.find(ROOT, ServerFilter())


def address(number: int) -> str:
    return f"10.1.{number // 250}.{number % 250}"


def csv(name: str = "new") -> str:
    return HEADER + "".join(f"{name}{number},{address(number)},web\n" for number in range(COUNT))


def many(core: Core) -> list[ServerId]:
    with core.store() as uow:
        servers = [a_server(address(number), tags=frozenset({"old"})) for number in range(COUNT)]
        ids = [server.id for server in uow.servers.add_many(servers)]
        uow.commit()
    return ids


def write(number: int) -> int:
    """Which unit of work of an import is its write with that number: each part is looked at, then the quota."""
    return STEPS + 1 + number


def test_reports_are_stored_between_the_steps_of_an_import(core: Core, root, new_uow: Watched) -> None:
    web, reported = core.server("10.0.0.1"), list[int]()

    def report(number: int) -> None:
        core.store_samples([core.sample(web, number)])
        reported.append(number)

    for number in range(1, 100):
        new_uow.then[number] = partial(report, number)
    lines = ImportServers(new_uow, core.clock, core.cancel_open_alerts)(root, csv(), dry_run=False)
    assert [server.id for server in stored(core)[1:]] == [line.server.id for line in lines]
    assert (COUNT, write(STEPS)) == (len(lines), len(reported))


def test_an_address_taken_during_an_import_undoes_it(core: Core, ann, bob, new_uow: Watched) -> None:
    """The line is named, as if the address had been taken before."""
    new_uow.then[write(3)] = lambda: core.server(address(COUNT - 1), [bob], name="theirs")
    with pytest.raises(InvalidInput) as refusal:
        ImportServers(new_uow, core.clock, core.cancel_open_alerts)(ann, csv(), dry_run=False)
    assert [f"line {COUNT + 1}.ip_address"] == list(refusal.value.problems)
    assert ["theirs"] == [server.name for server in stored(core)]
    recorded = [(entry.action, entry.detail.partition(",")[0]) for entry in core.audit()]
    assert 2 * CHUNK == recorded.count(("server.create", "import")) == recorded.count(("server.delete", "undone"))


def test_an_undone_import_restores_what_it_changed(core: Core, ann, root, bob, new_uow: Watched) -> None:
    """Except what another user has changed since."""
    ids = many(core)
    core.change_servers.link_users(root, ids, [ann.user_id])
    before = stored(core)
    new_uow.then[write(2)] = lambda: core.update_server(root, ids[0], name="by hand")
    new_uow.then[write(3)] = lambda: core.update_server(root, ids[-1], user_ids=[bob.user_id])
    with pytest.raises(InvalidInput):
        ImportServers(new_uow, core.clock, core.cancel_open_alerts)(ann, csv("renamed"), dry_run=False)
    after = stored(core)
    assert before[1:-1] == after[1:-1]
    assert ("by hand", frozenset({"web"})) == (after[0].name, after[0].tags)


def test_an_import_that_a_crash_ends_is_completed_by_another(core: Core, root, new_uow: Watched) -> None:
    new_uow.then[write(3)] = crash
    with pytest.raises(Crash):
        ImportServers(new_uow, core.clock, core.cancel_open_alerts)(root, csv(), dry_run=False)
    assert 2 * CHUNK == len(stored(core))
    again = ImportServers(core.store, core.clock, core.cancel_open_alerts)(root, csv(), dry_run=False)
    assert ["unchanged"] * (2 * CHUNK) + ["create"] * (COUNT - 2 * CHUNK) == [line.action for line in again]
    assert COUNT == len(stored(core))


def test_a_server_deleted_during_a_batch_undoes_it(core: Core, root, new_uow: Watched) -> None:
    ids = many(core)
    before = stored(core)
    new_uow.then[STEPS + 3] = lambda: core.delete_server(root, ids[-1])
    with pytest.raises(NotFound):
        ChangeServers(new_uow, core.clock, core.cancel_open_alerts).add_tags(root, ids, ["new"])
    assert before[:-1] == stored(core)
    assert STEPS + 3 + 2 == new_uow.opened


def test_a_batch_is_undone_even_if_a_user_is_deleted_during_it(core: Core, root, ann, bob, new_uow: Watched) -> None:
    """Links to deleted users do not come back."""
    ids = many(core)
    before = stored(core)
    new_uow.then[STEPS + 3] = lambda: core.delete_user(root, bob.user_id)
    with pytest.raises(InvalidInput):
        ChangeServers(new_uow, core.clock, core.cancel_open_alerts).link_users(root, ids, [ann.user_id, bob.user_id])
    assert before == stored(core)


def test_links_come_back_except_those_to_deleted_users(core: Core, root, ann, bob, new_uow: Watched) -> None:
    ids = many(core)
    core.change_servers.link_users(root, ids, [ann.user_id])
    before = stored(core)
    core.change_servers.link_users(root, ids, [bob.user_id])
    new_uow.then[STEPS + 3] = lambda: core.delete_user(root, bob.user_id)
    with pytest.raises(InvalidInput):
        ChangeServers(new_uow, core.clock, core.cancel_open_alerts).unlink_users(root, ids, [ann.user_id, bob.user_id])
    assert before == stored(core)


def test_an_import_is_undone_even_if_a_user_is_deleted_during_it(core: Core, root, ann, bob, new_uow: Watched) -> None:
    lines = "".join(f"new{number},{address(number)},ann;bob\n" for number in range(COUNT))
    new_uow.then[write(3)] = lambda: core.delete_user(root, bob.user_id)
    with pytest.raises(InvalidInput) as refusal:
        ImportServers(new_uow, core.clock, core.cancel_open_alerts)(
            root, "server_name,ip_address,users\n" + lines, dry_run=False
        )
    assert f"line {2 * CHUNK + 2}.users" in refusal.value.problems
    assert [] == stored(core)


def test_a_failed_undo_hides_no_error_and_stops_no_other_undo() -> None:
    undone: list[int] = []

    def write(numbers: Sequence[int]) -> list[int]:
        if 2 * CHUNK in numbers:
            raise NotFound
        return [*numbers]

    def undo(numbers: list[int]) -> None:
        if 0 in numbers:
            raise StorageUnavailable
        undone.extend(numbers)

    with pytest.raises(NotFound):
        in_chunks(range(3 * CHUNK), write, undo)
    assert [*range(CHUNK, 2 * CHUNK)] == undone


def test_silences_of_a_batch_are_undone_likewise(core: Core, root, new_uow: Watched) -> None:
    ids = many(core)
    new_uow.then[1 + STEPS + 3] = lambda: core.delete_server(root, ids[-1])
    with pytest.raises(NotFound):
        SilenceServers(new_uow, core.clock)(root, ids, a_silence(core))
    core.fleet.refresh()
    assert [] == list(core.fleet.directory.rules.silences.all)
    assert COUNT - 1 == SilenceServers(core.store, core.clock)(root, ids[:-1], a_silence(core))


def test_deleting_many_skips_servers_deleted_by_others(core: Core, root, new_uow: Watched) -> None:
    ids = many(core)
    new_uow.then[STEPS + 2] = lambda: core.delete_server(root, ids[-1])
    assert COUNT == DeleteServers(new_uow, core.clock, core.cancel_open_alerts)(root, ids)
    assert [] == stored(core)
    assert STEPS + COUNT / DELETED_AT_ONCE == new_uow.opened


def test_a_conflict_while_servers_are_looked_up_repeats_that_step_alone(core: Core, root, new_uow: Watched) -> None:
    ids = many(core)
    new_uow.then[STEPS] = conflict
    assert COUNT == ChangeServers(new_uow, core.clock, core.cancel_open_alerts).add_tags(root, ids, ["new"])
    assert new_uow.opened == (STEPS + 1) + STEPS


def test_deleting_many_leaves_servers_that_are_no_longer_linked(core: Core, ann, root, new_uow: Watched) -> None:
    ids = many(core)
    core.change_servers.link_users(root, ids, [ann.user_id])
    new_uow.then[STEPS + 2] = lambda: core.update_server(root, ids[-1], user_ids=[])
    assert COUNT - 1 == DeleteServers(new_uow, core.clock, core.cancel_open_alerts)(ann, ids)
    assert ids[-1:] == [server.id for server in stored(core)]


def a_silence(core: Core) -> Silence:
    now = core.clock.now()
    return Silence(scope=Scope(), starts_at=now, ends_at=now + timedelta(hours=1), reason="", created_at=now)
