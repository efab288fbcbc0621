"""Store the ways to reach people, their secrets encrypted."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import columns_of, cut_to_fit, entity_of, insert_rows
from monitor.adapters.persistence.notifications.outbox_queries import target_key
from monitor.adapters.persistence.notifications.secret_settings import (
    encrypted_settings,
    plain_settings,
    read_settings,
    reencrypt,
)
from monitor.adapters.persistence.tables.accounts import users
from monitor.adapters.persistence.tables.notifications import IS_UNSENT, notifications
from monitor.adapters.persistence.tables.oncall import ways as t
from monitor.application.fleet.ports import Tracked
from monitor.application.oncall.ports import Ways
from monitor.application.ports import Cipher
from monitor.domain.accounts.actors import UserId
from monitor.domain.errors import NotFound
from monitor.domain.notifications.outbox import Target
from monitor.domain.oncall.ways import MAIL, Way, WayId


class SqlWays(SqlRepository, Ways):
    """The row of their person is locked first: there may be no row of a way yet."""

    def of(self, user_id: UserId) -> list[Way]:
        self._lock(user_id)
        return [to_way(row, self._cipher) for row in self._rows(user_id)]

    def replace(self, user_id: UserId, ways: Sequence[Way]) -> list[Way]:
        if not self._lock(user_id):
            raise NotFound(f"no user {user_id}")
        had, kept = {WayId(row.id) for row in self._rows(user_id)}, {way.id for way in ways if way.id}
        if not kept <= had:
            raise NotFound("no such way")
        self._delete(user_id, sorted(had - kept))
        placed = [(place, replace(way, user_id=user_id)) for place, way in enumerate(ways)]
        new = [_to_row(way) | {"place": place} for place, way in placed if not way.id]
        ids = iter(insert_rows(self._connection, t, new, "user_id"))
        stored = [way if way.id else replace(way, id=WayId(next(ids))) for _, way in placed]
        for readable in (True, False):
            rows = [
                _to_row(way) | {"this": way.id, "place": place} | (self._secrets(way) if readable else {})
                for place, way in enumerate(stored)
                if way.readable is readable
            ]
            if rows:
                self._connection.execute(_CHANGE, rows)
        self._log.note(Tracked.ROSTER)
        return stored

    def confirm(self, user_id: UserId, way_id: WayId | None, at: datetime) -> None:
        is_meant = t.c.kind == MAIL if way_id is None else t.c.id == way_id
        own = update(t).where(t.c.user_id == user_id, is_meant).values(confirmed_at=at)
        if self._connection.execute(own).rowcount:
            self._log.note(Tracked.ROSTER)
        elif way_id is None and self._lock(user_id) and not self._rows(user_id):
            self.replace(user_id, [Way(user_id=user_id, kind=MAIL, confirmed_at=at)])

    def mark_failed(self, way_id: WayId, error: str) -> None:
        error = cut_to_fit(error, t.c.failed)
        changed = update(t).where(t.c.id == way_id, t.c.failed != error).values(failed=error)
        if self._connection.execute(changed).rowcount:
            self._log.note(Tracked.ROSTER)

    def reencrypt(self) -> None:
        if reencrypt(self._connection, self._cipher, t):
            self._log.note(Tracked.ROSTER)

    def _lock(self, user_id: UserId) -> bool:
        """Return whether the user exists."""
        wanted = select(users.c.id).where(users.c.id == user_id).with_for_update()
        return self._connection.execute(wanted).first() is not None

    def _rows(self, user_id: UserId) -> Sequence[Row[Any]]:
        wanted = select(t).where(t.c.user_id == user_id).order_by(t.c.place).with_for_update()
        return self._connection.execute(wanted).all()

    def _delete(self, user_id: UserId, way_ids: Collection[WayId]) -> None:
        if way_ids:
            targets = [target_key(Target(user_id=user_id, way_id=way_id)) for way_id in way_ids]
            unsent = delete(notifications).where(notifications.c.target.in_(targets), IS_UNSENT)
            self._connection.execute(unsent)
            self._connection.execute(delete(t).where(t.c.id.in_(way_ids)))

    def _secrets(self, way: Way) -> dict[str, str | None]:
        return {"encrypted": encrypted_settings(self._cipher, t, way.id, way.settings)}


_CHANGE = update(t).where(t.c.id == bindparam("this"))


def all_ways(connection: Connection, cipher: Cipher) -> dict[UserId, list[Way]]:
    """Return people's ways in their order."""
    found: defaultdict[UserId, list[Way]] = defaultdict(list)
    for row in connection.execute(select(t).order_by(t.c.user_id, t.c.place)):
        found[UserId(row.user_id)].append(to_way(row, cipher))
    return dict(found)


def to_way(row: Row[Any], cipher: Cipher) -> Way:
    settings, readable = read_settings(cipher, t, row)
    return entity_of(Way, row, settings=settings, readable=readable)


def _to_row(way: Way) -> dict[str, Any]:
    failed = cut_to_fit(way.failed, t.c.failed)
    return columns_of(way, "readable") | {"settings": plain_settings(way.settings), "failed": failed}
