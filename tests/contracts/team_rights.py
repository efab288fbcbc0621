from collections.abc import Callable
from dataclasses import dataclass

import pytest

from monitor.application.alerts.ports import AlertFilter
from monitor.application.fleet.ports import ServerFilter
from monitor.application.history.ports import SampleFilter
from monitor.application.operations.ports import UnitOfWork
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.alerts.alert import Alert
from monitor.domain.errors import Forbidden, NotFound
from monitor.domain.fleet.api_keys import ApiKey
from monitor.domain.fleet.servers import Server
from monitor.domain.fleet.teams import TeamAccess
from monitor.domain.policies.policies import Scope
from monitor.domain.policies.silences import Silence
from tests.contracts.builders import (
    AT,
    NOBODY,
    NewUow,
    a_sample,
    actor_of,
    store_samples,
    stored_alert,
    stored_key,
    stored_server,
    stored_silence,
    stored_team,
    stored_user,
)


@dataclass(frozen=True)
class Rights:
    """A server by a tag, one by its id, and one that no team has, each with an alert, a key and a silence."""

    servers: list[Server]
    alerts: list[Alert]
    keys: list[ApiKey]
    silences: list[Silence]
    reader: Actor
    writer: Actor
    both: Actor
    chief: Actor
    """An administrator in a team that only reads."""

    def seen(self, actor: Actor) -> list[Server]:
        return self.servers[: 3 if actor.is_admin else 0 if actor is NOBODY else 2]


def rights(new_uow: NewUow) -> Rights:
    people = [stored_user(new_uow, name) for name in ("reader", "writer", "both")]
    people.append(stored_user(new_uow, "chief", role=Role.ADMIN))
    addresses = {"192.0.2.1": "web", "192.0.2.2": "other", "192.0.2.3": "Web"}
    servers = [stored_server(new_uow, address, tags=frozenset({tag})) for address, tag in addresses.items()]

    def team(name: str, access: TeamAccess, *members: int) -> None:
        has = {"server_ids": frozenset({servers[1].id}), "tags": frozenset({"web", "nowhere"})}
        stored_team(new_uow, name, access=access, user_ids=frozenset(people[n].id for n in members), **has)

    team("read", TeamAccess.READ, 0, 2, 3)
    team("write", TeamAccess.WRITE, 1, 2)
    store_samples(new_uow, *(a_sample(server.id) for server in servers))
    return Rights(
        servers,
        [stored_alert(new_uow, server.id) for server in servers],
        [stored_key(new_uow, server.name + server.ip_address, server_id=server.id) for server in servers],
        [stored_silence(new_uow, scope=Scope(server_id=server.id)) for server in servers],
        *map(actor_of, people),
    )


CHANGES: dict[str, Callable[[UnitOfWork, Rights, int, Actor], object]] = {
    "server": lambda uow, found, n, actor: uow.servers.get(found.servers[n].id, changed_by=actor),
    "servers": lambda uow, found, n, actor: uow.servers.get_many([found.servers[n].id], changed_by=actor),
    "alert": lambda uow, found, n, actor: uow.alerts.get(found.alerts[n].id, changed_by=actor),
    "alerts": lambda uow, found, n, actor: uow.alerts.get_many([found.alerts[n].id], changed_by=actor),
    "key": lambda uow, found, n, actor: uow.api_keys.get(found.keys[n].id, changed_by=actor),
}


class TeamRightsContract:
    """What members of teams see and change."""

    def test_members_see_the_servers_of_their_teams(self, new_uow, queries):
        found = rights(new_uow)
        for actor in (found.reader, found.writer, found.both, found.chief, NOBODY):
            seen = found.seen(actor)
            ids = [server.id for server in seen]
            assert [server.id for server in queries.servers.find(actor, ServerFilter())] == ids
            assert [server.id for server in queries.servers.find(actor, ServerFilter(text="192"))] == ids
            alerts = queries.alerts.newest(actor, AlertFilter())
            assert sorted(shown.alert.server_id for shown in alerts) == ids
            assert sorted(row.sample.server_id for row in queries.samples.newest(actor, SampleFilter())) == ids
            assert [key.server_id for key in queries.api_keys.all(actor)] == ids
            everything = [server.id for server in found.servers]
            assert list(queries.samples.minutes(actor, everything, ["cpu"], AT, 1)) == ids
            for server, alert, silence in zip(found.servers, found.alerts, found.silences, strict=True):
                if server in seen:
                    assert queries.servers.get(actor, server.id).id == server.id
                    assert queries.alerts.get(actor, alert.id)[0].alert == alert
                    with new_uow() as uow:
                        assert uow.silences.get(silence.id, visible_to=actor) == silence
                    continue
                with pytest.raises(NotFound):
                    queries.servers.get(actor, server.id)
                with pytest.raises(NotFound):
                    queries.alerts.get(actor, alert.id)
                with new_uow() as uow, pytest.raises(NotFound):
                    uow.silences.get(silence.id, visible_to=actor)

    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
    def test_only_writers_change_them(self, new_uow, change):
        found = rights(new_uow)
        with new_uow() as uow:
            for n in (0, 1):
                for actor in (found.writer, found.both, found.chief):
                    assert change(uow, found, n, actor)
                with pytest.raises(Forbidden):
                    change(uow, found, n, found.reader)
            for actor in (found.reader, found.writer, found.both):
                with pytest.raises(NotFound):
                    change(uow, found, 2, actor)

    def test_of_many_a_hidden_one_goes_before_one_that_is_only_read(self, new_uow):
        found = rights(new_uow)
        with new_uow() as uow:
            with pytest.raises(NotFound):
                uow.servers.get_many([server.id for server in found.servers], changed_by=found.reader)
            with pytest.raises(NotFound):
                uow.alerts.get_many([alert.id for alert in found.alerts], changed_by=found.reader)

    def test_find_many_leaves_out_what_is_only_read(self, new_uow):
        found = rights(new_uow)
        ids = [server.id for server in found.servers]
        with new_uow() as uow:
            for actor, expected in ((found.reader, []), (found.both, ids[:2]), (found.chief, ids)):
                assert [server.id for server in uow.servers.find_many(ids, changed_by=actor)] == expected

    def test_servers_come_with_the_people_of_their_teams(self, new_uow, queries):
        found = rights(new_uow)
        with new_uow() as uow:
            first = uow.servers.get(found.servers[0].id, changed_by=found.writer)
            by_address = uow.servers.by_addresses([found.servers[1].ip_address])
        for server in (first, *by_address, queries.servers.get(found.reader, found.servers[1].id)):
            assert server.team_readers == {found.reader.user_id, found.chief.user_id}
            assert server.team_writers == {found.writer.user_id, found.both.user_id}
        hidden = queries.servers.get(found.chief, found.servers[2].id)
        assert hidden.people == frozenset[UserId]()
