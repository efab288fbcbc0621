"""Servers as they are stored: a row, its tags and its links."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from monitor.adapters.persistence.engine.errors import KeyTaken
from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import Parents, batches, columns_of, entity_of, found_row, rows_with
from monitor.adapters.persistence.fleet.agents import save_facts
from monitor.adapters.persistence.fleet.conditions import is_changeable_by, is_seen_by
from monitor.adapters.persistence.fleet.teams import with_people
from monitor.adapters.persistence.tables.accounts import team_servers
from monitor.adapters.persistence.tables.fleet import (
    IS_HOST,
    api_keys,
    dependencies,
    server_tags,
    server_users,
    servers,
)
from monitor.adapters.persistence.tables.fleet import servers as t
from monitor.adapters.persistence.tables.history import history_chunks, history_deletions, history_rollups, monitor_data
from monitor.application.fleet.ports import Servers, Tracked
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.errors import NotFound
from monitor.domain.fleet.errors import AddressTaken
from monitor.domain.fleet.facts import HostFacts
from monitor.domain.fleet.servers import AgentInfo, Kind, Server, ServerId, Status
from monitor.domain.text import as_read


def load_servers(
    connection: Connection, condition: ColumnElement[bool], *, limit: int | None = None, lock: bool = False
) -> list[Server]:
    """Return servers in id order, with the people of their teams. *lock*: until the transaction ends."""
    return with_people(connection, load_without_people(connection, condition, limit=limit, lock=lock))


def load_without_people(
    connection: Connection, condition: ColumnElement[bool], *, limit: int | None = None, lock: bool = False
) -> list[Server]:
    """Return servers like `load_servers`, with empty `team_readers` and `team_writers`."""
    wanted = select(servers).where(condition).order_by(servers.c.id).limit(limit)
    rows = connection.execute(wanted.with_for_update() if lock else wanted).all()
    tags: dict[int, set[str]] = defaultdict(set)
    user_ids: dict[int, set[UserId]] = defaultdict(set)
    ids = [row.id for row in rows]
    for server_id, tag in rows_with(connection, select(server_tags), server_tags.c.server_id, ids):
        tags[server_id].add(as_read(tag))
    for user_id, server_id in rows_with(connection, select(server_users), server_users.c.server_id, ids):
        user_ids[server_id].add(UserId(user_id))
    parents: dict[int, set[ServerId]] = defaultdict(set)
    for server_id, parent_id in rows_with(connection, select(dependencies), dependencies.c.server_id, ids):
        parents[server_id].add(ServerId(parent_id))
    held: dict[Any, Any] = {}  # Shared: most servers have equal sets and agents.

    def shared(value: Any) -> Any:
        return held.setdefault(value, value)

    return [
        entity_of(
            Server,
            row,
            name=as_read(row.server_name),
            agent_version=shared(row.agent_version),
            agent_os=shared(row.agent_os),
            tags=shared(frozenset(tags.get(row.id, ()))),
            user_ids=shared(frozenset(user_ids.get(row.id, ()))),
            depends_on=shared(frozenset(parents.get(row.id, ()))),
            team_readers=frozenset(),
            team_writers=frozenset(),
        )
        for row in rows
    ]


_SAMPLES_PER_STATEMENT = 10_000


class SqlServers(SqlRepository, Servers):
    def add_many(self, servers: Sequence[Server]) -> list[Server]:
        if not servers:
            return []
        addresses = [server.ip_address for server in servers]
        if self._ids_of(addresses):
            raise AddressTaken
        try:
            self._connection.execute(insert(t), [_to_new_row(server) for server in servers])
        except KeyTaken as error:  # by a transaction committed since the check
            raise (AddressTaken() if error.key == "uq_servers_ip_address" else error) from error
        ids = self._ids_of(addresses)
        added = [replace(server, id=ids[server.ip_address]) for server in servers]
        self._link(server_tags.c.tag, {server.id: server.tags for server in added})
        self._link(server_users.c.user_id, {server.id: server.user_ids for server in added})
        self._link(dependencies.c.parent_id, {server.id: server.depends_on for server in added})
        self._log.note(Tracked.SERVER, [server.id for server in added])
        return added

    def get_many(self, server_ids: Collection[ServerId], *, changed_by: Actor) -> list[Server]:
        found = self._locked(server_ids, IS_HOST & is_seen_by(changed_by, t.c.id))
        if len(found) != len(set(server_ids)):
            raise NotFound("no such server")
        for server in found:
            server.check_changeable_by(changed_by)
        return found

    def find_many(self, server_ids: Collection[ServerId], *, changed_by: Actor) -> list[Server]:
        return self._locked(server_ids, IS_HOST & is_changeable_by(changed_by, t.c.id))

    def _locked(self, server_ids: Collection[ServerId], condition: ColumnElement[bool]) -> list[Server]:
        wanted = (t.c.id.in_(batch) & condition for batch in batches(sorted(set(server_ids))))
        return [server for some in wanted for server in load_servers(self._connection, some, lock=True)]

    def by_addresses(self, addresses: Collection[str]) -> list[Server]:
        wanted = set(addresses)
        found = [s for batch in batches(wanted) for s in load_servers(self._connection, t.c.ip_address.in_(batch))]
        # MySQL ignores spaces at the end when it compares.
        return sorted((s for s in found if s.ip_address in wanted), key=lambda server: server.id)

    def save(self, server: Server) -> None:
        if self._ids_of([server.ip_address]).get(server.ip_address, server.id) != server.id:
            raise AddressTaken
        self.save_many([server])

    def save_many(self, servers: Sequence[Server]) -> None:
        if len(self.existing({server.id for server in servers})) < len(servers):
            raise NotFound("no such server")
        if not servers:
            return
        rows = [_to_row(server) | {"this": server.id} for server in servers]
        try:
            self._connection.execute(update(t).where(t.c.id == bindparam("this")), rows)
        except KeyTaken as error:
            raise (AddressTaken() if error.key == "uq_servers_ip_address" else error) from error
        self._replace_links(server_tags.c.tag, {server.id: server.tags for server in servers})
        self._replace_links(server_users.c.user_id, {server.id: server.user_ids for server in servers})
        self._replace_links(dependencies.c.parent_id, {server.id: server.depends_on for server in servers})
        self._log.note(Tracked.SERVER, [server.id for server in servers])

    def depend(self, parents: Mapping[ServerId, Collection[ServerId]]) -> None:
        self._replace_links(dependencies.c.parent_id, parents)
        self._log.note(Tracked.SERVER, parents)

    def parents(self, server_ids: Collection[ServerId]) -> dict[ServerId, frozenset[ServerId]]:
        found: dict[ServerId, set[ServerId]] = defaultdict(set)
        own = select(dependencies).with_for_update(read=True)
        for row in rows_with(self._connection, own, dependencies.c.server_id, server_ids):
            found[ServerId(row.server_id)].add(ServerId(row.parent_id))
        return {server_id: frozenset(parent_ids) for server_id, parent_ids in found.items()}

    def seen(self, server_ids: Collection[ServerId], actor: Actor) -> dict[ServerId, Kind]:
        wanted = select(t.c.id, t.c.kind).where(is_seen_by(actor, func.coalesce(t.c.host_id, t.c.id)))
        return {ServerId(row.id): row.kind for row in rows_with(self._connection, wanted, t.c.id, server_ids)}

    def delete(self, server_ids: Collection[ServerId]) -> None:
        for batch in batches(sorted(self.existing(server_ids))):
            self._note_deletion(batch)
            for server_id in batch:
                self._delete_samples(server_id)
            keys = select(api_keys.c.id).where(api_keys.c.server_id.in_(batch))
            self._log.note(Tracked.API_KEY, self._connection.scalars(keys))
            having = select(team_servers.c.team_id).where(team_servers.c.server_id.in_(batch))
            self._log.note(Tracked.TEAM, self._connection.scalars(having))
            children = select(dependencies.c.server_id).where(dependencies.c.parent_id.in_(batch))
            self._log.note(Tracked.SERVER, [*batch, *self._connection.scalars(children)])
            self._log.note(Tracked.RULES)  # those for one server are deleted with it
            self._keep_checks(batch)
            self._connection.execute(delete(t).where(t.c.id.in_(batch)))

    def _keep_checks(self, server_ids: Collection[ServerId]) -> None:
        """Keep the checks of these servers, without a server."""
        theirs = t.c.host_id.in_(server_ids)
        self._log.note(Tracked.SERVER, self._connection.scalars(select(t.c.id).where(theirs)))
        self._connection.execute(update(t).where(theirs).values(host_id=None))

    def _note_deletion(self, server_ids: Collection[ServerId]) -> None:
        """Note the servers whose history an archive may hold."""
        for table in (history_chunks, history_rollups):
            ids, listed = table.c.server_id, history_deletions.c.server_id
            found = select(ids).where(ids.in_(server_ids), table.c.generation > 0, ids.not_in(select(listed)))
            self._connection.execute(insert(history_deletions).from_select(["server_id"], found.distinct()))

    def existing(self, server_ids: Collection[ServerId], *, keep: bool = False) -> set[ServerId]:
        if keep:
            return {ServerId(each) for each in Parents(self._connection, t).existing(server_ids)}
        return {ServerId(row.id) for row in rows_with(self._connection, select(t.c.id), t.c.id, server_ids)}

    def host_of(self, server_id: ServerId) -> ServerId | None:
        wanted = select(t.c.kind, t.c.host_id).where(t.c.id == server_id)
        row = found_row(self._connection, wanted, f"server {server_id}")
        return server_id if row.kind is Kind.HOST else row.host_id

    def names(self, server_ids: Collection[ServerId]) -> dict[ServerId, str]:
        rows = rows_with(self._connection, select(t.c.id, t.c.server_name), t.c.id, server_ids)
        return {ServerId(row.id): row.server_name for row in rows}

    def mark_online(self, server_ids: Collection[ServerId]) -> None:
        self._set_each(t.c.last_report_at, dict.fromkeys(server_ids), {"status": Status.ONLINE})

    def mark_offline(self, last_reports: Mapping[ServerId, datetime]) -> None:
        self._set_each(t.c.last_report_at, last_reports, {"status": Status.OFFLINE})

    def intervals(self, server_ids: Collection[ServerId]) -> dict[ServerId, float]:
        declared = select(t.c.id, t.c.report_interval).where(t.c.report_interval.is_not(None))
        rows = rows_with(self._connection, declared, t.c.id, server_ids)
        return {ServerId(row.id): float(row.report_interval) for row in rows}

    def save_intervals(self, intervals: Mapping[ServerId, float]) -> None:
        self._set_each(t.c.report_interval, intervals)

    def save_agents(self, agents: Mapping[ServerId, AgentInfo]) -> None:
        known = self.existing(agents)
        self._set_each(t.c.agent_version, {server_id: agents[server_id].version for server_id in known})
        self._set_each(t.c.agent_os, {server_id: agents[server_id].system for server_id in known})
        self._log.note(Tracked.SERVER, sorted(known))

    def save_facts(self, facts: Mapping[ServerId, HostFacts]) -> None:
        save_facts(self._connection, {each: facts[each] for each in sorted(self.existing(facts, keep=True))})

    def _set_each(
        self, column: Column[Any], values: Mapping[ServerId, Any], others: Mapping[str, object] = MappingProxyType({})
    ) -> None:
        """Set a column of many servers in one statement, which locks rows in id order."""
        for batch in batches(sorted(values)):
            if len({values[server_id] for server_id in batch}) == 1:
                value: ColumnElement[Any] = literal(values[batch[0]], column.type)
            else:
                value = case({i: literal(values[i], column.type) for i in batch}, value=t.c.id)
            self._connection.execute(update(t).where(t.c.id.in_(batch)).values({column.name: value, **others}))

    def _delete_samples(self, server_id: ServerId) -> None:
        """Delete samples in parts: a cascade might exceed MySQL's limit of a statement. SQLite has none, nor LIMIT."""
        some = delete(monitor_data).where(monitor_data.c.server_id == server_id)
        some = some.with_dialect_options(mysql_limit=_SAMPLES_PER_STATEMENT, mariadb_limit=_SAMPLES_PER_STATEMENT)
        while self._connection.execute(some).rowcount >= _SAMPLES_PER_STATEMENT:
            pass

    def _ids_of(self, addresses: Sequence[str]) -> dict[str, ServerId]:
        rows = rows_with(self._connection, select(t.c.ip_address, t.c.id), t.c.ip_address, addresses)
        return {row.ip_address: ServerId(row.id) for row in rows}

    def _replace_links(self, column: Column[Any], wanted: Mapping[ServerId, Collection[Any]]) -> None:
        table: Table = column.table
        stored: dict[ServerId, set[Any]] = {server_id: set() for server_id in wanted}
        of_these = select(table.c.server_id, column)
        for server_id, value in rows_with(self._connection, of_these, table.c.server_id, wanted):
            stored[server_id].add(value)
        gone = [{"server": id_, "value": value} for id_, held in stored.items() for value in held - set(wanted[id_])]
        if gone:
            one = delete(table).where(table.c.server_id == bindparam("server"), column == bindparam("value"))
            self._connection.execute(one, gone)
        self._link(column, {server_id: set(values) - stored[server_id] for server_id, values in wanted.items()})

    def _link(self, column: Column[Any], values: Mapping[ServerId, Iterable[Any]]) -> None:
        rows = [{"server_id": id_, column.name: value} for id_, own in values.items() for value in sorted(own)]
        if rows:
            self._connection.execute(insert(column.table), rows)


def _to_row(server: Server) -> dict[str, Any]:
    """Return the columns that users change, not those that reports change."""
    return {"server_name": server.name, "ip_address": server.ip_address, "port": server.port}


def _to_new_row(server: Server) -> dict[str, Any]:
    return columns_of(server, "name", *("tags", "user_ids", "team_readers", "team_writers", "depends_on")) | _to_row(
        server
    )
