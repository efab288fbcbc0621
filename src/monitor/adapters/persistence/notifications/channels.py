"""Channels in SQL, their secrets encrypted."""

from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, select, update

from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import columns_of, entity_of, found_row, insert_row, without_traces
from monitor.adapters.persistence.tables.notifications import IS_UNSENT, notifications
from monitor.adapters.persistence.tables.notifications import channels as t
from monitor.application.fleet.ports import Tracked
from monitor.application.notifications.ports import Channels
from monitor.application.ports import Cipher
from monitor.domain.errors import NotFound, SecretUnreadable
from monitor.domain.notifications.channels import PLAIN_SETTINGS, Channel, ChannelId
from monitor.domain.text import as_read

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str]).decode


class SqlChannels(SqlRepository, Channels):
    """Column *encrypted*: the secret settings as JSON, bound to the row's id. Column *settings*: the plain ones."""

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

    def all(self) -> list[Channel]:
        return all_channels(self._connection, self._cipher)

    def reencrypt(self) -> None:
        old = [row for row in self._connection.execute(select(t).with_for_update()) if not self._is_current(row)]
        readable = [channel for row in old if (channel := to_channel(row, self._cipher)).readable]
        with without_traces(self._connection):
            for channel in readable:
                self.save(channel)

    def _is_current(self, row: Row[Any]) -> bool:
        is_encrypted_now = row.encrypted is None or self._cipher.is_current(row.encrypted)
        return is_encrypted_now and _decode(row.settings).keys() <= PLAIN_SETTINGS

    def _secrets(self, channel: Channel) -> dict[str, str | None]:
        secrets = {name: value for name, value in channel.settings.items() if name not in PLAIN_SETTINGS}
        text = _encode(secrets).decode()
        return {"encrypted": self._cipher.encrypt(text, _place(channel.id)) if secrets else None}


def all_channels(connection: Connection, cipher: Cipher) -> list[Channel]:
    return [to_channel(row, cipher) for row in connection.execute(select(t).order_by(t.c.id))]


def to_channel(row: Row[Any], cipher: Cipher) -> Channel:
    """Read a row. A secret in plain text is newer than an encrypted one: an older version that still runs wrote it."""
    settings, readable = _decode(row.settings), True
    if row.encrypted is not None:
        try:
            settings = _decode(cipher.decrypt(row.encrypted, _place(row.id))) | settings
        except SecretUnreadable:
            readable = not settings.keys() <= PLAIN_SETTINGS
    return entity_of(Channel, row, name=as_read(row.name), settings=settings, readable=readable)


def _place(channel_id: int) -> str:
    return f"channels.encrypted:{channel_id}"


def _to_row(channel: Channel) -> dict[str, Any]:
    plain = {name: value for name, value in channel.settings.items() if name in PLAIN_SETTINGS}
    return columns_of(channel, "readable") | {"settings": _encode(plain).decode()}
