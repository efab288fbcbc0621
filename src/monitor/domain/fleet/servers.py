"""Servers, with their addresses, tags and linked users, and hosts that report but are not registered yet.

Checks and check-ins are stored as servers of another kind, with an id of the same sequence: their results, alerts,
policies and silences then are those of a server.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv6Address, ip_address
from operator import attrgetter
from typing import NamedTuple, NewType

from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.errors import Forbidden, InvalidInput, Problem
from monitor.domain.text import checked_name, has_invisible_characters

ServerId = NewType("ServerId", int)

MAX_SERVER_NAME = 100
MAX_TAG = 50
MAX_TAGS = 20
DEFAULT_PORT = 22


class Status(StrEnum):
    ONLINE = "online"
    OFFLINE = "offline"


class Kind(StrEnum):
    """What a row of servers is."""

    HOST = "host"
    CHECK = "check"
    CHECK_IN = "check_in"


LONGEST_VERSION = 50
LONGEST_SYSTEM = 100
_NUMBERS = re.compile(r"\d{1,9}(?:\.\d{1,9})*")


class AgentInfo(NamedTuple):
    """What an agent says of itself. *version*: "" if it is too old to say. *system*: the operating system's name."""

    version: str
    system: str

    @staticmethod
    def of(version: str, system: str) -> "AgentInfo | None":
        """Return None for texts that cannot be shown."""
        version, system = version.strip(), system.strip()
        if not version or has_invisible_characters(version + system):
            return None
        return AgentInfo(version[:LONGEST_VERSION], system[:LONGEST_SYSTEM])

    def is_older_than(self, version: str) -> bool:
        """Compare numbers, such as 0.9.2 with 0.10. A version that does not begin with a number is never older."""
        own, other = _numbers(self.version), _numbers(version)
        return not self.version or (own is not None and other is not None and own < other)


UNSAID = AgentInfo("", "")


def _numbers(version: str) -> list[int] | None:
    found = _NUMBERS.match(version)
    if found is None:
        return None
    numbers = [*map(int, found[0].split("."))]
    while numbers and not numbers[-1]:
        numbers.pop()  # 1.0 is 1.
    return numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Registered host; or a check or check-in, which has a random unused address, and the links of its host.
    *report_interval*: seconds, as its agent last declared, or of a check. *last_report_at*: stored only while it is
    offline. *host_id*: of a check. *attempts*: failures in a row after which a check is down. *paused*: of a check.
    *agent_version*, *agent_os*: see `AgentInfo`; None if it never said. *team_readers*, *team_writers*: people whom
    teams let see it, and change it; nobody is in both. `Reach` derives them from the teams; they are not stored.
    *depends_on*: servers and checks: while one is down, people are not notified that this is too."""

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
    agent_version: str | None = None
    agent_os: str | None = None
    team_readers: frozenset[UserId] = frozenset()
    team_writers: frozenset[UserId] = frozenset()
    kind: Kind = Kind.HOST
    host_id: ServerId | None = None
    attempts: int = 1
    depends_on: frozenset[ServerId] = frozenset()
    paused: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", checked_name("server_name", self.name, longest=MAX_SERVER_NAME))
        object.__setattr__(self, "ip_address", canonical_ip(self.ip_address))
        object.__setattr__(self, "tags", checked_tags(self.tags))
        if isinstance(self.port, bool) or not 1 <= self.port <= 65535:
            raise InvalidInput({"port": Problem("out_of_range", {"low": 1, "high": 65535})})

    @property
    def agent(self) -> AgentInfo | None:
        return None if self.agent_version is None else AgentInfo(self.agent_version, self.agent_os or "")

    @property
    def people(self) -> frozenset[UserId]:
        """Those who see it: linked to it, or in one of its teams."""
        if not (self.team_readers or self.team_writers):
            return self.user_ids  # shared by many servers
        return self.user_ids | self.team_readers | self.team_writers

    @property
    def is_host(self) -> bool:
        return self.kind is Kind.HOST

    @property
    def own_ids(self) -> tuple[ServerId, ...]:
        """The ids by which rules for one server mean it: a rule for a host is also one for its checks."""
        return (self.id,) if self.host_id is None else (self.id, self.host_id)

    def seen_like(self, host: "Server | None", admins: frozenset[UserId]) -> "Server":
        """Return the check with its host's people and tags; without a host, with the administrators."""
        if host is None:
            tags, user_ids, readers, writers = frozenset[str](), admins, frozenset[UserId](), frozenset[UserId]()
        else:
            tags, user_ids, readers, writers = host.tags, host.user_ids, host.team_readers, host.team_writers
        # Compared first: a change may ask very many checks, and a copy checks each field again.
        if (self.tags, self.user_ids, self.team_readers, self.team_writers) == (tags, user_ids, readers, writers):
            return self
        return replace(self, tags=tags, user_ids=user_ids, team_readers=readers, team_writers=writers)

    def is_visible_to(self, actor: Actor) -> bool:
        return self.is_changeable_by(actor) or actor.user_id in self.team_readers

    def is_changeable_by(self, actor: Actor) -> bool:
        return actor.is_admin or actor.user_id in self.user_ids or actor.user_id in self.team_writers

    def check_changeable_by(self, actor: Actor) -> None:
        """Raises Forbidden. For one who may see it."""
        if not self.is_changeable_by(actor):
            raise Forbidden

    @property
    def reported_as(self) -> tuple[str, str]:
        """What it is listed as before it is registered: its address, or the name by which a Prometheus scrapes it."""
        return self.ip_address, self.name.lower()

    def mentions(self, text: str) -> bool:
        """True if its name, address or a tag contains *text* in any case."""
        folded = text.casefold()
        return any(folded in held.casefold() for held in (self.name, self.ip_address, *self.tags))

    def with_users(self, user_ids: Iterable[UserId], actor: Actor) -> "Server":
        """Return the server linked to exactly *user_ids*, and to *actor* who could not change it otherwise."""
        own = set() if actor.is_admin or actor.user_id in self.team_writers else {actor.user_id}
        linked = frozenset(user_ids) | own
        return self if linked == self.user_ids else replace(self, user_ids=linked)

    def with_teams(self, readers: frozenset[UserId], writers: frozenset[UserId]) -> "Server":
        if readers == self.team_readers and writers == self.team_writers:
            return self
        # Not `replace`, which checks each field again: a team may have a hundred thousand servers.
        copied = object.__new__(Server)
        for put, value in zip(_PUTS, _values_of(self), strict=True):
            put(copied, value)
        object.__setattr__(copied, "team_readers", readers)
        object.__setattr__(copied, "team_writers", writers)
        return copied


