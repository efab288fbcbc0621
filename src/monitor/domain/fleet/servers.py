"""A watched host: its address, its port, its tags and the people linked to it.

Hosts that report with a fleet key and that nobody has registered yet.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv6Address, ip_address
from typing import NewType

from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.text import checked_name, has_invisible_characters

ServerId = NewType("ServerId", int)

MAX_SERVER_NAME = 100
MAX_TAG = 50
MAX_TAGS = 20
DEFAULT_PORT = 22


class Status(StrEnum):
    ONLINE = "online"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """*report_interval* (seconds) is what its agent last declared; *last_report_at* is kept while it is offline."""

    name: str
    ip_address: str
    created_at: datetime
    port: int = DEFAULT_PORT
    id: ServerId = ServerId(0)  # 0 until stored
    status: Status = Status.OFFLINE
    tags: frozenset[str] = frozenset()
    user_ids: frozenset[UserId] = frozenset()
    report_interval: float | None = None
    last_report_at: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", checked_name("server_name", self.name, longest=MAX_SERVER_NAME))
        object.__setattr__(self, "ip_address", canonical_ip(self.ip_address))
        object.__setattr__(self, "tags", checked_tags(self.tags))
        if isinstance(self.port, bool) or not 1 <= self.port <= 65535:
            raise InvalidInput({"port": Problem("out_of_range", {"low": 1, "high": 65535})})

    def is_visible_to(self, actor: Actor) -> bool:
        return actor.is_admin or actor.user_id in self.user_ids

    def mentions(self, text: str) -> bool:
        """In its name, its address or a tag, without regard to case."""
        folded = text.casefold()
        return any(folded in held.casefold() for held in (self.name, self.ip_address, *self.tags))

    def with_users(self, user_ids: Iterable[UserId], actor: Actor) -> "Server":
        """Linked to exactly *user_ids*; who is no admin stays linked to what they change."""
        own = set() if actor.is_admin else {actor.user_id}
        linked = frozenset(user_ids) | own
        return self if linked == self.user_ids else replace(self, user_ids=linked)


def canonical_ip(text: str, *, field: str = "ip_address") -> str:
    """IPv4 dotted, IPv6 compressed lower-case (RFC 5952), an IPv4-mapped IPv6 as its IPv4.

    Raises InvalidInput naming *field*; a zone ("%eth0") means nothing on another host and is refused.
    """
    try:
        address = ip_address(text.strip())
    except ValueError:
        raise InvalidInput({field: Problem("invalid_ip")}) from None
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            raise InvalidInput({field: Problem("invalid_ip")})
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
    return str(address)


def checked_tags(tags: Iterable[str]) -> frozenset[str]:
    """The same object where it is as it should be: servers with equal tags may share them.

    Raises InvalidInput naming "tags": at most 20, each 1 to 50 characters, no ";" or "," (they separate in CSV).
    """
    checked = frozenset(tag.strip() for tag in tags)
    if len(checked) > MAX_TAGS:
        raise InvalidInput({"tags": Problem("too_many", {"limit": MAX_TAGS})})
    for tag in checked:
        if not tag or len(tag) > MAX_TAG or ";" in tag or "," in tag or has_invisible_characters(tag):
            raise InvalidInput({"tags": Problem("invalid_tag", {"limit": MAX_TAG})})
    return tags if isinstance(tags, frozenset) and tags == checked else checked


MAX_UNREGISTERED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class UnregisteredHost:
    ip_address: str
    first_seen_at: datetime
    last_seen_at: datetime
    reports: int
    cpu: float
    memory: float
    disk: float
