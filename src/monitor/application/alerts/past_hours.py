"""Read the samples of one server by the hour, and only the hours that are asked for."""

from collections.abc import Mapping
from datetime import datetime
from math import inf

from monitor.application.alerts.ports import Queries
from monitor.application.history import tiers
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.outlooks import outlook_of
from monitor.domain.alerts.past_hours import Hour, PastHours
from monitor.domain.alerts.policies import Policy
from monitor.domain.alerts.ranges import Extremes, Range
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import DECLARED, Frame, cut, joined, merged
from monitor.domain.history.rollups import HOUR, hours_between, parts_of
from monitor.domain.times import microseconds

_NOTHING = Frame()


class StoredHours(PastHours):
    """Samples with start <= recorded_at < end. Reads rows, chunks and hourly rollups, and decodes chunks when needed.

    Rollups are read last: those of a chunk that is sealed again meanwhile have at least the range of its values.

    Raises NotFound, as its methods do HistoryUnavailable.
    """

    def __init__(
        self, queries: Queries, actor: Actor, server_id: ServerId, start: datetime, end: datetime, metric: str
    ) -> None:
        self._queries = queries
        self._names = [metric, DECLARED]
        self._start, self._end = microseconds(start), microseconds(end)
        raw = queries.samples.frame(actor, server_id, start, end, self._names)
        self._raw = {begin: raw.part(place) for begin, place in cut(raw.times, HOUR)}
        first, last = hours_between(start, end)
        self._chunks = {chunk.hour * HOUR: chunk for chunk in queries.history.chunks(server_id, first, last)}
        sealed = tiers.sealed_rollups(queries, server_id, 3600, first * HOUR, last * HOUR, [metric])
        ranges = _ranges(sealed, metric) if self._chunks else {}
        begins = sorted(self._raw.keys() | self._chunks.keys())
        self.hours = [self._hour(begin, metric, ranges) for begin in begins]

    def frame(self, first: int, last: int) -> Frame:
        begins = [hour.begin for hour in self.hours[first:last]]
        chunks = [self._chunks[begin] for begin in begins if begin in self._chunks]
        contents = tiers.contents(self._queries, chunks, self._names)
        sealed = dict(zip((chunk.hour * HOUR for chunk in chunks), contents, strict=True))
        whole = joined([merged(sealed.get(begin, _NOTHING), self._raw.get(begin, _NOTHING)) for begin in begins])
        return whole.between(self._start, self._end)

    def _hour(self, begin: int, metric: str, ranges: Mapping[int, tuple[float, float]]) -> Hour:
        """A chunk without rollups may have any values."""
        raw, chunk = self._raw.get(begin, _NOTHING), self._chunks.get(begin)
        held = [value for value in raw.column(metric) if value is not None]
        if chunk is None:
            return Hour(begin, len(raw), *((min(held), max(held)) if held else _NO_VALUES))
        least, greatest = ranges.get(begin, (-inf, inf))
        return Hour(begin, len(raw) + chunk.samples, min([least, *held]), max([greatest, *held]))


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
