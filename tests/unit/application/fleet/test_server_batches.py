"""One action on many servers, all or nothing."""

from collections.abc import Callable

import pytest

from monitor.application.fleet.ports import ServerFilter
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.errors import InvalidInput, NotFound, StorageUnavailable
from monitor.domain.fleet.servers import Server, ServerId
from tests.unit.application.core import ROOT, Core

Act = Callable[[Core, Actor, list[ServerId]], int]
ACTIONS: dict[str, Act] = {
    "delete": lambda core, actor, ids: core.delete_servers(actor, ids),
    "link_users": lambda core, actor, ids: core.change_servers.link_users(actor, ids, [actor.user_id]),
    "unlink_users": lambda core, actor, ids: core.change_servers.unlink_users(actor, ids, [actor.user_id]),
    "add_tags": lambda core, actor, ids: core.change_servers.add_tags(actor, ids, ["new"]),
    "remove_tags": lambda core, actor, ids: core.change_servers.remove_tags(actor, ids, ["old"]),
}
every_action = pytest.mark.parametrize("act", ACTIONS.values(), ids=ACTIONS)


@pytest.fixture
def mine(core: Core, ann) -> list[Server]:
    return [core.server(f"10.0.0.{number}", [ann], tags=["old"]) for number in range(1, 4)]


def stored(core: Core) -> list[Server]:
    return core.store.queries.servers.find(ROOT, ServerFilter())


@every_action
def test_one_hidden_server_prevents_the_batch(core: Core, ann, bob, mine, act: Act) -> None:
    foreign = core.server("10.0.0.9", [bob], tags=["old"])
    before, log = stored(core), core.audit()
    for missing in (foreign.id, ServerId(4711)):
        with pytest.raises(NotFound):
            act(core, ann, [mine[0].id, missing, mine[1].id])
    assert stored(core) == before
    assert core.audit() == log


@every_action
def test_a_database_error_undoes_the_batch(core: Core, ann, mine, act: Act) -> None:
    core.faults.append(StorageUnavailable())
    with pytest.raises(StorageUnavailable):
        act(core, ann, [server.id for server in mine])
    assert stored(core) == mine


@every_action
def test_a_server_named_twice_counts_once(core: Core, ann, mine, act: Act) -> None:
    assert act(core, ann, [mine[0].id, mine[1].id, mine[0].id]) == 2


@every_action
def test_an_empty_batch_does_nothing(core: Core, ann, mine, act: Act) -> None:
    assert act(core, ann, []) == 0
    assert stored(core) == mine


def test_deleting_many(core: Core, ann, mine) -> None:
    assert core.delete_servers(ann, [mine[0].id, mine[2].id]) == 2
    assert stored(core) == [mine[1]]
    assert [e.action for e in core.audit()[:2]] == ["server.delete"] * 2


def test_linking_adds_and_unlinking_takes_away(core: Core, ann, bob, mine) -> None:
    ids = [mine[0].id, mine[1].id]
    assert core.change_servers.link_users(ann, ids, [bob.user_id]) == 2
    assert [s.user_ids for s in stored(core)] == [{ann.user_id, bob.user_id}] * 2 + [{ann.user_id}]
    assert core.change_servers.unlink_users(ann, ids, [bob.user_id]) == 2
    assert stored(core) == mine


def test_a_user_stays_linked_to_changed_servers(core: Core, root, ann, mine) -> None:
    ids = [server.id for server in mine]
    core.change_servers.unlink_users(ann, ids, [ann.user_id])
    assert stored(core) == mine
    core.change_servers.unlink_users(root, ids, [ann.user_id])
    assert [s.user_ids for s in stored(core)] == [frozenset()] * 3


def test_unknown_users_change_nothing(core: Core, ann, mine) -> None:
    with pytest.raises(InvalidInput) as refusal:
        core.change_servers.link_users(ann, [mine[0].id], [UserId(4711)])
    assert set(refusal.value.problems) == {"user_ids"}
    assert stored(core) == mine


def test_tags_are_added_to_and_removed_from_those_there(core: Core, ann, mine) -> None:
    ids = [mine[0].id, mine[1].id]
    core.change_servers.add_tags(ann, ids, ["new", " eu "])
    core.change_servers.remove_tags(ann, ids, ["old", "never there"])
    assert [s.tags for s in stored(core)] == [{"new", "eu"}, {"new", "eu"}, {"old"}]


def test_too_many_tags_of_one_server_prevent_the_batch(core: Core, root, mine) -> None:
    full = core.server("10.0.0.8", tags=[f"t{number}" for number in range(20)])
    before = stored(core)
    with pytest.raises(InvalidInput) as refusal:
        core.change_servers.add_tags(root, [mine[0].id, full.id], ["new"])
    assert set(refusal.value.problems) == {"tags"}
    assert stored(core) == before


@pytest.mark.parametrize("tag", ["", "a;b", "a,b", "x" * 51, "a\tb"])
def test_a_bad_tag_is_named(core: Core, ann, mine, tag: str) -> None:
    for change in (core.change_servers.add_tags, core.change_servers.remove_tags):
        with pytest.raises(InvalidInput) as refusal:
            change(ann, [mine[0].id], [tag])
        assert set(refusal.value.problems) == {"tags"}


def test_a_batch_that_changes_nothing_is_not_in_the_audit_log(core: Core, ann, mine) -> None:
    before = core.audit()
    core.change_servers.add_tags(ann, [server.id for server in mine], ["old"])
    assert core.audit() == before
