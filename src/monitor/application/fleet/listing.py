"""Which servers a list shows, and in which order."""

import re
import unicodedata
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from monitor.application.fleet.directory import EMPTY
from monitor.application.fleet.visibility import VisibleFleet
from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.users import User
from monitor.domain.fleet.servers import Server, ServerId, Status, network_of
from monitor.domain.fleet.teams import NO_TEAMS, Reach
from monitor.domain.intake.live import Live
from monitor.domain.intake.samples import Sample

Reporting = Literal["online", "offline", "never"]
WantedAlerts = Literal["any", "critical", "warning", "none"]
Without = Literal["tag", "team"]
SortKey = Literal[
    "name", "status", "alerts", "cpu", "memory", "disk", "address", "port", "tags", "users", "report", "created",
    "trouble",
]  # fmt: skip
SortValue = str | bytes | float | datetime | None
_NEVER = Live()
_NUMBER = re.compile("[0-9]+")
MOST_MOVED = 1000
"""Changed servers that are moved one by one. A sort of a hundred thousand holds up all other threads for 60 ms."""


def name_key(name: str) -> str:
    """Return a key for the natural order: web-2 before web-10, whatever the case, and é beside e. Before each number
    stands how many digits it has, so that numbers sort among other characters as digits do."""
    folded = name.casefold()
    if not folded.isascii():
        folded = "".join(each for each in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(each))
    return _NUMBER.sub(_with_length, folded)


def _with_length(found: re.Match[str]) -> str:
    digits = found[0].lstrip("0")
    return f"0{chr(len(digits))}{digits}"


def address_key(canonical: str) -> bytes:
    """Return a key for a canonical address: 10.0.0.9 before 10.0.0.10, and IPv4 before IPv6."""
    if ":" in canonical:
        return b"6" + ip_address(canonical).packed
    return b"4" + bytes(map(int, canonical.split(".")))


class Listed(NamedTuple):
    """A server as lists need it. *order*: sorts by name, then id. *text*: what a search looks at, in lower case."""

    server: Server
    order: str
    text: str

    @staticmethod
    def of(server: Server) -> "Listed":
        # The id makes each key the only one.
        order = f"{name_key(server.name)}\0{server.id:010d}"
        return Listed(server, order, "\n".join((server.name, server.ip_address, *server.tags)).lower())


_order = attrgetter("order")


class ByName:
    """Servers in the order of their names, for one thread at a time. The first sort of a hundred thousand takes 0.4 s,
    a change some hundredths of a second."""

    def __init__(self) -> None:
        self._of: Mapping[ServerId, Server] = EMPTY.servers
        self._by_id: dict[ServerId, Listed] = {}
        self._all: list[Listed] = []

    def sorted(self, visible: VisibleFleet) -> Sequence[Listed]:
        """Return the servers that are visible, by name, then id. Valid until the next call."""
        self._follow(visible.directory.servers)
        if visible.actor.is_admin:
            return self._all
        return sorted((self._by_id[server.id] for server in visible.servers), key=_order)

    def _follow(self, servers: Mapping[ServerId, Server]) -> None:
        if servers is self._of:
            return
        rows = self._by_id
        gone = [row for id_, row in rows.items() if servers.get(id_) is not row.server]
        for row in gone:
            del rows[row.server.id]
        added = [Listed.of(server) for id_, server in servers.items() if id_ not in rows]
        rows.update((row.server.id, row) for row in added)
        if len(gone) + len(added) > MOST_MOVED:
            self._all = sorted(rows.values(), key=_order)
        else:
            for row in gone:
                del self._all[bisect_left(self._all, row.order, key=_order)]
            for row in added:
                insort(self._all, row, key=_order)
        self._of = servers


class Firing(NamedTuple):
    """Numbers of a server's firing alerts."""

    criticals: int = 0
    warnings: int = 0


_CALM = Firing()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilter:
    """What a listed server must have; None: anything. *words*: in lower case; each must be in its name, address, a tag,
    or the name of a linked user. *tags*: all of them. *reporting*: `offline` reported before, unlike `never`.
    *network*: as `network_of` writes it. *team*: by name. *without*: it has no tag at all, or is in no team."""

    words: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    reporting: Reporting | None = None
    alerts: WantedAlerts | None = None
    silenced: bool | None = None
    network: str | None = None
    team: str | None = None
    without: frozenset[Without] = frozenset()

    @staticmethod
    def words_of(text: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(text.lower().split()))


class Sort(NamedTuple):
    key: SortKey = "name"
    is_down: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """What lists need to know of servers, apart from the servers themselves. *is_silenced*: by any silence."""

    live: Mapping[ServerId, Live]
    firing: Mapping[ServerId, Firing]
    is_silenced: Callable[[Server], bool]
    users: Mapping[UserId, User]
    reach: Reach = NO_TEAMS

    def live_of(self, server: Server) -> Live:
        return self.live.get(server.id, _NEVER)

    def sample_of(self, server: Server) -> Sample | None:
        """Return its newest values, unless it is offline: they would place it as if it still had them."""
        live = self.live_of(server)
        return live.sample if live.status is Status.ONLINE else None

    def firing_on(self, server: Server) -> Firing:
        return self.firing.get(server.id, _CALM)


