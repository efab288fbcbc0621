"""What other processes made of alert states.

Several processes on one database show the same; one that is alone hardly looks. See decision 12.

What other processes committed; and times in which this one took no reports: for them no host is silent.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.alerts.alerting import Alerting
from monitor.application.fleet.fleet import Fleet
from monitor.application.operations.ports import PeerUpdate, Queries, UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.errors import StorageUnavailable
from monitor.domain.intake.live import Heard


@dataclass(frozen=True, slots=True)
class FollowAlerts:
    """Run every second or so: a host whose next sample reaches another process is known there as it was here.

    The versions of states keep a process from writing over what it doesn't know; this keeps one from doing nothing
    where there is something to do. States are few: what is idle has none.
    """

    new_uow: Callable[[], UnitOfWork]
    fleet: Fleet
    alerting: Alerting

    def __call__(self) -> None:
        with self.fleet.writing:
            self.alerting.touched.clear()
        # Read without holding up the intake: what it writes meanwhile is not compared this time.
        with self.new_uow() as uow:
            stored = uow.alert_states.all()
        with self.fleet.writing:
            if self.alerting.is_outdated(stored):
                with self.new_uow() as uow:
                    self.alerting.follow(uow)


PATIENCE = 30
"""Looks. Who has told nothing for so many is gone; who has seen nobody for so many falls silent."""
BEAT = 10
"""Looks, well below *PATIENCE*: who has no news says so."""
KEPT = 20
"""Times of telling whose peer updates are kept: who is further behind reads everything anew."""
LARGEST = 1000
"""Servers in one peer update: with 64 metrics each, a quarter of the largest packet that MySQL 5.7 takes."""


@dataclass(slots=True)
class Other:
    number: int
    unmoved: int = 0
    """Looks since *number* last rose."""


class KeepInStep:
    """Run about twice a second, by one thread. Knows no clock: it counts its looks.

    A process tells the others in numbered peer updates what it has stored; a new process gets everything. Where a
    number is missing, or a process ends, the newest samples are read from their table: no sample's being seen depends
    on a peer update.
    """

    def __init__(
        self,
        new_uow: Callable[[], UnitOfWork],
        queries: Queries,
        fleet: Fleet,
        alerting: Alerting,
        follow_alerts: FollowAlerts,
        process: str,
    ) -> None:
        self._new_uow = new_uow
        self._queries = queries
        self._fleet = fleet
        self._alerting = alerting
        self._follow_alerts = follow_alerts
        self._process = process
        self._others: dict[str, Other] = {}
        self._seen_nobody = 0
        self._number = 0
        self._since_told = BEAT
        self._is_somebody_new = False
        self._told: deque[int] = deque(maxlen=KEPT)

    def __call__(self) -> None:
        """Raises StorageUnavailable, TransactionConflict; nothing is lost then."""
        self._listen()
        self._tell()

    def leave(self) -> None:
        """At an orderly stop: the others need not wait until this one is gone."""
        self._remove([self._process])

    def _listen(self) -> None:
        others: dict[str, Other] = {}
        peer_updates: list[PeerUpdate] = []
        newest = self._queries.peer_updates.newest(but=self._process)
        missed = bool(self._others.keys() - newest.keys())
        for process, number in newest.items():
            known = self._others.get(process)
            if known is not None and number == known.number:
                others[process] = Other(number, known.unmoved + 1)
                continue
            others[process] = Other(number)
            self._is_somebody_new = self._is_somebody_new or known is None
            after = 0 if known is None else known.number
            told = self._queries.peer_updates.between(process, after, number)
            missed = missed or len(told) < number - after
            peer_updates += told
        gone = [process for process, other in others.items() if other.unmoved >= PATIENCE]
        self._learn([heard for peer_update in peer_updates for heard in peer_update.heard], missed or bool(gone))
        if gone:
            self._remove(gone)
        self._others = {process: other for process, other in others.items() if process not in gone}
        self._seen_nobody = 0 if self._others else self._seen_nobody + 1

    def _learn(self, told: Sequence[Heard], missed: bool) -> None:
        newest = self._queries.samples.latest() if missed else ()
        if not told and not newest:
            return
        # In this order: what is told is of servers that the fleet then has, and of samples that the states have seen.
        self._fleet.poll()
        self._follow_alerts()
        with self._fleet.writing:
            moved = self._fleet.hear(told) | self._fleet.hear(Heard(s.server_id, s, s.received_at) for s in newest)
            self._alerting.note_elsewhere(moved)
        for heard in told:
            self._fleet.note_clock(heard.server_id, heard.clock_skew, is_told=True)

    def _tell(self) -> None:
        if not self._others:
            self._fleet.tell_nobody()
        elif self._is_somebody_new:
            self._fleet.tell_everything()
        heard = self._fleet.take_untold()
        self._since_told += 1
        if not (heard or (self._since_told >= BEAT and self._seen_nobody < PATIENCE)):
            return
        self._since_told = BEAT  # should it fail, another follows at once, and a number is missing
        pieces = [heard[start : start + LARGEST] for start in range(0, len(heard), LARGEST)] or [[]]
        peer_updates = [PeerUpdate(number, piece) for number, piece in enumerate(pieces, self._number + 1)]
        self._told.append(peer_updates[0].number)
        self._number = peer_updates[-1].number
        self._store(peer_updates)
        self._since_told, self._is_somebody_new = 0, False

    @retried
    def _store(self, peer_updates: Sequence[PeerUpdate]) -> None:
        with self._new_uow() as uow:
            for peer_update in peer_updates:
                uow.peer_updates.add(self._process, peer_update)
            uow.peer_updates.remove(self._process, before=self._told[0])
            uow.commit()

    @retried
    def _remove(self, processes: Sequence[str]) -> None:
        with self._new_uow() as uow:
            for process in processes:
                uow.peer_updates.remove(process)
            uow.commit()


LONGEST_PAUSE = timedelta(seconds=20)
"""Longer between two rounds that worked, and the database was away, the process stopped or starved, the machine asleep
or its clock set forward. Well under the least time that a host may be silent."""


@dataclass(slots=True)
class FollowFleet:
    """Run about twice a second, and just before silent hosts are looked for. Raises StorageUnavailable."""

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
