"""Read the samples of one server by the hour, and only the hours that are asked for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from math import inf

from monitor.application.alerts.ports import Queries
from monitor.application.history import tiers
from monitor.application.history.ports import RawHour
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.outlooks import outlook_of
from monitor.domain.alerts.past_hours import Hour, PastHours
from monitor.domain.alerts.policies import Policy
from monitor.domain.alerts.ranges import Extremes, Range
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import DECLARED, Frame, cut, joined
from monitor.domain.history.rollups import HOUR, hours_between, parts_of
from monitor.domain.intake.samples import COLUMN_METRICS
from monitor.domain.times import microseconds, moment


class StoredHours(PastHours):
    """Samples with start <= recorded_at < end. Reads chunks and hourly rollups; rows and contents when needed.

    Rollups are read last: those of a chunk that is sealed again meanwhile have at least the range of its values.

    Raises NotFound, as its methods do HistoryUnavailable.
    """

    def __init__(
        self, queries: Queries, actor: Actor, server_id: ServerId, start: datetime, end: datetime, metric: str
    ) -> None:
        self._queries, self._actor, self._server_id = queries, actor, server_id
        self._names = [metric, DECLARED]
        self._start, self._end = microseconds(start), microseconds(end)
        first, last = hours_between(start, end)
        raw = queries.history.raw_hours(server_id, first, last, metric)
        self._raw = {each.hour * HOUR: each for each in raw if each.is_open}
        self._read: Frame | None = None
        """All hours with rows, if they had to be read already."""
        if self._raw and metric not in COLUMN_METRICS:
            self._raw |= self._with_bounds(metric)
        self._chunks = {chunk.hour * HOUR: chunk for chunk in queries.history.chunks(server_id, first, last)}
        sealed = tiers.sealed_rollups(queries, server_id, 3600, first * HOUR, last * HOUR, [metric])
        ranges = _ranges(sealed, metric) if self._chunks else {}
        self.hours = [self._hour(begin, ranges) for begin in sorted(self._raw.keys() | self._chunks.keys())]

    def frame(self, first: int, last: int) -> Frame:
        begins = [hour.begin for hour in self.hours[first:last]]
        parts = [
            self._rows(list(some)) if are_raw else self._sealed(list(some))
            for are_raw, some in groupby(begins, key=self._raw.__contains__)
        ]
        return joined(parts).between(self._start, self._end)

    def _with_bounds(self, metric: str) -> dict[int, RawHour]:
        """Return the hours with rows, with bounds that the database does not tell."""
        rows = self._read = self._rows([min(self._raw), max(self._raw)])
        found = {}
        for begin, place in cut(rows.times, HOUR):
            held = [value for value in rows.part(place).column(metric) if value is not None]
            if begin in self._raw:
                least, greatest = min(held, default=inf), max(held, default=-inf)
                found[begin] = self._raw[begin]._replace(least=least, greatest=greatest)
        return found

    def _rows(self, begins: Sequence[int]) -> Frame:
        first, last = begins[0], begins[-1] + HOUR
        if self._read is not None:
            return self._read.between(first, last)
        # Some may have been sealed since.
        return tiers.frame(self._queries, self._actor, self._server_id, moment(first), moment(last), self._names)

    def _sealed(self, begins: Sequence[int]) -> Frame:
        return joined(tiers.contents(self._queries, [self._chunks[begin] for begin in begins], self._names))

    def _hour(self, begin: int, ranges: Mapping[int, tuple[float, float]]) -> Hour:
        """A chunk without rollups may have any values."""
        raw, chunk = self._raw.get(begin), self._chunks.get(begin)
        bounds = [] if raw is None else [(raw.least, raw.greatest)]
        if chunk is not None:
            bounds.append(ranges.get(begin, (-inf, inf)))
        samples = (0 if raw is None else raw.rows) + (0 if chunk is None else chunk.samples)
        return Hour(begin, samples, min(least for least, _ in bounds), max(greatest for _, greatest in bounds))


def extremes_before(
    queries: Queries, actor: Actor, server_id: ServerId, policy: Policy, end: datetime
) -> list[Extremes]:
    """Return the hours before *end*, a whole hour, that a range knows; none for other policies."""
    outlook = outlook_of(policy)
    if not isinstance(outlook, Range):
        return []
    last = microseconds(end)
    _, least, _, greatest = parts_of(policy.metric)
    hours = tiers.rollups(queries, actor, server_id, 3600, last - outlook.window, last, [policy.metric])
    rows = zip(hours.times, hours.column(least), hours.column(greatest), strict=True)
    return [Extremes(at, low, high) for at, low, high in rows if low is not None and high is not None]


_NO_VALUES = (inf, -inf)


def _ranges(rollups: Frame, metric: str) -> dict[int, tuple[float, float]]:
    """Return the least and the greatest value of each hour that has rollups."""
    _, least, _, greatest = parts_of(metric)
    columns = zip(rollups.times, rollups.column(least), rollups.column(greatest), strict=True)
    return {at: _NO_VALUES if low is None or high is None else (low, high) for at, low, high in columns}
