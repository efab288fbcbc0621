"""Write the history of a simulated fleet. Old hours are sealed at once, without rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice
from operator import attrgetter, itemgetter

from monitor.application.alerts.ports import Queries, UnitOfWork
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.sealing import LEASE_NAME, prepared, write
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.demo.alerts import PastAlerts, Watcher
from monitor.demo.courses import KNOT
from monitor.demo.fleet import OnProgress, Simulated
from monitor.demo.hosts import Host
from monitor.demo.samples import frames, lateness, samples
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import Frame, concatenated, cut, frame_of
from monitor.domain.history.rollups import HOUR, ROLLUP_SPANS
from monitor.domain.intake.samples import Sample
from monitor.domain.policies.policies import OFFLINE
from monitor.domain.times import microseconds, moment

_SERVER_ID = attrgetter("server_id")
_SAMPLES_PER_TRANSACTION = 5000
"""Intake of a running server waits at most this long."""
_KNOT = timedelta(milliseconds=KNOT)
_HOURS_SEALED_TOGETHER = ROLLUP_SPANS[3600] // 3600
"""Hours whose hourly rollups are stored together: one write instead of one per hour."""


@dataclass(frozen=True, slots=True)
class WriteSimulatedHistory:
    """Write what simulated servers report between two times. A second run continues after each newest sample.

    Hours older than `raw_days` are sealed at once. The result is the same as storing rows and sealing them later.
    *new_intake_uow*: unit of work for many rows.
    """

    new_uow: Callable[[], UnitOfWork]
    new_intake_uow: Callable[[], UnitOfWork]
    queries: Queries
    fleet: Fleet
    clock: Clock
    past_alerts: PastAlerts

    def __call__(
        self, simulated: Simulated, *, start: datetime, end: datetime, interval: float, on_progress: OnProgress
    ) -> int:
        """Return the number of samples stored. *interval*: seconds.

        Afterwards servers without a report at the *end* are offline, and past alerts exist.
        """
        begins = {server.id: self._begin(of, server.id, start) for of, server in simulated}
        stored, watchers = 0, self._watchers(simulated)
        before = self.clock.now() - timedelta(days=self.fleet.directory.preferences.raw_days)
        old = _share(start, before, end)
        late = {server.id: lateness(of) for of, server in simulated}
        for place, (of, server) in enumerate(simulated):
            made = frames(of, begins[server.id], end, interval)
            for hours in self._sealed(server.id, made, before):
                for hour in hours:
                    watchers[server.id].see(hour, lateness(of))
                    stored += len(hour)
                begins[server.id] = _after(of, moment(hours[-1].times[-1]))
                on_progress(old * (place + _share(start, begins[server.id], before)) / len(simulated), stored)
        for since, until in _windows(min(begins.values(), default=end), end, len(simulated), interval):
            found = (
                sample
                for of, server in simulated
                for sample in samples(of, server.id, max(since, begins[server.id]), until, interval)
            )
            while group := list(islice(found, _SAMPLES_PER_TRANSACTION)):
                self._store(group)
                for server_id, own in groupby(group, key=_SERVER_ID):
                    watchers[server_id].see(frame_of([*own]), late[server_id])
                stored += len(group)
                on_progress(max(old, _share(start, until, end)), stored)
        self._save_status(watchers.values(), interval, end)
        self.past_alerts.keep(list(watchers.values()))
        return stored

    def _begin(self, of: Host, server_id: ServerId, start: datetime) -> datetime:
        live = self.fleet.live.get(server_id)
        return start if live is None or live.sample is None else max(start, _after(of, live.sample.recorded_at))

    def _sealed(self, server_id: ServerId, made: Iterable[Frame], before: datetime) -> Iterator[list[Frame]]:
        """Seal the old hours of *made*. Yields the hours of each transaction."""
        hours = sealable_hours(made, microseconds(before) // HOUR)
        for _, some in groupby(hours, key=lambda hour: hour[0] // _HOURS_SEALED_TOGETHER):
            held = dict(some)
            self._seal(server_id, held)
            yield [*held.values()]

    @retried
    def _seal(self, server_id: ServerId, hours: Mapping[int, Frame]) -> None:
        sealing = prepared(self.queries, server_id, hours)
        with self.new_uow() as uow:
            # Locks the lease's row, see `write`.
            uow.leases.acquire(LEASE_NAME, "monitor simulate", self.clock.now(), timedelta())
            write(uow, sealing)
            uow.commit()

    @retried
    def _store(self, group: Sequence[Sample]) -> None:
        with self.new_intake_uow() as uow:
            uow.samples.add(group)
            uow.commit()

    def _watchers(self, simulated: Simulated) -> dict[ServerId, Watcher]:
        """Return watchers by server. They also look for offline times, except one that lasts to the end."""
        policies = [each for each in self.fleet.directory.rules.policies.all if each.metric != OFFLINE or each.enabled]
        watchers = self.past_alerts.watch([server for _, server in simulated], policies)
        return {watcher.server_id: watcher for watcher in watchers}

    @retried
    def _save_status(self, watchers: Iterable[Watcher], interval: float, end: datetime) -> None:
        received = {each.server_id: each.last_report_at for each in watchers if each.last_report_at is not None}
        offline = {each.server_id: received[each.server_id] for each in watchers if each.is_offline(end)}
        with self.new_uow() as uow:
            uow.servers.save_intervals(dict.fromkeys(received, interval))
            uow.servers.mark_online(received.keys() - offline.keys())
            uow.servers.mark_offline(offline)
            uow.commit()


def sealable_hours(made: Iterable[Frame], before: int) -> Iterator[tuple[int, Frame]]:
    """Yield the hours of consecutive frames that may be sealed, as (hours since 1970, frame).

    These are hours before *before*, without the hour of the newest sample and the hour before it.
    """
    waiting: list[tuple[int, Frame]] = []
    pieces = ((begin // HOUR, frame.part(place)) for frame in made for begin, place in cut(frame.times, HOUR))
    for hour, found in groupby(pieces, key=itemgetter(0)):
        while waiting and waiting[0][0] < hour - 1:
            yield waiting.pop(0)
        if hour < before:
            waiting.append((hour, concatenated([piece for _, piece in found])))
        elif not waiting:
            return


def _after(of: Host, recorded_at: datetime) -> datetime:
    """Return the earliest true time of a sample after one that the host's clock dated *recorded_at*."""
    return recorded_at - timedelta(milliseconds=of.skew - 1)


def _windows(start: datetime, end: datetime, count: int, interval: float) -> Iterator[tuple[datetime, datetime]]:
    """Yield time windows that begin at a knot; each holds samples for a few transactions."""
    knots = max(1, round(_SAMPLES_PER_TRANSACTION * interval / (max(count, 1) * _KNOT.total_seconds())))
    width = knots * _KNOT
    at = start - timedelta(microseconds=microseconds(start) % (_KNOT // timedelta(microseconds=1)))
    while at < end:
        yield max(at, start), min(at + width, end)
        at += width


def _share(start: datetime, at: datetime, end: datetime) -> float:
    return 1.0 if at >= end else 0.0 if at <= start else (at - start) / (end - start)
