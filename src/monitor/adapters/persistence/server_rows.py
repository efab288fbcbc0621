"""Servers as they are stored: a row, its tags and its links."""

from collections import defaultdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from monitor.adapters.persistence.batches import batches
from monitor.adapters.persistence.tables import server_tags, server_users, servers
from monitor.domain.actors import UserId
from monitor.domain.servers import Server, ServerId
from monitor.domain.text import as_read


def load_servers(
    connection: Connection, condition: ColumnElement[bool], *, limit: int | None = None, lock: bool = False
) -> list[Server]:
    """In id order. With *lock*, no other transaction can change or delete them before this one ends."""
    wanted = select(servers).where(condition).order_by(servers.c.id).limit(limit)
    rows = connection.execute(wanted.with_for_update() if lock else wanted).all()
    tags: dict[int, set[str]] = defaultdict(set)
    user_ids: dict[int, set[UserId]] = defaultdict(set)
    for batch in batches([row.id for row in rows]):
        for server_id, tag in connection.execute(select(server_tags).where(server_tags.c.server_id.in_(batch))):
            tags[server_id].add(as_read(tag))
        for user_id, server_id in connection.execute(select(server_users).where(server_users.c.server_id.in_(batch))):
            user_ids[server_id].add(UserId(user_id))
    held: dict[frozenset[Any], frozenset[Any]] = {}  # Each once: most servers have theirs in common, such as none.

    def shared(found: set[Any] | None) -> frozenset[Any]:
        return held.setdefault(same := frozenset(found or ()), same)

    return [_to_server(row, shared(tags.get(row.id)), shared(user_ids.get(row.id))) for row in rows]


def _to_server(row: Row[Any], tags: frozenset[str], user_ids: frozenset[UserId]) -> Server:
    return Server(
        id=ServerId(row.id),
        name=as_read(row.server_name),
        ip_address=row.ip_address,
        port=row.port,
        status=row.status,
        created_at=row.created_at,
        tags=tags,
        user_ids=user_ids,
        report_interval=row.report_interval,
        last_report_at=row.last_report_at,
    )
