"""Store samples of agents: each exactly once, with alerts evaluated in the same transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import attrgetter, itemgetter
from types import MappingProxyType

from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.alerts.evaluating.state_cache import Evaluation
from monitor.application.alerts.ports import UnitOfWork
from monitor.application.fleet.fleet import Fleet
from monitor.application.intake.scrapes import AddScrapes, PutTogether
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.errors import ConstraintViolated, StorageUnavailable
from monitor.domain.fleet.servers import ServerId, Status, UnregisteredHost
from monitor.domain.intake.live import Live
from monitor.domain.intake.samples import Sample

SampleKey = tuple[ServerId, datetime]
_server_id: Callable[[Sample], ServerId] = itemgetter(0)
_key: Callable[[Sample], SampleKey] = itemgetter(0, 1)
_interval: Callable[[Sample | Live], float | None] = attrgetter("interval")


class Outcome(StrEnum):
    """What became of a sample. DUPLICATE: there is one of this server and time."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    UNKNOWN_SERVER = "unknown_server"


@dataclass(frozen=True, slots=True)
class StoreSamples:
    """Store a group of samples in one transaction. Only one thread of a process may call it at a time."""

    new_intake_uow: Callable[[], UnitOfWork]
    fleet: Fleet
    alerting: Alerting
    clock: Clock

    @retried
    def __call__(
        self,
        samples: Sequence[Sample],
        unregistered: Sequence[UnregisteredHost] = (),
        scrapes: PutTogether | None = None,
        refused: Mapping[ServerId, datetime] = MappingProxyType({}),
    ) -> list[Outcome]:
        """Return the outcome of each sample, in order, then those of the samples that are due of *scrapes*.

        *refused*: the receipt of reports whose samples are refused for their time. Their hosts are not offline. A
        sample newer than all that this process knows of its server counts as new without a query. If the database
        disagrees (another process stored it, or the server was deleted), all samples are looked up.
        """
        try:
            self.fleet.refresh()  # policies changed in this process apply from the next sample on
            with self.fleet.writing:
                samples = _with_intervals(samples, self.fleet.live)
                try:
                    return self._store(samples, unregistered, scrapes, refused, doubts=False)
                except ConstraintViolated:
                    return self._store(samples, unregistered, scrapes, refused, doubts=True)
        except Exception as error:
            # The database may now differ from the alert states in memory.
            self.alerting.states.forget(sample.server_id for sample in samples)
            if (samples or scrapes) and isinstance(error, StorageUnavailable):
                self.fleet.interrupted_at = samples[-1].received_at if samples else self.clock.now()
            raise

    def _store(
        self,
        samples: Sequence[Sample],
        unregistered: Sequence[UnregisteredHost],
        scrapes: PutTogether | None,
        refused: Mapping[ServerId, datetime],
        *,
        doubts: bool,
    ) -> list[Outcome]:
        given = len(samples)
        with self.new_intake_uow() as uow:
            scraped = AddScrapes(uow, scrapes) if scrapes is not None else None
            unregistered = _still_unregistered(uow, unregistered)
            if scraped is not None:
                samples = [*samples, *scraped.due]
            gone: set[ServerId] = set()
            if doubts:
                ids = {sample.server_id for sample in samples} | {*(scraped.servers if scraped is not None else ())}
                gone = ids - uow.servers.existing(ids, keep=True)
            doubted = list(map(_key, samples)) if doubts else self._not_newest(samples)
            known = uow.samples.existing(doubted) if doubted else set()
            outcomes = _outcomes(samples, known, gone)
            fresh: Sequence[Sample] = samples
            if outcomes.count(Outcome.STORED) < len(outcomes):
                fresh = [s for s, outcome in zip(samples, outcomes, strict=True) if outcome is Outcome.STORED]
            if fresh:
                uow.samples.add(fresh)
            if scraped is not None:
                scraped.save([outcome is Outcome.STORED for outcome in outcomes[given:]], gone)
            evaluation = self.alerting.evaluate(uow, fresh, self.clock.now())
            reports = [s for s in samples if s.server_id not in gone] if gone else samples
            self._note_liveness(uow, reports, refused, evaluation)
            if unregistered:
                uow.unregistered_hosts.record(unregistered)
            uow.commit()
        if refused:
            self.fleet.record_refused(refused)
        self.fleet.record(reports)
        self.alerting.states.apply(evaluation)
        return outcomes

    def _not_newest(self, samples: Sequence[Sample]) -> list[SampleKey]:
        live = self.fleet.live
        return [
            _key(sample)
            for sample in samples
            if (held := live.get(sample.server_id)) is not None
            and held.sample is not None
            and sample.recorded_at <= held.sample.recorded_at
        ]

    def _note_liveness(
        self, uow: UnitOfWork, reports: Sequence[Sample], refused: Mapping[ServerId, datetime], evaluation: Evaluation
    ) -> None:
        live = self.fleet.live
        declared = _declared(reports) if any(map(_interval, reports)) else {}
        heard = set(map(_server_id, reports)) | refused.keys()
        # Another process may have marked it offline just before it reported here.
        alerted = self.alerting.states.with_offline_alert(heard)
        arrived = {
            server_id
            for server_id in heard
            if (held := live.get(server_id)) is not None and (held.status is Status.OFFLINE or server_id in alerted)
        }
        intervals = {
            server_id: interval
            for server_id, (at, interval) in declared.items()
            if (held := live.get(server_id)) is not None
            and held.interval != interval
            and (held.sample is None or at > held.sample.recorded_at)
        }
        if arrived:
            uow.servers.mark_online(arrived)
            at = reports[-1].received_at if reports else max(refused.values())
            evaluation.states |= self.alerting.came_online(uow, arrived, at)
        if intervals:
            uow.servers.save_intervals(intervals)


