"""Which servers a list shows, and in which order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from monitor.application.fleet.by_name import Listed
from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.users import User
from monitor.domain.fleet.servers import Server, ServerId, Status
from monitor.domain.fleet.sort_keys import address_key
from monitor.domain.intake.live import Live
from monitor.domain.intake.samples import Sample

Reporting = Literal["online", "offline", "never"]
WantedAlerts = Literal["any", "critical", "warning", "none"]
SortKey = Literal[
    "name",
    "status",
    "alerts",
    "cpu",
    "memory",
    "disk",
    "address",
    "port",
    "tags",
    "users",
    "report",
    "created",
    "trouble",
]
SortValue = str | bytes | float | datetime | None
_NEVER = Live()


class Firing(NamedTuple):
    """Numbers of a server's firing alerts."""

    criticals: int = 0
    warnings: int = 0


_CALM = Firing()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilter:
    """What a listed server must have; None: anything.

    *words*: in lower case; each must be in its name, address, a tag, or the name of a linked user. *tags*: all of them.
    *reporting*: `offline` are those that have reported before, `never` those that have not.
    """

    words: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    reporting: Reporting | None = None
    alerts: WantedAlerts | None = None
    silenced: bool | None = None

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
        yield lambda row: _reporting(moment.live_of(row.server)) == wanted.reporting
    if wanted.alerts is not None:
        has = _HAS_ALERTS[wanted.alerts]
        yield lambda row: has(moment.firing_on(row.server))
    if wanted.silenced is not None:
        yield lambda row: moment.is_silenced(row.server) is wanted.silenced


def _mentions(word: str, users: Mapping[UserId, User]) -> Callable[[Listed], bool]:
    named = {user_id for user_id, user in users.items() if word in user.username.lower()}
    if not named:
        return lambda row: word in row.text
    return lambda row: word in row.text or not named.isdisjoint(row.server.user_ids)


def _reporting(live: Live) -> Reporting:
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
    """Return *rows*, which are in the order of their names, in the order of *sort*.

    Equal values keep the order of names. What has no value is last in both directions.
    """
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
    if _reporting(moment.live_of(server)) == "offline":
        return 1
    return 2 if warnings else 3


def _first_user(server: Server, moment: Moment) -> str | None:
    shown = (user_id for user_id in sorted(server.user_ids) if user_id in moment.users)
    first = next(shown, None)
    return None if first is None else moment.users[first].username.lower()


_STATUSES: Mapping[Reporting, int] = {"never": 0, "offline": 1, "online": 2}
_VALUES: Mapping[SortKey, Callable[[Server, Moment], SortValue]] = {
    "status": lambda server, moment: _STATUSES[_reporting(moment.live_of(server))],
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
