"""Raw samples, and scrapes that may still lack something, in memory."""

import heapq
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, islice
from math import fsum

from monitor.adapters.memory.history import MemoryHistoryQueries
from monitor.adapters.memory.log import History, Row
from monitor.adapters.memory.parts import MemoryPart, having
from monitor.application.history import ports
from monitor.application.history.ports import MinuteAverages, SampleFilter, StoredSample
from monitor.application.history.scrape_ports import ScrapeQueries, Scrapes
from monitor.domain.accounts.actors import SYSTEM, Actor
from monitor.domain.errors import ConstraintViolated, NotFound, TransactionConflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import Frame, frame_of
from monitor.domain.history.rollups import HOUR, hours_between
from monitor.domain.intake.samples import Sample
from monitor.domain.intake.scrapes import Kept, Key, Scrape
from monitor.domain.times import microseconds

Pair = tuple[ServerId, datetime]


class MemorySamples(MemoryPart, ports.Samples):
    def add(self, samples: Sequence[Sample]) -> None:
        keys = {(sample.server_id, sample.recorded_at) for sample in samples}
        if len(keys) < len(samples) or self.existing(keys):
            raise ConstraintViolated("a sample with this server and time is stored already")
        self._put([Row(self._state.next_id("samples"), sample) for sample in samples])

    def existing(self, keys: Collection[Pair]) -> set[Pair]:
        return {(server_id, at) for server_id, at in keys if self._state.history(server_id).at(at) is not None}

    def later(self, keys: Collection[Pair]) -> set[Pair]:
        histories = ((server_id, at, self._state.history(server_id)) for server_id, at in keys)
        return {(id_, row.at) for id_, at, history in histories for row in history[history.end(at) :]}

    def last_received(self, server_ids: Collection[ServerId]) -> dict[ServerId, datetime]:
        histories = {server_id: self._state.history(server_id) for server_id in server_ids}
        return {server_id: history[-1].sample.received_at for server_id, history in histories.items() if history}

    def recent_times(
        self, server_ids: Collection[ServerId], until: datetime, count: int
    ) -> dict[ServerId, list[datetime]]:
        found = {}
        for server_id in server_ids:
            history = self._state.history(server_id)
            end = history.end(until)
            found[server_id] = [row.at for row in history[max(0, end - count) : end]]
        return {server_id: times for server_id, times in found.items() if times}

    def amend(self, samples: Sequence[Sample]) -> None:
        held = ((sample, self._state.history(sample.server_id).at(sample.recorded_at)) for sample in samples)
        self._put(
            [
                Row(row.id, sample._replace(received_at=row.sample.received_at, interval=row.sample.interval))
                for sample, row in held
                if row is not None
            ]
        )

    def _put(self, rows: Iterable[Row]) -> None:
        in_order = sorted(rows, key=lambda row: (row.sample.server_id, row.at))
        for server_id, own in groupby(in_order, key=lambda row: row.sample.server_id):
            self._state.samples[server_id] = self._state.history(server_id).merged([_stored(row) for row in own])


def _stored(row: Row) -> Row:
    """Return the row as it is stored: without processes."""
    extra = row.sample.extra
    return Row(row.id, row.sample._replace(extra=dict(extra) if extra else None, processes=()))


_MINUTE = timedelta(minutes=1)


