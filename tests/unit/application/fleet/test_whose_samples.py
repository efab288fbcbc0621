"""The server that a key and an address identify."""

import pytest

from monitor.domain.accounts.actors import Role
from monitor.domain.errors import InvalidInput
from monitor.domain.fleet.api_keys import ApiKey
from monitor.domain.fleet.errors import ForeignAddress, UnknownHost
from monitor.domain.fleet.servers import Server, ServerId
from tests.unit.application.core import Core

V6 = "2001:db8::a"


@pytest.fixture
def servers(core: Core, ann) -> list[Server]:
    return [core.server("10.0.0.1", [ann]), core.server(V6)]


def own_key(core: Core, server: Server, actor) -> ApiKey:
    key, _ = core.create_api_key(actor, name="own", server_id=server.id)
    core.fleet.refresh()
    return key


def reached(core: Core, key: ApiKey, ip_address: str | None) -> ServerId:
    core.fleet.refresh()
    return core.fleet.directory.server_for(key, ip_address).id


@pytest.mark.parametrize("ip_address", [None, V6, "2001:0DB8:0::000a", " 2001:db8::a "])
def test_a_servers_own_key_decides(core: Core, root, servers, ip_address: str | None) -> None:
    assert reached(core, own_key(core, servers[1], root), ip_address) == servers[1].id


@pytest.mark.parametrize("ip_address", ["10.0.0.1", "10.9.9.9", "2001:db8::b"])
def test_a_servers_own_key_with_another_address_is_refused(core: Core, root, servers, ip_address: str) -> None:
    """The refusal does not say whether a server has that address."""
    with pytest.raises(ForeignAddress):
        reached(core, own_key(core, servers[1], root), ip_address)


@pytest.mark.parametrize("ip_address", ["", "nowhere", "fe80::1%eth0"])
def test_an_invalid_address_is_named(core: Core, root, servers, ip_address: str) -> None:
    for key in (own_key(core, servers[0], root), core.fleet_key(root)):
        with pytest.raises(InvalidInput) as refusal:
            reached(core, key, ip_address)
        assert set(refusal.value.problems) == {"ip_address"}


def test_an_own_key_follows_a_change_of_address(core: Core, root, servers) -> None:
    key = own_key(core, servers[0], root)
    core.update_server(root, servers[0].id, ip_address="10.0.0.2")
    assert reached(core, key, "10.0.0.2") == servers[0].id
    with pytest.raises(ForeignAddress):
        reached(core, key, "10.0.0.1")


def test_an_own_key_needs_no_owner(core: Core, root, ann, servers) -> None:
    """The agent continues after its owner was unlinked or deleted."""
    key = own_key(core, servers[0], ann)
    core.update_server(root, servers[0].id, user_ids=[])
    assert reached(core, key, None) == servers[0].id
    core.delete_user(root, ann.user_id)
    assert reached(core, core.fleet.directory.keys[key.digest], None) == servers[0].id


@pytest.mark.parametrize(
    ("ip_address", "number"),
    [("10.0.0.1", 0), (" 10.0.0.1", 0), ("::ffff:10.0.0.1", 0), (V6, 1), ("2001:0DB8::000A", 1)],
)
def test_an_admins_fleet_key_reaches_every_server(core: Core, root, servers, ip_address: str, number: int) -> None:
    assert reached(core, core.fleet_key(root), ip_address) == servers[number].id


def test_a_fleet_key_needs_an_address(core: Core, root, servers) -> None:
    with pytest.raises(InvalidInput) as refusal:
        reached(core, core.fleet_key(root), None)
    assert set(refusal.value.problems) == {"ip_address"}


def test_an_address_that_no_server_has_is_unknown(core: Core, root, servers) -> None:
    with pytest.raises(UnknownHost):
        reached(core, core.fleet_key(root), "10.9.9.9")


def test_a_demoted_owners_fleet_key_reaches_servers_that_they_may_see(core: Core, root, servers) -> None:
    former = core.admin("former")
    key = core.fleet_key(former)
    core.change_user(root, former.user_id, role=Role.USER)
    with pytest.raises(UnknownHost):
        reached(core, key, "10.0.0.1")
    core.change_servers.link_users(root, [servers[0].id], [former.user_id])
    assert reached(core, key, "10.0.0.1") == servers[0].id
    with pytest.raises(UnknownHost):
        reached(core, key, V6)


def test_a_deleted_admins_fleet_key_stays_valid(core: Core, root, servers) -> None:
    """Deleting a user removes their links and sessions and nothing else: the fleet must not fall silent."""
    leaver = core.admin("leaver")
    key = core.fleet_key(leaver)
    core.delete_user(root, leaver.user_id)
    core.fleet.refresh()
    assert reached(core, core.fleet.directory.keys[key.digest], V6) == servers[1].id


def test_a_fleet_key_is_deleted_with_a_demoted_owner(core: Core, root, servers) -> None:
    """It reached only what they were linked to; it must not reach everything now that it has no owner."""
    former = core.admin("former")
    key, own = core.fleet_key(former), own_key(core, servers[0], former)
    core.change_user(root, former.user_id, role=Role.USER)
    core.delete_user(root, former.user_id)
    core.fleet.refresh()
    assert key.digest not in core.fleet.directory.keys
    assert reached(core, core.fleet.directory.keys[own.digest], None) == servers[0].id
    newest = [(entry.action, entry.target, entry.detail) for entry in core.audit()[:2]]
    deleted = 'role: "user" -> null, alert_level: "warning" -> null'
    assert sorted(newest) == [("api_key.revoke", key.name, f"{key.prefix}…"), ("user.delete", "former", deleted)]
