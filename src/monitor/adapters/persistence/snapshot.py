"""The fleet as a process keeps it in memory: all of it, or what changed since a revision."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, select, true

from monitor.adapters.persistence.accounts.users import to_user
from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.repositories import SqlReader
from monitor.adapters.persistence.engine.statements import batches, rows_with
from monitor.adapters.persistence.fleet.agents import to_api_key
from monitor.adapters.persistence.fleet.servers import load_without_people
from monitor.adapters.persistence.fleet.teams import all_teams
from monitor.adapters.persistence.notifications.channels import all_channels
from monitor.adapters.persistence.oncall.escalations import all_escalations
from monitor.adapters.persistence.oncall.rotas import all_rotas
from monitor.adapters.persistence.oncall.ways import all_ways
from monitor.adapters.persistence.operations import all_preferences
from monitor.adapters.persistence.policies.rules import all_policies, all_silences
from monitor.adapters.persistence.tables.accounts import users
from monitor.adapters.persistence.tables.fleet import api_keys, fleet_log, fleet_revision, servers
from monitor.application.fleet.ports import FleetChanges, FleetQueries, FleetSnapshot, Tracked
from monitor.domain.accounts.actors import UserId
from monitor.domain.fleet.servers import Server
from monitor.domain.oncall.roster import Roster


class SqlFleetQueries(SqlReader, FleetQueries):
    def revision(self) -> int:
        with connected(self._engine) as connection:
            return _revision(connection)

    def snapshot(self) -> FleetSnapshot:
        with self._one_moment() as connection:
            return FleetSnapshot(
                revision=_revision(connection),
                servers=load_without_people(connection, true()),
                api_keys=[to_api_key(row) for row in connection.execute(select(api_keys).order_by(api_keys.c.id))],
                users={UserId(row.id): to_user(row) for row in connection.execute(select(users).order_by(users.c.id))},
                teams=all_teams(connection),
                policies=all_policies(connection),
                silences=all_silences(connection),
                channels=all_channels(connection, self._cipher),
                preferences=all_preferences(connection, self._cipher),
                roster=self._roster(connection),
            )

    def changes(self, since: int, at_most: int) -> FleetChanges | None:
        with self._one_moment() as connection:
            revision = _revision(connection)
            changed = _logged(connection, since, revision, at_most)
            if changed is None:
                return None
            rules_changed = bool(changed[Tracked.RULES])
            return FleetChanges(
                revision=revision,
                servers=_by_id(ids := changed[Tracked.SERVER], _servers(connection, ids)),
                api_keys=_by_id(
                    ids := changed[Tracked.API_KEY],
                    map(to_api_key, rows_with(connection, select(api_keys), api_keys.c.id, ids)),
                ),
                users=_by_id(
                    ids := changed[Tracked.USER], map(to_user, rows_with(connection, select(users), users.c.id, ids))
                ),
                teams=_by_id(ids := changed[Tracked.TEAM], all_teams(connection, ids)),
                policies=all_policies(connection) if rules_changed else None,
                silences=all_silences(connection) if rules_changed else None,
                channels=all_channels(connection, self._cipher) if changed[Tracked.CHANNELS] else None,
                preferences=all_preferences(connection, self._cipher) if changed[Tracked.PREFERENCES] else None,
                roster=self._roster(connection) if changed[Tracked.ROSTER] else None,
            )

    def _roster(self, connection: Connection) -> Roster:
        return Roster(
            rotas={rota.id: rota for rota in all_rotas(connection)},
            escalations={escalation.id: escalation for escalation in all_escalations(connection)},
            ways=all_ways(connection, self._cipher),
        )

    @contextmanager
    def _one_moment(self) -> Iterator[Connection]:
        """Open a connection whose statements all see the state that the first one sees, as on SQLite always."""
        with connected(self._engine) as connection:
            if self._engine.dialect.name != "sqlite":
                # Set for this transaction only; no reset needed.
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield connection


def _revision(connection: Connection) -> int:
    return int(connection.scalars(select(fleet_revision.c.revision)).one())


def _logged(connection: Connection, since: int, revision: int, at_most: int) -> dict[str, set[int]] | None:
    """Return the ids in the log by part. None if they are more than *at_most*, or the log can't be relied on.

    It lacks revisions that were deleted or raised by an older version, and may name parts of a newer one.
    """
    wanted = select(fleet_log).where(fleet_log.c.revision > since, fleet_log.c.revision <= revision).limit(at_most + 1)
    rows = connection.execute(wanted).all()
    if since > revision or len(rows) > at_most or len({row.revision for row in rows}) < revision - since:
        return None
    changed: dict[str, set[int]] = {part: set() for part in Tracked}
    for row in rows:
        changed.setdefault(row.part, set()).add(row.object_id)
    return changed if len(changed) == len(Tracked) else None


def _by_id(ids: Collection[int], found: Iterable[Any]) -> dict[Any, Any]:
    """Return the entities that were found, and None for the other *ids*."""
    return {**dict.fromkeys(ids), **{each.id: each for each in found}}


def _servers(connection: Connection, ids: Collection[int]) -> Iterator[Server]:
    for batch in batches(ids):
        yield from load_without_people(connection, servers.c.id.in_(batch))
