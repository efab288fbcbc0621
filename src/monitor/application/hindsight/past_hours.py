"""Read the samples of one server by the hour, and only the hours that are asked for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from math import inf

from monitor.application.alerts.ports import Queries
from monitor.application.history import tiers
from monitor.application.history.blocks import StoredBlock
from monitor.application.history.ports import HistoryQueries, OpenHour
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId
from monitor.domain.hindsight.past_hours import Hour, PastHours
from monitor.domain.history.frames import DECLARED, Frame, concatenated, cut
from monitor.domain.history.rollups import HOUR, ROLLUP_SPANS, hours_between, parts_of
from monitor.domain.intake.samples import COLUMN_METRICS
from monitor.domain.policies.policies import OFFLINE, Policy
from monitor.domain.policies.series_models import Extremes, model_of
from monitor.domain.times import microseconds, moment

_SPAN = ROLLUP_SPANS[3600] // 3600
"""Hours of one stored row of hourly rollups."""
_MOST_DECODED = 1000
"""Hours of samples that are kept decoded: more than a month, of four metrics some 30 MB."""


_NOTHING: tuple[Sequence[str], Frame] = (), Frame()


class OpenHours:
    """Hours of servers with rows that no chunk has, with bounds of a metric. For many servers, all are read at once."""

    def __init__(self, history: HistoryQueries, metric: str) -> None:
        self.metric = metric
        self._history = history
        self._all: Mapping[ServerId, Sequence[OpenHour]] | None = None

    def read_all(self, report: Callable[[float], None]) -> None:
        self._all = self._history.open_hours_of_all(self.metric, report)

    def of(self, server_id: ServerId, first: int, last: int) -> list[OpenHour]:
        """Return the hours with first <= hour < last, in order."""
        if self._all is None:
            return self._history.open_hours(server_id, first, last, self.metric)
        return [each for each in self._all.get(server_id, ()) if first <= each.hour < last]


class Blocks:
    """What is stored of one server. Each part is read once, however many policies are replayed on it.

    *metrics*: of the policies; with more than one, decoded hours are kept too. Rollups are read after the open hours:
    an hour that is sealed in between is known twice, and counts once.
    """

    def __init__(
        self, queries: Queries, actor: Actor, server_id: ServerId, metrics: Sequence[str], open_hours: OpenHours
    ) -> None:
        self.server_id = server_id
        self.queries = queries
        self.open_hours = open_hours
        self._actor = actor
        self._names = [*metrics, DECLARED]
        self._known: tuple[int, int, list[OpenHour], list[StoredBlock]] | None = None
        self._rows: dict[tuple[int, int], Frame] = {}
        self._chunks: dict[int, StoredBlock] = {}
        self._frames: dict[int, tuple[Sequence[str], Frame]] | None = {} if len(metrics) > 1 else None

    def hours(self, first: int, last: int) -> tuple[list[OpenHour], list[StoredBlock]]:
        """Return the open hours and hourly rollups of first <= hour < last, in order."""
        if self._known is None or not (self._known[0] <= first and last <= self._known[1]):
            found = self.open_hours.of(self.server_id, first, last)
            stored = self.queries.history.rollups(self.server_id, 3600, first // _SPAN, -(-last // _SPAN))
            self._known = first, last, found, stored
        _, _, found, stored = self._known
        open_ones = [each for each in found if first <= each.hour < last]
        return open_ones, [each for each in stored if first // _SPAN <= each.period < -(-last // _SPAN)]

    def rows(self, start: int, end: int) -> Frame:
        """Return the samples of start <= time < end (microseconds) where hours are open; some may have been sealed."""
        for (first, last), held in self._rows.items():
            if first <= start and end <= last:
                return held.between(start, end)
        found = tiers.frame(self.queries, self._actor, self.server_id, moment(start), moment(end), self._names)
        self._rows[start, end] = found
        return found

    def fetch(self, hours: Iterable[int]) -> None:
        """Read the chunks of these hours with few queries."""
        if missing := [hour for hour in hours if hour not in self._chunks]:
            chunks = self.queries.history.chunks_at(self.server_id, missing)
            self._chunks |= {chunk.period: chunk for chunk in chunks}

    def sealed(self, hours: Sequence[int], metric: str) -> list[Frame]:
        """Return the sealed samples of these hours, with *metric* and the interval, without hours that have none."""
        self.fetch(hours)
        chunks = [self._chunks[hour] for hour in hours if hour in self._chunks]
        held, names = self._frames, [DECLARED] if metric == OFFLINE else self._names
        if held is None:
            return tiers.contents(self.queries, chunks, names)
        missing = [chunk for chunk in chunks if len(held.get(chunk.period, _NOTHING)[0]) < len(names)]
        for chunk, frame in zip(missing, tiers.contents(self.queries, missing, names), strict=True):
            held[chunk.period] = names, frame
        found = [held[chunk.period][1] for chunk in chunks]
        while len(held) > _MOST_DECODED:
            del held[next(iter(held))]
        return found


class StoredHours(PastHours):
    """Samples with start <= recorded_at < end. Reads hourly rollups at first; rows and chunks when needed.

    Raises NotFound, as its methods do HistoryUnavailable.
    """

    def __init__(self, blocks: Blocks, metric: str, start: datetime, end: datetime) -> None:
        self._blocks, self._metric = blocks, metric
        self._start, self._end = microseconds(start), microseconds(end)
        first, last = hours_between(start, end)
        found, stored = blocks.hours(first, last)
        self._open = {each.hour * HOUR: each for each in found}
        if self._open and (metric != blocks.open_hours.metric or metric not in COLUMN_METRICS):
            self._open |= self._with_bounds(metric)
        hours = self._sealed_hours(stored, first, last, metric)
        for begin, each in self._open.items():
            _, samples, least, greatest = hours.get(begin, Hour(begin, 0, inf, -inf))
            hours[begin] = Hour(begin, max(samples, each.rows), min(least, each.least), max(greatest, each.greatest))
        self.hours = [hours[begin] for begin in sorted(hours)]

    def frame(self, first: int, last: int) -> Frame:
        begins = [hour.begin for hour in self.hours[first:last]]
        parts = [
            self._blocks.rows((some := list(group))[0], some[-1] + HOUR)
            if are_open
            else concatenated(self._blocks.sealed([begin // HOUR for begin in group], self._metric))
            for are_open, group in groupby(begins, key=self._open.__contains__)
        ]
        return concatenated(parts).between(self._start, self._end)

    def _with_bounds(self, metric: str) -> dict[int, OpenHour]:
        """Return the open hours with bounds, which are computed from the rows."""
        rows = self._blocks.rows(min(self._open), max(self._open) + HOUR)
        found = {}
        for begin, place in cut(rows.times, HOUR):
            held = [value for value in rows.part(place).column(metric) if value is not None]
            if begin in self._open:
                least, greatest = min(held, default=inf), max(held, default=-inf)
                found[begin] = self._open[begin]._replace(least=least, greatest=greatest)
        return found

    def expect(self, places: Sequence[int]) -> None:
        """Fetch their chunks with one query, and those before and after them."""
        wanted = {beside for place in places for beside in (place - 1, place, place + 1)}
        begins = [self.hours[place].begin for place in sorted(wanted) if 0 <= place < len(self.hours)]
        self._blocks.fetch([begin // HOUR for begin in begins if begin not in self._open])

    def _sealed_hours(self, stored: Sequence[StoredBlock], first: int, last: int, metric: str) -> dict[int, Hour]:
        """Return the sealed hours by their begin. Each has a rollup, unless rollups are kept less long than samples."""
        queries, known_from = self._blocks.queries, stored[0].period * _SPAN if stored else last
        older = queries.history.chunks(self._blocks.server_id, first, known_from) if first < known_from else []
        n, least, _, greatest = parts_of(metric)
        rollups = concatenated(tiers.contents(queries, stored, [n, least, greatest]))
        hours = [Hour(chunk.period * HOUR, chunk.samples) for chunk in older]
        hours += _hours(rollups.between(first * HOUR, last * HOUR), metric)
        return {hour.begin: hour for hour in hours}


def read_from(policy: Policy, at: datetime) -> datetime:
    """Return where to begin to read samples: at a whole hour if *policy* learns hours."""
    return moment(microseconds(at) // HOUR * HOUR) if policy.kind.learns_hours else at


def extremes_before(
    queries: Queries, actor: Actor, server_id: ServerId, policy: Policy, end: datetime
) -> list[Extremes]:
    """Return the hours before *end* (a whole hour) that *policy* learns; none if it learns samples."""
    outlook, last = model_of(policy), microseconds(end)
    if outlook is None or not policy.kind.learns_hours:
        return []
    _, least, _, greatest = parts_of(policy.metric)
    hours = tiers.rollups(queries, actor, server_id, 3600, last - outlook.window, last, [policy.metric])
    rows = zip(hours.times, hours.column(least), hours.column(greatest), strict=True)
    return [Extremes(at, low, high) for at, low, high in rows if low is not None and high is not None]


def _hours(rollups: Frame, metric: str) -> list[Hour]:
    """Return the hours of *rollups*. An hour without the metric has at least one sample."""
    n, least, _, greatest = map(rollups.column, parts_of(metric))
    return [
        Hour(at, 1, inf, -inf) if count is None or low is None or high is None else Hour(at, int(count), low, high)
        for at, count, low, high in zip(rollups.times, n, least, greatest, strict=True)
    ]
