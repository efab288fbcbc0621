"""Keeps processes on one database in step: all show the same. See decision 12.

`ExchangePeerUpdates` tells the others which samples this process stored, `FollowAlerts` reads the alert states that
they stored, and `FollowFleet` the changes of servers, policies and users.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.fleet.fleet import Fleet
from monitor.application.operations.ports import PeerUpdate, Queries, UnitOfWork
from monitor.application.operations.processes import SeenNumber
from monitor.application.ports import Clock
from monitor.application.transactions import chunks, retried
from monitor.domain.errors import StorageUnavailable
from monitor.domain.intake.live import LiveUpdate


@dataclass(frozen=True, slots=True)
class FollowAlerts:
    """Run about once a second, so that a host's next sample may reach any process.

    Versions keep a process from overwriting alert states that it does not know. This makes it act on them.
    """

    new_uow: Callable[[], UnitOfWork]
    fleet: Fleet
    alerting: Alerting

    def __call__(self) -> None:
        # Looked at first without stopping the intake. To read all states takes milliseconds.
        with self.new_uow() as uow:
            stored = uow.alert_states.fingerprint()
        if not self.alerting.states.is_outdated(stored):
            return
        with self.fleet.writing, self.new_uow() as uow:
            if self.alerting.states.is_outdated(uow.alert_states.fingerprint()):
                self.alerting.states.follow(uow)


PATIENCE = 30
"""Polls without an update after which a peer is gone, and polls without a peer after which a process stops writing."""
BEAT = 10
"""Polls after which a process without news writes an empty update. Well below *PATIENCE*."""
KEPT = 20
"""Writes whose updates are kept. A peer that is further behind reads everything again."""
LARGEST = 250
"""Servers in one update: with 256 metrics each, a quarter of the largest packet that MySQL 5.7 takes."""


@dataclass(eq=False, slots=True)
class ExchangePeerUpdates:
    """Run about twice a second, by one thread. Counts polls instead of reading the time.

    A process writes what it stored into numbered updates; a new peer gets everything. If a number is missing, or a peer
    is gone, the newest samples are read from their table: no sample gets lost with an update.
    """

    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    fleet: Fleet
    alerting: Alerting
    follow_alerts: FollowAlerts
    process: str
    _peers: dict[str, SeenNumber] = field(default_factory=dict)
    _polls_alone: int = 0
    _number: int = 0
    _polls_since_write: int = BEAT
    _has_new_peer: bool = False
    _written: deque[int] = field(default_factory=lambda: deque(maxlen=KEPT))

    def __call__(self) -> None:
        """Raises StorageUnavailable, TransactionConflict; nothing is lost then."""
        self._read()
        self._write()

    def leave(self) -> None:
        """At an orderly stop, let the others know at once."""
        self._remove([self.process])

    def _read(self) -> None:
        peers: dict[str, SeenNumber] = {}
        updates: list[PeerUpdate] = []
        newest = self.queries.peer_updates.newest(but=self.process)
        missed = bool(self._peers.keys() - newest.keys())
        for process, number in newest.items():
            known = self._peers.get(process)
            if known is not None and number == known.number:
                peers[process] = SeenNumber(number, known.polls + 1)
                continue
            peers[process] = SeenNumber(number)
            self._has_new_peer = self._has_new_peer or known is None
            after = 0 if known is None else known.number
            found = self.queries.peer_updates.between(process, after, number)
            missed = missed or len(found) < number - after
            updates += found
        gone = [process for process, peer in peers.items() if peer.polls >= PATIENCE]
        self._apply([heard for update in updates for heard in update.heard], missed or bool(gone))
        if gone:
            self._remove(gone)
        self._peers = {process: peer for process, peer in peers.items() if process not in gone}
        self._polls_alone = 0 if self._peers else self._polls_alone + 1

    def _apply(self, reported: Sequence[LiveUpdate], missed: bool) -> None:
        newest = self.queries.samples.latest() if missed else ()
        if not reported and not newest:
            return
        # In this order: the fleet then knows the servers, and the alert states have seen the samples.
        self.fleet.poll()
        self.follow_alerts()
        with self.fleet.writing:
            overtaken = self.fleet.overtaken(reported)
            moved = self.fleet.merge(reported) | self.fleet.merge(
                LiveUpdate(s.server_id, s, s.received_at) for s in newest
            )
            self.alerting.states.note_evaluated_elsewhere(moved, overtaken)
        for heard in reported:
            self.fleet.note_clock(heard.server_id, heard.clock_skew, from_peer=True)

    def _write(self) -> None:
        if not self._peers:
            self.fleet.stop_collecting()
        elif self._has_new_peer:
            self.fleet.collect_all()
        heard = self.fleet.take_unsent()
        self._polls_since_write += 1
        if not (heard or (self._polls_since_write >= BEAT and self._polls_alone < PATIENCE)):
            return
        self._polls_since_write = BEAT  # if the write fails, the next poll writes again, and peers miss a number
        pieces = [*chunks(heard, LARGEST)] or [[]]
        updates = [PeerUpdate(number, piece) for number, piece in enumerate(pieces, self._number + 1)]
        self._written.append(updates[0].number)
        self._number = updates[-1].number
        self._store(updates)
        self._polls_since_write, self._has_new_peer = 0, False

    @retried
    def _store(self, updates: Sequence[PeerUpdate]) -> None:
        with self.new_uow() as uow:
            for update in updates:
                uow.peer_updates.add(self.process, update)
            uow.peer_updates.remove(self.process, before=self._written[0])
            uow.commit()

    @retried
    def _remove(self, processes: Sequence[str]) -> None:
        with self.new_uow() as uow:
            for process in processes:
                uow.peer_updates.remove(process)
            uow.commit()


LONGEST_PAUSE = timedelta(seconds=20)
"""A longer time between two successful polls means that the database was away, or that this process, its machine or its
clock was stopped or set. Well below the shortest report timeout."""


@dataclass(slots=True)
class FollowFleet:
    """Run twice a second, and before the search for offline hosts. Raises StorageUnavailable."""

    fleet: Fleet
    clock: Clock
    worked_at: datetime | None = None

    def __call__(self) -> None:
        try:
            self.fleet.poll()
        except StorageUnavailable:
            self.fleet.interrupted_at = self.clock.now()
            raise
        now = self.clock.now()
        if self.worked_at is not None and now - self.worked_at > LONGEST_PAUSE:
            self.fleet.interrupted_at = now
        self.worked_at = now
