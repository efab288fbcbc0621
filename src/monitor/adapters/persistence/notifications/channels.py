"""Channels in SQL, their secrets encrypted."""

from dataclasses import replace
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection, Row, delete, select, update

from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import columns_of, entity_of, found_row, insert_row
from monitor.adapters.persistence.notifications.secret_settings import (
    encrypted_settings,
    plain_settings,
    read_settings,
    reencrypt,
)
from monitor.adapters.persistence.tables.notifications import IS_UNSENT, notifications
from monitor.adapters.persistence.tables.notifications import channels as t
from monitor.application.fleet.ports import Tracked
from monitor.application.notifications.ports import Channels
from monitor.application.ports import Cipher
from monitor.domain.errors import InvalidInput, NotFound
from monitor.domain.fleet.teams import TeamId
from monitor.domain.notifications.channels import EVERYTHING, Channel, ChannelId, ChannelScope
from monitor.domain.text import as_read

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(ChannelScope).decode
_NOTHING = ChannelScope(team_id=TeamId(0))
"""No team has this id."""
log = structlog.get_logger()


class SqlChannels(SqlRepository, Channels):
    def add(self, channel: Channel) -> Channel:
        channel = replace(channel, id=ChannelId(insert_row(self._connection, t, _to_row(channel))))
        # In a second statement: encryption needs the id.
        self._connection.execute(update(t).where(t.c.id == channel.id).values(self._secrets(channel)))
        self._log.note(Tracked.CHANNELS)
        return channel

    def get(self, channel_id: ChannelId) -> Channel:
        wanted = select(t).where(t.c.id == channel_id).with_for_update()
        return to_channel(found_row(self._connection, wanted, f"channel {channel_id}"), self._cipher)

    def save(self, channel: Channel) -> None:
        values = _to_row(channel) | (self._secrets(channel) if channel.readable else {})
        result = self._connection.execute(update(t).where(t.c.id == channel.id).values(values))
        if not result.rowcount:
            raise NotFound(f"no channel {channel.id}")
        self._log.note(Tracked.CHANNELS)

    def delete(self, channel_id: ChannelId) -> None:
        self.get(channel_id)  # locks it, so that no notification is added for it
        self._connection.execute(delete(notifications).where(notifications.c.channel_id == channel_id, IS_UNSENT))
        self._connection.execute(delete(t).where(t.c.id == channel_id))
        self._log.note(Tracked.CHANNELS)
        self._log.note(Tracked.ROSTER)  # steps that name it

    def all(self) -> list[Channel]:
        return all_channels(self._connection, self._cipher)

    def reencrypt(self) -> None:
        if reencrypt(self._connection, self._cipher, t):
            self._log.note(Tracked.CHANNELS)

    def _secrets(self, channel: Channel) -> dict[str, str | None]:
        return {"encrypted": encrypted_settings(self._cipher, t, channel.id, channel.settings)}


def all_channels(connection: Connection, cipher: Cipher) -> list[Channel]:
    return [to_channel(row, cipher) for row in connection.execute(select(t).order_by(t.c.id))]


def to_channel(row: Row[Any], cipher: Cipher) -> Channel:
    settings, readable = read_settings(cipher, t, row)
    name, scope = as_read(row.name), _to_scope(row)
    return entity_of(Channel, row, name=name, settings=settings, scope=scope, readable=readable)


def _to_scope(row: Row[Any]) -> ChannelScope:
    if row.scope is None:
        return EVERYTHING
    try:
        return _decode(row.scope)
    except (InvalidInput, msgspec.MsgspecError) as error:
        log.warning("the scope of a channel cannot be read", channel=row.id, error=repr(error))
        return _NOTHING


def _to_row(channel: Channel) -> dict[str, Any]:
    scope = None if channel.scope == EVERYTHING else _encode(channel.scope).decode()
    return columns_of(channel, "readable") | {"settings": plain_settings(channel.settings), "scope": scope}
