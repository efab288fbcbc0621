from dataclasses import replace

from monitor.adapters.memory.cascades import forget_unsent
from monitor.adapters.memory.database import Database
from monitor.adapters.memory.state import Draft
from monitor.application.ports.channels import Channels
from monitor.domain.channels import Channel, ChannelId
from monitor.domain.errors import NotFound
from monitor.domain.notifications import Target


class MemoryChannels(Channels):
    def __init__(self, database: Database, draft: Draft) -> None:
        self._database = database
        self._draft = draft

    def add(self, channel: Channel) -> Channel:
        channel = replace(channel, id=ChannelId(self._database.next_id("channels")))
        self._put(channel)
        return channel

    def get(self, channel_id: ChannelId) -> Channel:
        if (channel := self._draft.channels.get(channel_id)) is None:
            raise NotFound(f"no channel {channel_id}")
        return channel

    def save(self, channel: Channel) -> None:
        self.get(channel.id)
        self._put(channel)

    def delete(self, channel_id: ChannelId) -> None:
        self.get(channel_id)
        del self._draft.channels[channel_id]
        forget_unsent(self._draft, Target(channel_id=channel_id))
        self._draft.fleet_changed = True

    def all(self) -> list[Channel]:
        return [channel for _, channel in sorted(self._draft.channels.items())]

    def encrypt_anew(self) -> int:
        return 0

    def _put(self, channel: Channel) -> None:
        # A copy of the settings: the caller may go on changing theirs.
        self._draft.channels[channel.id] = replace(channel, settings=dict(channel.settings))
        self._draft.fleet_changed = True
