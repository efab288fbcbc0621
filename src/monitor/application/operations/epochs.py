"""Watches whether the store may have lost what it acknowledged. See decision 34."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from monitor.application.alerts.evaluation import Alerting
from monitor.application.fleet.fleet import Fleet
from monitor.application.intake.epochs import CurrentEpoch
from monitor.application.operations.ports import UnitOfWork
from monitor.application.ports import Secrets
from monitor.application.transactions import retried
from monitor.domain.intake.epochs import Watch

log = logging.getLogger(__name__)


@dataclass(slots=True)
class WatchEpoch:
    """Run every one or two seconds, by one thread. Raises StorageUnavailable, TransactionConflict.

    *intake_server*: which database server, or file, the process's samples go to; see `Store.intake_server`.
    *reconnect*: see `Store.reconnect`.
    """

    new_uow: Callable[[], UnitOfWork]
    intake_server: Callable[[], str]
    secrets: Secrets
    current: CurrentEpoch
    fleet: Fleet
    alerting: Alerting
    reconnect: Callable[[], None]
    watch: Watch = field(default_factory=Watch)

    def __call__(self) -> None:
        before, watch = self.watch, self._look()
        if watch.seen is None:
            return
        if self.current.text != watch.seen.epoch:
            self.reconnect()  # first: nothing is acknowledged in this epoch by a connection from before
        self.watch = watch
        self.current.text = watch.seen.epoch
        if self.watch.doubts(before):
            text = "the database may have lost what it acknowledged last: agents send the last %d s again"
            self.current.begun += 1
            log.warning(text, self.current.durable_after.total_seconds())
            # Servers, keys and alert states in memory may be gone from the database too.
            self.fleet.doubt()
            with self.fleet.writing:
                self.alerting.states.forget([*self.fleet.live])

    @retried
    def _look(self) -> Watch:
        intake_server = self.intake_server()  # before the transaction: it may close the connections to a replaced file
        with self.new_uow() as uow:
            found = uow.epochs.get()
            watch, mark = self.watch.look(found, (intake_server, uow.epochs.server()), self.secrets.token())
            if mark is not None:
                uow.epochs.put(mark)
                uow.commit()
        return watch
