"""Where notifications go besides people's mailboxes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from monitor.domain.alert_engine import Level
from monitor.domain.text import checked_name

ChannelId = NewType("ChannelId", int)
MAX_CHANNEL_NAME = 100
PLAIN_SETTINGS = frozenset({"address", "locale"})
"""All others may hold secrets: the address of a chat robot is its token."""


class ChannelKind(StrEnum):
    """EMAIL: another mailbox, such as a team's. APPRISE: whatever that library reaches (DingTalk, Feishu, Slack …)."""

    EMAIL = "email"
    WEBHOOK = "webhook"
    APPRISE = "apprise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """*settings* by kind; the adapter of that kind checks them. What is secret in them is never shown again.

    *readable*: False where the secret ones are stored and cannot be decrypted; *settings* then lack them.
    """

    name: str
    kind: ChannelKind
    settings: Mapping[str, str]
    created_at: datetime
    least_level: Level = Level.WARNING
    enabled: bool = True
    readable: bool = True
    id: ChannelId = ChannelId(0)  # 0 until stored

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", checked_name("name", self.name, longest=MAX_CHANNEL_NAME))

    @property
    def mailbox(self) -> str | None:
        """Where it is one: compared without regard to case."""
        return self.settings.get("address", "").strip().casefold() if self.kind is ChannelKind.EMAIL else None

    def goes_where(self, other: "Channel") -> bool:
        """Whether both tell the same place."""
        if self.kind is not other.kind or not (self.readable and other.readable):
            return False
        return self.mailbox == other.mailbox and self.settings.get("url") == other.settings.get("url")