def matching(rows: Iterable[Listed], wanted: ListFilter, moment: Moment) -> list[Listed]:
    """Return those of *rows* that have all that is wanted, in the same order."""
    found = list(rows)
    for matches in _tests(wanted, moment):
        found = [row for row in found if matches(row)]
    return found


def _tests(wanted: ListFilter, moment: Moment) -> Iterable[Callable[[Listed], bool]]:
    if wanted.tags:
        yield lambda row: wanted.tags <= row.server.tags
    for word in wanted.words:
        yield _mentions(word, moment.users)
    if wanted.reporting is not None:
        yield lambda row: reporting(moment.live_of(row.server)) == wanted.reporting
    if wanted.alerts is not None:
        has = _HAS_ALERTS[wanted.alerts]
        yield lambda row: has(moment.firing_on(row.server))
    if wanted.silenced is not None:
        yield lambda row: moment.is_silenced(row.server) is wanted.silenced
    if wanted.network is not None:
        yield lambda row: network_of(row.server.ip_address) == wanted.network
    if wanted.team is not None:
        yield lambda row: any(team.name == wanted.team for team in moment.reach.teams_of(row.server))
    if "tag" in wanted.without:
        yield lambda row: not row.server.tags
    if "team" in wanted.without:
        yield lambda row: not moment.reach.teams_of(row.server)


def _mentions(word: str, users: Mapping[UserId, User]) -> Callable[[Listed], bool]:
    named = {user_id for user_id, user in users.items() if word in user.username.lower()}
    if not named:
        return lambda row: word in row.text
    return lambda row: word in row.text or not named.isdisjoint(row.server.user_ids)


def reporting(live: Live) -> Reporting:
    if live.last_report_at is None:
        return "never"
    return "online" if live.status is Status.ONLINE else "offline"


_HAS_ALERTS: Mapping[WantedAlerts, Callable[[Firing], bool]] = {
    "any": any,
    "critical": lambda firing: firing.criticals > 0,
    "warning": lambda firing: firing.warnings > 0,
    "none": lambda firing: not any(firing),
}


def ordered(rows: Sequence[Listed], sort: Sort, moment: Moment) -> list[Listed]:
    """Return *rows*, which are sorted by name, in the order of *sort*. Equal values keep the order of names. What has
    no value is last in both directions."""
    if sort.key == "name":
        return list(reversed(rows)) if sort.is_down else list(rows)
    value_of = _VALUES[sort.key]
    # Numbers of rows instead of pairs: a hundred thousand pairs would start a garbage collection.
    values: list[Any] = [value_of(row.server, moment) for row in rows]
    known = [number for number, value in enumerate(values) if value is not None]
    known.sort(key=values.__getitem__, reverse=sort.is_down)  # stable in both directions
    found = [rows[number] for number in known]
    if len(found) < len(rows):
        found += [row for row, value in zip(rows, values, strict=True) if value is None]
    return found


def _alerts(firing: Firing) -> int:
    """One critical alert counts more than any number of warnings."""
    return firing.criticals * 1000 + firing.warnings


def _trouble(server: Server, moment: Moment) -> int:
    criticals, warnings = moment.firing_on(server)
    if criticals:
        return 0
    if reporting(moment.live_of(server)) == "offline":
        return 1
    return 2 if warnings else 3


def _first_user(server: Server, moment: Moment) -> str | None:
    shown = (user_id for user_id in sorted(server.user_ids) if user_id in moment.users)
    first = next(shown, None)
    return None if first is None else moment.users[first].username.lower()


_STATUSES: Mapping[Reporting, int] = {"never": 0, "offline": 1, "online": 2}
_VALUES: Mapping[SortKey, Callable[[Server, Moment], SortValue]] = {
    "status": lambda server, moment: _STATUSES[reporting(moment.live_of(server))],
    "alerts": lambda server, moment: _alerts(moment.firing_on(server)),
    "cpu": lambda server, moment: (sample := moment.sample_of(server)) and sample.cpu,
    "memory": lambda server, moment: (sample := moment.sample_of(server)) and sample.memory,
    "disk": lambda server, moment: (sample := moment.sample_of(server)) and sample.disk,
    "address": lambda server, _: address_key(server.ip_address),
    "port": lambda server, _: server.port,
    "tags": lambda server, _: min(server.tags).lower() if server.tags else None,
    "users": _first_user,
    "report": lambda server, moment: moment.live_of(server).last_report_at,
    "created": lambda server, _: server.created_at,
    "trouble": _trouble,
}
