"""Samples from agents into storage: each exactly once, acknowledged after the commit."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.application.alerting import Alerting, Evaluation
from monitor.application.fleet import Fleet
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.application.transactions import retried
from monitor.domain.errors import ConstraintViolated, StorageUnavailable
from monitor.domain.samples import Sample
from monitor.domain.servers import ServerId, Status
from monitor.domain.unregistered import UnregisteredHost

SampleKey = tuple[ServerId, datetime]


class Outcome(StrEnum):
    STORED = "stored"
    DUPLICATE = "duplicate"
    UNKNOWN_SERVER = "unknown_server"


@dataclass(frozen=True, slots=True)
class StoreSamples:
    """One group of samples in one transaction. Called by one thread of a process at a time."""

    new_uow: Callable[[], UnitOfWork]
    fleet: Fleet
    alerting: Alerting

    @retried
    def __call__(self, samples: Sequence[Sample], strangers: Sequence[UnregisteredHost] = ()) -> list[Outcome]:
        """What became of each sample, in order.

        What is newer than all this process has seen of its server is taken for new without a look; should the
        database disagree (another process stored it, or the server was just deleted), all are looked up.
        """
        try:
            self.fleet.refresh()  # a policy that was changed here counts from the next sample on
            with self.fleet.writing:
                try:
                    return self._store(samples, strangers, [_key(s) for s in samples if not self._is_newest(s)], set())
                except ConstraintViolated:
                    ids = {sample.server_id for sample in samples}
                    return self._store(samples, strangers, [_key(s) for s in samples], ids)
        except Exception as error:
            # Whatever happened, the database may hold something else than what is remembered of it.
            self.alerting.forget()
            if samples and isinstance(error, StorageUnavailable):
                self.fleet.interrupted_at = samples[-1].received_at
            raise

    def _store(
        self,
        samples: Sequence[Sample],
        strangers: Sequence[UnregisteredHost],
        doubted_keys: Collection[SampleKey],
        doubted_servers: Collection[ServerId],
    ) -> list[Outcome]:
        with self.new_uow() as uow:
            strangers = _unregistered(uow, strangers)
            gone = set(doubted_servers) - uow.servers.existing(doubted_servers) if doubted_servers else set()
            known = uow.samples.existing(doubted_keys) if doubted_keys else set()
            outcomes = _outcomes(samples, known, gone)
            fresh = [s for s, outcome in zip(samples, outcomes, strict=True) if outcome is Outcome.STORED]
            if fresh:
                uow.samples.add(fresh)
            evaluation = self.alerting.evaluate(uow, fresh)
            reports = [s for s in samples if s.server_id not in gone] if gone else samples
            self._note_liveness(uow, reports, evaluation)
            if strangers:
                uow.unregistered_hosts.record(strangers)
            uow.commit()
        self.fleet.record(reports)
        self.alerting.apply(evaluation)
        return outcomes

    def _is_newest(self, sample: Sample) -> bool:
        held = self.fleet.live.get(sample.server_id)
        return held is None or held.sample is None or sample.recorded_at > held.sample.recorded_at

    def _note_liveness(self, uow: UnitOfWork, reports: Sequence[Sample], evaluation: Evaluation) -> None:
        declared = {sample.server_id: sample.interval for sample in reports if sample.interval is not None}
        held = {sample.server_id: self.fleet.live.get(sample.server_id) for sample in reports}
        # Another process may have found it silent a moment before it reported here.
        arrived = {
            server_id
            for server_id, live in held.items()
            if live is not None and (live.status is Status.OFFLINE or self.alerting.says_offline(server_id))
        }
        intervals = {
            server_id: interval
            for server_id, interval in declared.items()
            if (live := held[server_id]) is not None and live.interval != interval
        }
        if arrived:
            uow.servers.mark_online(arrived)
            self.alerting.came_online(uow, arrived, reports[-1].received_at, evaluation)
        if intervals:
            uow.servers.save_intervals(intervals)


def _unregistered(uow: UnitOfWork, strangers: Sequence[UnregisteredHost]) -> Sequence[UnregisteredHost]:
    """But for those that somebody registered since they reported."""
    if not strangers:
        return strangers
    registered = {server.ip_address for server in uow.servers.by_addresses([host.ip_address for host in strangers])}
    return [host for host in strangers if host.ip_address not in registered]


def _key(sample: Sample) -> SampleKey:
    return sample.server_id, sample.recorded_at


def _outcomes(samples: Sequence[Sample], known: set[SampleKey], gone: set[ServerId]) -> list[Outcome]:
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
