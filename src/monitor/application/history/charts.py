"""Chart data: series of one server, and the last hour of many servers for sparklines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.fleet.fleet import Fleet
from monitor.application.history import tiers
from monitor.application.history.ports import MinuteAverages, Queries
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.errors import InvalidInput, NotFound, Problem
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.history.rollups import folded
from monitor.domain.history.series import Series, bucket_width, bucketed_series, raw_series, rolled_series
from monitor.domain.intake.samples import COLUMN_METRICS, FUTURE_TOLERANCE, METRIC_NAME
from monitor.domain.preferences import Preferences
from monitor.domain.times import SECOND, microseconds, moment

DEFAULT_POINTS = 1000
_POINTS_OF_A_WEEK = 1010
"""Default for a week: enough for all ten-minute buckets of 7 days and a minute."""
MAX_POINTS = 20_000
MAX_METRICS = 20
MAX_SERVERS = 200
MINUTES = 60
DEFAULT_RANGE = timedelta(hours=24)
# A minute more, since samples may have times of up to a minute in the future.
_EVERY_SAMPLE = timedelta(hours=24) + FUTURE_TOLERANCE
_TEN_MINUTES = timedelta(days=7) + FUTURE_TOLERANCE
_HALF_DAY = 43_200


@dataclass(frozen=True, slots=True)
class ReadSeries:
    queries: Queries
    clock: Clock
    fleet: Fleet

    def __call__(
        self,
        actor: Actor,
        server_id: ServerId,
        *,
        metrics: Sequence[str] = COLUMN_METRICS,
        start: datetime | None = None,
        end: datetime | None = None,
        points: int | None = None,
        kind: Kind = Kind.HOST,
    ) -> Series:
        """Return at most *points* points of start <= time < end, by default of the last 24 hours.

        *points*: default 1,000, or all ten-minute buckets of a week. Ranges above 24 hours are computed from rollups.
        Raises InvalidInput, and NotFound for a server the actor may not see, or of another *kind*.
        """
        server = self.fleet.visible_to(actor).find(server_id)
        if server is not None and server.kind is not kind:
            raise NotFound(f"no {kind} {server_id}")
        end = end or self.clock.now()
        start = start or max(end, moment(0)) - DEFAULT_RANGE  # nothing was measured before 1970
        names = _checked(metrics, start, end, points)
        tier = _tier(start, end, self.clock.now(), self.fleet.directory.preferences)
        points = points or (_POINTS_OF_A_WEEK if tier == 600 else DEFAULT_POINTS)
        if tier is None:
            frame = tiers.frame(self.queries, actor, server_id, start, end, names)
            if len(frame) <= points:
                return raw_series(frame, names)
            return bucketed_series(frame, names, bucket_width(start, end, points))
        width = bucket_width(start, end, points, tier)
        first, last = _whole(start, end, width)
        if width % _HALF_DAY == 0:
            tier, found = _HALF_DAY, tiers.half_days(self.queries, actor, server_id, first, last, names)
        else:
            found = tiers.rollups(self.queries, actor, server_id, tier, first, last, names)
        return rolled_series(found if width == tier else folded(found, width * SECOND), names, width)


def _tier(start: datetime, end: datetime, now: datetime, kept: Preferences) -> int | None:
    """Return the seconds of the rollups to read: the finest that suits the range and still exists. None: samples."""
    if end - start <= _EVERY_SAMPLE and start >= now - kept.samples_kept:
        return None
    is_short = end - start <= _TEN_MINUTES and start >= now - timedelta(days=kept.ten_minute_days)
    return 600 if is_short else 3600


def _whole(start: datetime, end: datetime, width: int) -> tuple[int, int]:
    """Extend the range to whole buckets, from 1970 at the earliest, in microseconds."""
    each = width * SECOND
    return max(microseconds(start) // each * each, 0), max(-(-microseconds(end) // each) * each, 0)


def _checked(metrics: Sequence[str], start: datetime, end: datetime, points: int | None) -> list[str]:
    names = list(dict.fromkeys(metrics))
    problems: dict[str, Problem] = {}
    if start >= end:
        problems["start"] = Problem("not_before_end")
    if points is not None and not 1 <= points <= MAX_POINTS:
        problems["points"] = Problem("out_of_range", {"low": 1, "high": MAX_POINTS})
    if not names:
        problems["metrics"] = Problem("required")
    elif len(names) > MAX_METRICS:
        problems["metrics"] = Problem("too_many", {"limit": MAX_METRICS})
    elif not all(METRIC_NAME.fullmatch(name) for name in names):
        problems["metrics"] = Problem("invalid_metric_name")
    if problems:
        raise InvalidInput(problems)
    return names


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """One average per minute from *start* on."""

    start: datetime
    servers: MinuteAverages


@dataclass(frozen=True, slots=True)
class ReadRecent:
    queries: Queries
    clock: Clock

    def __call__(self, actor: Actor, server_ids: Sequence[ServerId], metrics: Sequence[str]) -> Recent:
        """Return averages of 60 minutes, the current one last, without servers the actor may not see.

        Raises InvalidInput unless there are 1 to 200 servers and one or more of cpu, memory and disk.
        """
        wanted = list(dict.fromkeys(server_ids))
        problems: dict[str, Problem] = {}
        if not wanted:
            problems["server_ids"] = Problem("required")
        elif len(wanted) > MAX_SERVERS:
            problems["server_ids"] = Problem("too_many", {"limit": MAX_SERVERS})
        if not metrics:
            problems["metrics"] = Problem("required")
        elif not set(metrics) <= set(COLUMN_METRICS):
            problems["metrics"] = Problem("not_one_of", {"choices": ", ".join(COLUMN_METRICS)})
        if problems:
            raise InvalidInput(problems)
        start = self.clock.now().replace(second=0, microsecond=0) - timedelta(minutes=MINUTES - 1)
        names = list(dict.fromkeys(metrics))
        return Recent(start=start, servers=self.queries.samples.minutes(actor, wanted, names, start, MINUTES))
