import heapq
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from math import fsum

from monitor.adapters.memory.database import MemoryReader, MemoryRepository
from monitor.adapters.memory.history import raw_hours
from monitor.adapters.memory.sample_table import History, Log, Row, first_at_or_after, newest_first
from monitor.adapters.memory.state import State
from monitor.application.history.ports import MinuteAverages, SampleFilter, SampleQueries, Samples, StoredSample
from monitor.domain.accounts.actors import SYSTEM, Actor
from monitor.domain.errors import ConstraintViolated, NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import Frame, frame_of
from monitor.domain.history.rollups import HOUR, hours_between
from monitor.domain.intake.samples import Sample
from monitor.domain.times import microseconds


class MemorySamples(MemoryRepository, Samples):
    def add(self, samples: Sequence[Sample]) -> None:
        keys = [(sample.server_id, sample.recorded_at) for sample in samples]
        if len(set(keys)) < len(keys) or any(key in self._draft.samples for key in keys):
            raise ConstraintViolated("a sample with this server and time is stored already")
        for sample in samples:
            self._draft.check_server(sample.server_id)
        for sample in samples:
            self._draft.samples.add(Row(self._draft.next_id("samples"), _stored(sample)))

    def existing(self, keys: Collection[tuple[ServerId, datetime]]) -> set[tuple[ServerId, datetime]]:
        return {key for key in keys if key in self._draft.samples}

    def later(self, keys: Collection[tuple[ServerId, datetime]]) -> set[tuple[ServerId, datetime]]:
        return {(server_id, at) for server_id, than in keys for at in self._draft.samples.times_after(server_id, than)}

    def last_received(self, server_ids: Collection[ServerId]) -> dict[ServerId, datetime]:
        newest = {server_id: self._draft.samples.newest(server_id) for server_id in server_ids}
        return {server_id: sample.received_at for server_id, sample in newest.items() if sample is not None}

    def recent_times(self, server_id: ServerId, until: datetime, count: int) -> list[datetime]:
        return self._draft.samples.times(server_id, until, count) if count > 0 else []

    def amend(self, samples: Sequence[Sample]) -> None:
        for sample in samples:
            self._draft.samples.amend(sample._replace(extra=dict(sample.extra) if sample.extra else None))


def _stored(sample: Sample) -> Sample:
    """Return what a row holds: no processes."""
    return sample._replace(extra=dict(sample.extra) if sample.extra else None, processes=())


_MINUTE = timedelta(minutes=1)


class MemorySampleQueries(MemoryReader, SampleQueries):
    def newest(self, actor: Actor, wanted: SampleFilter) -> list[StoredSample]:
        state = self._state
        if wanted.server_id is not None:
            servers = [state.seen(wanted.server_id, actor).id]
        else:
            servers = [
                server_id
                for server_id, server in state.servers.items()
                if server.is_host and server.is_visible_to(actor)
            ]
        newest = (_wanted(state.samples.committed.get(server_id, Log()), server_id, wanted) for server_id in servers)
        rows = islice(heapq.merge(*newest, key=_place, reverse=True), wanted.limit)
        return [_matching(state, row) for row in rows]

    def frame(
        self, actor: Actor, server_id: ServerId, start: datetime, end: datetime, metrics: Sequence[str] | None = None
    ) -> Frame:
        rows, state = self._rows(actor, server_id, start, end), self._state
        if any(sealed == server_id for sealed, _ in state.chunks):
            hours = {each.hour for each in raw_hours(state, server_id, *hours_between(start, end)) if each.is_open}
            rows = [row for row in rows if microseconds(row.recorded_at) // HOUR in hours]
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
        state = self._state
        seen = sorted(server_id for server_id in server_ids if state.sees(server_id, actor))
        end = start + count * _MINUTE
        return {id_: _by_minute(self._rows(actor, id_, start, end), metrics, start, count) for id_ in seen}

    def latest(self) -> list[Sample]:
        return [history[-1].sample for history in self._state.samples.committed.values() if history]

    def _rows(self, actor: Actor, server_id: ServerId, start: datetime, end: datetime) -> list[Row]:
        state = self._state
        if not state.watches(server_id, actor):
            raise NotFound(f"nothing watched has the id {server_id}")
        history = state.samples.committed.get(server_id, Log())
        return history[first_at_or_after(history, start) : first_at_or_after(history, end)]


def _wanted(history: History, server_id: ServerId, wanted: SampleFilter) -> Iterator[Row]:
    start = 0 if wanted.start is None else first_at_or_after(history, wanted.start)
    end = len(history) if wanted.end is None else first_at_or_after(history, wanted.end)
    if wanted.before is not None:
        at, last = wanted.before
        place = first_at_or_after(history, at)
        if server_id < last and place < len(history) and history[place].recorded_at == at:
            place += 1  # same time, and not on the previous page
        end = min(end, place)
    return newest_first(history, start, end)


def _by_minute(
    rows: Iterable[Row], metrics: Sequence[str], start: datetime, count: int
) -> dict[str, list[float | None]]:
    held: list[list[Sample]] = [[] for _ in range(count)]
    for row in rows:
        held[(row.recorded_at - start) // _MINUTE].append(row.sample)
    return {name: [_average([getattr(sample, name) for sample in minute]) for minute in held] for name in metrics}


def _average(values: Sequence[float]) -> float | None:
    return round(fsum(values) / len(values), 2) if values else None


def _place(row: Row) -> tuple[datetime, ServerId]:
    return row.sample.recorded_at, row.sample.server_id


def _matching(state: State, row: Row) -> StoredSample:
    server = state.servers[row.sample.server_id]
    return StoredSample(id=row.id, server_name=server.name, ip_address=server.ip_address, sample=row.sample)
