"""Channels, also those whose sender is a function of the program."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.application.notifications.channels import ManageChannels
from monitor.application.notifications.sender_ports import ChannelSender, Message, SendResult, SendStatus
from monitor.domain.alerts.alert import EventKind
from monitor.domain.errors import Conflict
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelForm, ChannelKind, ChannelScope
from monitor.library.asked import Group, only

CODE = ChannelKind("code")
LONGEST_ERROR = 300


@dataclass(frozen=True, slots=True)
class SentItem:
    """What a message says of one event. *level*: such as `critical`. *value*: the newest one."""

    kind: EventKind
    at: datetime
    server: str
    metric: str
    level: str
    value: float | None


Send = Callable[[list[SentItem]], object]


class CodeSender(ChannelSender):
    """Sends by the function that the program gave for a channel. One that raises is called again, as for any outbox."""

    form = ChannelForm(kind=CODE, label=("程序", "Program"), settings=())

    def __init__(self) -> None:
        self.functions: dict[str, Send] = {}

    def send(self, channel: Channel, message: Message) -> SendResult:
        function = self.functions.get(channel.name)
        if function is None:
            return SendResult(SendStatus.RETRY, "no program takes what goes to this channel")
        items = [
            SentItem(each.event_kind, each.at, each.server_name, each.alert.metric, each.level.name.lower(), each.value)
            for each in message.items
        ]
        message.confirm()
        try:
            function(items)
        except Exception as error:
            return SendResult(SendStatus.RETRY, f"{type(error).__name__}: {error}"[:LONGEST_ERROR])
        return SendResult(SendStatus.SENT)


class Channels(Group):
    """`core.channels`: where messages go besides people's own ways."""

    def add(
        self,
        name: str,
        *,
        send: Send | None = None,
        kind: str = "code",
        settings: Mapping[str, str] | None = None,
        tag: str | None = None,
        least_level: Level = Level.WARNING,
    ) -> Channel:
        """Add a channel. *send*: a function that gets the items of each message; if it raises, it is called again
        later. Without it, *kind* and *settings* say where messages go, such as `webhook` and its `url`. *tag*: of the
        servers whose alerts it gets; None: of all.

        A channel with *send* that the database has already gets the function. Raises InvalidInput, Forbidden, Conflict.
        """
        wanted = ChannelKind(CODE if send is not None else kind)
        with self._working() as container:
            sender = container.shared.senders().get(CODE)
            if send is not None and isinstance(sender, CodeSender):
                sender.functions[name] = send
            known = next((c for c in self.list() if c.name == name and c.kind == wanted), None)
            if known is not None:
                if send is None:
                    raise Conflict
                return known
            channel = Channel(
                name=name,
                kind=wanted,
                settings=dict(settings or {}),
                scope=ChannelScope(tag=tag),
                least_level=least_level,
                created_at=container.clock.now(),
            )
            return container.get(ManageChannels).create(self.actor, channel)

    def list(self) -> list[Channel]:
        """Return all channels. Raises Forbidden for who is no administrator."""
        self.actor.must_be_admin()
        with self._working() as container:
            return [*container.fleet.directory.channels.values()]

    def change(self, channel: "str | Channel", **changes: Any) -> Channel:
        """Change *name*, *settings*, *least_level*, *scope* or *enabled*. Raises InvalidInput, NotFound, Forbidden."""
        found = only(each for each in self.list() if channel in (each, each.name))
        with self._working() as container:
            return container.get(ManageChannels).change(self.actor, found.id, **changes)

    def remove(self, channel: "str | Channel") -> None:
        """Delete a channel with what waits for it. Raises NotFound, Forbidden."""
        found = only(each for each in self.list() if channel in (each, each.name))
        with self._working() as container:
            container.get(ManageChannels).delete(self.actor, found.id)
