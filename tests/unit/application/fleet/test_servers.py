"""Registering, changing and sharing servers: a user sees and changes linked servers only."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from monitor.application.fleet.ports import ServerFilter
from monitor.application.history.ports import SampleFilter
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.errors import InvalidInput, NotFound, Problem, TransactionConflict
from monitor.domain.fleet.errors import AddressTaken
from monitor.domain.fleet.servers import Server, ServerId, Status
from tests.unit.application.core import ROOT, Core


def visible(core: Core, actor: Actor) -> list[str]:
    return [server.ip_address for server in core.store.queries.servers.find(actor, ServerFilter())]


def test_a_user_is_linked_to_a_registered_server(core: Core, ann, bob) -> None:
    server = core.create_server(ann, name=" Web ", ip_address="10.0.0.1", user_ids=[bob.user_id], tags=["eu"])
    assert (server.name, server.port, server.status) == ("Web", 22, Status.OFFLINE)
    assert server.tags == {"eu"}
    assert server.user_ids == {ann.user_id, bob.user_id}
    assert core.stored_server(server.id) == server
    assert visible(core, ann) == visible(core, bob) == ["10.0.0.1"]


def test_an_admin_is_not_linked_but_sees_the_server(core: Core, root, ann) -> None:
    server = core.create_server(root, name="web", ip_address="10.0.0.1")
    assert server.user_ids == frozenset()
    assert visible(core, root) == ["10.0.0.1"]
    assert visible(core, ann) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [("10.0.0.1", " 10.0.0.1 "), ("2001:db8::1", "2001:0DB8:0:0::0001"), ("10.0.0.1", "::ffff:10.0.0.1")],
)
def test_an_address_is_taken_once_however_it_is_written(core: Core, ann, bob, first: str, second: str) -> None:
    core.create_server(ann, name="web", ip_address=first)
    with pytest.raises(AddressTaken) as refusal:
        core.create_server(bob, name="mine", ip_address=second)
    assert str(refusal.value) == ""
    assert visible(core, ROOT) == [first]


def test_an_address_that_was_given_up_is_free(core: Core, root) -> None:
    web = core.create_server(root, name="web", ip_address="10.0.0.1")
    with pytest.raises(AddressTaken):
        core.update_server(root, core.create_server(root, name="db", ip_address="10.0.0.2").id, ip_address="10.0.0.1")
    core.update_server(root, web.id, ip_address="10.0.0.3")
    assert core.create_server(root, name="new", ip_address="10.0.0.1")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "server_name"),
        ({"name": "a\nb"}, "server_name"),
        ({"name": "x" * 101}, "server_name"),
        ({"ip_address": "10.0.0.256"}, "ip_address"),
        ({"ip_address": "fe80::1%eth0"}, "ip_address"),
        ({"port": 0}, "port"),
        ({"port": 65536}, "port"),
        ({"tags": ["a;b"]}, "tags"),
        ({"tags": [str(n) for n in range(21)]}, "tags"),
        ({"user_ids": [UserId(4711)]}, "user_ids"),
    ],
)
def test_problems_are_named_and_nothing_is_stored(core: Core, ann, wrong, field: str) -> None:
    server = core.server("10.0.0.1", [ann])
    with pytest.raises(InvalidInput) as refusal:
        core.create_server(ann, **({"name": "new", "ip_address": "10.0.0.2"} | wrong))
    assert set(refusal.value.problems) == {field}
    with pytest.raises(InvalidInput) as refusal:
        core.update_server(ann, server.id, **wrong)
    assert set(refusal.value.problems) == {field}
    assert core.store.queries.servers.find(ROOT, ServerFilter()) == [server]


def test_unknown_users_are_named_by_id(core: Core, ann) -> None:
    with pytest.raises(InvalidInput) as refusal:
        core.create_server(ann, name="web", ip_address="10.0.0.1", user_ids=[UserId(99), ann.user_id, UserId(98)])
    assert refusal.value.problems == {"user_ids": Problem("unknown_users", {"ids": "98, 99"})}


def test_links_from_an_iterator_survive_a_second_try(core: Core, ann, bob) -> None:
    core.faults.append(TransactionConflict())
    server = core.create_server(ann, name="web", ip_address="10.0.0.1", user_ids=iter([bob.user_id]), tags=iter(["eu"]))
    assert server.user_ids == {ann.user_id, bob.user_id}
    assert server.tags == {"eu"}


def test_omitted_values_stay(core: Core, root, ann) -> None:
    before = core.server("10.0.0.1", [ann], name="web", port=2222, tags=["eu"])
    core.update_server(root, before.id, name="renamed")
    after = core.stored_server(before.id)
    assert (after.name, after.ip_address, after.port) == ("renamed", "10.0.0.1", 2222)
    assert after.tags == {"eu"}
    assert after.user_ids == {ann.user_id}


def test_a_user_stays_linked_to_a_changed_server(core: Core, ann, bob) -> None:
    server = core.server(linked=[ann])
    assert core.update_server(ann, server.id, user_ids=[bob.user_id]).user_ids == {ann.user_id, bob.user_id}
    assert core.update_server(ann, server.id, user_ids=[]).user_ids == {ann.user_id}
    assert core.stored_server(server.id).user_ids == {ann.user_id}


def test_an_admin_may_unlink_any_user(core: Core, root, ann) -> None:
    server = core.server(linked=[ann])
    assert core.update_server(root, server.id, user_ids=[]).user_ids == frozenset()
    assert visible(core, ann) == []


def test_a_change_never_touches_the_status(core: Core, root) -> None:
    server = core.server()
    core.store_samples([core.sample(server)])
    core.update_server(root, server.id, name="renamed")
    assert core.stored_server(server.id).status is Status.ONLINE


TOUCHES: dict[str, Callable[[Core, Actor, ServerId], object]] = {
    "get": lambda core, actor, id_: core.store.queries.servers.get(actor, id_),
    "samples": lambda core, actor, id_: core.store.queries.samples.newest(actor, SampleFilter(server_id=id_)),
    "series": lambda core, actor, id_: core.read_series(actor, id_),
    "update": lambda core, actor, id_: core.update_server(actor, id_, name="mine"),
    "delete": lambda core, actor, id_: core.delete_server(actor, id_),
    "delete many": lambda core, actor, id_: core.delete_servers(actor, [id_]),
    "link": lambda core, actor, id_: core.change_servers.link_users(actor, [id_], [actor.user_id]),
    "unlink": lambda core, actor, id_: core.change_servers.unlink_users(actor, [id_], [actor.user_id]),
    "tag": lambda core, actor, id_: core.change_servers.add_tags(actor, [id_], ["mine"]),
    "untag": lambda core, actor, id_: core.change_servers.remove_tags(actor, [id_], ["mine"]),
    "make a key": lambda core, actor, id_: core.create_api_key(actor, name="mine", server_id=id_),
}


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES)
def test_a_hidden_server_is_refused_like_a_missing_one(core: Core, ann, bob, touch) -> None:
    server = core.server(linked=[bob])
    refusals = []
    for server_id in (server.id, ServerId(4711)):
        with pytest.raises(NotFound) as refusal:
            touch(core, ann, server_id)
        refusals.append((type(refusal.value), refusal.value.reason, str(refusal.value).replace(str(server_id), "?")))
    assert refusals[0] == refusals[1]
    assert core.stored_server(server.id) == server
    assert core.store.queries.api_keys.all(bob) == []


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES)
def test_a_linked_user_may(core: Core, ann, touch) -> None:
    touch(core, ann, core.server(linked=[ann]).id)


def test_lists_have_only_linked_servers(core: Core, ann, bob) -> None:
    mine, theirs = core.server("10.0.0.1", [ann]), core.server("10.0.0.2", [bob])
    core.store_samples([core.sample(mine), core.sample(theirs)])
    assert visible(core, ann) == ["10.0.0.1"]
    assert [s.sample.server_id for s in core.store.queries.samples.newest(ann, SampleFilter())] == [mine.id]
    assert [server.id for server in core.fleet.visible_to(ann).servers] == [mine.id]


def test_deleting_removes_samples_links_and_keys(core: Core, root, ann) -> None:
    server = core.server(linked=[ann])
    core.create_api_key(ann, name="web", server_id=server.id)
    core.store_samples([core.sample(server)])
    core.delete_server(ann, server.id)
    assert visible(core, root) == []
    assert core.stored_samples() == []
    assert core.store.queries.api_keys.all(root) == []


def test_changes_are_in_the_audit_log(core: Core, ann) -> None:
    server = core.create_server(ann, name="web", ip_address="10.0.0.1")
    core.update_server(ann, server.id, name="api", port=2222)
    core.update_server(ann, server.id, name="api")
    core.delete_server(ann, server.id)
    assert [(e.action, e.target, e.detail) for e in reversed(core.audit())] == [
        ("server.create", "web", 'ip_address: null -> "10.0.0.1", port: null -> 22, user_ids: null -> ["ann"]'),
        ("server.update", "api", 'name: "web" -> "api", port: 22 -> 2222'),
        ("server.update", "api", ""),
        ("server.delete", "api", 'ip_address: "10.0.0.1" -> null, port: 2222 -> null, user_ids: ["ann"] -> null'),
    ]


def test_many_threads_register_an_address_once(core: Core, root) -> None:
    def register(number: int) -> Server | None:
        try:
            return core.create_server(root, name=f"try {number}", ip_address="10.0.0.1")
        except AddressTaken:
            return None

    with ThreadPoolExecutor(8) as pool:
        made = [server for server in pool.map(register, range(8)) if server is not None]
    assert made == core.store.queries.servers.find(ROOT, ServerFilter())
