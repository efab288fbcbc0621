"""The newest rows of `monitor_data`, by whichever index reads the fewest."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, text

from monitor.adapters.persistence.batches import batches
from monitor.adapters.persistence.sample_inserts import written
from monitor.adapters.persistence.sample_rows import packed
from monitor.adapters.persistence.tables import server_users
from monitor.application.ports.queries import SampleFilter
from monitor.domain.actors import Actor

_NEWEST_FIRST = "ORDER BY recorded_at DESC, server_id DESC LIMIT :limit"
_ONE = "ORDER BY recorded_at DESC LIMIT 1"
_SERVERS_PER_STATEMENT = 100  # SQLite joins at most 500 SELECTs

Rows = Sequence[Any]


def newest_rows(connection: Connection, actor: Actor, wanted: SampleFilter) -> Rows:
    """*id*, *ip_address* and *packed* (see `to_samples`) of what *actor* may see of *wanted*, newest first.

    Whether they may see a server that *wanted* names, the caller has checked.
    """
    condition, values = _time_range(wanted)
    if wanted.server_id is not None:
        values["server_id"] = wanted.server_id
        return _rows(connection, f"server_id = :server_id AND {condition}", values)
    if actor.is_admin:
        return _rows(connection, condition, values)
    linked = connection.scalars(select(server_users.c.server_id).where(server_users.c.user_id == actor.user_id)).all()
    if len(linked) > _SERVERS_PER_STATEMENT:
        linked = _last_heard_of(connection, actor, condition, values)
    return _newest_of_each(connection, linked, condition, values)


def _time_range(wanted: SampleFilter) -> tuple[str, dict[str, Any]]:
    conditions, values = ["1 = 1"], dict[str, Any](limit=wanted.limit)
    if wanted.start is not None:
        conditions.append("recorded_at >= :start")
        values["start"] = written(wanted.start)
    if wanted.end is not None:
        conditions.append("recorded_at < :end")
        values["end"] = written(wanted.end)
    if wanted.before is not None:
        # The first part says nothing new; it is what an index can begin at.
        conditions.append("recorded_at <= :last AND (recorded_at < :last OR server_id < :last_server)")
        values |= {"last": written(wanted.before[0]), "last_server": wanted.before[1]}
    return " AND ".join(conditions), values


def _rows(connection: Connection, condition: str, values: dict[str, Any]) -> Rows:
    return connection.execute(text(f"{_select(connection)} WHERE {condition} {_NEWEST_FIRST}"), values).all()


def _last_heard_of(connection: Connection, actor: Actor, condition: str, values: dict[str, Any]) -> Sequence[int]:
    """As many servers as a page has rows, those with the newest samples: all of the page is theirs."""
    newest = f"SELECT recorded_at FROM monitor_data WHERE server_id = l.server_id AND {condition} {_ONE}"  # noqa: S608 (ours)
    wanted = text(
        f"SELECT server_id FROM (SELECT l.server_id, ({newest}) AS newest FROM server_users l "  # noqa: S608 (our own)
        f"WHERE l.user_id = :user_id) AS n WHERE newest IS NOT NULL ORDER BY newest DESC, server_id DESC LIMIT :limit"
    )
    return connection.scalars(wanted, values | {"user_id": actor.user_id}).all()


def _newest_of_each(connection: Connection, server_ids: Sequence[int], condition: str, values: dict[str, Any]) -> Rows:
    """Of each server its newest, and of these the newest: reads a page per server, however large the table is, where
    the index by time would be read to its end for servers that fell silent long ago."""
    keys: list[tuple[Any, int, int]] = []
    for batch in batches(server_ids, _SERVERS_PER_STATEMENT):
        if len(keys) == values["limit"]:
            condition, values = f"{condition} AND recorded_at >= :floor", values | {"floor": keys[-1][0]}
        parts = " UNION ALL ".join(
            f"SELECT * FROM (SELECT recorded_at, server_id, id FROM monitor_data "  # noqa: S608 (a number, and our own)
            f"WHERE server_id = {server_id:d} AND {condition} ORDER BY recorded_at DESC LIMIT :limit) AS s{server_id:d}"
            for server_id in batch
        )
        found = map(tuple, connection.execute(text(f"{parts} {_NEWEST_FIRST}"), values))
        keys = sorted([*keys, *found], reverse=True)[: values["limit"]]
    order = {key[2]: place for place, key in enumerate(keys)}
    rows = [row for batch in batches(order) for row in _by_ids(connection, batch)]
    return sorted(rows, key=lambda row: order[row.id])


def _by_ids(connection: Connection, ids: Sequence[int]) -> Rows:
    numbers = ", ".join(f"{number:d}" for number in ids)
    return connection.execute(text(f"{_select(connection)} WHERE id IN ({numbers})")).all()


def _select(connection: Connection) -> str:
    return f"SELECT id, ip_address, {packed(connection)} AS packed FROM monitor_data"  # noqa: S608 (our own)
