"""Who sees few servers of a large fleet, by links or teams, costs few rows."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest
from sqlalchemy import Engine, text

from monitor.adapters.persistence.store import SqlQueries
from monitor.application.alerts.ports import AlertFilter
from monitor.application.fleet.ports import ServerFilter
from monitor.application.history.ports import SampleFilter
from monitor.application.operations.ports import UnitOfWork
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import TeamAccess
from tests.contracts.builders import (
    AT,
    NewUow,
    a_sample,
    a_server,
    actor_of,
    store_samples,
    stored_alert,
    stored_key,
    stored_silence,
    stored_team,
    stored_user,
)
from tests.integration.persistence.conftest import read_so_far, uow_factory

MANY = 10_000
FEW_ROWS = 300
OWN = 3

QUESTIONS: dict[str, Callable[[SqlQueries, Actor, ServerId], object]] = {
    "servers": lambda queries, actor, _: queries.servers.find(actor, ServerFilter()),
    "a page of servers": lambda queries, actor, _: queries.servers.find(actor, ServerFilter(limit=100)),
    "servers with a text": lambda queries, actor, _: queries.servers.find(actor, ServerFilter(text="web")),
    "a server": lambda queries, actor, server_id: queries.servers.get(actor, server_id),
    "a page of keys": lambda queries, actor, _: queries.api_keys.all(actor, limit=100),
    "keys": lambda queries, actor, _: queries.api_keys.all(actor),
    "alerts": lambda queries, actor, _: queries.alerts.newest(actor, AlertFilter()),
    "samples": lambda queries, actor, _: queries.samples.newest(actor, SampleFilter(limit=9)),
    "samples of a server": lambda queries, actor, server_id: queries.samples.newest(
        actor, SampleFilter(server_id=server_id, limit=9)
    ),
    "minutes": lambda queries, actor, server_id: queries.samples.minutes(actor, [server_id], ["cpu"], AT, 5),
}
CHANGES: dict[str, Callable[[UnitOfWork, Actor, ServerId], object]] = {
    "a server": lambda uow, actor, server_id: uow.servers.get(server_id, changed_by=actor),
    "what reaches it": lambda uow, _, server_id: uow.teams.reaching([server_id], ["few"]),
}


@dataclass(frozen=True)
class Fleet:
    new_uow: NewUow
    queries: SqlQueries
    engine: Engine
    own: ServerId
    actors: dict[str, Actor]

    def rows_read(self, ask: Callable[[], object]) -> int:
        before = read_so_far(self.engine)
        ask()
        return read_so_far(self.engine) - before


@pytest.fixture
def fleet(mariadb_engine: Engine) -> Fleet:
    """Three servers that users see: one by links, one by a list of a team, one by a tag; and a team with all others."""
    new_uow = uow_factory(mariadb_engine)
    linked, listed, tagged, chief = (stored_user(new_uow, name) for name in ("linked", "listed", "tagged", "chief"))
    with new_uow() as uow:
        of_linked = frozenset({linked.id})
        own = uow.servers.add_many(
            [a_server(f"192.0.2.{n}", user_ids=of_linked, tags=frozenset({"few"})) for n in range(1, OWN + 1)]
        )
        uow.commit()
    own_ids = frozenset(server.id for server in own)
    stored_team(new_uow, "listing", access=TeamAccess.WRITE, user_ids=frozenset({listed.id}), server_ids=own_ids)
    stored_team(
        new_uow, "tagging", access=TeamAccess.WRITE, user_ids=frozenset({tagged.id}), tags=frozenset({"few", "x"})
    )
    stored_team(new_uow, "all", access=TeamAccess.WRITE, user_ids=frozenset({chief.id}), tags=frozenset({"all"}))
    for server in own:
        stored_alert(new_uow, server.id)
        stored_key(new_uow, server.ip_address, server_id=server.id)
        store_samples(new_uow, a_sample(server.id))
    stored_silence(new_uow)
    _multiply(mariadb_engine)
    actors = {user.username: actor_of(user) for user in (linked, listed, tagged)}
    return Fleet(new_uow, SqlQueries(mariadb_engine), mariadb_engine, own[0].id, actors)


def _multiply(engine: Engine) -> None:
    """Add servers with the tag "all", each with a sample and an alert, copied from the first server's."""
    digit = "(SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 "
    digit += "UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)"
    numbers = f"{digit} a, {digit} b, {digit} c, {digit} d"
    with engine.begin() as connection:
        added = connection.execute(
            text(
                "INSERT INTO servers (server_name, ip_address) "  # noqa: S608 (our own text)
                f"SELECT 'web', CONCAT('10.', a.n, '.', b.n, '.', 10 * c.n + d.n) FROM {numbers}"
            )
        )
        assert added.rowcount == MANY
        for statement in (
            "INSERT INTO server_tags SELECT id, 'all' FROM servers WHERE ip_address LIKE '10.%'",
            "INSERT INTO monitor_data (server_id, ip_address, cpu_value, memory_value, disk_value, recorded_at) "
            "SELECT id, ip_address, 1, 2, 3, '2030-01-01 11:00:00' FROM servers WHERE ip_address LIKE '10.%'",
            "INSERT INTO api_keys (name, digest, prefix, server_id) SELECT 'a key', UNHEX(SHA2(id, 256)), 'mk_', id "
            "FROM servers WHERE ip_address LIKE '10.%'",
            "INSERT INTO alerts (server_id, metric, level, state, value, started_at, fired_at, flapping, late) "
            "SELECT id, 'cpu', 'warning', 'resolved', 1, '2030-01-01', '2030-01-01', 0, 0 FROM servers "
            "WHERE ip_address LIKE '10.%'",
        ):
            connection.execute(text(statement))
    with engine.connect() as connection:
        connection.execute(
            text("ANALYZE TABLE servers, server_tags, server_users, monitor_data, alerts, team_tags")
        ).all()


def test_few_servers_of_many_cost_few_rows_on_mariadb(fleet: Fleet) -> None:
    """One test, since the fleet takes a while to fill."""
    found: dict[tuple[str, str], int] = {}
    for name, actor in fleet.actors.items():
        for asked, question in QUESTIONS.items():
            found[name, asked] = fleet.rows_read(partial(question, fleet.queries, actor, fleet.own))
        for asked, change in CHANGES.items():
            with fleet.new_uow() as uow:
                found[name, f"to change {asked}"] = fleet.rows_read(partial(change, uow, actor, fleet.own))
        assert len(fleet.queries.servers.find(actor, ServerFilter())) == OWN
        assert len(fleet.queries.alerts.newest(actor, AlertFilter())) == OWN
    assert {asked: rows for asked, rows in found.items() if rows > FEW_ROWS} == {}