def _with_intervals(samples: Sequence[Sample], live: Mapping[ServerId, Live]) -> Sequence[Sample]:
    """Give samples without an interval the one declared last before them, if they are the newest of their server."""
    if None not in map(_interval, samples):
        return samples
    heard = {server_id: live[server_id] for server_id in set(map(_server_id, samples)) if server_id in live}
    if not any(map(_interval, heard.values())) and not any(map(_interval, samples)):
        return samples
    in_force = {server_id: held.interval for server_id, held in heard.items()}
    newest = {server_id: held.sample.recorded_at for server_id, held in heard.items() if held.sample is not None}
    found = list(samples)
    for place in sorted(range(len(samples)), key=lambda place: samples[place].recorded_at):
        server_id, at, interval = (sample := samples[place]).server_id, sample.recorded_at, sample.interval
        if server_id in newest and at <= newest[server_id]:
            continue
        newest[server_id] = at
        if interval is not None:
            in_force[server_id] = interval
        else:
            found[place] = sample._replace(interval=in_force.get(server_id))
    return found


def _declared(samples: Sequence[Sample]) -> dict[ServerId, tuple[datetime, float]]:
    """Return by server the time and interval of the newest sample that declares one."""
    found: dict[ServerId, tuple[datetime, float]] = {}
    for sample in samples:
        if sample.interval is None:
            continue
        before = found.get(sample.server_id)
        if before is None or sample.recorded_at > before[0]:
            found[sample.server_id] = sample.recorded_at, sample.interval
    return found


def _still_unregistered(uow: UnitOfWork, unregistered: Sequence[UnregisteredHost]) -> Sequence[UnregisteredHost]:
    """Return the hosts that were not registered meanwhile."""
    if not unregistered:
        return unregistered
    registered = {server.ip_address for server in uow.servers.by_addresses([host.ip_address for host in unregistered])}
    return [host for host in unregistered if host.ip_address not in registered]


def _are_all_different(samples: Sequence[Sample]) -> bool:
    """True if all `(server, time)` keys differ. Comparing servers first is cheaper."""
    count = len(samples)
    return len(set(map(_server_id, samples))) == count or len(set(map(_key, samples))) == count


def _outcomes(samples: Sequence[Sample], known: set[SampleKey], gone: set[ServerId]) -> list[Outcome]:
    if not known and not gone and _are_all_different(samples):
        return [Outcome.STORED] * len(samples)
    seen, outcomes = set(known), []
    for sample in samples:
        key = _key(sample)
        if sample.server_id in gone:
            outcomes.append(Outcome.UNKNOWN_SERVER)
        elif key in seen:
            outcomes.append(Outcome.DUPLICATE)
        else:
            seen.add(key)
            outcomes.append(Outcome.STORED)
    return outcomes
