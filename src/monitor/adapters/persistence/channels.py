from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, select, update

from monitor.adapters.persistence.fleet_changes import FleetChanges
from monitor.adapters.persistence.inserted import insert_row
from monitor.adapters.persistence.notifications import delete_unsent
from monitor.adapters.persistence.tables import channels as t
from monitor.adapters.persistence.tables import notifications
from monitor.application.ports.channels import Channels
from monitor.domain.channels import Channel, ChannelId
from monitor.domain.errors import NotFound
from monitor.domain.text import as_read

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str]).decode


class SqlChannels(Channels):
    def __init__(self, connection: Connection, changes: FleetChanges) -> None:
        self._connection = connection
        self._changes = changes

    def add(self, channel: Channel) -> Channel:
        channel = replace(channel, id=ChannelId(insert_row(self._connection, t, _to_row(channel))))
        self._changes.note()
        return channel

    def get(self, channel_id: ChannelId) -> Channel:
        row = self._connection.execute(select(t).where(t.c.id == channel_id).with_for_update()).one_or_none()
        if row is None:
            raise NotFound(f"no channel {channel_id}")
        return to_channel(row)

    def save(self, channel: Channel) -> None:
        result = self._connection.execute(update(t).where(t.c.id == channel.id).values(_to_row(channel)))
        if not result.rowcount:
            raise NotFound(f"no channel {channel.id}")
        self._changes.note()

    def delete(self, channel_id: ChannelId) -> None:
        self.get(channel_id)  # locked first: from now on nobody adds a notification for it
        delete_unsent(self._connection, notifications.c.channel_id == channel_id)
        self._connection.execute(delete(t).where(t.c.id == channel_id))
        self._changes.note()

    def all(self) -> list[Channel]:
        return all_channels(self._connection)


def all_channels(connection: Connection) -> list[Channel]:
    return [to_channel(row) for row in connection.execute(select(t).order_by(t.c.id))]


def to_channel(row: Row[Any]) -> Channel:
    return Channel(
        id=ChannelId(row.id),
        name=as_read(row.name),
        kind=row.kind,
        settings=_decode(row.settings),
        least_level=row.least_level,
        enabled=row.enabled,
        created_at=row.created_at,
    )


def _to_row(channel: Channel) -> dict[str, Any]:
    return {
        "name": channel.name,
        "kind": channel.kind,
        "settings": _encode(channel.settings).decode(),
        "least_level": channel.least_level,
        "enabled": channel.enabled,
        "created_at": channel.created_at,
    }
