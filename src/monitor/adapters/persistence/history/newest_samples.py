"""Newest raw samples, by the index that reads the fewest rows.

Conditions and the union are text: SQLAlchemy takes 28 ms to compile a union of 100 SELECTs, which runs in 2 ms.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, select, text

from monitor.adapters.persistence.engine.statements import batches
from monitor.adapters.persistence.history.sample_inserts import written
from monitor.adapters.persistence.history.samples import packed
from monitor.adapters.persistence.tables.fleet import server_users
from monitor.adapters.persistence.tables.history import monitor_data as m
from monitor.application.history.ports import SampleFilter
from monitor.domain.accounts.actors import Actor

_NEWEST_FIRST = "ORDER BY recorded_at DESC, server_id DESC LIMIT :limit"
_SERVERS_PER_STATEMENT = 100  # SQLite joins at most 500 SELECTs

Rows = Sequence[Any]


def newest_rows(connection: Connection, actor: Actor, wanted: SampleFilter) -> Rows:
    """Return *id*, *ip_address* and *packed* (see `to_samples`) of rows that *actor* may see, newest first.

    The caller has checked that *actor* may see `wanted.server_id`.
    """
    condition, values = _time_range(wanted)
    if wanted.server_id is not None:
        values["server_id"] = wanted.server_id
        return _rows(connection, f"server_id = :server_id AND {condition}", values)
    if actor.is_admin:
        return _rows(connection, condition, values)
    linked = connection.scalars(select(server_users.c.server_id).where(server_users.c.user_id == actor.user_id)).all()
    if len(linked) > _SERVERS_PER_STATEMENT:
        linked = _newest_linked(connection, actor, condition, values)
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
        # The first part is redundant, but an index can start at it.
        conditions.append("recorded_at <= :last AND (recorded_at < :last OR server_id < :last_server)")
        values |= {"last": written(wanted.before[0]), "last_server": wanted.before[1]}
    return " AND ".join(conditions), values


def _rows(connection: Connection, condition: str, values: dict[str, Any]) -> Rows:
    newest_first = _selected(connection).where(text(condition)).order_by(m.c.recorded_at.desc(), m.c.server_id.desc())
    return connection.execute(newest_first.limit(values["limit"]), values).all()


def _newest_linked(connection: Connection, actor: Actor, condition: str, values: dict[str, Any]) -> Sequence[int]:
    """Return the linked servers with the newest samples, as many as the page has rows: they hold the whole page."""
    linked = server_users.c
    of_server = select(m.c.recorded_at).where(m.c.server_id == linked.server_id, text(condition))
    newest = of_server.order_by(m.c.recorded_at.desc()).limit(1).scalar_subquery().label("newest")
    n = select(linked.server_id, newest).where(linked.user_id == actor.user_id).subquery("n").c
    newest_first = select(n.server_id).where(n.newest.is_not(None)).order_by(n.newest.desc(), n.server_id.desc())
    return connection.scalars(newest_first.limit(values["limit"]), values).all()


def _newest_of_each(connection: Connection, server_ids: Sequence[int], condition: str, values: dict[str, Any]) -> Rows:
    """Return the newest of each server's newest rows: at most a page per server.

    The index by time would be read to its end for servers without recent samples.
    """
    keys: list[tuple[Any, int, int]] = []
    for batch in batches(server_ids, _SERVERS_PER_STATEMENT):
        if len(keys) == values["limit"]:
            condition, values = f"{condition} AND recorded_at >= :floor", values | {"floor": keys[-1][0]}
        parts = " UNION ALL ".join(
            f"SELECT * FROM (SELECT recorded_at, server_id, id FROM monitor_data "  # noqa: S608 (an integer, and our own text)
            f"WHERE server_id = {server_id:d} AND {condition} ORDER BY recorded_at DESC LIMIT :limit) AS s{server_id:d}"
            for server_id in batch
        )
        found = map(tuple, connection.execute(text(f"{parts} {_NEWEST_FIRST}"), values))
        keys = sorted([*keys, *found], reverse=True)[: values["limit"]]
    order = {key[2]: place for place, key in enumerate(keys)}
    rows = [row for batch in batches(order) for row in _by_ids(connection, batch)]
    return sorted(rows, key=lambda row: order[row.id])


def _by_ids(connection: Connection, ids: Sequence[int]) -> Rows:
    return connection.execute(_selected(connection).where(m.c.id.in_(ids))).all()


def _selected(connection: Connection) -> Select[Any]:
    return select(m.c.id, m.c.ip_address, packed(connection))
