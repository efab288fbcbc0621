"""Check-ins: jobs that report that they ran, and are missed if they do not.

Its pings move a check-in from state to state; `missing` says when one was missed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import isfinite
from typing import Any

from monitor.domain.errors import Conflict, InvalidInput, Problem, gathered
from monitor.domain.fleet.servers import MAX_SERVER_NAME, Kind, Server, ServerId
from monitor.domain.text import checked_name
from monitor.domain.times import check_zone

LEAST_PERIOD, LEAST_GRACE = 5.0, 1.0
LONGEST = 365 * 86_400.0
"""Seconds, of a period and of a grace."""
CRON_FIELDS = 5
MAX_SCHEDULE = 200
MOST_CHECK_INS = 10_000
MAX_PINGS_KEPT = 100
"""Of each check-in. Before they are deleted there may be a few more."""
MAX_PING_BODY = 10_000
MAX_STATUS = 255
CLOCKS_DIFFER = timedelta(seconds=60)
"""At most, those of two processes."""

_UNSTORED = ServerId(0)

NextDue = Callable[[datetime], datetime]
"""Returns the first moment after another at which the job is due."""


class TooManyCheckIns(Conflict, reason="too_many_check_ins"):
    """There are `MOST_CHECK_INS`."""


class CheckInState(StrEnum):
    """LATE is never stored: an UP one is shown so from the moment that it is due."""

    NEW = "new"
    UP = "up"
    LATE = "late"
    DOWN = "down"
    PAUSED = "paused"


class PingKind(StrEnum):
    SUCCESS = "success"
    START = "start"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """What a job sent. *number*: 1 for the first of its check-in. *duration*: seconds since the job started, if known.

    *status*: the exit status that it gave. *body*: its first bytes.
    """

    at: datetime
    kind: PingKind
    address: str
    status: int | None = None
    body: bytes = b""
    duration: float | None = None
    number: int = 0  # 0 until noted


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """A job that is to report every *period*, or at the ticks of *schedule* (cron) by the clocks of *timezone*.

    *grace*: how late it may be. Durations in seconds. *host_id*: the server that it runs on. *ping_key*: the secret in
    the address of its pings. *started_at*: of a run that goes on. *last_duration*: of the last run that ended, if its
    start is known. *due_at*: when it is expected. *down_at*: when it is too late; None unless it is UP or was missed.
    *excused_at*: when it was first excused from being too late since it was due, because this server had been deaf.
    *failure_is_new*: it has reported a failure that no alert has followed yet.
    """

    name: str
    grace: float
    created_at: datetime
    period: float | None = None
    schedule: str | None = None
    timezone: str = "UTC"
    id: ServerId = _UNSTORED
    host_id: ServerId | None = None
    ping_key: str = ""
    state: CheckInState = CheckInState.NEW
    pings: int = 0
    last_ping_at: datetime | None = None
    last_duration: float | None = None
    started_at: datetime | None = None
    due_at: datetime | None = None
    down_at: datetime | None = None
    excused_at: datetime | None = None
    failure_is_new: bool = False

    def __post_init__(self) -> None:
        problems: dict[str, Problem] = {}
        with gathered(problems):
            object.__setattr__(self, "name", checked_name("name", self.name, longest=MAX_SERVER_NAME))
        with gathered(problems):
            _check_seconds("grace", self.grace, LEAST_GRACE)
        with gathered(problems):
            if (self.period is None) == (self.schedule is None):
                raise InvalidInput({"period": Problem("period_or_schedule")})
            if self.period is not None:
                _check_seconds("period", self.period, LEAST_PERIOD)
            if self.schedule is not None:
                object.__setattr__(self, "schedule", _one_spaced(self.schedule))
        with gathered(problems):
            check_zone("timezone", self.timezone)
        if problems:
            raise InvalidInput(problems)

    @property
    def _timetable(self) -> tuple[Any, ...]:
        return self.period, self.schedule, self.timezone, self.grace

    def as_server(self, ip_address: str) -> Server:
        """Return its row in `servers`. *ip_address*: one that nobody has."""
        return Server(
            name=self.name, ip_address=ip_address, created_at=self.created_at, kind=Kind.CHECK_IN, host_id=self.host_id
        )

    def state_at(self, now: datetime) -> CheckInState:
        """Return the state as people see it."""
        is_late = self.state is CheckInState.UP and self.due_at is not None and self.due_at <= now
        return CheckInState.LATE if is_late else self.state

    @property
    def was_missed(self) -> bool:
        """Tell whether it is down since no ping came, not because one reported a failure."""
        return self.state is CheckInState.DOWN and self.down_at is not None

    def pinged(self, ping: Ping, next_due: NextDue) -> tuple["CheckIn", Ping]:
        """Return it after *ping*, and the ping as it is noted.

        A paused one notes its pings, and stays paused. A start alone changes no state: whether the job works shows at
        its end. Pings count in the order in which they are noted; none is earlier than the one before it, since the
        clocks of two processes differ, unless by more than `CLOCKS_DIFFER`: then the clock was wrong before.
        """
        at = ping.at
        if self.last_ping_at is not None and self.last_ping_at <= ping.at + CLOCKS_DIFFER:
            at = max(ping.at, self.last_ping_at)
        is_start = ping.kind is PingKind.START
        begun = None if is_start or self.started_at is None or self.started_at > at else self.started_at
        duration = None if begun is None else (at - begun).total_seconds()
        noted = replace(ping, at=at, number=self.pings + 1, duration=duration)
        after = replace(
            self,
            pings=noted.number,
            last_ping_at=at,
            started_at=at if is_start else None,
            last_duration=self.last_duration if is_start else duration,
        )
        if is_start or self.state is CheckInState.PAUSED:
            return after, noted
        if ping.kind is PingKind.FAIL:
            down = replace(after._idle(), state=CheckInState.DOWN, due_at=next_due(at), failure_is_new=True)
            return down, noted
        return after._up(next_due(at)), noted

    def missed(self) -> "CheckIn":
        return replace(self, state=CheckInState.DOWN)

    def followed(self) -> "CheckIn":
        return replace(self, failure_is_new=False)

    def excused(self, now: datetime) -> "CheckIn":
        return self if self.excused_at is not None else replace(self, excused_at=now)

    def paused(self) -> "CheckIn":
        return replace(self._idle(), state=CheckInState.PAUSED)

    def resumed(self) -> "CheckIn":
        """Return it as a new one if it is paused: it is missed only after its next ping."""
        return replace(self._idle(), state=CheckInState.NEW) if self.state is CheckInState.PAUSED else self

    def changed(self, wanted: "CheckIn", next_due: NextDue, now: datetime) -> "CheckIn":
        """Return it with the name, server and timetable of *wanted*.

        With another timetable it has its full time again, so that nobody is called because of the change itself.
        *next_due*: by the new one.
        """
        names = ("name", "host_id", "period", "schedule", "timezone", "grace")
        after = replace(self, **{name: getattr(wanted, name) for name in names})
        if after._timetable == self._timetable or self.state is not CheckInState.UP:
            return after
        return after._up(next_due(now))

    def _up(self, due_at: datetime) -> "CheckIn":
        down_at = due_at + timedelta(seconds=self.grace)
        return replace(self, state=CheckInState.UP, due_at=due_at, down_at=down_at, excused_at=None)

    def _idle(self) -> "CheckIn":
        return replace(self, started_at=None, due_at=None, down_at=None, excused_at=None, failure_is_new=False)


def _check_seconds(field: str, value: float, least: float) -> None:
    if isinstance(value, bool) or not isfinite(value) or not least <= value <= LONGEST:
        raise InvalidInput({field: Problem("out_of_range", {"low": int(least), "high": int(LONGEST)})})


def _one_spaced(schedule: str) -> str:
    """Return it with single spaces. Raises InvalidInput unless it has five fields; what these say the port checks."""
    fields = schedule.split()
    if len(fields) != CRON_FIELDS or len(schedule) > MAX_SCHEDULE or not schedule.isascii():
        raise InvalidInput({"schedule": Problem("invalid_schedule")})
    return " ".join(fields)