class MemorySampleQueries(MemoryPart, ports.SampleQueries):
    def newest(self, actor: Actor, wanted: SampleFilter) -> list[StoredSample]:
        state = self._state
        if wanted.server_id is not None:
            servers = [state.seen(wanted.server_id, actor)]
        else:
            servers = [server for server in state.servers.values() if server.is_host and server.is_visible_to(actor)]
        newest = (_wanted(state.history(server.id), server.id, wanted) for server in servers)
        rows = islice(heapq.merge(*newest, key=lambda row: (row.at, row.sample.server_id), reverse=True), wanted.limit)
        matching = ((row, state.servers[row.sample.server_id]) for row in rows)
        return [
            StoredSample(id=row.id, server_name=server.name, ip_address=server.ip_address, sample=row.sample)
            for row, server in matching
        ]

    def frame(
        self, actor: Actor, server_id: ServerId, start: datetime, end: datetime, metrics: Sequence[str] | None = None
    ) -> Frame:
        rows, state = self._rows(actor, server_id, start, end), self._state
        if any(sealed == server_id for sealed, _, _ in state.blocks):
            found = MemoryHistoryQueries(self._source).raw_hours(server_id, *hours_between(start, end))
            hours = {each.hour for each in found if each.is_open}
            rows = [row for row in rows if microseconds(row.at) // HOUR in hours]
        frame = frame_of([row.sample for row in rows])
        if metrics is None:
            return frame
        return Frame(frame.times, {name: held for name, held in frame.columns.items() if name in metrics})

    def frames(
        self, server_ids: Collection[ServerId], start: datetime, end: datetime, metrics: Sequence[str]
    ) -> dict[ServerId, Frame]:
        there = [id_ for id_ in server_ids if self._state.watches(id_, SYSTEM)]
        found = {id_: self.frame(SYSTEM, id_, start, end, metrics) for id_ in there}
        return {id_: frame for id_, frame in found.items() if frame.times}

    def minutes(
        self, actor: Actor, server_ids: Collection[ServerId], metrics: Sequence[str], start: datetime, count: int
    ) -> MinuteAverages:
        seen = sorted(server_id for server_id in server_ids if self._state.sees(server_id, actor))
        end = start + count * _MINUTE
        return {id_: _by_minute(self._rows(actor, id_, start, end), metrics, start, count) for id_ in seen}

    def latest(self) -> list[Sample]:
        return [history[-1].sample for history in self._state.samples.values() if history]

    def _rows(self, actor: Actor, server_id: ServerId, start: datetime, end: datetime) -> list[Row]:
        state = self._state
        if not state.watches(server_id, actor):
            raise NotFound(f"nothing watched has the id {server_id}")
        return state.history(server_id).between(start, end)


def _wanted(history: History, server_id: ServerId, wanted: SampleFilter) -> Iterator[Row]:
    start, end = history.place(wanted.start), history.place(wanted.end, len(history))
    if wanted.before is not None:
        at, last = wanted.before
        # What has the same time as the end of the previous page and comes after it.
        end = min(end, history.end(at) if server_id < last else history.place(at))
    return (history[place] for place in range(end - 1, start - 1, -1))


def _by_minute(
    rows: Iterable[Row], metrics: Sequence[str], start: datetime, count: int
) -> dict[str, list[float | None]]:
    held: list[list[Sample]] = [[] for _ in range(count)]
    for row in rows:
        held[(row.at - start) // _MINUTE].append(row.sample)
    return {name: [_average([getattr(sample, name) for sample in minute]) for minute in held] for name in metrics}


def _average(values: Sequence[float]) -> float | None:
    return round(fsum(values) / len(values), 2) if values else None


_around = having(lambda scrape, ids, first, last: scrape.server_id in ids and first <= scrape.at <= last)


class MemoryScrapes(MemoryPart, Scrapes):
    name = "scrapes"
    around = _around

    def take_turn(self, after: int, *, is_sure: bool = False) -> int:
        last = self._state.scrape_turns.get(0, 0)
        if is_sure and after != last:
            raise TransactionConflict("another turn was taken")
        self._state.scrape_turns[0] = last + 1  # units of work are one at a time anyway
        return last + 1

    def save(self, scrapes: Sequence[Scrape]) -> None:
        for scrape in scrapes:
            self._state.scrapes.put(scrape)

    def save_inner(self, scrapes: Sequence[Scrape]) -> None:
        for scrape in scrapes:
            self._state.scrapes.amend((scrape.server_id, *scrape.key), is_edge=False)

    def prune(self, before: datetime, limit: int, *, edges: bool) -> int:
        due = self._state.scrapes.where(lambda row: row.is_edge is edges and row.received_at < before)
        return self._state.scrapes.delete(*[(row.server_id, *row.key) for row in due[:limit]])

    def delete(self, server_id: ServerId, keys: Sequence[Key]) -> None:
        self._state.scrapes.delete(*[(server_id, *key) for key in keys])


class MemoryScrapeQueries(MemoryPart, ScrapeQueries):
    name = "scrapes"
    around = _around

    def turn(self) -> int:
        return self._state.scrape_turns.get(0, 0)

    def newest(self, server_ids: Collection[ServerId]) -> dict[ServerId, int]:
        found: dict[ServerId, int] = {}
        for server_id, _, at in self._state.scrapes:
            if server_id in server_ids:
                found[server_id] = max(at, found.get(server_id, at))
        return found

    def kept(self, server_id: ServerId) -> list[Kept]:
        rows = self._state.scrapes.where(lambda row: row.server_id == server_id)
        rows.sort(key=lambda row: (row.received_at, row.at, -row.source), reverse=True)
        return [Kept(row.key, row.is_edge, len(row.packed)) for row in rows]
