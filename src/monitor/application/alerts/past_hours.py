"""Read the samples of one server by the hour, and only the hours that are asked for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from math import inf

from monitor.application.alerts.ports import Queries
from monitor.application.history import tiers
from monitor.application.history.blocks import Chunk
from monitor.application.history.ports import HistoryQueries, OpenHour
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.outlooks import outlook_of
from monitor.domain.alerts.past_hours import Hour, PastHours
from monitor.domain.alerts.policies import Policy
from monitor.domain.alerts.ranges import Extremes, Range
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import DECLARED, Frame, cut, joined
from monitor.domain.history.rollups import HOUR, ROLLUP_SPANS, hours_between, parts_of
from monitor.domain.intake.samples import COLUMN_METRICS
from monitor.domain.times import microseconds, moment


class OpenHours:
    """Hours of servers with rows that no chunk has, with bounds of a metric. For many servers, all are read at once."""

    def __init__(self, history: HistoryQueries, metric: str) -> None:
        self.metric = metric
        self._history = history
        self._all: Mapping[ServerId, Sequence[OpenHour]] | None = None

    def read_all(self, report: Callable[[float], None]) -> None:
        self._all = self._history.open_hours_of_all(self.metric, report)

    def of(self, server_id: ServerId, first: int, last: int) -> list[OpenHour]:
        """Return those of first <= hour < last, in order."""
        if self._all is None:
            return self._history.open_hours(server_id, first, last, self.metric)
        return [each for each in self._all.get(server_id, ()) if first <= each.hour < last]


class StoredHours(PastHours):
    """Samples with start <= recorded_at < end. Reads hourly rollups at first; rows and chunks when needed.

    Rollups are read after the open hours: what is sealed meanwhile is then known twice, and counts once.

    Raises NotFound, as its methods do HistoryUnavailable.
    """

    def __init__(
        self, queries: Queries, actor: Actor, server_id: ServerId, start: datetime, end: datetime, open_hours: OpenHours
    ) -> None:
        metric = open_hours.metric
        self._queries, self._actor, self._server_id = queries, actor, server_id
        self._names = [metric, DECLARED]
        self._start, self._end = microseconds(start), microseconds(end)
        first, last = hours_between(start, end)
        self._open = {each.hour * HOUR: each for each in open_hours.of(server_id, first, last)}
        self._read: Frame | None = None
        """The samples of open hours, if they had to be read already."""
        self._chunks: dict[int, Chunk] = {}
        if self._open and metric not in COLUMN_METRICS:
            self._open |= self._with_bounds(metric)
        hours = self._sealed_hours(first, last, metric)
        for begin, each in self._open.items():
            _, samples, least, greatest = hours.get(begin, Hour(begin, 0, inf, -inf))
            hours[begin] = Hour(begin, max(samples, each.rows), min(least, each.least), max(greatest, each.greatest))
        self.hours = [hours[begin] for begin in sorted(hours)]

    def frame(self, first: int, last: int) -> Frame:
        begins = [hour.begin for hour in self.hours[first:last]]
        parts = [
            self._rows(list(some)) if are_open else self._sealed(list(some))
            for are_open, some in groupby(begins, key=self._open.__contains__)
        ]
        return joined(parts).between(self._start, self._end)

    def _with_bounds(self, metric: str) -> dict[int, OpenHour]:
        """Return the open hours with bounds that the database does not tell."""
        rows = self._read = self._rows([min(self._open), max(self._open)])
        found = {}
        for begin, place in cut(rows.times, HOUR):
            held = [value for value in rows.part(place).column(metric) if value is not None]
            if begin in self._open:
                least, greatest = min(held, default=inf), max(held, default=-inf)
                found[begin] = self._open[begin]._replace(least=least, greatest=greatest)
        return found

    def _rows(self, begins: Sequence[int]) -> Frame:
        first, last = begins[0], begins[-1] + HOUR
        if self._read is not None:
            return self._read.between(first, last)
        # Some may have been sealed since.
        return tiers.frame(self._queries, self._actor, self._server_id, moment(first), moment(last), self._names)

    def _sealed(self, begins: Sequence[int]) -> Frame:
        self._fetch(begins)
        chunks = [self._chunks[begin] for begin in begins if begin in self._chunks]
        return joined(tiers.contents(self._queries, chunks, self._names))

    def expect(self, places: Sequence[int]) -> None:
        """Fetch their chunks with one query, and those before and after them."""
        wanted = {beside for place in places for beside in (place - 1, place, place + 1)}
        begins = [self.hours[place].begin for place in sorted(wanted) if 0 <= place < len(self.hours)]
        self._fetch([begin for begin in begins if begin not in self._open])

    def _fetch(self, begins: Sequence[int]) -> None:
        if missing := [begin // HOUR for begin in begins if begin not in self._chunks]:
            chunks = self._queries.history.chunks_at(self._server_id, missing)
            self._chunks |= {chunk.hour * HOUR: chunk for chunk in chunks}

    def _sealed_hours(self, first: int, last: int, metric: str) -> dict[int, Hour]:
        """Return the sealed hours by their begin. Each has a rollup, unless rollups are kept less long than samples."""
        history, span = self._queries.history, ROLLUP_SPANS[3600] // 3600
        stored = history.rollups(self._server_id, 3600, first // span, -(-last // span))
        known_from = stored[0].period * span if stored else last
        older = history.chunks(self._server_id, first, known_from) if first < known_from else []
        n, least, _, greatest = parts_of(metric)
        rollups = joined(tiers.contents(self._queries, stored, [n, least, greatest]))
        hours = [Hour(chunk.hour * HOUR, chunk.samples) for chunk in older]
        hours += _hours(rollups.between(first * HOUR, last * HOUR), metric)
        return {hour.begin: hour for hour in hours}


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


def _hours(rollups: Frame, metric: str) -> list[Hour]:
    """Return the hours of *rollups*. Of those without the metric it is only known that they have a sample."""
    n, least, _, greatest = map(rollups.column, parts_of(metric))
    return [
        Hour(at, 1, inf, -inf) if count is None or low is None or high is None else Hour(at, int(count), low, high)
        for at, count, low, high in zip(rollups.times, n, least, greatest, strict=True)
    ]
