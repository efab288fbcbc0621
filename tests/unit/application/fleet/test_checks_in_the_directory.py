"""Checks in a process's memory: seen like their host, whatever changes, and in no list of hosts."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.application.fleet.directory import Directory
from monitor.application.fleet.ports import FleetChanges, FleetSnapshot
from monitor.application.fleet.visibility import VisibleFleet
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.users import User
from monitor.domain.fleet.servers import Kind, Server, ServerId
from tests.contracts.builders import AT, a_server, a_team
from tests.unit.application.core import Core

IDS = st.integers(1, 6).map(ServerId)
USERS = st.dictionaries(st.integers(1, 3).map(UserId), st.sampled_from(Role), max_size=3).map(
    lambda roles: {id_: _user(id_, role) for id_, role in roles.items()}
)


def _user(user_id: UserId, role: Role) -> User:
    return User(id=user_id, username=f"u{user_id}", password_hash="", role=role, created_at=AT, token_version=1)


@st.composite
def things(draw: st.DrawFn) -> dict[ServerId, Server]:
    def one(server_id: ServerId) -> Server:
        kind = Kind.HOST if server_id <= 3 else draw(st.sampled_from([Kind.CHECK, Kind.CHECK_IN]))
        return a_server(
            f"192.0.2.{server_id}",
            id=server_id,
            kind=kind,
            host_id=draw(st.none() | st.integers(1, 3).map(ServerId)) if kind is not Kind.HOST else None,
            tags=frozenset(draw(st.sets(st.sampled_from(["web", "db"])))) if kind is Kind.HOST else frozenset(),
            user_ids=frozenset(draw(st.sets(st.integers(1, 3).map(UserId)))) if kind is Kind.HOST else frozenset(),
        )

    return {server_id: one(server_id) for server_id in sorted(draw(st.sets(IDS)))}


def snapshot(servers: dict[ServerId, Server], users: dict[UserId, User]) -> FleetSnapshot:
    team = a_team(user_ids=frozenset({UserId(3)}), tags=frozenset({"db"}), id=1)
    return FleetSnapshot(revision=1, servers=[*servers.values()], users=users, teams=[team])


@given(before=things(), after=things(), users=USERS, users_after=USERS)
def test_changes_lead_to_what_a_snapshot_says(before, after, users, users_after) -> None:
    # The database unlinks deleted users first.
    after = {id_: replace(each, user_ids=each.user_ids & users_after.keys()) for id_, each in after.items()}
    changed_users = {id_: users_after.get(id_) for id_ in users.keys() | users_after.keys()}
    changes = FleetChanges(
        revision=2,
        servers={id_: after.get(id_) for id_ in before.keys() | after.keys()},
        users=changed_users,
    )
    followed = Directory.of(snapshot(before, users)).with_changes(changes)
    read = Directory.of(snapshot(after, users_after))
    assert (followed.servers, followed.checks) == (read.servers, read.checks)
    for user in users_after.values():
        actor = Actor(user_id=user.id, username=user.username, role=user.role)
        hosts = {server.id for server in VisibleFleet(read, actor).servers}
        for check in read.checks.values():
            of = check.host_id if check.host_id in read.servers else None
            assert check.is_visible_to(actor) is (actor.is_admin or of in hosts)
        assert hosts <= read.servers.keys()


def test_a_change_asks_only_those_that_it_concerns(monkeypatch: pytest.MonkeyPatch) -> None:
    users = {UserId(1): _user(UserId(1), Role.ADMIN), UserId(2): _user(UserId(2), Role.USER)}
    hosts = {ServerId(id_): a_server(f"192.0.2.{id_}", id=id_) for id_ in (1, 2)}
    checks = {
        ServerId(id_): a_server(f"192.0.2.{id_}", id=id_, kind=Kind.CHECK, host_id=host_id)
        for id_, host_id in ((3, 1), (4, 2), (5, None))
    }
    directory = Directory.of(snapshot(hosts | checks, users))
    asked: list[int] = []
    seen_like = Server.seen_like

    def counted(check: Server, *of: Any) -> Server:
        asked.append(check.id)
        return seen_like(check, *of)

    monkeypatch.setattr(Server, "seen_like", counted)

    def asked_by(servers: Any, users: Any) -> list[int]:
        asked.clear()
        directory.with_changes(FleetChanges(revision=2, servers=servers, users=users))
        return asked

    assert [4] == asked_by({4: replace(checks[ServerId(4)], name="b")}, {})
    assert [3] == asked_by({1: replace(hosts[ServerId(1)], tags=frozenset({"web"}))}, {})
    assert [] == asked_by({}, {UserId(2): replace(users[UserId(2)], email="a@example.com")})
    assert [5] == asked_by({}, {UserId(2): replace(users[UserId(2)], role=Role.ADMIN)})


def test_a_check_is_no_host_in_any_count(core: Core, root) -> None:
    host = core.server("192.0.2.1", tags=frozenset({"web"}))
    with core.new_uow() as uow:
        check = uow.servers.add(a_server("100::1", kind=Kind.CHECK, host_id=host.id))
        uow.commit()
    visible = core.fleet.visible_to(root)
    directory = visible.directory
    assert (list(directory.servers), list(directory.checks)) == ([host.id], [check.id])
    assert [server.id for server in visible.servers] == [host.id]
    assert directory.watched(check.id) is directory.checks[check.id]
    assert directory.checks[check.id].tags == {"web"}
