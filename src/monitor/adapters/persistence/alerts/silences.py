"""Store silences."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

import msgspec
import structlog
from sqlalchemy import ColumnElement, Connection, Row, delete, exists, select, true

from monitor.adapters.persistence.alerts.policies import scope_columns, to_scope
from monitor.adapters.persistence.engine.row_locks import FleetChanges
from monitor.adapters.persistence.engine.statements import insert_row
from monitor.adapters.persistence.tables.alerts import silences as t
from monitor.adapters.persistence.tables.fleet import server_tags, server_users
from monitor.application.alerts.ports import Silences
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.alerts.silences import Recurrence, Silence, SilenceId
from monitor.domain.errors import InvalidInput, NotFound

log = structlog.get_logger()

_encode = msgspec.json.Encoder().encode
_decode = lru_cache(10_000)(msgspec.json.Decoder(Recurrence).decode)
"""Cached, because the fleet is read again after each change, and then all silences but one are the same."""


class SqlSilences(Silences):
    def __init__(self, connection: Connection, changes: FleetChanges) -> None:
        self._connection = connection
        self._changes = changes

    def add(self, silence: Silence) -> Silence:
        silence = replace(silence, id=SilenceId(insert_row(self._connection, t, _to_row(silence))))
        self._changes.note()
        return silence

    def get(self, silence_id: SilenceId, *, visible_to: Actor) -> Silence:
        wanted = select(t).where(t.c.id == silence_id, _seen_by(visible_to))
        row = self._connection.execute(wanted).one_or_none()
        if row is None:
            raise NotFound(f"no silence {silence_id}")
        return to_silence(row)

    def delete(self, silence_id: SilenceId) -> None:
        self._changes.note(self._connection.execute(delete(t).where(t.c.id == silence_id)).rowcount)

    def all(self) -> list[Silence]:
        return all_silences(self._connection)


def all_silences(connection: Connection) -> list[Silence]:
    """Return all silences in id order, without those that are invalid in more than the recurrence."""
    found = []
    for row in connection.execute(select(t).order_by(t.c.id)):
        try:
            found.append(to_silence(row))
        except InvalidInput as error:
            log.warning("a silence cannot be read", silence=row.id, error=repr(error))
    return found


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a silence covers a server that *actor* may see."""
    if actor.is_admin:
        return true()
    linked = select(server_users.c.server_id).where(server_users.c.user_id == actor.user_id)
    tags = select(server_tags.c.tag).where(server_tags.c.server_id.in_(linked))
    everything = t.c.server_id.is_(None) & t.c.tag.is_(None)
    return t.c.server_id.in_(linked) | t.c.tag.in_(tags) | (everything & exists(linked))


def to_silence(row: Row[Any]) -> Silence:
    """Return the silence of *row*. Raises InvalidInput.

    One with an invalid recurrence, such as a time zone unknown to this machine, is returned too, so that it can be
    deleted.
    """
    recurrence, readable = None, True
    try:
        recurrence = None if row.recurrence is None else _decode(row.recurrence)
    except (InvalidInput, msgspec.MsgspecError) as error:
        readable = False
        log.warning("the recurrence of a silence cannot be read", silence=row.id, error=repr(error))
    return Silence(
        id=SilenceId(row.id),
        scope=to_scope(row),
        metric=row.metric,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        recurrence=recurrence,
        readable=readable,
        reason=row.reason,
        created_at=row.created_at,
        created_by=None if row.created_by is None else UserId(row.created_by),
    )


def _to_row(silence: Silence) -> dict[str, Any]:
    return scope_columns(silence.scope) | {
        "metric": silence.metric,
        "starts_at": silence.starts_at,
        "ends_at": silence.ends_at,
        "recurrence": None if silence.recurrence is None else _encode(silence.recurrence).decode(),
        "reason": silence.reason,
        "created_at": silence.created_at,
        "created_by": silence.created_by,
    }