_COPIED = tuple(each.name for each in fields(Server) if not each.name.startswith("team_"))
_values_of = attrgetter(*_COPIED)
_PUTS = tuple(getattr(Server, name).__set__ for name in _COPIED)


def canonical_ip(text: str) -> str:
    """Return the one spelling of an address: dotted IPv4, also of an IPv4-mapped IPv6, or compressed lower-case IPv6
    (RFC 5952). Raises InvalidInput, also for a zone ("%eth0"), which means nothing on another host."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        raise InvalidInput({"ip_address": Problem("invalid_ip")}) from None
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            raise InvalidInput({"ip_address": Problem("invalid_ip")})
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
    return str(address)


def network_of(canonical: str) -> str:
    """Return the /24 of a canonical IPv4 address, the /64 of another."""
    if ":" not in canonical:
        return f"{canonical.rpartition('.')[0]}.0/24"
    return f"{IPv6Address(int(IPv6Address(canonical)) >> 64 << 64)}/64"


def checked_tags(tags: Iterable[str], most: int = MAX_TAGS) -> frozenset[str]:
    """Return *tags* stripped; the same object if nothing changes, so that servers can share it. Raises InvalidInput
    naming "tags" for more than *most*, and for one without 1 to 50 characters or with ";" or ",", which separate tags
    in CSV."""
    checked = frozenset(tag.strip() for tag in tags)
    if len(checked) > most:
        raise InvalidInput({"tags": Problem("too_many", {"limit": most})})
    for tag in checked:
        if not tag or len(tag) > MAX_TAG or ";" in tag or "," in tag or has_invisible_characters(tag):
            raise InvalidInput({"tags": Problem("invalid_tag", {"limit": MAX_TAG})})
    return tags if isinstance(tags, frozenset) and tags == checked else checked


MAX_UNREGISTERED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class UnregisteredHost:
    """Host that reports with a fleet key, with its newest values (percent)."""

    ip_address: str
    first_seen_at: datetime
    last_seen_at: datetime
    reports: int
    cpu: float
    memory: float
    disk: float
